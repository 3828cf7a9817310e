/**
 * View `path`: the energy along a path of images with both barriers, the uncertainty of each image and the QM calls that it took. The
 * barriers are those of the highest image. Between images with forces the curve is the cubic that has their energies and their slopes
 * -F·t, with t the direction of the path (from the image before to the one after), otherwise straight.
 */
import type { ImageRow, PathRow } from "../history/path.ts";
import type { Axis, Chart, Mark, Panel, Row } from "./chart.ts";
import { counted, significant } from "./numbers.ts";
import { engineSentence } from "./words.ts";

/** What is said of the path. */
export type PathSubject = Pick<PathRow, "name" | "formula" | "engine" | "method">;

/** Heights of the highest image over both ends, eV. */
export interface Barriers {
  /** Of the highest, in the order of the images. */
  readonly at: number;
  readonly forward: number;
  readonly reverse: number;
}

const METHODS: Record<PathSubject["method"], string> = {
  neb: "nudged elastic band",
  dimer: "dimer",
  interpolation: "interpolated, not relaxed",
};

/** Points of the curve between two images. */
const FINE = 16;

/** The barriers of a path of at least one image. */
export function barriersOf(images: readonly ImageRow[]): Barriers {
  const energies = images.map((i) => i.energy);
  const top = Math.max(...energies);
  return { at: energies.indexOf(top), forward: top - energies[0], reverse: top - energies[energies.length - 1] };
}

/** An image's numbers in words. */
export function imageSentence(images: readonly ImageRow[], k: number): string {
  const { image, coordinate, energy, sigma, fmax, climbing, qmCalls } = images[k];
  return [
    `image ${image} (of ${images[0].image} to ${images[images.length - 1].image}), ${significant(coordinate)} Å along the path`,
    `energy ${significant(energy - images[0].energy, 4)} eV${sigma === null ? "" : ` ± ${significant(sigma, 2)} eV`} above the first`,
    ...(fmax === null ? [] : [`fmax ${significant(fmax)} eV/Å`]),
    ...(qmCalls === null ? [] : [counted(qmCalls, "QM call")]),
    ...(climbing ? ["climbing"] : []),
  ].join("; ");
}

/** The view's chart. */
export function pathChart({ path, images }: { readonly path: PathSubject; readonly images: readonly ImageRow[] }): Chart {
  const sure = images.every((i) => i.sigma === null);
  const calls = images.some((i) => i.qmCalls !== null);
  const smooth = images.length > 1 && images.every((i) => i.forces !== null);
  return {
    title: `${path.name}: energy along the path`,
    subtitle: `${path.formula}; ${METHODS[path.method]}. ${engineSentence(path.engine)}.`,
    description: described(images),
    caption:
      "Dots: the energy of each image above that of the first" +
      `${sure ? "" : ", with bars of one standard deviation over the models"}; ` +
      `${smooth ? "the curve between them is the cubic that has their energies and the forces along the path" : "the lines between them only connect"}. ` +
      "Barriers: from the first and from the last image to the highest one." +
      `${images.some((i) => i.climbing) ? " Diamond: the climbing image." : ""}${calls ? " Bars below: QM calls that each image took." : ""}`,
    rows: [{ height: 230, panels: [energyPanel(images, smooth)] }, ...callsRow(images, calls)],
  };
}

function described(images: readonly ImageRow[]): string {
  if (images.length === 0) return "The path has no image yet.";
  const { at, forward, reverse } = barriersOf(images);
  const calls = images.reduce((sum, i) => sum + (i.qmCalls ?? 0), 0);
  const where =
    at === 0 || at === images.length - 1
      ? `The ${at === 0 ? "first" : "last"} image is the highest: there is no barrier between the ends`
      : `Highest is image ${images[at].image}, ${significant(images[at].coordinate)} Å along the path`;
  return (
    `${counted(images.length, "image")}. Barrier forward ${significant(forward)} eV, reverse ${significant(reverse)} eV. ${where}.` +
    `${images.some((i) => i.qmCalls !== null) ? ` ${counted(calls, "QM call")} in all.` : ""}`
  );
}

const COORDINATE: Axis = { label: "path coordinate", unit: "Å" };

