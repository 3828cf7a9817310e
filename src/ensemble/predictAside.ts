/** Predictions beside other work, with the same bits: small structures on the calling thread in slices, large ones on threads. */
import { cores, othersFirst, type Pool, threadPool } from "../engine/threads.ts";
import { ownTurns, stopTurns, turnsControl } from "../engine/turns.ts";
import { shared } from "../linalg/dense.ts";
import { type Structure, size } from "../structure/structure.ts";
import { addBlocks, emptySums, predictionsOf } from "./enginePredict.ts";
import type { Architecture, Model } from "./model.ts";
import type { Prediction } from "./predict.ts";
import type { PredictionTask } from "./predictionWorker.ts";

/** How a prediction is made; it does not change what is predicted. */
export interface AsideOptions {
  /** Ends it; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** For structures that are worth it; 1 stays on the calling thread. Default: the processor's, 8 at most. */
  readonly threads?: number;
}

/** Atoms from which threads are worth their start, 0.2 s on the first occasion. */
const LARGE = 3000;
/** More threads than this wait for each other. */
const MOST_THREADS = 8;
/** ms after which others are heard on the calling thread. */
const SLICE = 20;

let pool: Pool<PredictionTask, void, never> | undefined;

/**
 * Predicts as `predict` does.
 * @throws RangeError likewise, and for a number of threads that is no whole number of 1 or more.
 */
export async function predictAside(
  architecture: Architecture,
  models: readonly Model[],
  structure: Structure,
  { signal, threads = Math.min(cores(), MOST_THREADS) }: AsideOptions = {},
): Promise<Prediction[]> {
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`the number of threads is ${threads}; give a whole number of 1 or more`);
  signal?.throwIfAborted();
  const onThreads = threads > 1 && size(structure) >= LARGE;
  const sums = models.map(() => emptySums(structure, onThreads ? shared : (length) => new Float64Array(length)));
  if (onThreads) {
    const control = turnsControl();
    const stop = (): void => stopTurns(control);
    signal?.addEventListener("abort", stop);
    pool ??= threadPool(new URL("./predictionWorker.ts", import.meta.url), MOST_THREADS);
    const { run } = pool;
    const task = { architecture, models, structure, sums, control };
    try {
      await Promise.all(Array.from({ length: Math.min(threads, MOST_THREADS) }, () => run(task)));
    } finally {
      stop();
      signal?.removeEventListener("abort", stop);
    }
    signal?.throwIfAborted();
  } else {
    let until = performance.now() + SLICE;
    for (const _ of addBlocks(architecture, models, structure, sums, ownTurns())) {
      if (performance.now() < until) continue;
      await othersFirst();
      signal?.throwIfAborted();
      until = performance.now() + SLICE;
    }
  }
  return predictionsOf(sums, structure);
}
