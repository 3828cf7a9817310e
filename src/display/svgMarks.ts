/** Marks as SVG, each with what it says when pointed at, and their samples in the legend. */
import { type Band, type Bars, type Dots, type Levels, type Line, type Mark, type Moments, type Rule, runs, type Spans } from "./chart.ts";
import { escaped, textWidth } from "./markup.ts";
import { significant } from "./numbers.ts";
import type { Scale } from "./scale.ts";
import { type Attributes, END, label, px, tag, titled } from "./svgDocument.ts";

/** Where a panel's data are drawn, pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const STROKE: Attributes = { stroke: "currentColor", fill: "none" };
const FILL: Attributes = { fill: "currentColor" };
const DASHED = "5 3";
const DOTTED = "1.5 2.5";
const PALE = ".28";
const FAINT = ".16";

/** A single curve is a broad pale road with its points on it: the thin curves of models over it hide nothing. */
const WEIGHTS: Record<Line["weight"], Attributes> = {
  curve: { "stroke-width": "1.6" },
  model: { "stroke-width": "1", "stroke-opacity": ".55" },
  single: { "stroke-width": "6", "stroke-opacity": ".28" },
  median: { "stroke-width": "2.2" },
  mean: { "stroke-width": "2.2" },
};
/** Opacity of the samples in the legend. */
const SAMPLE: Record<Line["weight"], string | undefined> = {
  curve: undefined,
  model: undefined,
  single: ".4",
  median: undefined,
  mean: undefined,
};

/** A mark in its panel. */
export function markBody(mark: Mark, x: Scale, y: Scale, box: Box): string {
  const slot = Math.min(44, 0.72 * Math.abs(x.at(1) - x.at(0)));
  switch (mark.mark) {
    case "rule":
      return ruleBody(mark, y, box);
    case "moments":
      return momentsBody(mark, x, box);
    case "band":
      return bandBody(mark, x, y);
    case "line":
      return lineBody(mark, x, y);
    case "bars":
      return barsBody(mark, x, y, mark.width === undefined ? slot : Math.abs(x.at(mark.width) - x.at(0)));
    case "levels":
      return levelsBody(mark, x, y, slot);
    case "dots":
      return dotsBody(mark, x, y);
    case "spans":
      return spansBody(mark, x, y);
  }
}

/** A sample of a mark, 24 pixels wide from x, centred on y. */
export function glyph(mark: Mark, x: number, y: number): string {
  const hue = mark.mark === "rule" ? "h-limit" : `h-${mark.hue}`;
  const across = { class: hue, ...STROKE, d: `M${px(x)} ${px(y)}h24` };
  const swatch = { class: hue, ...FILL, x: x + 4, y: y - 5, width: 16, height: 10 };
  switch (mark.mark) {
    case "rule":
      return tag("path", { ...across, "stroke-dasharray": DASHED });
    case "moments":
      return tag("path", { ...across, "stroke-dasharray": DOTTED, d: `M${px(x + 12)} ${px(y - 6)}v12` });
    case "spans":
      return tag("path", { ...across, d: `M${px(x + 12)} ${px(y - 6)}v12m-4-12h8m-8 12h8` });
    case "line":
      return tag("path", { ...across, ...WEIGHTS[mark.weight], "stroke-opacity": SAMPLE[mark.weight], "stroke-dasharray": dashOf(mark) });
    case "levels":
      return tag("path", { ...across, "stroke-width": "2.2" });
    case "band":
      return tag("rect", { ...swatch, "fill-opacity": FAINT });
    case "bars":
      return tag("rect", { ...swatch, "fill-opacity": mark.pale ? PALE : undefined });
    case "dots":
      return tag("g", { class: hue, ...dotPaint(mark) }, dot(mark.shape, x + 12, y, mark.group));
  }
}

function ruleBody(mark: Rule, y: Scale, { left, width }: Box): string {
  const at = y.at(mark.y);
  const d = `M${px(left)} ${px(at)}h${px(width)}`;
  const line = titled("path", { class: "h-limit", ...STROKE, "stroke-dasharray": DASHED, d }, `${mark.name} ${significant(mark.y)}`);
  return line + label(left + width + 4, at + 3.5, significant(mark.y, 2), 9.5, "soft");
}

