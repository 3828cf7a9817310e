/**
 * A structure that repeats in no direction, as balls and sticks along two of its principal axes: the one across which it is flattest, and
 * the next. Orthographic, nearer atoms over farther ones. Sticks are covalent bonds by radii, each half drawn as its atom's region; a
 * short stroke across marks a bond that the boundary of the QM cluster cuts. Metal atoms have no sticks and are drawn large.
 */
import type { AboutRow } from "../history/about.ts";
import type { AtomRow } from "../history/atoms.ts";
import { legendBody, paint } from "./atomPaint.ts";
import { type Bond, ballRadius, bondsOf, isCut, STICKS } from "./ballsAndSticks.ts";
import { principalAxes } from "./principalAxes.ts";
import type { Shown } from "./structureSvg.ts";
import { type Attributes, type Block, BOLD, label, MIDDLE, px, tag, titled, WIDTH } from "./svgDocument.ts";

/** How to read the drawing. */
export const MOLECULE_WORDS: string =
  "Seen along two of the principal axes of the first step. Filled with a strong outline: core; filled: buffer; hollow: environment; a " +
  "stroke across a bond: the boundary of the QM cluster cuts it.";

/** Pixels: from the page's edge, between pictures, from the top to the first pictures; most of one Å. */
const [EDGE, GAP, TOP, LARGEST] = [14, 18, 34, 34];
/** Pixels over a picture for its name, and under it. */
const [NAME, BELOW] = [14, 10];
/** Å around the outermost atoms. */
const MARGIN = 0.6;
/** What is seen to the right, up and towards the viewer, as signs and places among the principal axes. */
const VIEWS = [
  { name: "front", up: { axis: 1, sign: 1 }, near: { axis: 2, sign: 1 } },
  { name: "from above", up: { axis: 2, sign: -1 }, near: { axis: 1, sign: 1 } },
] as const;

type Point = readonly [right: number, up: number, near: number];

/** A column of two views for each frame under a heading, all on one scale. */
export function moleculeBlock(
  heading: string,
  atoms: readonly AtomRow[],
  about: Pick<AboutRow, "linkAtoms">,
  shown: readonly Shown[],
): Block {
  const first = shown[0].frame.positions;
  const core = atoms.flatMap((a, i) => (a.role === "core" ? [i] : []));
  const axes = principalAxes(first, core.length > 0 ? core : [...atoms.keys()]);
  const bonds = bondsOf(atoms, first);
  const rows = VIEWS.map(({ name, up, near }) => {
    const pictures = shown.map(({ frame, title }) => {
      const at = (i: number, axis: number): number => axes[axis].reduce((sum, x, k) => sum + x * frame.positions[3 * i + k], 0);
      return {
        name: `${title}, ${name}`,
        points: atoms.map((_, i): Point => [at(i, 0), up.sign * at(i, up.axis), near.sign * at(i, near.axis)]),
      };
    });
    const points = pictures.flatMap((p) => p.points);
    return { pictures, right: extent(points, 0), up: extent(points, 1) };
  });
  const room = (WIDTH - 2 * EDGE - GAP * (shown.length - 1)) / shown.length;
  const scale = Math.min(LARGEST, room / Math.max(...rows.map((r) => r.right[1] - r.right[0])));
  let y = TOP;
  const bodies = rows.flatMap(({ pictures, right, up }) => {
    const tall = scale * (up[1] - up[0]);
    const [top, middle] = [y, y + NAME + tall / 2];
    y += NAME + tall + BELOW;
    return pictures.map(({ name, points }, k) => {
      const centre = EDGE + k * (room + GAP) + room / 2;
      const drawn = points.map(
        ([x, h, near]): Point => [
          centre + scale * (x - (right[0] + right[1]) / 2),
          middle - scale * (h - (up[0] + up[1]) / 2),
          scale * near,
        ],
      );
      return label(centre, top + 4, name, 10.5, "soft", MIDDLE) + pictureBody(atoms, bonds, drawn, scale);
    });
  });
  const cut = bonds.some((b) => isCut(atoms, b));
  const name = about.linkAtoms > 0 ? "cut bond (link H)" : "cut bond";
  const legend = legendBody(atoms, EDGE, y + 22, cut ? [{ sample: cutSample, name }] : []);
  return { width: WIDTH, height: y + 32, body: label(EDGE, 12, heading, 12, "ink", BOLD) + bodies.join("") + legend };
}

