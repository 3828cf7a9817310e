/** Training on TensorFlow, pass by pass over the set. */
import { loadTensorflow } from "../engine/tensorflow/load.ts";
import { tensorflowLoss } from "./tensorflowLoss.ts";
import { inStep, scale, type TrainingMethodName, type TrainingOptions } from "./train.ts";
import type { Trainer } from "./trainer.ts";

/**
 * Refuses a method that TensorFlow does not have.
 * @throws RangeError
 */
export function checkTensorflowMethod(method: TrainingMethodName): void {
  if (method !== "bfgs") throw new RangeError(`TensorFlow trains by bfgs, not by ${method}; leave the method out or take the engine wasm`);
}

/**
 * A trainer on an installed TensorFlow, by BFGS. It works on the calling thread, which hears others after each pass over the set.
 * @throws Error if there is no TensorFlow, or it does not load.
 */
export function tensorflowTrainer(): Trainer {
  const { tf, name, version, library, device } = loadTensorflow();
  const all: Trainer["trainAll"] = async (architecture, models, images, options, { signal, report = () => {} } = {}) => {
    checkTensorflowMethod(options.method ?? "bfgs");
    signal?.throwIfAborted();
    const bfgs: TrainingOptions = { ...options, method: "bfgs" };
    const loss = tensorflowLoss(architecture, images, scale(bfgs), tf);
    try {
      const work = inStep(architecture, loss, models, bfgs, report);
      for (;;) {
        const { done, value } = work.next();
        if (done) return value;
        await new Promise((next) => setTimeout(next, 0));
        signal?.throwIfAborted();
      }
    } finally {
      loss.dispose();
    }
  };
  return {
    engine: `${name} ${version} (TensorFlow ${library}, ${device.toUpperCase()})`,
    train: async (architecture, model, images, options, { signal, report } = {}) => {
      const [result] = await all(architecture, [model], images, options, { signal, report: report && ((_, row) => report(row)) });
      return result;
    },
    trainAll: all,
    close: async () => {},
  };
}
