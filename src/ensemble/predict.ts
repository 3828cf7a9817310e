/**
 * Energies, forces and stress of models on a structure of any size: atom by atom, nothing kept, so that memory does not grow with the
 * fingerprints' derivatives. All given models share one pass over the surroundings.
 */
import { novelty, scaleFactors } from "../descriptors/scaling.ts";
import { describer } from "../descriptors/symmetryFunctions.ts";
import { determinant, rank } from "../linalg/cell.ts";
import type { Structure } from "../structure/structure.ts";
import { type Architecture, layersOf, type Model } from "./model.ts";
import { network, weightCount } from "./network.ts";

/** What one model says of a structure of N atoms. */
export interface Prediction {
  /** eV. */
  readonly energy: number;
  /** [N] eV. */
  readonly energies: Float64Array;
  /** [3N] eV/Å. */
  readonly forces: Float64Array;
  /** xx, yy, zz, yz, xz, xy in eV/Å³; absent without three lattice vectors. */
  readonly stress?: Float64Array;
  /** How far the furthest fingerprint lies outside the trained range, in half-ranges. */
  readonly novelty: number;
}

/**
 * Predicts with several models of one architecture.
 * @throws RangeError if the structure has an element that they do not know.
 */
export function predict(architecture: Architecture, models: readonly Model[], structure: Structure): Prediction[] {
  const n = structure.numbers.length;
  const layers = layersOf(architecture);
  const count = weightCount(layers);
  const d = layers[0];
  const net = network(layers);
  const { neighbours, describe } = describer(structure, architecture.descriptors);
  const kindOf = Uint8Array.from(structure.numbers, (z) => architecture.descriptors.elements.indexOf(z));
  const outputs = models.map((model) => ({
    model,
    factor: scaleFactors(model),
    energies: new Float64Array(n),
    forces: new Float64Array(3 * n),
    virial: new Float64Array(9),
    novelty: 0,
  }));
  const [scaled, slope] = [new Float64Array(d), new Float64Array(d)];
  for (let i = 0; i < n; i++) {
    const { values, slopes } = describe(i);
    const kind = kindOf[i];
    const first = neighbours.start[i];
    const many = neighbours.start[i + 1] - first;
    for (const out of outputs) {
      const { low, high, weights, offsets } = out.model;
      for (let k = 0; k < d; k++) {
        const at = kind * d + k;
        scaled[k] = out.factor[at] * (values[k] - (low[at] + high[at]) / 2);
      }
      out.energies[i] = net.forward(weights, kind * count, scaled, 0) + offsets[kind];
      net.inputGradient(slope);
      for (let k = 0; k < d; k++) slope[k] *= out.factor[kind * d + k];
      for (let j = 0; j < many; j++) {
        const other = neighbours.index[first + j];
        for (let c = 0; c < 3; c++) {
          const from = (3 * j + c) * d;
          let push = 0;
          for (let k = 0; k < d; k++) push += slope[k] * slopes[from + k];
          out.forces[3 * other + c] -= push;
          out.forces[3 * i + c] += push;
          for (let b = 0; b < 3; b++) out.virial[3 * b + c] += neighbours.vector[3 * (first + j) + b] * push;
        }
      }
      out.novelty = Math.max(out.novelty, novelty({ size: d, kinds: kindOf.subarray(i, i + 1), values }, out.model));
    }
  }
  return outputs.map((out) => predictionOf(out, structure));
}

/** What one model says, all atoms added up. */
interface Added extends Pick<Prediction, "energies" | "forces" | "novelty"> {
  /** [3][3] eV. */
  readonly virial: Float64Array;
}

/** The prediction that energies, forces and virial of a structure make. */
export function predictionOf({ energies, forces, virial: v, novelty }: Added, { cell }: Structure): Prediction {
  const volume = rank(cell) === 3 ? Math.abs(determinant(cell)) : 0;
  return {
    energy: energies.reduce((a, b) => a + b, 0),
    energies,
    forces,
    novelty,
    ...(volume > 0 && {
      stress: Float64Array.of(v[0], v[4], v[8], (v[5] + v[7]) / 2, (v[2] + v[6]) / 2, (v[1] + v[3]) / 2).map((x) => x / volume),
    }),
  };
}
