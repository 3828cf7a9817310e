/**
 * View `training`: the learning curves of all models through pre-training and every retraining. The models are aligned at each QM
 * image, where a slot as wide as the slowest model's evaluations (or seconds) begins: the curves of one image lie over each other, and a
 * mean has a meaning.
 */

import { drawnRows } from "../history/drawnRows.ts";
import type { History } from "../history/history.ts";
import { mean, median } from "../history/spread.ts";
import type { TrainingRow } from "../history/training.ts";
import { bundle, type MimeBundle, type StudyReference } from "./bundle.ts";
import type { Axis, Chart, Hue, Mark, Panel, Row } from "./chart.ts";
import { counted, significant } from "./numbers.ts";
import { plotlyFigure } from "./plotly.ts";
import { chartBlock } from "./svg.ts";
import { svgDocument } from "./svgDocument.ts";
import { chartText } from "./text.ts";
import { groupName, subject } from "./words.ts";

/** How the curves are drawn. */
export interface TrainingLook {
  /** What training is counted in. Default: evaluations of the loss and its gradient. */
  readonly along?: "evaluations" | "seconds";
  /** What the thick curve is over the models. Default: mean. */
  readonly middle?: "mean" | "median";
}

/** The trainings on one image (null: pre-training), of all models. */
interface Slot {
  readonly image: number | null;
  /** Along the axis, of the slowest model in all slots before. */
  readonly start: number;
  /** Of the slowest model in this one. */
  readonly length: number;
  /** Points by model. */
  readonly curves: ReadonlyMap<number, readonly TrainingRow[]>;
}

/** The models of a scheme through pre-training and its images. */
interface Learners {
  /** Null: pre-training alone. */
  readonly scheme: "retrained" | "committee" | null;
  readonly slots: readonly Slot[];
  readonly models: readonly number[];
}

/** Points of the mean and the band in one slot, at most: seconds of ten models have no two alike, and their union would be ten curves. */
const SAMPLES = 240;

const MIDDLES = { mean, median };

/** What the thick curve is, where the axis is logarithmic and few people expect which. */
const MIDDLE_WORDS = {
  mean: "mean of the RMSE (not of its logarithm: it lies near the worst models) over the models",
  median: "median of the models",
};

/** The view's chart: the retrained scheme's models, then the committee's; pre-training alone before either. */
export function trainingChart(h: Pick<History, "about" | "training">, look: TrainingLook = {}): Chart {
  const { along = "evaluations", middle = "mean" } = look;
  const all = learnersOf(drawnRows(h.training), along);
  const [{ models }] = all;
  return {
    title: `${h.about.name}: training${models.length === 0 ? "" : ` of ${counted(models.length, "model")}`}`,
    subtitle: subject(h.about),
    description: all.map((l) => described(l, h.about, middle, all.length > 1)).join(" "),
    caption:
      "RMSE over each model's own training set, which grows by one QM image at each dotted line: there a curve may jump, because " +
      `the new image was not yet learnt. The models are aligned at each image, so that the axis counts the ${along} of the ` +
      "slowest. Thin: each model, after each step of its trainer (of more than 5,000 in all, every so many); a model whose image was already inside the tolerance spends none. Thick: " +
      `${MIDDLE_WORDS[middle]} that met the image, each at its last value once done; shaded: lowest to highest. Frozen models stay as ` +
      "pre-training left them.",
    rows: all.flatMap((l) => rowsOf(l, h.about, { along, middle }, all.length > 1)),
  };
}

