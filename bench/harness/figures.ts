/** What a benchmark comes to: figures of ours and of others for one task, and curves of a cost over a size. */

/** The time that one contender takes for one task. */
export interface Figure {
  /** What is done; figures of one task are compared. */
  readonly task: string;
  /** `qmml`, or the program and how it was used. */
  readonly who: string;
  /** null where the contender decides. */
  readonly threads: number | null;
  /** Median wall s. */
  readonly seconds: number;
  /** Quartiles of the wall s; null for quoted figures. */
  readonly quartiles: readonly [number, number] | null;
  /** Median CPU s of all threads; more than `threads` times the wall s is waiting that spins. */
  readonly cpu: number | null;
  /** How often it was measured; 0 for figures taken from elsewhere. */
  readonly runs: number;
  /** How many of what the task goes through, for a rate. */
  readonly rate?: { readonly many: number; readonly unit: string };
  /** s that the issue asks for. */
  readonly bar?: number;
  readonly note?: string;
}

/** A cost over a size. */
export interface Curve {
  /** What is done: `prediction, committee of ten`. */
  readonly task: string;
  /** What grows: `atoms`. */
  readonly size: string;
  /** What is measured: `time` in s, `memory` in MB. */
  readonly cost: "time" | "memory";
  readonly points: readonly { readonly size: number; readonly cost: number }[];
  readonly note?: string;
}

/** What a workload found. */
export interface Findings {
  readonly figures: readonly Figure[];
  readonly curves?: readonly Curve[];
  /** What was checked before anything was timed: `energies agree to 3e-15`. */
  readonly checks?: readonly string[];
}

/** Name of ours among the contenders. */
export const OURS = "qmml";

/** The middle value, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between the two nearest. NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return sorted.length === 0 ? Number.NaN : below + (above - below) * (at - Math.floor(at));
}

/** A figure that PEERS.md names, measured elsewhere on a like machine. */
export function quoted(task: string, who: string, seconds: number, more: Partial<Figure> = {}): Figure {
  return { task, who: `${who} (quoted)`, threads: 1, seconds, quartiles: null, cpu: null, runs: 0, ...more };
}

/**
 * Exponent p of cost ~ size^p: the slope of a straight line through the logarithms, by least squares; NaN for fewer than two sizes.
 * Constant costs at the small end pull it down, so it is fitted to the upper part of the sizes by giving `from`.
 */
export function exponent(points: Curve["points"], from = 0): number {
  const used = points.filter((p) => p.size >= from && p.cost > 0);
  const x = used.map((p) => Math.log(p.size));
  const y = used.map((p) => Math.log(p.cost));
  const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  const [xy, xx] = x.reduce(([a, b], v, k) => [a + (v - mx) * (y[k] - my), b + (v - mx) ** 2], [0, 0]);
  return used.length < 2 ? Number.NaN : xy / xx;
}