/** Dotted verticals; a name that would touch the one before it is left to the hover text. */
function momentsBody(mark: Moments, x: Scale, { top, height }: Box): string {
  let free = -Infinity;
  const out = mark.x.map((v, k) => {
    const [at, name] = [x.at(v), mark.titles[k]];
    const d = `M${px(at)} ${px(top)}v${px(height)}`;
    const line = titled("path", { class: "h-limit", ...STROKE, "stroke-opacity": ".55", "stroke-dasharray": DOTTED, d }, name);
    if (at < free) return line;
    free = at + textWidth(name, 9.5) + 6;
    return line + label(at + 2, top - 4, name, 9.5, "soft");
  });
  return out.join("");
}

function bandBody(mark: Band, x: Scale, y: Scale): string {
  const pieces = runs(mark.low).map((run) => {
    const upper = run.map((k): Point => [x.at(mark.x[k]), y.at(mark.high[k])]);
    const lower = run.map((k): Point => [x.at(mark.x[k]), y.at(mark.low[k])]);
    return `${polyline([...upper, ...lower.reverse()])}z`;
  });
  return tag("path", { class: `h-${mark.hue}`, ...FILL, "fill-opacity": FAINT, d: pieces.join("") });
}

function lineBody(mark: Line, x: Scale, y: Scale): string {
  const model = mark.weight === "model";
  const d = runs(mark.y).map((run) => polyline(run.map((k): Point => [x.at(mark.x[k]), y.at(mark.y[k])])));
  const look = { ...WEIGHTS[mark.weight], "stroke-dasharray": dashOf(mark) };
  const curve = { ...STROKE, "stroke-linejoin": "round", ...look, d: d.join("") };
  const hue = `h-${mark.hue}`;
  if (mark.titles === undefined) return tag("path", { class: hue, ...curve });
  if (!model) {
    const dots = mark.titles.map((title, k) => (drawn(mark, k) ? disc(x.at(mark.x[k]), y.at(mark.y[k]), 2.2, title) : ""));
    return tag("g", { class: hue, ...FILL }, tag("path", curve), ...dots);
  }
  // Models are many: one title says all values of a curve, and its points are the round ends of lines without a length.
  const points = mark.x.map((v, k) => (drawn(mark, k) ? `M${point(x.at(v), y.at(mark.y[k]))}h0` : "")).join("");
  const round = { ...STROKE, "stroke-width": "3", "stroke-linecap": "round", d: points };
  const values = `${mark.name}: ${mark.y.map((v) => significant(v, 4)).join(", ")}`;
  return tag("g", { class: hue }, tag("title", {}, escaped(values)), tag("path", curve), tag("path", round));
}

function barsBody(mark: Bars, x: Scale, y: Scale, slot: number): string {
  const rects = mark.x.map((v, k) => {
    if (!Number.isFinite(mark.to[k] - mark.from[k])) return "";
    const [a, b] = [y.at(mark.from[k]), y.at(mark.to[k])];
    return titled("rect", { x: x.at(v) - slot / 2, y: Math.min(a, b), width: slot, height: Math.abs(a - b) }, mark.titles[k]);
  });
  return tag("g", { class: `h-${mark.hue}`, ...FILL, "fill-opacity": mark.pale ? PALE : undefined }, ...rects);
}

function levelsBody(mark: Levels, x: Scale, y: Scale, slot: number): string {
  const lines = mark.x.map((v, k) =>
    drawn(mark, k) ? titled("path", { d: `M${point(x.at(v) - slot / 2, y.at(mark.y[k]))}h${px(slot)}` }, mark.titles[k]) : "",
  );
  return tag("g", { class: `h-${mark.hue}`, ...STROKE, "stroke-width": "2.2" }, ...lines);
}

