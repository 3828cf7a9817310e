/**
 * View `cost`: what each QM image cost, first to last: the experiment of Fig. 7. Every model is a dot; pre-training stands apart. Then what
 * the relaxations of all schemes cost until each step, and in all (`spending.ts`).
 */
import type { CostRow } from "../history/cost.ts";
import type { History } from "../history/history.ts";
import { spendings } from "../history/spending.ts";
import { median } from "../history/spread.ts";
import type { StepRow } from "../history/steps.ts";
import { bundle, type MimeBundle, type StudyReference } from "./bundle.ts";
import type { Axis, Chart, Hue, Mark, Panel, Row } from "./chart.ts";
import { counted, significant } from "./numbers.ts";
import { plotlyFigure } from "./plotly.ts";
import { OTHER, SPENDING_CAPTION, spendingRow, spendingSentence } from "./spending.ts";
import { chartBlock } from "./svg.ts";
import { svgDocument } from "./svgDocument.ts";
import { chartText } from "./text.ts";
import { groupName, subject } from "./words.ts";

/** The schemes that learn images, with their rows. */
interface Learner {
  readonly scheme: "retrained" | "committee";
  readonly rows: readonly CostRow[];
  readonly images: readonly number[];
}

/** The view's chart: the independent models, then the committee. */
export function costChart(h: Pick<History, "about" | "cost" | "steps">): Chart {
  const spent = spendings(h);
  const before = h.cost.filter((r) => r.scheme === null);
  const found = (["retrained", "committee"] as const).map((scheme): Learner => {
    const rows = h.cost.filter((r) => r.scheme === scheme && r.image !== null);
    return { scheme, rows, images: [...new Set(rows.map((r) => r.image as number))].sort((a, b) => a - b) };
  });
  const some = found.filter((l) => l.rows.length > 0);
  const learners = some.length > 0 ? some : found.slice(0, 1);
  return {
    title: `${h.about.name}: cost of each QM image`,
    subtitle: subject(h.about),
    description: [...learners.map((l) => described(l, before, learners.length > 1)), ...spendingSentence(spent)].join(" "),
    caption:
      "Image 0 is the start; most steps ask for one image, those that a model knew too little of for more. Dots: models; pale bars: their " +
      `median. An image that was already inside the tolerance costs no evaluation. ${learners.map((l) => CAPTIONS[l.scheme]).join(" ")}` +
      (spent.length > 0 ? ` ${SPENDING_CAPTION}` : ""),
    rows: [...learners.flatMap((l) => rowsOf(l, h.steps, before, learners.length > 1)), ...spendingRow(spent)],
  };
}

/** What is counted how, by scheme. */
const CAPTIONS: Record<Learner["scheme"], string> = {
  retrained:
    "Retrained: n models met an image of that number, fewer towards the end since each relaxes in its own number of steps. Seconds are " +
    "summed over the models; an equal QM image is calculated once, and its seconds are counted for each model that used it.",
  committee:
    "Committee: all models learn the images of their one relaxation. QM seconds are counted once, training seconds summed over the models.",
};

function described({ scheme, rows, images }: Learner, before: readonly CostRow[], named: boolean): string {
  if (images.length === 0) return "No QM image has been learnt yet.";
  const groups = images.map((image) => rows.filter((r) => r.image === image && r.converged !== null));
  const medians = groups.map((g) => significant(g.length === 0 ? 0 : median(g.map((r) => r.evaluations))));
  const first = significant(before.length === 0 ? null : median(before.map((r) => r.evaluations)));
  const whose = named ? `, ${scheme}` : "";
  return `Median evaluations by image, first to last${whose}: ${medians.join(", ")}. Pre-training: median ${first} evaluations.`;
}

function rowsOf({ scheme, rows, images }: Learner, steps: readonly StepRow[], before: readonly CostRow[], named: boolean): Row[] {
  const titled = (title: string): string => (named ? `${title}, ${scheme}` : title);
  const evaluations: Axis = { label: "evaluations", unit: null, reach: 0 };
  const seconds: Axis = { label: "training", unit: "s", reach: 0 };
  return [
    { height: 150, panels: perImage(titled("Evaluations"), evaluations, rows, before, images, (r) => r.evaluations, scheme) },
    {
      height: 150,
      panels: perImage(titled("Training seconds of a model"), seconds, rows, before, images, (r) => r.trainingSeconds, scheme),
    },
    { height: 150, panels: stacks(titled("Seconds of all models"), rows, steps, before, images, scheme) },
  ];
}

/** The view as a MIME bundle. */
export function costBundle(h: History, where?: StudyReference): MimeBundle {
  const chart = costChart(h);
  const svg = (): string => svgDocument(chart.title, chart.description, [chartBlock(chart)]);
  return bundle("cost", h, { text: () => chartText(chart), svg, plotly: () => plotlyFigure(chart) }, where);
}

const NARROW = 0.24;

const PRETRAINING: Axis = { label: "pre-training", unit: null, categories: [""] };
const IMAGES: Axis = { label: "QM image (first to last)", unit: null, whole: true };

function perImage(
  title: string,
  y: Axis,
  rows: readonly CostRow[],
  before: readonly CostRow[],
  images: readonly number[],
  value: (r: CostRow) => number,
  hue: Learner["scheme"],
): Panel[] {
  const trained = rows.filter((r) => r.converged !== null);
  const first: Panel = {
    title: "",
    x: PRETRAINING,
    y,
    marks: before.length === 0 ? [] : summary("pretraining", "pre-training", [0], [before], value, y.unit),
    share: NARROW,
    counts: before.length === 0 ? [] : [{ x: 0, text: `n = ${before.length}` }],
  };
  const groups = images.map((image) => trained.filter((r) => r.image === image));
  const kept = images.filter((_, k) => groups[k].length > 0);
  const main: Panel = {
    title,
    x: IMAGES,
    y,
    marks:
      kept.length === 0
        ? []
        : summary(
            hue,
            hue,
            kept,
            groups.filter((g) => g.length > 0),
            value,
            y.unit,
          ),
    counts: kept.map((image) => ({ x: image, text: `n = ${trained.filter((r) => r.image === image).length}` })),
    ...(kept.length === 0 && { empty: "no QM image learnt yet" }),
  };
  return [first, main];
}

