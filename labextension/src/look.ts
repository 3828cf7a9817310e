/** Colours and font of the page, read from JupyterLab's variables where a view stands, for libraries that know no CSS. */
import type { Hue } from "../../src/display/chart.ts";
import { HUES } from "../../src/display/svgDocument.ts";

/** What the libraries are given; colours as `rgb(...)` or `#rrggbb`. */
export interface Look {
  readonly dark: boolean;
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly grid: string;
  readonly font: string;
  readonly hues: Readonly<Record<Hue, string>>;
}

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** The look at a node, which must be in the page. */
export function lookAt(node: Element): Look {
  const probe = document.createElement("span");
  node.append(probe);
  const style = getComputedStyle(probe);
  const colour = (variable: string, otherwise: string): string => {
    probe.style.color = `var(${variable}, ${otherwise})`;
    return style.color;
  };
  const paper = colour("--jp-layout-color0", "#ffffff");
  const dark = brightness(parse(paper)) < 0.5;
  const found = {
    dark,
    paper,
    ink: colour("--jp-content-font-color1", dark ? "#ededed" : "#1a1a1a"),
    soft: colour("--jp-content-font-color2", dark ? "#b4b4b4" : "#595959"),
    grid: mixed(parse(paper), parse(colour("--jp-content-font-color1", "#808080")), 0.12),
    font: style.fontFamily,
    hues: Object.fromEntries(Object.entries(HUES).map(([hue, pair]) => [hue, pair[dark ? 1 : 0]])) as Record<Hue, string>,
  };
  probe.remove();
  return found;
}

/** The colour of `#rrggbb` or `rgb(...)`; its transparency is ignored. */
export function parse(colour: string): Colour {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  const parts = hex ? hex.slice(1).map((p) => Number.parseInt(p, 16)) : (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];
}

/** `part` of the second colour in the first, as `#rrggbb`. */
export function mixed(first: Colour, second: Colour, part: number): string {
  return `#${first
    .map((c, k) =>
      Math.round(c + part * (second[k] - c))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

/** 0 is black, 1 white. */
function brightness([r, g, b]: Colour): number {
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}
