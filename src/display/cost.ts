/** View `cost`: what each QM image cost, first to last: the experiment of Fig. 7. Every model is a dot; pre-training stands apart. */
import type { CostRow } from "../history/cost.ts";
import type { History } from "../history/history.ts";
import { median } from "../history/spread.ts";
import { bundle, type MimeBundle, type StudyReference } from "./bundle.ts";
import type { Axis, Chart, Hue, Mark, Panel } from "./chart.ts";
import { counted, significant } from "./numbers.ts";
import { plotlyFigure } from "./plotly.ts";
import { chartBlock } from "./svg.ts";
import { svgDocument } from "./svgDocument.ts";
import { chartText } from "./text.ts";
import { subject } from "./words.ts";

/** The view's chart: the retrained scheme, or the committee if there is none. */
export function costChart(h: Pick<History, "about" | "cost">): Chart {
  const scheme = (["retrained", "committee"] as const).find((s) => h.cost.some((r) => r.scheme === s)) ?? "retrained";
  const rows = h.cost.filter((r) => r.scheme === scheme && r.image !== null);
  const before = h.cost.filter((r) => r.scheme === null);
  const images = [...new Set(rows.map((r) => r.image as number))].sort((a, b) => a - b);
  const evaluations = (r: CostRow): number => r.evaluations;
  const seconds = (r: CostRow): number => r.trainingSeconds;
  const groups = images.map((image) => rows.filter((r) => r.image === image && r.converged !== null));
  const medians = groups.map((g) => (g.length === 0 ? 0 : median(g.map(evaluations))));
  return {
    title: `${h.about.name}: cost of each QM image`,
    subtitle: subject(h.about),
    description:
      images.length === 0
        ? "No QM image has been learnt yet."
        : `Median evaluations by image, first to last: ${medians.map((m) => significant(m)).join(", ")}. Pre-training: median ${significant(
            before.length === 0 ? null : median(before.map(evaluations)),
          )} evaluations.`,
    caption:
      "Image 0 is the start. Dots: models; pale bars: their median; n: models that met an image of that number, fewer towards the " +
      "end since each model relaxes in its own number of steps. An image that was already inside the tolerance costs no evaluation. " +
      "Bottom: seconds summed over the models; an equal QM image is calculated once, and its seconds are counted for each model " +
      "that used it.",
    rows: [
      {
        height: 150,
        panels: perImage("Evaluations", { label: "evaluations", unit: null, reach: 0 }, rows, before, images, evaluations, scheme),
      },
      {
        height: 150,
        panels: perImage("Training seconds of a model", { label: "training", unit: "s", reach: 0 }, rows, before, images, seconds, scheme),
      },
      { height: 150, panels: stacks(rows, before, images) },
    ],
  };
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
  hue: Hue,
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
    group: hue === "pretraining" ? "" : "median",
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
        group: hue === "pretraining" ? "" : group,
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

/** QM seconds with training seconds on top of them, summed over the models. */
function stacks(rows: readonly CostRow[], before: readonly CostRow[], images: readonly number[]): Panel[] {
  const y: Axis = { label: "QM + training", unit: "s", reach: 0 };
  const total = (g: readonly CostRow[], value: (r: CostRow) => number): number => g.reduce((s, r) => s + value(r), 0);
  const bars = (groups: readonly (readonly CostRow[])[], x: readonly number[], where: (k: number) => string): Mark[] => {
    const qm = groups.map((g) => total(g, (r) => r.qmSeconds ?? 0));
    const both = groups.map((g, k) => qm[k] + total(g, (r) => r.trainingSeconds));
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
      bar("training seconds", "retrained", qm, both),
    ];
  };
  const first = before.length === 0 ? [] : bars([before], [0], () => "pre-training");
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
    { title: "Seconds of all models", x: IMAGES, y, marks: main, ...(main.length === 0 && { empty: "no QM image learnt yet" }) },
  ];
}
