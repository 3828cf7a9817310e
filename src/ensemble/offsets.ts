/**
 * Energies of the elements: the offsets that bring a model's total energies nearest to the QM ones, by least squares per atom, held
 * to their old values where the set leaves them open (a set of one composition fixes only one combination).
 */
import { cholesky, solveLower, solveUpper } from "../linalg/dense.ts";
import type { LossFunction } from "./loss.ts";
import type { Model } from "./model.ts";

/** Pull towards the old value, against a sum over images of squared atomic fractions: decides only what the set does not. */
const PULL = 1e-8;

/** The model with refitted offsets. */
export function refitOffsets(loss: LossFunction, model: Model): Model {
  const n = model.offsets.length;
  const normal = new Float64Array(n * n);
  const change = new Float64Array(n);
  for (const [k, image] of loss.images.entries()) {
    const { kinds } = image.fingerprints;
    const fraction = new Float64Array(n);
    for (const kind of kinds) fraction[kind] += 1 / kinds.length;
    let rest = (image.energy - loss.bare(model, k)) / kinds.length;
    for (let e = 0; e < n; e++) rest -= fraction[e] * model.offsets[e];
    for (let e = 0; e < n; e++) {
      change[e] += fraction[e] * rest;
      for (let g = 0; g <= e; g++) normal[e * n + g] += fraction[e] * fraction[g];
    }
  }
  for (let e = 0; e < n; e++) normal[e * n + e] += PULL;
  if (!cholesky(normal, n)) return model;
  solveLower(normal, n, change, 1);
  solveUpper(normal, n, change);
  return { ...model, offsets: model.offsets.map((o, e) => o + change[e]) };
}
