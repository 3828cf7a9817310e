/**
 * A structure from the side (along y) and from the top (along -z): orthographic, nearer atoms over farther ones, but in the side view
 * the core over the buffer over the environment. Colour tells the element; filled with a strong outline is core, filled buffer, hollow
 * environment; a small cross marks a fixed atom; the dashed frame is the cell where it repeats sideways.
 */
import type { AboutRow } from "../history/about.ts";
import type { AtomRow, Role } from "../history/atoms.ts";
import type { FrameRow } from "../history/trajectory.ts";
import { look } from "./elements.ts";
import { textWidth } from "./markup.ts";
import { counted } from "./numbers.ts";
import { type Attributes, type Block, BOLD, label, MIDDLE, px, tag, titled, WIDTH } from "./svgDocument.ts";

/** A frame with the words over it. */
export interface Shown {
  readonly frame: FrameRow;
  readonly title: string;
}

/** Axes to the right, up and towards the viewer. */
const VIEWS = [
  { name: "side", right: 0, up: 2, near: [1, -1] },
  { name: "top", right: 0, up: 1, near: [2, 1] },
] as const;

/** From back to front in the side view, which cuts the surroundings open. */
const ROLES: readonly Role[] = ["environment", "buffer", "core"];
/** Pixels: from the page's edge, between pictures, from the top to the pictures' names; most of a picture's height. */
const [EDGE, GAP, TOP, TALLEST] = [14, 14, 34, 240];
/** Å around the outermost atoms. */
const MARGIN = 1.25;
/** Drawn radius by covalent radius: neighbours just overlap. */
const SHRUNK = 0.86;

/** Side and top views of each frame under a heading, all on one scale, in one row. */
export function structureBlock(
  heading: string,
  atoms: readonly AtomRow[],
  about: Pick<AboutRow, "cell" | "pbc">,
  shown: readonly Shown[],
): Block {
  const pictures = shown.flatMap((s) => VIEWS.map((view) => ({ ...s, view })));
  const corners = about.pbc.startsWith("TT") ? cornersOf(about.cell) : [];
  const bounds = [0, 1, 2].map((k): readonly [number, number] => {
    const own = shown.flatMap((s) => atoms.map((_, i) => s.frame.positions[3 * i + k]));
    const all = [...own.map((v) => v - MARGIN), ...own.map((v) => v + MARGIN), ...(k === 2 ? [] : corners.map((c) => c[k]))];
    return [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  });
  const span = bounds.map(([low, high]) => high - low);
  const room = (WIDTH - 2 * EDGE - GAP * (pictures.length - 1)) / pictures.length;
  const scale = Math.min(room / span[0], TALLEST / Math.max(span[1], span[2]));
  const tall = scale * Math.max(span[1], span[2]);
  const bodies = pictures.map(({ frame, title, view }, k) => {
    const centre = EDGE + k * (room + GAP) + room / 2;
    const middle = TOP + 14 + tall / 2;
    const at = (right: number, up: number): readonly [number, number] => [
      centre + scale * (right - (bounds[view.right][0] + bounds[view.right][1]) / 2),
      middle - scale * (up - (bounds[view.up][0] + bounds[view.up][1]) / 2),
    ];
    const place = (i: number): readonly [number, number] => at(frame.positions[3 * i + view.right], frame.positions[3 * i + view.up]);
    const depth = (i: number): number => view.near[1] * frame.positions[3 * i + view.near[0]];
    const rank = (i: number): number => (view.name === "side" ? ROLES.indexOf(atoms[i].role) : 0);
    const order = atoms.map((_, i) => i).sort((a, b) => rank(a) - rank(b) || depth(a) - depth(b));
    const cell = view.name === "top" && corners.length > 0 ? outline(corners.map(([x, y]) => at(x, y))) : "";
    return label(centre, TOP, `${title}, ${view.name}`, 10.5, "soft", MIDDLE) + cell + atomsBody(atoms, order, place, scale);
  });
  const legend = legendBody(atoms, tall + TOP + 36);
  return { width: WIDTH, height: tall + TOP + 46, body: label(EDGE, 12, heading, 12, "ink", BOLD) + bodies.join("") + legend };
}

/** Fill and outline by role, so that they also tell apart in grey. */
function paint(symbol: string, role: Role): Attributes {
  const { colour } = look(symbol);
  if (role === "environment") return { class: "paper", fill: "currentColor", stroke: colour, "stroke-width": ".9" };
  return { class: "ink", stroke: "currentColor", fill: colour, "stroke-width": role === "core" ? "2.2" : ".7" };
}

/** Atoms in the order given; neighbours in it that look alike share their attributes. */
function atomsBody(
  atoms: readonly AtomRow[],
  order: readonly number[],
  place: (i: number) => readonly [number, number],
  scale: number,
): string {
  const groups: { readonly key: string; readonly first: AtomRow; readonly bodies: string[] }[] = [];
  for (const i of order) {
    const { symbol, role, atom, fixed } = atoms[i];
    const key = `${symbol} ${role}`;
    if (groups.at(-1)?.key !== key) groups.push({ key, first: atoms[i], bodies: [] });
    const [cx, cy] = place(i);
    const circle = { cx, cy, r: SHRUNK * look(symbol).radius * scale };
    const body = role === "environment" ? tag("circle", circle) : titled("circle", circle, `${symbol} ${atom}, ${role}`);
    groups[groups.length - 1].bodies.push(body, fixed ? tag("path", { d: `M${px(cx - 2)} ${px(cy - 2)}l4 4m0-4l-4 4` }) : "");
  }
  return groups.map((g) => tag("g", paint(g.first.symbol, g.first.role), ...g.bodies)).join("");
}

/** Corners of the cell's base, going round, Å. */
function cornersOf(cell: ArrayLike<number>): (readonly [number, number])[] {
  const [ax, ay, bx, by] = [cell[0], cell[1], cell[3], cell[4]];
  return [
    [0, 0],
    [ax, ay],
    [ax + bx, ay + by],
    [bx, by],
  ];
}

function outline(corners: readonly (readonly [number, number])[]): string {
  const d = `M${corners.map(([x, y]) => `${px(x)} ${px(y)}`).join("L")}Z`;
  return tag("path", { class: "soft", stroke: "currentColor", "stroke-width": ".8", "stroke-dasharray": "3 3", fill: "none", d });
}

function legendBody(atoms: readonly AtomRow[], y: number): string {
  const elements = [...new Set(atoms.map((a) => a.symbol))];
  const roles = ROLES.toReversed().filter((role) => atoms.some((a) => a.role === role));
  const count = (role: Role): string => counted(atoms.filter((a) => a.role === role).length, "atom");
  const entries = [
    ...elements.map((symbol) => ({ text: symbol, look: paint(symbol, "buffer") })),
    ...roles.map((role) => ({ text: `${role} (${count(role)})`, look: paint(elements[0], role) })),
  ];
  let x = EDGE;
  const out = entries.map((entry) => {
    const body = tag("circle", { cx: x + 7, cy: y - 4, r: 6, ...entry.look }) + label(x + 19, y, entry.text, 11.5, "ink");
    x += 19 + textWidth(entry.text, 11.5) + 18;
    return body;
  });
  if (atoms.some((a) => a.fixed)) out.push(label(x, y, "× fixed", 11.5, "ink"));
  return out.join("");
}
