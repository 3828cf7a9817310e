/**
 * Whether QM/ML paid: what full QM cost in all against one model, and how far above full QM's minimum the model ended. Seconds are those
 * of `spending.ts`: all of a relaxation, its pre-training with the QM set, training and the rest, as if it had been alone. Of several models
 * the medians count. A verdict on this study on this machine: it says nothing on a system of another size.
 */
import type { Scheme } from "../study/events.ts";
import { type SchemeSpending, type Spent, spendings } from "./spending.ts";
import { median } from "./spread.ts";
import type { SummaryRow } from "./summary.ts";

/** Chemical accuracy, 1 kcal/mol, in meV. */
export const CHEMICAL_ACCURACY = 43.4;

/** Whether it paid. */
export interface Verdict {
  /** Cheaper than full QM at an error within chemical accuracy; null: not measured. */
  readonly paid: boolean | null;
  /** Seconds of full QM over those of one model. */
  readonly ratio: number | null;
  /** Full-QM energy of the final geometry above full QM's own minimum, meV. */
  readonly errorMeV: number | null;
  readonly sentence: string;
}

/** The scheme that is judged: the first that was run. */
const JUDGED: readonly Scheme[] = ["retrained", "committee", "frozen"];

/** The verdict on a study; `not measured` unless full QM and a hybrid scheme are finished and compared. */
export function verdictOf(h: Spent & { readonly summary: readonly SummaryRow[] }): Verdict {
  const scheme = JUDGED.find((s) => h.summary.some((r) => r.scheme === s));
  const full = h.summary.find((r) => r.scheme === "full-qm");
  if (h.about.state !== "finished") return unmeasured("the study is not finished");
  if (full === undefined) return unmeasured("full QM was not run");
  if (scheme === undefined) return unmeasured("only full QM was run");
  if (!full.converged) return unmeasured("full QM did not converge");
  const spent = spendings(h);
  const [dear, cheap] = [secondsOf(spent, "full-qm"), secondsOf(spent, scheme)];
  if (dear === null || cheap === null) return unmeasured("the journal does not say what each step cost");
  const own = h.summary.filter((r) => r.scheme === scheme);
  if (own.some((r) => r.failure === null && r.energyError === null)) return unmeasured("the final geometries were not compared by full QM");
  // A model that failed has no final energy and counts as one that is infinitely far off.
  const error = 1000 * median(own.map((r) => r.energyError ?? Number.POSITIVE_INFINITY));
  const ratio = dear / cheap;
  const near = error < CHEMICAL_ACCURACY;
  const paid = ratio > 1 && near;
  const times = `${ratio < 1 ? `it cost ${digits(1 / ratio)}x full QM` : `${digits(ratio)}x`} (${digits(cheap)} s against ${digits(dear)} s`;
  const reached = Number.isFinite(error) ? `${digits(error)} meV` : "most models failed";
  const why = near ? "" : `, which is not within ${digits(CHEMICAL_ACCURACY)} meV of full QM's minimum`;
  return {
    paid,
    ratio,
    errorMeV: Number.isFinite(error) ? error : null,
    sentence: `QM/ML ${paid ? "paid" : "did not pay"} here: ${times}, ${reached})${why}`,
  };
}

function unmeasured(why: string): Verdict {
  return { paid: null, ratio: null, errorMeV: null, sentence: `Whether QM/ML paid here was not measured: ${why}` };
}

/** Median over the relaxations of a scheme. */
function secondsOf(spent: readonly SchemeSpending[], scheme: Scheme): number | null {
  const runs = spent.find((s) => s.scheme === scheme)?.runs.map((r) => r.until[r.until.length - 1]);
  return runs === undefined ? null : median(runs);
}

/** Two significant digits, no power of ten. */
function digits(v: number): string {
  const rounded = Number(v.toPrecision(2));
  return String(Math.abs(v) < 1e6 ? rounded : Math.round(v));
}