function energyPanel(images: readonly ImageRow[], smooth: boolean): Panel {
  const y: Axis = { label: "E − E(first image)", unit: "eV" };
  const title = "Energy";
  if (images.length === 0) return { title, x: COORDINATE, y, marks: [], empty: "no image yet" };
  const heights = images.map((i) => i.energy - images[0].energy);
  const x = images.map((i) => i.coordinate);
  const { at, forward, reverse } = barriersOf(images);
  const [curveX, curveY] = smooth ? cubic(images, heights) : [x, heights];
  const last = images.length - 1;
  const dots = (shape: "disc" | "diamond", name: string, wanted: (i: ImageRow) => boolean): Mark[] => {
    const own = images.flatMap((i, k) => (wanted(i) ? [k] : []));
    if (own.length === 0) return [];
    const errors = own.map((k) => images[k].sigma ?? Number.NaN);
    const known = errors.some((e) => e > 0);
    return [
      {
        mark: "dots",
        shape,
        group: known ? `${name} (bar: ± σ)` : name,
        name,
        hue: "retrained",
        x: own.map((k) => x[k]),
        y: own.map((k) => heights[k]),
        ...(known && { errors }),
        titles: own.map((k) => imageSentence(images, k)),
      },
    ];
  };
  const span = (name: string, k: number, size: number, side: "left" | "right"): Mark[] =>
    at === k
      ? []
      : [
          {
            mark: "spans",
            group: "barrier",
            name,
            hue: "limit",
            side,
            x: [x[k]],
            from: [heights[k]],
            to: [heights[at]],
            titles: [`${name} ${significant(size)} eV`],
          },
        ];
  return {
    title,
    x: COORDINATE,
    y,
    marks: [
      ...(last > 0 ? [{ mark: "rule", name: "highest image", y: heights[at] } as const] : []),
      ...span("forward", 0, forward, "right"),
      ...span("reverse", last, reverse, "left"),
      { mark: "line", group: "", name: "path", hue: "retrained", weight: "mean", x: curveX, y: curveY },
      ...dots("disc", "image", (i) => !i.climbing),
      ...dots("diamond", "climbing image", (i) => i.climbing),
    ],
  };
}

/** Small bars under the curve, over the same coordinates. */
function callsRow(images: readonly ImageRow[], calls: boolean): Row[] {
  if (!calls) return [];
  const x = images.map((i) => i.coordinate);
  const apart = x.slice(1).map((v, k) => v - x[k]);
  const counts = images.map((i) => i.qmCalls ?? 0);
  const bars: Mark = {
    mark: "bars",
    group: "",
    name: "QM calls",
    hue: "qm",
    pale: false,
    x,
    from: x.map(() => 0),
    to: counts,
    width: 0.5 * Math.min(...apart, ...(apart.length === 0 ? [1] : [])),
    titles: images.map((i, k) => `image ${i.image}: ${counted(counts[k], "QM call")}`),
  };
  return [
    { height: 56, panels: [{ title: "", x: COORDINATE, y: { label: "QM calls", unit: null, whole: true, reach: 0 }, marks: [bars] }] },
  ];
}

/** Points of the piecewise cubic through heights with the slopes of the forces (Hermite). */
function cubic(images: readonly ImageRow[], heights: readonly number[]): [number[], number[]] {
  const slopes = images.map((_, k) => slopeAt(images, k));
  const [x, y]: [number[], number[]] = [[], []];
  for (let k = 0; k + 1 < images.length; k++) {
    const [from, length] = [images[k].coordinate, images[k + 1].coordinate - images[k].coordinate];
    for (let j = k === 0 ? 0 : 1; j <= FINE; j++) {
      const t = j / FINE;
      const u = 1 - t;
      x.push(from + t * length);
      y.push(
        u * u * ((1 + 2 * t) * heights[k] + t * length * slopes[k]) + t * t * ((1 + 2 * u) * heights[k + 1] - u * length * slopes[k + 1]),
      );
    }
  }
  return [x, y];
}

/** dE/ds of an image, eV/Å: minus its force along the direction from the image before to the one after. */
function slopeAt(images: readonly ImageRow[], k: number): number {
  const before = images[Math.max(0, k - 1)].positions;
  const after = images[Math.min(images.length - 1, k + 1)].positions;
  const forces = images[k].forces ?? [];
  let [work, length] = [0, 0];
  for (let i = 0; i < forces.length; i++) {
    const d = after[i] - before[i];
    work -= forces[i] * d;
    length += d * d;
  }
  return length > 0 ? work / Math.sqrt(length) : 0;
}
