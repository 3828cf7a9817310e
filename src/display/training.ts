/**
 * View `training`: the learning curves of all models through pre-training and every retraining. The models are aligned at each QM
 * image, where a slot as wide as the slowest model's evaluations begins: the curves of one image lie over each other, and a median has
 * a meaning.
 */
import type { History } from "../history/history.ts";
import { median } from "../history/spread.ts";
import type { TrainingRow } from "../history/training.ts";
import { bundle, type MimeBundle, type StudyReference } from "./bundle.ts";
import type { Axis, Chart, Hue, Mark, Panel, Row } from "./chart.ts";
import { counted, significant } from "./numbers.ts";
import { plotlyFigure } from "./plotly.ts";
import { chartBlock } from "./svg.ts";
import { svgDocument } from "./svgDocument.ts";
import { chartText } from "./text.ts";
import { groupName, subject } from "./words.ts";

/** The trainings on one image (null: pre-training), of all models. */
interface Slot {
  readonly image: number | null;
  /** Evaluations of the slowest model in all slots before. */
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

/** The view's chart: the retrained scheme's models, then the committee's; pre-training alone before either. */
export function trainingChart(h: Pick<History, "about" | "training">): Chart {
  const found = (["retrained", "committee"] as const).filter((s) => h.training.some((r) => r.scheme === s));
  const learners = (found.length > 0 ? found : [null]).map((scheme): Learners => {
    const slots = slotsOf(h.training.filter((r) => r.image === null || r.scheme === scheme));
    return { scheme, slots, models: [...new Set(slots.flatMap((s) => [...s.curves.keys()]))].sort((a, b) => a - b) };
  });
  const [{ models }] = learners;
  return {
    title: `${h.about.name}: training${models.length === 0 ? "" : ` of ${counted(models.length, "model")}`}`,
    subtitle: subject(h.about),
    description: learners.map((l) => described(l, h.about, learners.length > 1)).join(" "),
    caption:
      "RMSE over each model's own training set, which grows by one QM image at each dotted line: there a curve may jump, because " +
      "the new image was not yet learnt. The models are aligned at each image, so that the axis counts the evaluations of the " +
      "slowest. Thin: each model, after each step of its trainer; a model whose image was already inside the tolerance spends none. Thick: " +
      "median of the models that met the image, each at its last value once done; shaded: lowest to highest. Frozen models stay as " +
      "pre-training left them.",
    rows: learners.flatMap((l) => rowsOf(l, h.about, learners.length > 1)),
  };
}

function described({ scheme, slots, models }: Learners, about: History["about"], named: boolean): string {
  if (models.length === 0) return "No model has been trained yet.";
  const ends = models.map((m) => slots.flatMap((s) => s.curves.get(m) ?? []).at(-1)).filter((r) => r !== undefined);
  const spent = models.map((m) => slots.reduce((sum, s) => sum + (s.curves.get(m)?.at(-1)?.evaluation ?? 0), 0));
  return (
    `${named ? `${scheme}: ` : ""}${counted(models.length, "model")}; evaluations of a model in all, median ${significant(median(spent))}. ` +
    `Median at the end: energy RMSE ${significant(median(ends.map((r) => r.energyRmse)))} eV/atom ` +
    `(tolerance ${about.energyTolerance}), force RMSE ` +
    `${significant(median(ends.map((r) => r.forceRmse)))} eV/Å (tolerance ${about.forceTolerance}).`
  );
}

function rowsOf({ scheme, slots, models }: Learners, about: History["about"], named: boolean): Row[] {
  const hue: Hue = scheme ?? "pretraining";
  const titled = (title: string): string => (named ? `${title}, ${scheme}` : title);
  const [energy, force] = [
    { axis: { label: "energy RMSE", unit: "eV/atom", scale: "log" } as const, value: (r: TrainingRow) => r.energyRmse },
    { axis: { label: "force RMSE", unit: "eV/Å", scale: "log" } as const, value: (r: TrainingRow) => r.forceRmse },
  ];
  return [
    { height: 180, panels: [panel(titled("Energy"), energy.axis, hue, models, slots, energy.value, about.energyTolerance)] },
    { height: 180, panels: [panel(titled("Forces"), force.axis, hue, models, slots, force.value, about.forceTolerance)] },
  ];
}

/** The view as a MIME bundle. */
export function trainingBundle(h: History, where?: StudyReference): MimeBundle {
  const chart = trainingChart(h);
  const svg = (): string => svgDocument(chart.title, chart.description, [chartBlock(chart)]);
  return bundle("training", h, { text: () => chartText(chart), svg, plotly: () => plotlyFigure(chart) }, where);
}

function slotsOf(rows: readonly TrainingRow[]): Slot[] {
  const images = [...new Set(rows.map((r) => r.image))].sort((a, b) => (a ?? -1) - (b ?? -1));
  let start = 0;
  return images.map((image) => {
    const curves = new Map<number, TrainingRow[]>();
    for (const r of rows) {
      if (r.image !== image || r.member === null) continue;
      curves.set(r.member, [...(curves.get(r.member) ?? []), r]);
    }
    const length = Math.max(0, ...[...curves.values()].flat().map((r) => r.evaluation));
    const slot = { image, start, length, curves };
    start += length;
    return slot;
  });
}

function panel(
  title: string,
  y: Axis,
  hue: Hue,
  models: readonly number[],
  slots: readonly Slot[],
  value: (r: TrainingRow) => number,
  tolerance: number,
): Panel {
  const x: Axis = { label: "evaluations of loss and gradient (slowest model)", unit: null, reach: 0 };
  if (models.length === 0) return { title, x, y, marks: [], empty: "no training yet" };
  const lines: Mark[] = models.map((m) => {
    const pieces = slots.map((s) => (s.curves.get(m) ?? []).map((r): [number, number] => [s.start + r.evaluation, value(r)]));
    const points = joined(pieces);
    return {
      mark: "line",
      group: groupName("each model", hue),
      name: `model ${m}`,
      hue,
      weight: "model",
      x: points.map((p) => p[0]),
      y: points.map((p) => p[1]),
    };
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
  const range = joined(slots.map((s) => overModels(s, value)));
  const shared = { hue, x: range.map((p) => p[0]) };
  const summary: Mark[] =
    models.length < 3
      ? []
      : [
          {
            ...shared,
            mark: "band",
            group: groupName("lowest to highest", hue),
            name: "range",
            low: range.map((p) => p[2]),
            high: range.map((p) => p[3]),
          },
          {
            ...shared,
            mark: "line",
            group: groupName("median", hue),
            name: `median of ${models.length}`,
            weight: "median",
            y: range.map((p) => p[1]),
          },
        ];
  return { title, x, y, marks: [moments, ...summary, ...lines, { mark: "rule", name: "tolerance", y: tolerance }] };
}

/** Evaluation, median, lowest and highest over the models of a slot; a model that is done counts with its last value. */
function overModels(slot: Slot, value: (r: TrainingRow) => number): [number, number, number, number][] {
  const curves = [...slot.curves.values()].filter((c) => c.length > 0);
  const at = [...new Set(curves.flatMap((c) => c.map((r) => r.evaluation)))].sort((a, b) => a - b);
  return at.map((e) => {
    const held = curves.map((c) => value(c.findLast((r) => r.evaluation <= e) ?? c[0]));
    return [slot.start + e, median(held), Math.min(...held), Math.max(...held)];
  });
}

/** Pieces in a row with the pen lifted between them. */
function joined<P extends number[]>(pieces: readonly (readonly P[])[]): number[][] {
  return pieces.filter((p) => p.length > 0).flatMap((p, k) => (k === 0 ? [...p] : [p[0].map(() => Number.NaN), ...p]));
}