/** The numbers of one model in words, over all that it learnt with each scheme; its name where it has learnt nothing. */
export function modelSentence({ about, training }: Pick<History, "about" | "training">, model: number): string {
  const all = learnersOf(training, "evaluations");
  const said = all.flatMap(({ scheme, slots }) => {
    const pieces = slots.flatMap((s) => s.curves.get(model) ?? []);
    const last = pieces.at(-1);
    if (!last) return [];
    const ends = slots.map((s) => s.curves.get(model)?.at(-1)).filter((r) => r !== undefined);
    const spent = ends.reduce((sum, r) => sum + r.evaluation, 0);
    const seconds = ends.reduce((sum, r) => sum + r.seconds, 0);
    const inside = last.energyRmse <= about.energyTolerance && last.forceRmse <= about.forceTolerance;
    const where = last.image === null ? "after pre-training" : `after image ${last.image}`;
    return [
      `${all.length > 1 && scheme ? `${scheme}: ` : ""}energy RMSE ${significant(last.energyRmse)} eV/atom, force RMSE ` +
        `${significant(last.forceRmse)} eV/Å ${where}, ${inside ? "inside" : "outside"} the tolerances; ${counted(spent, "evaluation")} in ` +
        `${significant(seconds)} s`,
    ];
  });
  return said.length === 0 ? `model ${model}` : `model ${model}: ${said.join("; ")}`;
}

/** The view as a MIME bundle. */
export function trainingBundle(h: History, where?: StudyReference): MimeBundle {
  const chart = trainingChart(h);
  const svg = (): string => svgDocument(chart.title, chart.description, [chartBlock(chart)]);
  return bundle("training", h, { text: () => chartText(chart), svg, plotly: () => plotlyFigure(chart) }, where);
}

function learnersOf(training: readonly TrainingRow[], along: "evaluations" | "seconds"): Learners[] {
  const found = (["retrained", "committee"] as const).filter((s) => training.some((r) => r.scheme === s));
  return (found.length > 0 ? found : [null]).map((scheme): Learners => {
    const slots = slotsOf(
      training.filter((r) => r.image === null || r.scheme === scheme),
      along,
    );
    return { scheme, slots, models: [...new Set(slots.flatMap((s) => [...s.curves.keys()]))].sort((a, b) => a - b) };
  });
}

function described({ scheme, slots, models }: Learners, about: History["about"], middle: "mean" | "median", named: boolean): string {
  if (models.length === 0) return "No model has been trained yet.";
  const over = MIDDLES[middle];
  const ends = models.map((m) => slots.flatMap((s) => s.curves.get(m) ?? []).at(-1)).filter((r) => r !== undefined);
  const spent = models.map((m) => slots.reduce((sum, s) => sum + (s.curves.get(m)?.at(-1)?.evaluation ?? 0), 0));
  const capital = middle === "mean" ? "Mean" : "Median";
  return (
    `${named ? `${scheme}: ` : ""}${counted(models.length, "model")}; evaluations of a model in all, ${middle} ${significant(over(spent))}. ` +
    `${capital} at the end: energy RMSE ${significant(over(ends.map((r) => r.energyRmse)))} eV/atom ` +
    `(tolerance ${about.energyTolerance}), force RMSE ` +
    `${significant(over(ends.map((r) => r.forceRmse)))} eV/Å (tolerance ${about.forceTolerance}).`
  );
}

function rowsOf({ scheme, slots, models }: Learners, about: History["about"], look: Required<TrainingLook>, named: boolean): Row[] {
  const hue: Hue = scheme ?? "pretraining";
  const row = (title: string, y: Axis, value: (r: TrainingRow) => number, tolerance: number): Row => ({
    height: 180,
    panels: [panel(named ? `${title}, ${scheme}` : title, y, { hue, models, slots, value, tolerance, ...look })],
  });
  return [
    row("Energy", { label: "energy RMSE", unit: "eV/atom", scale: "log" }, (r) => r.energyRmse, about.energyTolerance),
    row("Forces", { label: "force RMSE", unit: "eV/Å", scale: "log" }, (r) => r.forceRmse, about.forceTolerance),
  ];
}

function place(row: TrainingRow, along: "evaluations" | "seconds"): number {
  return along === "seconds" ? row.seconds : row.evaluation;
}

