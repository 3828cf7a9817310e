/** Which engine trains: named, or chosen by the size of the networks. */
import { tryTensorflow } from "../engine/tensorflow/load.ts";
import { installation } from "../engine/tensorflow/places.ts";
import { checkTensorflowMethod, tensorflowTrainer } from "./tensorflowTrainer.ts";
import { DEFAULT_METHOD, type TrainingMethodName } from "./train.ts";
import { type Trainer, trainer } from "./trainer.ts";

/** What trainings can be calculated by: the default, which has the same bits everywhere; an installed TensorFlow; or whichever suits the networks. */
export const TRAINING_ENGINES = ["wasm", "tensorflow", "auto"] as const;

/** One of them. */
export type TrainingEngine = (typeof TRAINING_ENGINES)[number];

/**
 * Weights between hidden layers from which `auto` takes TensorFlow: on two cores it overtakes threads of the default engine between networks of
 * (50, 50) and of (80, 80) nodes, with 20 images as with 60. A table, not a timing: a run must not depend on the mood of the machine.
 */
const TENSORFLOW_FROM = 5000;

/**
 * The engine and the method for networks with these hidden layers, on this machine; what is named stays.
 * @throws RangeError if TensorFlow is to train by a method that it does not have.
 */
export function chosenEngine(
  engine: TrainingEngine,
  method: TrainingMethodName | undefined,
  hidden: readonly number[],
): { readonly engine: Exclude<TrainingEngine, "auto">; readonly method: TrainingMethodName } {
  const between = hidden.slice(1).reduce((sum, nodes, l) => sum + nodes * hidden[l], 0);
  const suits = between >= TENSORFLOW_FROM && (method ?? "bfgs") === "bfgs" && installed();
  const chosen = engine === "auto" ? (suits ? "tensorflow" : "wasm") : engine;
  if (chosen === "tensorflow" && method !== undefined) checkTensorflowMethod(method);
  return { engine: chosen, method: method ?? (chosen === "tensorflow" ? "bfgs" : DEFAULT_METHOD) };
}

function installed(): boolean {
  return (installation("tensorflow") ?? installation("tensorflow-gpu")) !== undefined;
}

/**
 * Sees that an engine loads, before anything is calculated that its trainings need.
 * @throws Error with the remedy if it does not, or is not installed.
 */
export async function checkEngine(engine: Exclude<TrainingEngine, "auto">): Promise<void> {
  if (engine === "tensorflow") await tryTensorflow();
}

/**
 * The trainer of an engine.
 * @param threads of the default engine
 * @throws Error if TensorFlow is wanted and is not installed, or does not load.
 */
export function trainerOf(engine: Exclude<TrainingEngine, "auto">, threads: number): Trainer {
  return engine === "tensorflow" ? tensorflowTrainer() : trainer(threads);
}