function dotsBody(mark: Dots, x: Scale, y: Scale): string {
  const dots = mark.x.map((v, k) =>
    drawn(mark, k) ? dot(mark.shape, x.at(v + (mark.offset?.[k] ?? 0)), y.at(mark.y[k]), mark.titles[k]) : "",
  );
  const bars = mark.x.flatMap((v, k) => {
    const half = mark.errors?.[k] ?? Number.NaN;
    if (!(half > 0) || !drawn(mark, k)) return [];
    const [at, low, high] = [x.at(v + (mark.offset?.[k] ?? 0)), y.at(mark.y[k] - half), y.at(mark.y[k] + half)];
    return [`M${point(at, low)}V${px(high)}M${point(at - 3, low)}h6M${point(at - 3, high)}h6`];
  });
  const errors = bars.length === 0 ? "" : tag("path", { ...STROKE, "stroke-width": "1.2", d: bars.join("") });
  return tag("g", { class: `h-${mark.hue}`, ...dotPaint(mark) }, errors, ...dots);
}

/** Heights with a short bar at both ends; their names stand beside their middles. */
function spansBody(mark: Spans, x: Scale, y: Scale): string {
  const drawn = mark.x.map((v, k) => {
    const [at, from, to] = [x.at(v), y.at(mark.from[k]), y.at(mark.to[k])];
    const d = `M${point(at, from)}V${px(to)}M${point(at - 4, from)}h8M${point(at - 4, to)}h8`;
    return (
      titled("path", { d }, mark.titles[k]) +
      label(mark.side === "right" ? at + 7 : at - 7, (from + to) / 2 + 3.5, mark.titles[k], 10.5, "ink", {
        stroke: "none",
        ...(mark.side === "left" && END),
      })
    );
  });
  return tag("g", { class: `h-${mark.hue}`, ...STROKE, "stroke-width": "1.2" }, ...drawn);
}

/** A point that is not known has no place. */
function drawn(mark: Pick<Dots, "x" | "y">, k: number): boolean {
  return Number.isFinite(mark.x[k]) && Number.isFinite(mark.y[k]);
}

function dotPaint(mark: Dots): Attributes {
  return mark.shape === "disc" ? { ...FILL, "fill-opacity": ".75" } : { ...STROKE, "stroke-width": "1.5" };
}

function dot(shape: Dots["shape"], x: number, y: number, title: string): string {
  if (shape === "cross") return titled("path", { d: `M${point(x - 4, y - 4)}l8 8m0-8l-8 8` }, title);
  if (shape === "triangle") return titled("path", { d: `M${point(x - 4.5, y - 4)}h9l-4.5 8z` }, title);
  if (shape === "diamond") return titled("path", { d: `M${point(x, y - 5)}l5 5l-5 5l-5-5z` }, title);
  return disc(x, y, shape === "disc" ? 2.6 : 4, title);
}

function disc(cx: number, cy: number, r: number, title: string): string {
  return titled("circle", { cx, cy, r }, title);
}

/** The frozen scheme is dashed, so that it is told apart also in grey. */
function dashOf(mark: Line): string | undefined {
  return mark.hue === "frozen" ? "5 2.5" : undefined;
}

function point(x: number, y: number): string {
  return `${px(x)} ${px(y)}`;
}

type Point = readonly [x: number, y: number];

/** A path through points, each relative to the one before; of points that round alike the first is drawn. */
function polyline(points: readonly Point[]): string {
  let [atX, atY] = points[0].map(tenths);
  const steps = points.slice(1).flatMap(([x, y]) => {
    const [dx, dy] = [tenths(x) - atX, tenths(y) - atY];
    [atX, atY] = [tenths(x), tenths(y)];
    return dx === 0 && dy === 0 ? [] : [`${px(dx / 10)} ${px(dy / 10)}`];
  });
  // A minus sign separates as well as a space.
  return `M${point(...points[0])}${steps.length === 0 ? "" : `l${steps.join(" ").replaceAll(" -", "-")}`}`;
}

function tenths(v: number): number {
  return Math.round(10 * v);
}
