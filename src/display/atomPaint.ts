/**
 * What an atom's colour, filling and outline say, in every drawing of a structure, with the legend. Colour tells the element; filled with a
 * strong outline is core, filled buffer, hollow environment.
 */
import type { AtomRow, Role } from "../history/atoms.ts";
import { look } from "./elements.ts";
import { textWidth } from "./markup.ts";
import { counted } from "./numbers.ts";
import { type Attributes, label, tag } from "./svgDocument.ts";

/** In the order of the legend. */
const ROLES: readonly Role[] = ["core", "buffer", "environment"];

/** Fill and outline by role, so that they also tell apart in grey. */
export function paint(symbol: string, role: Role): Attributes {
  const { colour, line = colour } = look(symbol);
  if (role === "environment") return { class: "paper", fill: "currentColor", stroke: line, "stroke-width": ".9" };
  return { class: "ink", stroke: "currentColor", fill: colour, "stroke-width": role === "core" ? "2.2" : ".7" };
}

/** Elements and regions from x on, and what else the drawing needs: a sample round the given point, and its name. */
export function legendBody(
  atoms: readonly AtomRow[],
  left: number,
  y: number,
  more: readonly { readonly sample: (x: number, y: number) => string; readonly name: string }[] = [],
): string {
  const elements = [...new Set(atoms.map((a) => a.symbol))];
  const roles = ROLES.filter((role) => atoms.some((a) => a.role === role));
  const count = (role: Role): string => counted(atoms.filter((a) => a.role === role).length, "atom");
  const disc =
    (look: Attributes) =>
    (cx: number, cy: number): string =>
      tag("circle", { cx, cy, r: 6, ...look });
  const entries = [
    ...elements.map((symbol) => ({ name: symbol, sample: disc(paint(symbol, "buffer")) })),
    ...roles.map((role) => ({ name: `${role} (${count(role)})`, sample: disc(paint(elements[0], role)) })),
    ...more,
  ];
  let x = left;
  const out = entries.map(({ name, sample }) => {
    const body = sample(x + 7, y - 4) + label(x + 19, y, name, 11.5, "ink");
    x += 19 + textWidth(name, 11.5) + 18;
    return body;
  });
  if (atoms.some((a) => a.fixed)) out.push(label(x, y, "× fixed", 11.5, "ink"));
  return out.join("");
}
