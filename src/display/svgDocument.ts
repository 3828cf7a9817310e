/**
 * SVG documents: blocks stacked under one style. Colours are plain CSS rules (Okabe and Ito's palette, safe for colour-blind readers),
 * light by default, dark where the reader prefers it, light in print; nothing is loaded, so that the file draws alike in a page, as an
 * image and on paper.
 */
import type { Hue } from "./chart.ts";
import { escaped, wrap } from "./markup.ts";

/** A drawn piece; its body is drawn from (0, 0). */
export interface Block {
  readonly width: number;
  readonly height: number;
  readonly body: string;
}

/** Width of every figure, pixels. */
export const WIDTH = 760;

/** Line colours on white and on near-black. */
export const HUES: Record<Hue, readonly [string, string]> = {
  "full-qm": ["#1a1a1a", "#f2f2f2"],
  frozen: ["#d55e00", "#f0843c"],
  retrained: ["#0072b2", "#56b4e9"],
  committee: ["#007a59", "#2fc59b"],
  pretraining: ["#a8457f", "#e08bb9"],
  qm: ["#8a8a8a", "#9a9a9a"],
  other: ["#e69f00", "#e69f00"],
  limit: ["#4d4d4d", "#bdbdbd"],
  // Okabe and Ito's eight in their order, darker on white and lighter on black where theirs are too faint for a thin line.
  0: ["#1a1a1a", "#f2f2f2"],
  1: ["#b97f00", "#e69f00"],
  2: ["#3a9bd6", "#8fd0f5"],
  3: ["#007a59", "#2fc59b"],
  4: ["#8f8600", "#f0e442"],
  5: ["#00558a", "#4f9be0"],
  6: ["#d55e00", "#f0843c"],
  7: ["#a8457f", "#e08bb9"],
};

const ROLES: Record<string, readonly [string, string]> = {
  ink: ["#1a1a1a", "#ededed"],
  soft: ["#595959", "#b4b4b4"],
  grid: ["#e6e6e6", "#333333"],
  paper: ["#ffffff", "#141414"],
};

/** Colours of a figure: those that the reader prefers, or always those of one theme. */
export type FigureTheme = "preferred" | "light" | "dark";

/** The style of all figures; a page that holds several needs it once. */
export function figureStyle(theme: FigureTheme = "preferred"): string {
  const rules = (k: 0 | 1): string =>
    [
      ...Object.entries(HUES).map(([name, c]) => `.qf .h-${name}{color:${c[k]}}`),
      ...Object.entries(ROLES).map(([name, c]) => `.qf .${name}{color:${c[k]}}`),
    ].join("");
  const dark = theme === "preferred" ? `@media screen and (prefers-color-scheme:dark){${rules(1)}}` : "";
  return (
    `.qf{font-family:"Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}` +
    `${rules(theme === "dark" ? 1 : 0)}${dark}`
  );
}

/**
 * A whole SVG document of blocks, one under the other.
 * @param theme null leaves the style to the page around it
 */
export function svgDocument(title: string, description: string, blocks: readonly Block[], theme: FigureTheme | null = "preferred"): string {
  const gap = 22;
  const width = Math.max(...blocks.map((b) => b.width));
  let y = 0;
  const bodies = blocks.map((b) => {
    const body = tag("g", { transform: `translate(0 ${px(y)})` }, b.body);
    y += b.height + gap;
    return body;
  });
  const height = Math.ceil(y - gap);
  return tag(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", class: "qf", role: "img", viewBox: `0 0 ${width} ${height}`, width, height },
    tag("title", {}, escaped(title)),
    tag("desc", {}, escaped(description)),
    theme === null ? "" : tag("style", {}, figureStyle(theme)),
    tag("rect", { class: "paper", width: "100%", height: "100%", fill: "currentColor" }),
    ...bodies,
  );
}

/** Attributes by name: numbers are written to a tenth of a pixel, absent ones not at all. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element around bodies that are markup already. */
export function tag(name: string, attributes: Attributes, ...bodies: readonly string[]): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const words = given.map(([key, value]) => ` ${key}="${typeof value === "number" ? px(value) : escaped(String(value))}"`).join("");
  const body = bodies.join("");
  return body === "" ? `<${name}${words}/>` : `<${name}${words}>${body}</${name}>`;
}

/** An element that says something when pointed at. */
export function titled(name: string, attributes: Attributes, title: string): string {
  return tag(name, attributes, tag("title", {}, escaped(title)));
}

/** Text at a point; `role` is a class of the style. */
export function label(x: number, y: number, text: string, size: number, role: "ink" | "soft", more: Attributes = {}): string {
  return tag("text", { class: role, fill: "currentColor", x, y, "font-size": String(size), ...more }, escaped(text));
}

/** Several texts of one kind. */
export function labels(
  places: readonly { readonly x: number; readonly y: number; readonly text: string }[],
  size: number,
  role: "ink" | "soft",
  more: Attributes = {},
): string {
  const texts = places.map(({ x, y, text }) => tag("text", { x, y }, escaped(text)));
  return texts.length === 0 ? "" : tag("g", { class: role, fill: "currentColor", "font-size": String(size), ...more }, ...texts);
}

/** Attributes of bold, of centred and of right-aligned text. */
export const BOLD: Attributes = { "font-weight": "600" };
export const MIDDLE: Attributes = { "text-anchor": "middle" };
export const END: Attributes = { "text-anchor": "end" };

/** Text over several lines. */
export function paragraph(x: number, y: number, text: string, width: number, size: number, role: "ink" | "soft"): Block {
  const lines = wrap(text, width, size);
  return {
    width,
    height: lines.length * size * 1.4,
    body: lines.map((line, k) => label(x, y + k * size * 1.4, line, size, role)).join(""),
  };
}

/** A coordinate, to a tenth of a pixel. */
export function px(v: number): string {
  return String(Math.round(v * 10) / 10).replace(/^(-?)0\./, "$1.");
}
