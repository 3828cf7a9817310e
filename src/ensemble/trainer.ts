/** Training spread over threads: as `train`, the same bits, with as many models at a time as there are threads. */
import { type Pool, threadPool } from "../engine/threads.ts";
import type { TrainingImage } from "./loss.ts";
import type { Architecture, Model } from "./model.ts";
import { type CurveRow, type Training, type TrainingOptions, train } from "./train.ts";
import type { TrainingTask } from "./trainingWorker.ts";

/** Trains models, each by itself. */
export interface Trainer {
  /**
   * Trains a model as `train` does. Rejects with the signal's reason within a second of an abort, if there are threads.
   * @param task.report is given each row of the curve while training runs
   */
  train(
    architecture: Architecture,
    model: Model,
    images: readonly TrainingImage[],
    options: TrainingOptions,
    task?: { readonly signal?: AbortSignal; readonly report?: (row: CurveRow) => void },
  ): Promise<Training>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/**
 * A trainer.
 * @param threads 0 trains on the calling thread, which then hears no abort until a training ends
 */
export function trainer(threads: number): Trainer {
  if (threads === 0) {
    return {
      train: async (architecture, model, images, options, { signal, report } = {}) => {
        signal?.throwIfAborted();
        return train(architecture, model, images, options, report);
      },
      close: async () => {},
    };
  }
  const pool: Pool<TrainingTask, Training, CurveRow> = threadPool(new URL("./trainingWorker.ts", import.meta.url), threads);
  return {
    train: (architecture, model, images, options, { signal, report } = {}) =>
      pool.run({ architecture, model, images, options }, { signal, onMessage: report }),
    close: () => pool.close(),
  };
}
