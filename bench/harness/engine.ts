/** What is timed of ours, in one place: the functions that a user's calculation ends in. */
import { fileURLToPath } from "node:url";
import type { Calculator } from "../../src/calculators/calculator.ts";
import type { Fingerprints } from "../../src/descriptors/fingerprints.ts";
import type { DescriptorSettings } from "../../src/descriptors/settings.ts";
import { loadTensorflow } from "../../src/engine/tensorflow/load.ts";
import { enginesFolder, installation } from "../../src/engine/tensorflow/places.ts";
import { fingerprints } from "../../src/engine/wasm/fingerprints.ts";
import { committeeCalculator } from "../../src/ensemble/calculator.ts";
import { engineLoss } from "../../src/ensemble/engineLoss.ts";
import type { LossFunction, Tolerance, TrainingImage } from "../../src/ensemble/loss.ts";
import type { Architecture, Model } from "../../src/ensemble/model.ts";
import { tensorflowLoss } from "../../src/ensemble/tensorflowLoss.ts";
import type { Structure } from "../../src/structure/structure.ts";

/** Describes structures one after the other. */
export function describer(settings: DescriptorSettings): (structures: readonly Structure[]) => Fingerprints[] {
  return (structures) => structures.map((s) => fingerprints(s, settings));
}

/** Folders in which a TensorFlow may be: the user's, and the one of the project's tests. */
const FOLDERS = [enginesFolder(), fileURLToPath(new URL("../../.cache/engines", import.meta.url))];

/** What a loss is calculated by. */
export type LossEngine = "wasm" | "tensorflow";

/** Whether the TensorFlow engine is installed. */
export function hasTensorflow(): boolean {
  return FOLDERS.some((folder) => installation("tensorflow", folder));
}

/**
 * Loss of many models on a set, bound to it.
 * @throws Error if TensorFlow is wanted and is not installed.
 */
export function boundLoss(
  architecture: Architecture,
  images: readonly TrainingImage[],
  tolerance: Tolerance,
  engine: LossEngine = "wasm",
): Pick<LossFunction, "size" | "evaluateAll" | "residuals"> {
  if (engine === "wasm") return engineLoss(architecture, images, tolerance);
  const folder = FOLDERS.find((place) => installation("tensorflow", place));
  return tensorflowLoss(architecture, images, tolerance, loadTensorflow("tensorflow", folder).tf);
}

/** A committee of models as a calculator; small structures take one thread in any case. */
export function predictor(architecture: Architecture, models: readonly Model[], threads: number): Calculator {
  return committeeCalculator(architecture, models, { threads });
}
