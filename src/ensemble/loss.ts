/**
 * Errors of a model on training images and their derivatives by the weights, by hand:
 *   residuals of an image   (dE/N)/τE   and   dF/(τF √(3N)) for each force component,
 *   loss = Σ_images [ (dE/N)²/τE² + mean(dF²)/τF² ]  =  |residuals|²,
 * which is METHOD's Σ (dE/N)² + a mean(dF²) with a = (τE/τF)², in units of the energy tolerance squared.
 * Jᵀy, and so the loss's gradient, needs one pass over the fingerprint derivatives forward and one back; J itself one sweep of the network for
 * each of their rows.
 */
import type { Fingerprints } from "../descriptors/fingerprints.ts";
import { scaleFactors } from "../descriptors/scaling.ts";
import { dot } from "../linalg/dense.ts";
import { type Architecture, layersOf, type Model } from "./model.ts";
import { type Network, network, weightCount } from "./network.ts";

/** A QM image as the ensemble sees it. */
export interface TrainingImage {
  readonly fingerprints: Fingerprints;
  /** eV. */
  readonly energy: number;
  /** [3N] eV/Å. */
  readonly forces: Float64Array;
}

/** RMSE to be reached: energy per atom (eV) and force component (eV/Å). */
export interface Tolerance {
  readonly energy: number;
  readonly force: number;
}

/** Errors of a model on one image. */
export interface ImageError {
  /** |dE|/N, eV/atom. */
  readonly energy: number;
  /** RMS over force components, eV/Å. */
  readonly force: number;
}

/** Errors of a model on a set. */
export interface SetError {
  /** |residuals|². */
  readonly loss: number;
  /** eV/atom. */
  readonly energyRmse: number;
  /** eV/Å; images count alike. */
  readonly forceRmse: number;
  readonly images: readonly ImageError[];
}

/** Loss and derivatives for models of one architecture; owns working memory. */
export interface LossFunction {
  /** Number of weights, offsets not counted. */
  readonly size: number;
  /** Weights of one element's network; the rows of a Jacobian are zero in the blocks of elements far from the atom that moves. */
  readonly block: number;
  /** Errors on a set; adds d(loss)/d(weights) to `gradient` where given. */
  evaluate(model: Model, images: readonly TrainingImage[], tolerance: Tolerance, gradient?: Float64Array): SetError;
  /** Residuals of one image, [1 + 3N], energy first. */
  residuals(model: Model, image: TrainingImage, tolerance: Tolerance): Float64Array;
  /** Adds Jᵀy to `out`, [size], for J the derivatives of the residuals of one image and y [1 + 3N]. */
  addPullback(model: Model, image: TrainingImage, tolerance: Tolerance, y: Float64Array, out: Float64Array): void;
  /** J of one image into `rows`, [1 + 3N][size], which must be zero. */
  jacobian(model: Model, image: TrainingImage, tolerance: Tolerance, rows: Float64Array): void;
  /** Sum of the networks' outputs without offsets, eV. */
  bare(model: Model, image: TrainingImage): number;
}

