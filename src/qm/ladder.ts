/**
 * What is tried when a QM calculation gives no result, rung by rung:
 *   its worker died or hung   the same once more, by a fresh worker
 *   anything else             the engine's retries in their order, the mildest first
 *   the engine refuses it     nothing: it would refuse it again
 * What has failed so far decides what comes next, so that a study that was killed between two attempts goes on with the second.
 */
import { EngineLoss, type Retry, TimedOut, Unconverged } from "./engine.ts";
import { WorkerDeath } from "./worker.ts";

/** How a calculation failed. */
export type FailureKind = "unconverged" | "crashed" | "timed out" | "absurd" | "refused" | "failed";

/** A result that no structure has: not finite, or forces beyond any sense. */
export class Absurd extends Error {
  override readonly name = "Absurd";
}

/** Errors by what they say; their causes say it as well. */
const KINDS = [
  [Unconverged, "unconverged"],
  [WorkerDeath, "crashed"],
  [TimedOut, "timed out"],
  [Absurd, "absurd"],
  [RangeError, "refused"],
] as const;

/** How it failed; undefined where the engine is gone, which says nothing of what was calculated. */
export function kindOf(error: unknown): FailureKind | undefined {
  const all = [error, (error as Error | undefined)?.cause];
  if (all.some((e) => e instanceof EngineLoss)) return undefined;
  return KINDS.find(([type]) => all.some((e) => e instanceof type))?.[1] ?? "failed";
}

/** What is tried after these failures, in the order in which they happened; undefined where nothing is left. */
export function nextAttempt(failures: readonly FailureKind[], retries: readonly Retry[]): Retry | undefined {
  let attempt: Retry | undefined = { name: "as asked", options: {} };
  let [rung, lost] = [0, false];
  for (const kind of failures) {
    const isLoss = kind === "crashed" || kind === "timed out";
    if (kind === "refused" || (isLoss && lost) || !attempt) return undefined;
    attempt = isLoss ? { name: "a fresh worker", options: attempt.options } : retries[rung++];
    lost ||= isLoss;
  }
  return attempt;
}
