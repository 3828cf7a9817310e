/** What is timed of ours, in one place: the functions that a user's calculation ends in, by the number of threads they may use. */
import type { Calculator } from "../../src/calculators/calculator.ts";
import type { Fingerprints } from "../../src/descriptors/fingerprints.ts";
import type { DescriptorSettings } from "../../src/descriptors/settings.ts";
import { fingerprints } from "../../src/engine/wasm/fingerprints.ts";
import { committeeCalculator } from "../../src/ensemble/calculator.ts";
import { engineLoss } from "../../src/ensemble/engineLoss.ts";
import type { LossFunction, Tolerance, TrainingImage } from "../../src/ensemble/loss.ts";
import type { Architecture, Model } from "../../src/ensemble/model.ts";
import type { Structure } from "../../src/structure/structure.ts";

/** Describes structures one after the other. */
export function describer(settings: DescriptorSettings): (structures: readonly Structure[]) => Fingerprints[] {
  return (structures) => structures.map((s) => fingerprints(s, settings));
}

/** Loss of many models on a set, bound to it. */
export function boundLoss(architecture: Architecture, images: readonly TrainingImage[], tolerance: Tolerance): LossFunction {
  return engineLoss(architecture, images, tolerance);
}

/** A committee of models as a calculator. */
export function predictor(architecture: Architecture, models: readonly Model[]): Calculator {
  return committeeCalculator(architecture, models);
}
