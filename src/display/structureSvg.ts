/**
 * A structure from the side (along y) and from the top (along -z): orthographic, nearer atoms over farther ones, but in the side view
 * the core over the buffer over the environment. Colour tells the element; filled with a strong outline is core, filled buffer, hollow
 * environment; a small cross marks a fixed atom.
 */
import type { AboutRow } from "../history/about.ts";
import type { AtomRow, Role } from "../history/atoms.ts";
import type { FrameRow } from "../history/trajectory.ts";
import { look } from "./elements.ts";
import { escaped, textWidth } from "./markup.ts";
import { counted } from "./numbers.ts";
import { type Block, label, px, WIDTH } from "./svgDocument.ts";

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
const EDGE = 14;
const GAP = 14;
const TOP = 34;

/** Side and top views of each frame under a heading, all on one scale, in one row. */
export function structureBlock(heading: string, atoms: readonly AtomRow[], cell: AboutRow["cell"], shown: readonly Shown[]): Block {
  const pictures = shown.flatMap((s) => VIEWS.map((view) => ({ ...s, view })));
  const margin = 1.25;
  const bounds = (k: number): [number, number] => {
    const values = shown.flatMap((s) => Array.from({ length: atoms.length }, (_, i) => s.frame.positions[3 * i + k]));
    return [values.reduce((a, b) => Math.min(a, b), Infinity) - margin, values.reduce((a, b) => Math.max(a, b), -Infinity) + margin];
  };
  const box = [bounds(0), bounds(1), bounds(2)];
  const span = box.map(([a, b]) => b - a);
  const room = (WIDTH - 2 * EDGE - GAP * (pictures.length - 1)) / pictures.length;
  const scale = Math.min(room / span[0], 240 / Math.max(span[1], span[2]));
  const tall = scale * Math.max(span[1], span[2]);
  const out = pictures.map(({ frame, title, view }, k) => {
    const left = EDGE + k * (room + GAP) + (room - scale * span[0]) / 2;
    const bottom = TOP + 14 + tall - (tall - scale * span[view.up]) / 2;
    const at = (i: number): [number, number] => [
      left + scale * (frame.positions[3 * i + view.right] - box[view.right][0]),
      bottom - scale * (frame.positions[3 * i + view.up] - box[view.up][0]),
    ];
    const depth = (i: number): number => view.near[1] * frame.positions[3 * i + view.near[0]];
    const rank = (i: number): number => (view.name === "side" ? ROLES.indexOf(atoms[i].role) : 0);
    const order = atoms.map((_, i) => i).sort((a, b) => rank(a) - rank(b) || depth(a) - depth(b));
    const outline =
      view.name === "top" ? cellOutline(cell, (x, y) => [left + scale * (x - box[0][0]), bottom - scale * (y - box[1][0])]) : "";
    const words = label(EDGE + k * (room + GAP) + room / 2, TOP, `${title}, ${view.name}`, 10.5, "soft", ' text-anchor="middle"');
    return words + outline + atomsBody(atoms, order, at, scale);
  });
  const legend = legendBody(atoms, tall + TOP + 36);
  return { width: WIDTH, height: tall + TOP + 46, body: label(EDGE, 12, heading, 12, "ink", ' font-weight="600"') + out.join("") + legend };
}

/** Fill and outline by role, so that they also tell apart in grey. */
function paint(symbol: string, role: Role): string {
  const { colour } = look(symbol);
  if (role === "environment") return `class="paper" fill="currentColor" stroke="${colour}" stroke-width=".9"`;
  return `class="ink" stroke="currentColor" fill="${colour}" stroke-width="${role === "core" ? 2.2 : 0.7}"`;
}

/** Atoms in the order given; neighbours in it that look alike share their attributes. */
function atomsBody(
  atoms: readonly AtomRow[],
  order: readonly number[],
  at: (i: number) => readonly [number, number],
  scale: number,
): string {
  const out: string[] = [];
  let open = "";
  for (const i of order) {
    const { symbol, role, atom, fixed } = atoms[i];
    const style = paint(symbol, role);
    if (style !== open) out.push(`${open === "" ? "" : "</g>"}<g ${style}>`);
    open = style;
    const [x, y] = at(i);
    const circle = `cx="${px(x)}" cy="${px(y)}" r="${px(0.86 * look(symbol).radius * scale)}"`;
    out.push(
      role === "environment" ? `<circle ${circle}/>` : `<circle ${circle}><title>${escaped(`${symbol} ${atom}, ${role}`)}</title></circle>`,
    );
    if (fixed) out.push(`<path d="M${px(x - 2)} ${px(y - 2)}l4 4m0-4l-4 4"/>`);
  }
  return `${out.join("")}${open === "" ? "" : "</g>"}`;
}

function cellOutline(cell: ArrayLike<number>, at: (x: number, y: number) => readonly [number, number]): string {
  const corners = [at(0, 0), at(cell[0], cell[1]), at(cell[0] + cell[3], cell[1] + cell[4]), at(cell[3], cell[4])];
  const d = corners.map(([x, y]) => `${px(x)} ${px(y)}`).join("L");
  return `<path class="soft" stroke="currentColor" stroke-width=".8" stroke-dasharray="3 3" fill="none" d="M${d}Z"/>`;
}

function legendBody(atoms: readonly AtomRow[], y: number): string {
  const elements = [...new Set(atoms.map((a) => a.symbol))];
  const roles = ROLES.toReversed().filter((role) => atoms.some((a) => a.role === role));
  const entries = [
    ...elements.map((symbol) => ({ text: symbol, circle: paint(symbol, "buffer") })),
    ...roles.map((role) => ({
      text: `${role} (${counted(atoms.filter((a) => a.role === role).length, "atom")})`,
      circle: paint(elements[0], role),
    })),
  ];
  let x = EDGE;
  const out = entries.map(({ text, circle }) => {
    const body = `<circle cx="${px(x + 7)}" cy="${px(y - 4)}" r="6" ${circle}/>${label(x + 19, y, text, 11.5, "ink")}`;
    x += 19 + textWidth(text, 11.5) + 18;
    return body;
  });
  if (atoms.some((a) => a.fixed)) out.push(label(x, y, "× fixed", 11.5, "ink"));
  return out.join("");
}
