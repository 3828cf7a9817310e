/**
 * A periodic structure from the side (along y) and from the top (along -z): orthographic, nearer atoms over farther ones, which fade. The
 * core stands in the middle, and in front in the side view where the structure repeats along it. A small cross marks a fixed atom; the
 * dashed frame is the cell where it repeats both ways.
 */
import type { AboutRow } from "../history/about.ts";
import type { AtomRow } from "../history/atoms.ts";
import type { FrameRow } from "../history/trajectory.ts";
import { legendBody, paint } from "./atomPaint.ts";
import { look } from "./elements.ts";
import { framing } from "./framing.ts";
import { type Attributes, type Block, BOLD, label, MIDDLE, px, tag, titled, WIDTH } from "./svgDocument.ts";

/** A frame with the words over it. */
export interface Shown {
  readonly frame: FrameRow;
  readonly title: string;
}

/** Axes to the right, up, and along the line of sight with the sign that leads to the viewer. */
const VIEWS = [
  { name: "side", right: 0, up: 2, sight: 1, towards: -1 },
  { name: "top", right: 0, up: 1, sight: 2, towards: 1 },
] as const;

/** Pixels: from the page's edge, between pictures, from the top to the pictures' names; most of a picture's height. */
const [EDGE, GAP, TOP, TALLEST] = [14, 14, 34, 240];
/** Å around the outermost atoms. */
const MARGIN = 1.25;
/** Drawn radius by covalent radius: neighbours just overlap. */
const SHRUNK = 0.86;
/** Veils of the paper's colour between the core and the back, and the part that each hides. */
const [VEILS, VEIL] = [4, ".16"];
/** Å. Atoms whose depths differ by less are drawn in an order that groups those that look alike. */
const LAYER = 0.4;

/** How to read the drawing. */
export const STRUCTURE_WORDS: string =
  "Side and top view, cut so that the core stands in the middle, from the side in front; what lies behind it fades. Filled with a strong " +
  "outline: core; filled: buffer; hollow: environment; dashed: the cell.";

/** One picture: what is seen, and where it is cut. */
interface Picture {
  readonly name: string;
  /** To the right, up and towards the viewer, Å, by atom. */
  readonly points: readonly (readonly [right: number, up: number, near: number])[];
  /** Corners of the cell going round, Å; none where it does not repeat both ways. */
  readonly corners: readonly (readonly [right: number, up: number])[];
}

/** Side and top views of each frame under a heading, all on one scale, in one row; all frames are cut where the first is. */
export function structureBlock(
  heading: string,
  atoms: readonly AtomRow[],
  about: Pick<AboutRow, "cell" | "pbc">,
  shown: readonly Shown[],
): Block {
  const core = atoms.flatMap((a, i) => (a.role === "core" ? [i] : []));
  const pictures = shown.flatMap(({ frame, title }) =>
    VIEWS.map(({ name, right, up, sight, towards }): Picture => {
      const shift = framing(shown[0].frame.positions, core, about.cell, about.pbc, name === "side" ? sight : undefined);
      const at = (i: number, k: number): number => frame.positions[3 * i + k] + shift[3 * i + k];
      const points = atoms.map((_, i) => [at(i, right), at(i, up), towards * at(i, sight)] as const);
      return { name: `${title}, ${name}`, points, corners: cornersOf(about, right, up) };
    }),
  );
  const bounds = pictures.map((p) => ({ right: extent(p, 0), up: extent(p, 1) }));
  const span = (axis: "right" | "up"): number => Math.max(...bounds.map((b) => b[axis][1] - b[axis][0]));
  const room = (WIDTH - 2 * EDGE - GAP * (pictures.length - 1)) / pictures.length;
  const scale = Math.min(room / span("right"), TALLEST / span("up"));
  const tall = scale * span("up");
  const bodies = pictures.map((picture, k) => {
    const [centre, middle] = [EDGE + k * (room + GAP) + room / 2, TOP + 14 + tall / 2];
    const { right, up } = bounds[k];
    const at = (x: number, y: number): readonly [number, number] => [
      centre + scale * (x - (right[0] + right[1]) / 2),
      middle - scale * (y - (up[0] + up[1]) / 2),
    ];
    const veil = { x: centre - room / 2 - GAP / 2, y: middle - tall / 2, width: room + GAP, height: tall };
    const words = label(centre, TOP, picture.name, 10.5, "soft", MIDDLE);
    return words + atomsBody(atoms, picture, at, scale, veil) + outline(picture.corners.map(([x, y]) => at(x, y)));
  });
  const legend = legendBody(atoms, EDGE, tall + TOP + 36);
  return { width: WIDTH, height: tall + TOP + 46, body: label(EDGE, 12, heading, 12, "ink", BOLD) + bodies.join("") + legend };
}