function slotsOf(rows: readonly TrainingRow[], along: "evaluations" | "seconds"): Slot[] {
  const byImage = new Map<number | null, Map<number, TrainingRow[]>>();
  for (const r of rows) {
    const curves = byImage.get(r.image) ?? new Map<number, TrainingRow[]>();
    byImage.set(r.image, curves);
    if (r.member === null) continue;
    const curve = curves.get(r.member);
    if (curve) curve.push(r);
    else curves.set(r.member, [r]);
  }
  let start = 0;
  return [...byImage]
    .sort(([a], [b]) => (a ?? -1) - (b ?? -1))
    .map(([image, curves]) => {
      const length = [...curves.values()].reduce((longest, curve) => curve.reduce((m, r) => Math.max(m, place(r, along)), longest), 0);
      const slot = { image, start, length, curves };
      start += length;
      return slot;
    });
}

/** What a panel shows. */
interface Shown extends Required<TrainingLook> {
  readonly hue: Hue;
  readonly models: readonly number[];
  readonly slots: readonly Slot[];
  readonly tolerance: number;
  value(row: TrainingRow): number;
}

function panel(title: string, y: Axis, shown: Shown): Panel {
  const { hue, models, slots, along, middle, value } = shown;
  const x: Axis =
    along === "seconds"
      ? { label: "training time of the slowest model", unit: "s", reach: 0 }
      : { label: "evaluations of loss and gradient (slowest model)", unit: null, reach: 0 };
  if (models.length === 0) return { title, x, y, marks: [], empty: "no training yet" };
  const lines: Mark[] = models.map((m) => {
    const pieces = slots.map((s) => (s.curves.get(m) ?? []).map((r) => [s.start + place(r, along), value(r)]));
    const [at, values] = joined(pieces, 2);
    return { mark: "line", group: groupName("each model", hue), name: `model ${m}`, hue, weight: "model", x: at, y: values };
  });
  const seen = slots.filter((s) => s.image !== null && s.length > 0);
  const moments: Mark = {
    mark: "moments",
    group: "a QM image joins the set",
    name: "QM images",
    hue: "limit",
    x: seen.map((s) => s.start),
    titles: seen.map((s) => `image ${s.image}`),
  };
  const [at, middles, low, high] = joined(models.length < 3 ? [] : slots.map((s) => overModels(s, shown)), 4);
  const shared = { hue, x: at };
  const summary: Mark[] =
    models.length < 3
      ? []
      : [
          { ...shared, mark: "band", group: groupName("lowest to highest", hue), name: "range", low, high },
          { ...shared, mark: "line", group: groupName(middle, hue), name: `${middle} of ${models.length}`, weight: middle, y: middles },
        ];
  return { title, x, y, marks: [moments, ...summary, ...lines, { mark: "rule", name: "tolerance", y: shown.tolerance }] };
}

/** Place, mean or median, lowest and highest over the models of a slot; a model that is done counts with its last value. */
function overModels(slot: Slot, { along, middle, value }: Shown): number[][] {
  const curves = [...slot.curves.values()].filter((c) => c.length > 0);
  const places = [...new Set(curves.flatMap((c) => c.map((r) => place(r, along))))].sort((a, b) => a - b);
  const every = Math.ceil(places.length / SAMPLES);
  const sampled = along === "seconds" ? places.filter((_, k) => k % every === 0 || k === places.length - 1) : places;
  const reached = curves.map(() => 0);
  return sampled.map((at) => {
    const held = curves.map((c, k) => {
      while (reached[k] + 1 < c.length && place(c[reached[k] + 1], along) <= at) reached[k] += 1;
      return value(c[reached[k]]);
    });
    return [slot.start + at, MIDDLES[middle](held), Math.min(...held), Math.max(...held)];
  });
}

/** Columns of pieces in a row, with the pen lifted between them. */
function joined(pieces: readonly (readonly (readonly number[])[])[], width: number): number[][] {
  const columns = Array.from({ length: width }, (): number[] => []);
  for (const piece of pieces) {
    if (piece.length === 0) continue;
    for (const [j, column] of columns.entries()) {
      if (column.length > 0) column.push(Number.NaN);
      for (const point of piece) column.push(point[j]);
    }
  }
  return columns;
}