function extent(points: readonly Point[], axis: 0 | 1): readonly [number, number] {
  const values = points.map((p) => p[axis]);
  return [values.reduce((a, b) => Math.min(a, b)) - MARGIN, values.reduce((a, b) => Math.max(a, b)) + MARGIN];
}

/** Balls from back to front, each stick just after the farther of its two; alike neighbours in that order share their attributes. */
function pictureBody(atoms: readonly AtomRow[], bonds: readonly Bond[], points: readonly Point[], scale: number): string {
  const bonded = new Set(bonds.flat());
  const radii = atoms.map(({ symbol }, i) => scale * ballRadius(symbol, bonded.has(i)));
  const sticks = bonds.flatMap(([i, j]) => {
    const [far, near] = points[i][2] <= points[j][2] ? [i, j] : [j, i];
    const depth = points[far][2] + 1e-6;
    const cut = isCut(atoms, [i, j]) ? [{ depth, look: {}, body: cutMark(points[i], points[j]) }] : [];
    return [...halves(atoms, points, far, near, radii[far], scale).map((half) => ({ depth, ...half })), ...cut];
  });
  const balls = atoms.map(({ symbol, role, atom, fixed }, i) => {
    const [cx, cy, depth] = points[i];
    const circle = { cx, cy, r: radii[i] };
    const cross = fixed ? tag("path", { d: `M${px(cx - 2)} ${px(cy - 2)}l4 4m0-4l-4 4` }) : "";
    return { depth, look: paint(symbol, role), body: titled("circle", circle, `${symbol} ${atom}, ${role}`) + cross };
  });
  const groups: { readonly look: Attributes; readonly bodies: string[] }[] = [];
  for (const { look, body } of [...balls, ...sticks].sort((a, b) => a.depth - b.depth)) {
    const last = groups.at(-1);
    if (last && JSON.stringify(last.look) === JSON.stringify(look)) last.bodies.push(body);
    else groups.push({ look, bodies: [body] });
  }
  return groups.map((g) => tag("g", g.look, ...g.bodies)).join("");
}

/** A stick from the farther ball's surface to its middle and on to the nearer ball's centre, which hides its end. */
function halves(
  atoms: readonly AtomRow[],
  points: readonly Point[],
  far: number,
  near: number,
  radius: number,
  scale: number,
): { look: Attributes; body: string }[] {
  const [p, q] = [points[far], points[near]];
  const length = Math.hypot(q[0] - p[0], q[1] - p[1], q[2] - p[2]);
  const on = (t: number): string => `${px(p[0] + t * (q[0] - p[0]))} ${px(p[1] + t * (q[1] - p[1]))}`;
  return [
    { atom: far, from: radius / length, to: 0.5 },
    { atom: near, from: 0.5, to: 1 },
  ].map(({ atom, from, to }) => {
    const [width, colour] = STICKS[atoms[atom].role];
    const look = { class: colour, stroke: "currentColor", "stroke-width": px(Math.max(1, scale * width)), fill: "none" };
    return { look, body: tag("path", { d: `M${on(from)}L${on(to)}` }) };
  });
}

/** A bond with the stroke across it, for the legend. */
function cutSample(x: number, y: number): string {
  const bond = { class: "soft", stroke: "currentColor", "stroke-width": "1.4", fill: "none", d: `M${px(x - 8)} ${px(y)}h16` };
  return tag("path", bond) + stroke(x, y, 1, 0, 6);
}

function cutMark(p: Point, q: Point): string {
  const length = Math.max(1, Math.hypot(q[0] - p[0], q[1] - p[1]));
  return stroke((p[0] + q[0]) / 2, (p[1] + q[1]) / 2, (q[0] - p[0]) / length, (q[1] - p[1]) / length, 8);
}

/** A stroke through a point across a direction, half as long as said. */
function stroke(x: number, y: number, dx: number, dy: number, half: number): string {
  const d = `M${px(x - half * dy)} ${px(y + half * dx)}L${px(x + half * dy)} ${px(y - half * dx)}`;
  return tag("path", { class: "h-limit", stroke: "currentColor", "stroke-width": "1.6", fill: "none", d });
}
