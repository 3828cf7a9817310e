/**
 * What to draw, said once: panels with axes and marks over raw numbers. `svg.ts`, `plotly.ts` and `text.ts` all read this description, so
 * that the three outputs of a view cannot disagree. Marks hold every value; no writer drops or smooths one.
 */
import type { Scheme } from "../study/events.ts";

/** What a colour stands for, or its number in the palette of Okabe and Ito, which is the writer's: 0 is the colour of ink. */
export type Hue = Scheme | "pretraining" | "qm" | "other" | "limit" | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** An axis. Its title is `label (unit)`. */
export interface Axis {
  readonly label: string;
  readonly unit: string | null;
  /** Default: linear. A log axis takes positive numbers only. */
  readonly scale?: "linear" | "log";
  /** Names of the positions 0, 1, 2 ... */
  readonly categories?: readonly string[];
  /** Ticks at whole numbers only. */
  readonly whole?: boolean;
  /** A value that the axis must reach: 0 for bars. */
  readonly reach?: number;
}

interface MarkBase {
  /** Entry of the legend; marks of one group share it. Empty: none. */
  readonly group: string;
  /** Of this very mark: `retrained, model 3`. */
  readonly name: string;
  readonly hue: Hue;
  readonly x: readonly number[];
}

/** A curve through its points; a NaN lifts the pen. */
export interface Line extends MarkBase {
  readonly mark: "line";
  readonly y: readonly number[];
  /**
   * `curve`: one among few. `model`: one of several, thin. `single`: stands alone, what others are compared with. `median`, `mean`: of
   * several.
   */
  readonly weight: "curve" | "model" | "single" | "median" | "mean";
  /** What each point says when pointed at; with it the points are drawn. A writer may say all values of a model at once. */
  readonly titles?: readonly string[];
}

/** The range between two curves; a NaN begins a new piece. */
export interface Band extends MarkBase {
  readonly mark: "band";
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Single points. */
export interface Dots extends MarkBase {
  readonly mark: "dots";
  readonly y: readonly number[];
  /** `disc` is a datum, `ring` an unfinished one, `cross` a failed one, `triangle` a shortened step, `diamond` one with more QM. */
  readonly shape: "disc" | "ring" | "cross" | "triangle" | "diamond";
  /** Shifts along x, in its unit, that keep dots of one x apart. */
  readonly offset?: readonly number[];
  /** Half lengths of error bars along y, in its unit; NaN: none. */
  readonly errors?: readonly number[];
  readonly titles: readonly string[];
}

/** Bars from `from` to `to`: stacked where one begins at the end of another. */
export interface Bars extends MarkBase {
  readonly mark: "bars";
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly titles: readonly string[];
  /** Drawn pale, for a summary behind raw dots. */
  readonly pale: boolean;
  /** Of a bar, in the unit of x. Default: for x that are whole numbers. */
  readonly width?: number;
}

/** Short medians over raw dots: a level line at each x. */
export interface Levels extends MarkBase {
  readonly mark: "levels";
  readonly y: readonly number[];
  readonly titles: readonly string[];
}

/** A level over the whole width, such as a tolerance; named at the line. */
export interface Rule {
  readonly mark: "rule";
  readonly name: string;
  readonly y: number;
}

/** Moments along x over the whole height, each with a short name at the top. */
export interface Moments extends MarkBase {
  readonly mark: "moments";
  readonly titles: readonly string[];
}

/** Heights between two values at one x, such as a barrier; each with its name beside it. */
export interface Spans extends MarkBase {
  readonly mark: "spans";
  /** Where the name stands. */
  readonly side: "left" | "right";
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly titles: readonly string[];
}

export type Mark = Line | Band | Dots | Bars | Levels | Rule | Moments | Spans;

/** One pair of axes. */
export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
  /** Share of its row's width, default 1. */
  readonly share?: number;
  /** A line of small words above the data, at whole x: `n = 10`. */
  readonly counts?: readonly { readonly x: number; readonly text: string }[];
  /** What to write where there is nothing to draw. */
  readonly empty?: string;
}

/** A row of panels of one height. */
export interface Row {
  /** Of the plotting area, pixels. */
  readonly height: number;
  readonly panels: readonly Panel[];
}

/** A figure. */
export interface Chart {
  readonly title: string;
  /** What was calculated with what; the QM engine stands here. */
  readonly subtitle: string;
  /** The main numbers in a sentence or two, for those who do not see the picture. */
  readonly description: string;
  /** How to read it, and what must not be read into it. */
  readonly caption: string;
  readonly rows: readonly Row[];
}

/** Title of an axis. */
export function axisTitle(axis: Axis): string {
  return axis.unit === null ? axis.label : `${axis.label} (${axis.unit})`;
}

/** The y values that a mark spans. */
export function extentY(mark: Mark): number[] {
  switch (mark.mark) {
    case "band":
      return [...mark.low, ...mark.high];
    case "bars":
    case "spans":
      return [...mark.from, ...mark.to];
    case "dots":
      return mark.errors ? mark.y.flatMap((v, k) => [v, v - extra(mark.errors, k), v + extra(mark.errors, k)]) : [...mark.y];
    case "rule":
      return [mark.y];
    case "moments":
      return [];
    default:
      return [...mark.y];
  }
}

function extra(errors: readonly number[] | undefined, k: number): number {
  return errors?.[k] || 0;
}

/** The x values that a mark spans; none for a rule. */
export function extentX(mark: Mark): readonly number[] {
  return mark.mark === "rule" ? [] : mark.x;
}

/** Indices of each stretch of numbers between NaNs. */
export function runs(values: readonly number[]): number[][] {
  const out: number[][] = [[]];
  for (const [k, v] of values.entries()) {
    if (Number.isNaN(v)) out.push([]);
    else out[out.length - 1].push(k);
  }
  return out.filter((run) => run.length > 0);
}
