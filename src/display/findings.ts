/** Findings: what was measured beside the bar that it is held to, a row each. Whether a bar is met is computed, never written. */
import type { AnyColumns } from "../history/arrow.ts";

/** A measured figure and its bar. */
export interface Finding {
  readonly claim: string;
  /** In `unit`; null: not measured. */
  readonly value: number | null;
  readonly unit: string;
  /** `≤ 15`. */
  readonly bound: string;
  /** null: not measured. */
  readonly holds: boolean | null;
  /** What has to be known to read the figure; empty: nothing. */
  readonly note: string;
}

/** The table's columns: the unit of a value stands beside it. */
export const FINDING_COLUMNS: AnyColumns = {
  claim: { type: "text", unit: null },
  value: { type: "real", unit: null, nullable: true },
  unit: { type: "text", unit: null },
  bound: { type: "text", unit: null },
  holds: { type: "flag", unit: null, nullable: true },
  note: { type: "text", unit: null },
};

/** A figure that has to be the bound or less. */
export function atMost(claim: string, value: number | null, bound: number, unit: string, note = ""): Finding {
  return { claim, ...judged(value, unit), bound: `≤ ${bound}`, holds: known(value) ? value <= bound : null, note };
}

/** A figure that has to be the bound or more. */
export function atLeast(claim: string, value: number | null, bound: number, unit: string, note = ""): Finding {
  return { claim, ...judged(value, unit), bound: `≥ ${bound}`, holds: known(value) ? value >= bound : null, note };
}

/** Figures that all have to be the bound or less: the largest counts, and the note says how many are. One that is null holds for none. */
export function allAtMost(claim: string, values: readonly (number | null)[], bound: number, unit: string, note = ""): Finding {
  const met = values.filter((v) => known(v) && v <= bound).length;
  return { ...atMost(claim, extreme(values, Math.max), bound, unit, share(met, values, note)), ...verdict(met, values) };
}

/** Figures that all have to be the bound or more: the smallest counts, and the note says how many are. One that is null holds for none. */
export function allAtLeast(claim: string, values: readonly (number | null)[], bound: number, unit: string, note = ""): Finding {
  const met = values.filter((v) => known(v) && v >= bound).length;
  return { ...atLeast(claim, extreme(values, Math.min), bound, unit, share(met, values, note)), ...verdict(met, values) };
}

function judged(value: number | null, unit: string): Pick<Finding, "value" | "unit"> {
  return { value: known(value) ? value : null, unit };
}

function known(value: number | null): value is number {
  return value !== null && !Number.isNaN(value);
}

function extreme(values: readonly (number | null)[], most: (...values: number[]) => number): number | null {
  const there = values.filter(known);
  return there.length === 0 ? null : most(...there);
}

function verdict(met: number, values: readonly (number | null)[]): Pick<Finding, "holds"> {
  return { holds: values.some(known) ? met === values.length : null };
}

function share(met: number, values: readonly (number | null)[], note: string): string {
  return `${met} of ${values.length}${note === "" ? "" : `; ${note}`}`;
}
