/** Trained models as calculators. */
import type { Calculator } from "../calculators/calculator.ts";
import { meanResult } from "../calculators/committee.ts";
import type { Architecture, Model } from "./model.ts";
import { predict } from "./predict.ts";

/** One model as an energy surface. */
export function modelCalculator(architecture: Architecture, model: Model): Calculator {
  return { ...committeeCalculator(architecture, [model]), name: "model" };
}

/** The mean of several models of one architecture as one energy surface, as `committee` has it; they share one pass over the surroundings. */
export function committeeCalculator(architecture: Architecture, models: readonly Model[]): Calculator {
  return {
    name: `committee of ${models.length}`,
    properties: ["energy", "energies", "forces", "stress"],
    async calculate(structure, properties, signal) {
      signal?.throwIfAborted();
      const withStress = properties.includes("stress");
      return meanResult(predict(architecture, models, structure).map(({ stress, ...rest }) => (withStress ? { ...rest, stress } : rest)));
    },
  };
}
