/** Trained models as calculators. */
import type { Calculator } from "../calculators/calculator.ts";
import { meanResult } from "../calculators/committee.ts";
import type { Architecture, Model } from "./model.ts";
import { type AsideOptions, predictAside } from "./predictAside.ts";

/** One model as an energy surface. */
export function modelCalculator(architecture: Architecture, model: Model, options: Pick<AsideOptions, "threads"> = {}): Calculator {
  return { ...committeeCalculator(architecture, [model], options), name: "model" };
}

/**
 * The mean of several models of one architecture as one energy surface, as `committee` has it; they share one pass over the surroundings. Large
 * structures are calculated on threads, which changes no bit.
 */
export function committeeCalculator(
  architecture: Architecture,
  models: readonly Model[],
  { threads }: Pick<AsideOptions, "threads"> = {},
): Calculator {
  return {
    name: `committee of ${models.length}`,
    properties: ["energy", "energies", "forces", "stress"],
    async calculate(structure, properties, signal) {
      const withStress = properties.includes("stress");
      const all = await predictAside(architecture, models, structure, { signal, threads });
      return meanResult(all.map(({ stress, ...rest }) => (withStress ? { ...rest, stress } : rest)));
    },
  };
}
