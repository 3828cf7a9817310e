/** Over the members of a scheme: median and worst, each column of the table that a study ends with. */
import type { Scheme } from "../study/events.ts";
import type { SummaryRow } from "./summary.ts";

/** Median and worst of the members that have the number; n of them. */
export interface Spread {
  readonly n: number;
  readonly median: number;
  /** The value of the largest magnitude. */
  readonly worst: number;
}

/** A scheme over its members. */
export interface SchemeSpread {
  readonly scheme: Scheme;
  readonly converged: number;
  readonly failed: number;
  readonly energyError: Spread | null;
  readonly coreRmsd: Spread | null;
  readonly steps: Spread | null;
  readonly qmCalls: Spread | null;
  readonly qmSeconds: Spread | null;
  readonly trainingSeconds: Spread | null;
}

/** One row a scheme, in the order of the rows of `summary`. */
export function schemeSpreads(rows: readonly SummaryRow[]): SchemeSpread[] {
  return [...new Set(rows.map((r) => r.scheme))].map((scheme) => {
    const own = rows.filter((r) => r.scheme === scheme);
    const of = (key: "energyError" | "coreRmsd" | "steps" | "qmCalls" | "qmSeconds" | "trainingSeconds"): Spread | null =>
      spread(own.map((r) => r[key]));
    return {
      scheme,
      converged: own.filter((r) => r.converged).length,
      failed: own.filter((r) => r.failure !== null).length,
      energyError: of("energyError"),
      coreRmsd: of("coreRmsd"),
      steps: of("steps"),
      qmCalls: of("qmCalls"),
      qmSeconds: of("qmSeconds"),
      trainingSeconds: of("trainingSeconds"),
    };
  });
}

/** The mean of the middle two for an even count; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function spread(values: readonly (number | null)[]): Spread | null {
  const known = values.filter((v) => v !== null);
  if (known.length === 0) return null;
  return { n: known.length, median: median(known), worst: known.reduce((w, v) => (Math.abs(v) > Math.abs(w) ? v : w)) };
}
