/** Training spread over threads, with the same bits: as many trainings at a time as there are threads. */
import { type Pool, threadPool } from "../engine/threads.ts";
import type { TrainingImage } from "./loss.ts";
import type { Architecture, Model } from "./model.ts";
import { type CurveRow, DEFAULT_METHOD, type Training, type TrainingOptions, train } from "./train.ts";
import type { MemberRow, TrainingTask } from "./trainingWorker.ts";

/** What goes with a training. */
export interface TrainerOptions<R> {
  /** Ends it within a second, if it is not on the calling thread; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Is given each row of the curve while training runs. */
  readonly report?: R;
}

/** Trains models. */
export interface Trainer {
  /** What calculates, for the record: `wasm`, or which TensorFlow on which device. */
  readonly engine: string;
  /** Trains a model as `train` does. */
  train(
    architecture: Architecture,
    model: Model,
    images: readonly TrainingImage[],
    options: TrainingOptions,
    task?: TrainerOptions<(row: CurveRow) => void>,
  ): Promise<Training>;
  /**
   * Trains models that all see one set. A method whose time goes into gradients takes them in step, the pass over the derivatives being most of
   * the work; one that factors a matrix for each model takes them one by one, whichever thread is free.
   */
  trainAll(
    architecture: Architecture,
    models: readonly Model[],
    images: readonly TrainingImage[],
    options: TrainingOptions,
    task?: TrainerOptions<(member: number, row: CurveRow) => void>,
  ): Promise<Training[]>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/**
 * A trainer on the default engine; its threads start at once, so that they are there when the images are.
 * @param threads 0 trains on the calling thread, which then hears no abort until a training ends
 */
export function trainer(threads: number): Trainer {
  if (threads === 0) {
    const one: Trainer["train"] = async (architecture, model, images, options, { signal, report } = {}) => {
      signal?.throwIfAborted();
      return train(architecture, model, images, options, report);
    };
    return { engine: "wasm", train: one, trainAll: oneByOne(one), close: async () => {} };
  }
  const pool: Pool<TrainingTask, Training[], MemberRow> = threadPool(new URL("./trainingWorker.ts", import.meta.url), threads, "now");
  const one: Trainer["train"] = async (architecture, model, images, options, { signal, report } = {}) => {
    const task = { architecture, models: [model], inStep: false, images, options };
    const [result] = await pool.run(task, { signal, onMessage: report && (([, row]) => report(row)) });
    return result;
  };
  const inGroups: Trainer["trainAll"] = async (architecture, models, images, options, { signal, report } = {}) => {
    const many = Math.ceil(models.length / threads);
    const firsts = Array.from({ length: Math.ceil(models.length / many) }, (_, k) => k * many);
    const groups = firsts.map((first) => {
      const task = { architecture, models: models.slice(first, first + many), inStep: true, images, options };
      return pool.run(task, { signal, onMessage: report && (([member, row]) => report(first + member, row)) });
    });
    return (await Promise.all(groups)).flat();
  };
  const each = oneByOne(one);
  return {
    engine: "wasm",
    train: one,
    trainAll: (architecture, models, images, options, task) =>
      (options.method ?? DEFAULT_METHOD) === "bfgs"
        ? inGroups(architecture, models, images, options, task)
        : each(architecture, models, images, options, task),
    close: () => pool.close(),
  };
}

/** Trains models of one set each by itself. */
export function oneByOne(one: Trainer["train"]): Trainer["trainAll"] {
  return (architecture, models, images, options, { signal, report } = {}) =>
    Promise.all(
      models.map((model, m) => one(architecture, model, images, options, { signal, report: report && ((row) => report(m, row)) })),
    );
}