/** What a picture spans to the right (0) or up (1), Å. */
function extent({ points, corners }: Picture, axis: 0 | 1): readonly [number, number] {
  const all = [...points.flatMap((p) => [p[axis] - MARGIN, p[axis] + MARGIN]), ...corners.map((c) => c[axis])];
  return [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
}

/** Atoms from back to front with veils between; alike neighbours in that order share their attributes. Over all, the core's outlines. */
function atomsBody(
  atoms: readonly AtomRow[],
  { points }: Picture,
  at: (right: number, up: number) => readonly [number, number],
  scale: number,
  veil: Attributes,
): string {
  const depths = points.map(([, , near]) => near);
  const back = depths.reduce((a, b) => Math.min(a, b));
  // The fog begins behind the core.
  const front = depths.reduce((a, b, i) => (atoms[i].role === "core" ? Math.min(a, b) : a), Infinity);
  const key = (i: number): string => `${atoms[i].symbol} ${atoms[i].role}`;
  const layer = (i: number): number => Math.round((depths[i] - back) / LAYER);
  const veils = (i: number): number => Math.min(VEILS, Math.floor((VEILS * layer(i)) / Math.max(1, Math.floor((front - back) / LAYER))));
  const order = atoms.map((_, i) => i).sort((a, b) => layer(a) - layer(b) || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  const disc = (i: number): Attributes => {
    const [cx, cy] = at(points[i][0], points[i][1]);
    return { cx, cy, r: SHRUNK * look(atoms[i].symbol).radius * scale };
  };
  const groups: { readonly first: number; readonly bodies: string[] }[] = [];
  for (const i of order) {
    const last = groups.at(-1);
    if (last === undefined || key(last.first) !== key(i) || veils(last.first) !== veils(i)) groups.push({ first: i, bodies: [] });
    const { symbol, role, atom, fixed } = atoms[i];
    const circle = disc(i);
    const cross = fixed ? tag("path", { d: `M${px(Number(circle.cx) - 2)} ${px(Number(circle.cy) - 2)}l4 4m0-4l-4 4` }) : "";
    const body = role === "core" ? titled("circle", circle, `${symbol} ${atom}, ${role}`) : tag("circle", circle);
    groups[groups.length - 1].bodies.push(body + cross);
  }
  const fog = tag("rect", { class: "paper", fill: "currentColor", "fill-opacity": VEIL, ...veil });
  const drawn = groups.map((g, k) => {
    const { symbol, role } = atoms[g.first];
    const fallen = k === 0 ? 0 : veils(g.first) - veils(groups[k - 1].first);
    return fog.repeat(fallen) + tag("g", paint(symbol, role), ...g.bodies);
  });
  const outlines = atoms.flatMap(({ role }, i) => (role === "core" ? [tag("circle", disc(i))] : []));
  const over = { class: "ink", stroke: "currentColor", fill: "none", "stroke-dasharray": "2 2" };
  return drawn.join("") + tag("g", over, ...outlines);
}

/** Corners of the cell in a plane, going round, Å. */
function cornersOf({ cell, pbc }: Pick<AboutRow, "cell" | "pbc">, right: number, up: number): (readonly [number, number])[] {
  if (pbc[right] !== "T" || pbc[up] !== "T") return [];
  const corner = (a: number, b: number): readonly [number, number] => [
    a * cell[3 * right + right] + b * cell[3 * up + right],
    a * cell[3 * right + up] + b * cell[3 * up + up],
  ];
  return [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
}

function outline(corners: readonly (readonly [number, number])[]): string {
  if (corners.length === 0) return "";
  const d = `M${corners.map(([x, y]) => `${px(x)} ${px(y)}`).join("L")}Z`;
  return tag("path", { class: "soft", stroke: "currentColor", "stroke-width": ".8", "stroke-dasharray": "3 3", fill: "none", d });
}
