/**
 * What the relaxations of each scheme cost until each of their steps: seconds of QM, of training and of the rest, added up as if each
 * relaxation had been alone: it pays for its own pre-training, and a QM image that another one had asked for before costs it the same.
 * These are seconds of calculation, not of the clock: where models share processors, less time passes.
 */
import type { Scheme } from "../study/events.ts";
import type { CostRow } from "./cost.ts";
import { median } from "./spread.ts";
import type { StepRow } from "./steps.ts";
import { SCHEMES, type State } from "./summary.ts";

/** Seconds by what they were spent on. */
export const KINDS = ["pretraining", "qm", "training", "other"] as const;
export type Kind = (typeof KINDS)[number];

/** One relaxation. */
interface Spending {
  readonly member: number | null;
  /** Seconds until step 0, 1, 2 ... included; what came before stands in all of them. */
  readonly until: readonly number[];
  readonly totals: Readonly<Record<Kind, number>>;
}

/** The relaxations of a scheme. */
export interface SchemeSpending {
  readonly scheme: Scheme;
  readonly runs: readonly Spending[];
  /** Median over the relaxations until each step; one that has ended counts with its total. */
  readonly middle: readonly number[];
  /** The first step at which full QM has cost as much; null: at none, undefined: nobody knows (yet). */
  readonly crossing: number | null | undefined;
}

/** The rows of a history that say what was spent. */
export interface Spent {
  readonly about: { readonly state: State };
  readonly cost: readonly CostRow[];
  readonly steps: readonly StepRow[];
}

/** What each scheme spent; none where the rows do not say at which step an image was asked for. */
export function spendings({ about, cost, steps }: Spent): SchemeSpending[] {
  const asked = cost.filter((r) => r.image !== null);
  if (asked.some((r) => typeof r.step !== "number")) return [];
  const before = cost.filter((r) => r.scheme === null);
  const found = SCHEMES.flatMap((scheme) => {
    const own = { cost: asked.filter((r) => r.scheme === scheme), steps: steps.filter((s) => s.scheme === scheme) };
    const members = [...new Set(own.steps.map((s) => s.member))].sort((a, b) => (a ?? -1) - (b ?? -1));
    const runs = members.map((member) => spendingOf(scheme, member, own, before));
    return runs.length === 0 ? [] : [{ scheme, runs, middle: middleOf(runs) }];
  });
  const full = found.find((s) => s.scheme === "full-qm")?.middle;
  return found.map((s) => ({
    ...s,
    crossing: full === undefined || s.scheme === "full-qm" || about.state !== "finished" ? undefined : crossingOf(full, s.middle),
  }));
}

function spendingOf(
  scheme: Scheme,
  member: number | null,
  own: { readonly cost: readonly CostRow[]; readonly steps: readonly StepRow[] },
  before: readonly CostRow[],
): Spending {
  const alone = scheme === "full-qm" || scheme === "committee";
  const steps = own.steps.filter((s) => s.member === member);
  const cost = own.cost.filter((r) => alone || r.member === member);
  const learnt = scheme === "full-qm" ? [] : before.filter((r) => scheme === "committee" || r.member === member);
  // Each row of pre-training has the QM seconds of the whole set, which a relaxation needs once.
  const pretraining = (learnt[0]?.qmSeconds ?? 0) + sum(learnt, (r) => r.trainingSeconds);
  const last = steps.reduce((m, s) => Math.max(m, s.step ?? 0), 0);
  const spent = new Float64Array(last + 1);
  for (const r of cost) spent[Math.min(last, r.step ?? 0)] += (r.qmSeconds ?? 0) + r.trainingSeconds;
  for (const s of steps) spent[s.step ?? 0] += s.seconds;
  let total = pretraining;
  return {
    member,
    until: Array.from(spent, (v) => (total += v)),
    totals: {
      pretraining,
      qm: sum(cost, (r) => r.qmSeconds ?? 0),
      training: sum(cost, (r) => r.trainingSeconds),
      other: sum(steps, (s) => s.seconds),
    },
  };
}

function middleOf(runs: readonly Spending[]): number[] {
  const length = Math.max(...runs.map((r) => r.until.length));
  return Array.from({ length }, (_, k) => median(runs.map((r) => at(r.until, k))));
}

/** The first step from which on a scheme has cost less than full QM to the end of both; null if it has not in the end. */
function crossingOf(full: readonly number[], other: readonly number[]): number | null {
  let first: number | null = null;
  for (let k = Math.max(full.length, other.length) - 1; k >= 0 && at(other, k) < at(full, k); k--) first = k;
  return first;
}

/** What was spent until a step; what has ended spends no more. */
export function at(values: readonly number[], step: number): number {
  return values[Math.min(step, values.length - 1)];
}

function sum<R>(rows: readonly R[], value: (row: R) => number): number {
  return rows.reduce((total, r) => total + value(r), 0);
}