/** The loss of an architecture. */
export function lossFunction(architecture: Architecture): LossFunction {
  const layers = layersOf(architecture);
  const count = weightCount(layers);
  const d = layers[0];
  const size = count * architecture.descriptors.elements.length;
  const net: Network = network(layers);
  const tangent = new Float64Array(d);
  let scaled = new Float64Array(0);
  let slopes = new Float64Array(0);
  let factor: Float64Array = new Float64Array(0);

  const scale = (model: Model, f: Fingerprints): void => {
    const n = f.kinds.length;
    if (scaled.length < n * d) {
      scaled = new Float64Array(n * d);
      slopes = new Float64Array(n * d);
    }
    factor = scaleFactors(model);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < d; k++) {
        const at = f.kinds[i] * d + k;
        scaled[i * d + k] = factor[at] * (f.values[i * d + k] - (model.low[at] + model.high[at]) / 2);
      }
    }
  };

  /** Energy; forces into `forces`; dE_i/dG_i (unscaled) into `slopes`. */
  const predict = (model: Model, f: Fingerprints, forces: Float64Array): number => {
    scale(model, f);
    forces.fill(0);
    let energy = 0;
    for (let i = 0; i < f.kinds.length; i++) {
      const kind = f.kinds[i];
      energy += net.forward(model.weights, kind * count, scaled, i * d) + model.offsets[kind];
      net.inputGradient(tangent);
      for (let k = 0; k < d; k++) slopes[i * d + k] = factor[kind * d + k] * tangent[k];
      for (let e = f.start[i]; e < f.start[i + 1]; e++) {
        const to = 3 * f.atom[e];
        const from = 3 * e * d;
        forces[to] -= dot(f.slopes, slopes, d, from, i * d);
        forces[to + 1] -= dot(f.slopes, slopes, d, from + d, i * d);
        forces[to + 2] -= dot(f.slopes, slopes, d, from + 2 * d, i * d);
      }
    }
    return energy;
  };

  /** Adds d/dw of energy `byEnergy` + forces · `byForces` to `out`; `scaled` is that of the model and the image. */
  const pullBack = (model: Model, f: Fingerprints, byEnergy: number, byForces: Float64Array, out: Float64Array): void => {
    for (let i = 0; i < f.kinds.length; i++) {
      const kind = f.kinds[i];
      tangent.fill(0);
      for (let e = f.start[i]; e < f.start[i + 1]; e++) {
        const to = 3 * f.atom[e];
        const from = 3 * e * d;
        const [x, y, z] = [byForces[to], byForces[to + 1], byForces[to + 2]];
        for (let k = 0; k < d; k++) tangent[k] -= x * f.slopes[from + k] + y * f.slopes[from + d + k] + z * f.slopes[from + 2 * d + k];
      }
      for (let k = 0; k < d; k++) tangent[k] *= factor[kind * d + k];
      net.forward(model.weights, kind * count, scaled, i * d);
      net.addWeightGradient(byEnergy, tangent, out, kind * count);
    }
  };

  const evaluate: LossFunction["evaluate"] = (model, images, tolerance, gradient) => {
    const errors: ImageError[] = [];
    let [loss, energies, squares] = [0, 0, 0];
    for (const image of images) {
      const f = image.fingerprints;
      const n = f.kinds.length;
      const forces = new Float64Array(3 * n);
      const dE = (predict(model, f, forces) - image.energy) / n;
      let mean = 0;
      for (let k = 0; k < 3 * n; k++) {
        forces[k] -= image.forces[k];
        mean += forces[k] * forces[k];
      }
      mean /= 3 * n;
      errors.push({ energy: Math.abs(dE), force: Math.sqrt(mean) });
      energies += dE * dE;
      squares += mean;
      loss += (dE * dE) / tolerance.energy ** 2 + mean / tolerance.force ** 2;
      if (!gradient) continue;
      for (let k = 0; k < 3 * n; k++) forces[k] *= 2 / (3 * n * tolerance.force ** 2);
      pullBack(model, f, (2 * dE) / (n * tolerance.energy ** 2), forces, gradient);
    }
    const n = Math.max(1, images.length);
    return { loss, energyRmse: Math.sqrt(energies / n), forceRmse: Math.sqrt(squares / n), images: errors };
  };

  const residuals: LossFunction["residuals"] = (model, image, tolerance) => {
    const n = image.fingerprints.kinds.length;
    const forces = new Float64Array(3 * n);
    const out = new Float64Array(1 + 3 * n);
    out[0] = (predict(model, image.fingerprints, forces) - image.energy) / (n * tolerance.energy);
    for (let k = 0; k < 3 * n; k++) out[1 + k] = (forces[k] - image.forces[k]) / (tolerance.force * Math.sqrt(3 * n));
    return out;
  };

  const addPullback: LossFunction["addPullback"] = (model, image, tolerance, y, out) => {
    const f = image.fingerprints;
    const n = f.kinds.length;
    scale(model, f);
    const byForces = y.subarray(1).map((value) => value / (tolerance.force * Math.sqrt(3 * n)));
    pullBack(model, f, y[0] / (n * tolerance.energy), byForces, out);
  };

  const jacobian: LossFunction["jacobian"] = (model, image, tolerance, rows) => {
    const f = image.fingerprints;
    const n = f.kinds.length;
    const byForce = 1 / (tolerance.force * Math.sqrt(3 * n));
    const byEnergy = 1 / (n * tolerance.energy);
    scale(model, f);
    for (let i = 0; i < n; i++) {
      const kind = f.kinds[i];
      net.forward(model.weights, kind * count, scaled, i * d);
      for (let e = f.start[i]; e < f.start[i + 1]; e++) {
        for (let c = 0; c < 3; c++) {
          const from = (3 * e + c) * d;
          for (let k = 0; k < d; k++) tangent[k] = -byForce * factor[kind * d + k] * f.slopes[from + k];
          net.addWeightGradient(0, tangent, rows, (1 + 3 * f.atom[e] + c) * size + kind * count);
        }
      }
      tangent.fill(0);
      net.addWeightGradient(byEnergy, tangent, rows, kind * count);
    }
  };

  const bare: LossFunction["bare"] = (model, image) => {
    scale(model, image.fingerprints);
    let energy = 0;
    image.fingerprints.kinds.forEach((kind, i) => {
      energy += net.forward(model.weights, kind * count, scaled, i * d);
    });
    return energy;
  };
  return { size, block: count, evaluate, residuals, addPullback, jacobian, bare };
}