/** Pale median bars with every model as a dot over them; a ring where the tolerance was not reached. */
function summary(
  hue: Hue,
  name: string,
  x: readonly number[],
  groups: readonly (readonly CostRow[])[],
  value: (r: CostRow) => number,
  unit: string | null,
): Mark[] {
  const middles = groups.map((g) => median(g.map(value)));
  const said = (v: number): string => (unit === null ? `${v} evaluations` : `${significant(v, 4)} ${unit}`);
  const where = (k: number): string => (hue === "pretraining" ? "pre-training" : `image ${x[k]}`);
  const bars: Mark = {
    mark: "bars",
    group: hue === "pretraining" ? "" : groupName("median", hue),
    name: `median, ${name}`,
    hue,
    pale: true,
    x,
    from: x.map(() => 0),
    to: middles,
    titles: middles.map((m, k) => `${where(k)}: median ${said(m)} of ${counted(groups[k].length, "model")}`),
  };
  const dots = (shape: "disc" | "ring", group: string, wanted: (r: CostRow) => boolean): Mark[] => {
    const points = groups.flatMap((g, k) =>
      g.map((row, j) => ({ row, k, shift: g.length === 1 ? 0 : (j / (g.length - 1) - 0.5) * 0.56 })).filter((p) => wanted(p.row)),
    );
    if (points.length === 0) return [];
    return [
      {
        mark: "dots",
        shape,
        group: hue === "pretraining" ? "" : groupName(group, hue),
        name: `${name}: ${group}`,
        hue,
        x: points.map((p) => x[p.k]),
        y: points.map((p) => value(p.row)),
        offset: points.map((p) => p.shift),
        titles: points.map(
          (p) => `model ${p.row.member}, ${where(p.k)}: ${said(value(p.row))}${p.row.converged ? "" : ", tolerance not reached"}`,
        ),
      },
    ];
  };
  return [
    bars,
    ...dots("disc", "each model", (r) => r.converged === true),
    ...dots("ring", "tolerance not reached", (r) => r.converged === false),
  ];
}

/** QM seconds, training seconds on top of them, and on these those of the hybrid's own evaluations, summed over the models. */
function stacks(
  title: string,
  rows: readonly CostRow[],
  steps: readonly StepRow[],
  before: readonly CostRow[],
  images: readonly number[],
  scheme: Learner["scheme"],
): Panel[] {
  const y: Axis = { label: "calculation", unit: "s", reach: 0 };
  const total = (g: readonly CostRow[], value: (r: CostRow) => number): number => g.reduce((s, r) => s + value(r), 0);
  const rest = restByImage(rows, steps, scheme);
  const bars = (groups: readonly (readonly CostRow[])[], x: readonly number[], where: (k: number) => string, called = groups): Mark[] => {
    const qm = called.map((g) => total(g, (r) => r.qmSeconds ?? 0));
    const trained = groups.map((g, k) => qm[k] + total(g, (r) => r.trainingSeconds));
    const all = trained.map((s, k) => s + (groups[k][0]?.image === null ? 0 : (rest.get(x[k]) ?? 0)));
    const bar = (group: string, hue: Hue, from: readonly number[], to: readonly number[]): Mark => {
      const titles = x.map((_, k) => `${where(k)}: ${group} ${significant(to[k] - from[k], 4)} s`);
      return { mark: "bars", group, name: group, hue, pale: false, x, from, to, titles };
    };
    return [
      bar(
        "QM seconds",
        "qm",
        qm.map(() => 0),
        qm,
      ),
      bar(groupName("training seconds", scheme), scheme, qm, trained),
      ...(all.some((s, k) => s > trained[k]) ? [bar(OTHER, "other", trained, all)] : []),
    ];
  };
  // Each row of pre-training has the QM seconds of the whole set, which a committee has but once.
  const called = [scheme === "committee" ? before.slice(0, 1) : before];
  const first = before.length === 0 ? [] : bars([before], [0], () => "pre-training", called);
  const main =
    images.length === 0
      ? []
      : bars(
          images.map((image) => rows.filter((r) => r.image === image)),
          images,
          (k) => `image ${images[k]}`,
        );
  return [
    { title: "", x: PRETRAINING, y, marks: first, share: NARROW },
    { title, x: IMAGES, y, marks: main, ...(main.length === 0 && { empty: "no QM image learnt yet" }) },
  ];
}

/** Seconds of the hybrid's own evaluations by image, summed over the models: those of a step stand at the last image that it asked for. */
function restByImage(rows: readonly CostRow[], steps: readonly StepRow[], scheme: Learner["scheme"]): ReadonlyMap<number, number> {
  const last = new Map<string, number>();
  for (const { member, step, image } of rows) {
    if (typeof step !== "number" || image === null) continue;
    // The members of a committee learn the image of its one relaxation, which has no member.
    const key = `${scheme === "committee" ? null : member} ${step}`;
    last.set(key, Math.max(image, last.get(key) ?? 0));
  }
  const sums = new Map<number, number>();
  for (const s of steps) {
    const image = s.scheme === scheme ? last.get(`${s.member} ${s.step}`) : undefined;
    if (image !== undefined) sums.set(image, (sums.get(image) ?? 0) + s.seconds);
  }
  return sums;
}
