/** Trained models as calculators. */
import type { Calculator } from "../calculators/calculator.ts";
import type { Architecture, Model } from "./model.ts";
import { predict } from "./predict.ts";

/** One model as an energy surface. */
export function modelCalculator(architecture: Architecture, model: Model): Calculator {
  return {
    name: "model",
    properties: ["energy", "energies", "forces", "stress"],
    async calculate(structure, properties, signal) {
      signal?.throwIfAborted();
      const { energy, energies, forces, stress } = predict(architecture, [model], structure)[0];
      return { energy, energies, forces, ...(properties.includes("stress") && stress && { stress }) };
    },
  };
}

/** The mean of several models as one energy surface, with its standard deviation over them (n - 1). */
export function committeeCalculator(architecture: Architecture, models: readonly Model[]): Calculator {
  return {
    name: `committee of ${models.length}`,
    properties: ["energy", "energies", "forces", "stress"],
    async calculate(structure, properties, signal) {
      signal?.throwIfAborted();
      const all = predict(architecture, models, structure);
      const stresses = properties.includes("stress") ? all.flatMap((p) => (p.stress ? [p.stress] : [])) : [];
      const energies = all.map((p) => Float64Array.of(p.energy));
      const forces = all.map((p) => p.forces);
      return {
        energy: mean(energies)[0],
        energies: mean(all.map((p) => p.energies)),
        forces: mean(forces),
        ...(stresses.length > 0 && { stress: mean(stresses) }),
        ...(models.length > 1 && { energySigma: deviation(energies)[0], forcesSigma: deviation(forces) }),
      };
    },
  };
}

function mean(rows: readonly Float64Array[]): Float64Array {
  return rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
}

function deviation(rows: readonly Float64Array[]): Float64Array {
  const middle = mean(rows);
  return middle.map((m, k) => Math.sqrt(rows.reduce((sum, row) => sum + (row[k] - m) ** 2, 0) / (rows.length - 1)));
}
