/**
 * A figure of one's own: marks from plain arrays, panels from marks, a chart from rows of panels. The chart is the one that all views are,
 * so that it is drawn alike as SVG, plotly and text. Nothing is computed of the values, and every one is drawn.
 */
import {
  type Axis,
  axisTitle,
  type Band,
  type Bars,
  type Chart,
  type Dots,
  extentX,
  type Hue,
  type Levels,
  type Line,
  type Mark,
  type Panel,
  type Rule,
} from "./chart.ts";
import type { Datum } from "./figureTable.ts";
import { significant } from "./numbers.ts";

/** What a figure is made of. */
export interface FigureInput {
  readonly title: string;
  /** What was calculated with what. */
  readonly subtitle?: string;
  /** The main numbers in a sentence or two, for those who do not see the picture. */
  readonly description: string;
  /** How to read it, and what must not be read into it. */
  readonly caption?: string;
  readonly rows: readonly (readonly Panel[])[];
  /** Of the plotting area of each row, pixels. Default: 230. */
  readonly height?: number;
}

/** What a panel is made of; an axis may be its title: `energy above the minimum (meV)`. */
export interface PanelInput {
  readonly title?: string;
  readonly x: Axis | string;
  readonly y: Axis | string;
  readonly marks: readonly Mark[];
  /** A line of small words above the data, at whole x. */
  readonly counts?: Panel["counts"];
  /** Share of its row's width. Default: 1. */
  readonly share?: number;
}

/** What marks have in common. */
interface Look {
  /** Colour. Default: 5, blue. */
  readonly hue?: Hue;
  /** Entry of the legend, which marks of one group share; empty: none. Default: the mark's name. */
  readonly group?: string;
}

/** Default height of a row, and the points that a curve may have for each to be drawn. */
const [HEIGHT, POINTS] = [230, 60];

/** A curve through points; a NaN lifts the pen. Up to 60 points are drawn as such, but for a median or a mean. */
export function line(
  name: string,
  x: readonly number[],
  y: readonly number[],
  { hue = 5, weight = "curve", group = name }: Look & { /** Default: curve. */ readonly weight?: Line["weight"] } = {},
): Line {
  equallyLong(name, { x, y });
  const pointed = x.length <= POINTS && weight !== "median" && weight !== "mean";
  return { mark: "line", group, name, hue, x, y, weight, ...(pointed && { titles: [] }) };
}

/** Single points. */
export function dots(
  name: string,
  x: readonly number[],
  y: readonly number[],
  {
    hue = 5,
    group = name,
    shape = "disc",
    titles = [],
    ...more
  }: Look & Partial<Pick<Dots, "shape" | "errors" | "offset" | "titles">> = {},
): Dots {
  equallyLong(name, { x, y, ...(more.errors && { errors: more.errors }), ...(more.offset && { offset: more.offset }) });
  return { mark: "dots", group, name, hue, x, y, shape, titles, ...more };
}

/** The range between two curves; a NaN begins a new piece. */
export function band(
  name: string,
  x: readonly number[],
  low: readonly number[],
  high: readonly number[],
  { hue = 5, group = name }: Look = {},
): Band {
  equallyLong(name, { x, low, high });
  return { mark: "band", group, name, hue, x, low, high };
}

/** Bars, from 0 if nothing else is said: stacked where one begins at the end of another. */
export function bars(
  name: string,
  x: readonly number[],
  to: readonly number[],
  {
    hue = 5,
    group = name,
    from = x.map(() => 0),
    pale = false,
    titles = [],
    ...more
  }: Look & Partial<Pick<Bars, "from" | "pale" | "width" | "titles">> = {},
): Bars {
  equallyLong(name, { x, from, to });
  return { mark: "bars", group, name, hue, x, from, to, pale, titles, ...more };
}

/** Short level lines, as medians over raw dots. */
export function levels(
  name: string,
  x: readonly number[],
  y: readonly number[],
  { hue = 5, group = name, titles = [] }: Look & Partial<Pick<Levels, "titles">> = {},
): Levels {
  equallyLong(name, { x, y });
  return { mark: "levels", group, name, hue, x, y, titles };
}

/** A level over the whole width, such as a tolerance. */
export function rule(name: string, y: number): Rule {
  return { mark: "rule", name, y };
}

/**
 * One pair of axes with its marks, each value of which says what it is when pointed at. An axis given by its title has ticks at whole numbers
 * if all x are such; bars stand on 0 where the axis can show it.
 */
export function panel({ title = "", x, y, marks, counts, share }: PanelInput): Panel {
  const whole = typeof x === "string" && marks.every((m) => extentX(m).every(Number.isInteger));
  const [xAxis, yAxis] = [{ ...axisOf(x), ...(whole && { whole }) }, axisOf(y)];
  const bars = marks.some((m) => m.mark === "bars") && yAxis.scale !== "log" && yAxis.reach === undefined;
  return {
    title,
    x: xAxis,
    y: bars ? { ...yAxis, reach: 0 } : yAxis,
    marks: marks.map((m) => said(m, xAxis, yAxis)),
    ...(counts && { counts }),
    ...(share !== undefined && { share }),
    ...(marks.every((m) => m.mark === "rule" || m.x.length === 0) && { empty: "nothing to draw" }),
  };
}

/** The chart of a figure. */
export function chartOf({ title, subtitle = "", description, caption = "", rows, height = HEIGHT }: FigureInput): Chart {
  return { title, subtitle, description, caption, rows: rows.map((panels) => ({ height, panels })) };
}

function axisOf(axis: Axis | string): Axis {
  if (typeof axis !== "string") return axis;
  const parts = /^(.*\S)\s*\(([^()]+)\)$/.exec(axis);
  return parts === null ? { label: axis, unit: null } : { label: parts[1], unit: parts[2] };
}

/** The mark with a title for each value that has none. */
function said(mark: Mark, x: Axis, y: Axis): Mark {
  if (mark.mark === "rule" || mark.mark === "band" || mark.mark === "moments" || mark.titles === undefined) return mark;
  if (mark.titles.length > 0) return mark;
  const place = (v: number): string => x.categories?.[v] ?? `${x.label} ${measured(v, x)}`;
  const high = "to" in mark ? mark.to.map((v, k) => v - mark.from[k]) : mark.y;
  return { ...mark, titles: mark.x.map((v, k) => `${mark.name}, ${place(v)}: ${measured(high[k], y)}`) };
}

function measured(v: number, { unit }: Axis): string {
  return `${Number.isInteger(v) ? String(v) : significant(v, 4)}${unit === null ? "" : ` ${unit}`}`;
}

/** Every value that a chart draws, in long form: axes give the columns their names and units. */
export function valueTable(chart: Chart): { readonly rows: Datum[]; readonly units: Record<string, string> } {
  const units: Record<string, string> = {};
  const column = (axis: Axis): string => {
    const name = (units[axis.label] ?? axis.unit ?? "1") === (axis.unit ?? "1") ? axis.label : axisTitle(axis);
    if (axis.categories === undefined) units[name] = axis.unit ?? "1";
    return name;
  };
  const rows = chart.rows.flatMap((row) =>
    row.panels.flatMap((p) =>
      p.marks.flatMap((m): Datum[] => {
        if (m.mark === "rule" || m.mark === "moments" || m.mark === "spans") return [];
        const [x, y] = [column(p.x), column(p.y)];
        const parts: readonly (readonly [string, readonly number[]])[] =
          m.mark === "band"
            ? [
                [`low ${y}`, m.low],
                [`high ${y}`, m.high],
              ]
            : m.mark === "bars"
              ? [
                  [`from ${y}`, m.from],
                  [`to ${y}`, m.to],
                ]
              : [[y, m.y]];
        for (const [name] of parts) units[name] = units[y];
        return m.x.map((v, k) => ({
          panel: p.title,
          mark: m.name,
          [x]: p.x.categories?.[v] ?? v,
          ...Object.fromEntries(parts.map(([name, values]) => [name, values[k]])),
        }));
      }),
    ),
  );
  return { rows, units };
}

function equallyLong(name: string, arrays: Readonly<Record<string, readonly number[]>>): void {
  const [[first, { length }], ...others] = Object.entries(arrays);
  for (const [key, values] of others)
    if (values.length !== length) throw new RangeError(`${name} has ${length} values of ${first} and ${values.length} of ${key}`);
}
