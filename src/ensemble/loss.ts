/**
 * Errors of a model on training images and their derivatives by the weights, by hand:
 *   residuals of an image   (dE/N)/τE   and   dF/(τF √(3n)) for each force component,
 *   loss = Σ_images [ (dE/N)²/τE² + mean(dF²)/τF² ]  =  |residuals|²,
 * which is METHOD's Σ (dE/N)² + a mean(dF²) with a = (τE/τF)², in units of the energy tolerance squared. n of the N atoms have forces that are
 * learnt, all of them unless an image masks some; residuals of the others are zero, and so are their derivatives.
 * Jᵀy, and so the loss's gradient, needs one pass over the fingerprint derivatives forward and one back; J itself one sweep of the network for
 * each of their rows.
 */
import { type Fingerprints, type FingerprintValues, fingerprints } from "../descriptors/fingerprints.ts";
import { scaleFactors } from "../descriptors/scaling.ts";
import { liveFunctions } from "../descriptors/settings.ts";
import type { Machine } from "../engine/wasm/machine.ts";
import { dot } from "../linalg/dense.ts";
import type { Structure } from "../structure/structure.ts";
import { type Architecture, layersOf, type Model } from "./model.ts";
import { type Network, network, weightCount } from "./network.ts";

/** A QM image as the ensemble sees it. */
export interface TrainingImage {
  /** With their derivatives, or without where a set has more than memory is to hold. */
  readonly fingerprints: Fingerprints | FingerprintValues;
  /** What the derivatives are calculated from anew where they are not kept; it must be there if they are missing. */
  readonly structure?: Structure;
  /** eV. */
  readonly energy: number;
  /** [3N] eV/Å. */
  readonly forces: Float64Array;
  /** Atoms whose forces are not learnt, each once; what is said of force errors is said of the others. Default none. */
  readonly masked?: Uint32Array;
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
  /** RMS over the force components that are learnt, eV/Å; 0 where none is. */
  readonly force: number;
}

/** Errors of a model on a set. */
export interface SetError {
  /** |residuals|². */
  readonly loss: number;
  /** eV/atom. */
  readonly energyRmse: number;
  /** eV/Å; images of which forces are learnt count alike. */
  readonly forceRmse: number;
  readonly images: readonly ImageError[];
}

/** Loss and derivatives of models of one architecture on one set; owns working memory. Images are named by their place in the set. */
export interface LossFunction {
  readonly images: readonly TrainingImage[];
  readonly tolerance: Tolerance;
  /** Where its arrays are, if it calculates in WebAssembly: a Jacobian written there needs no copy. */
  readonly machine?: Machine;
  /** Number of weights, offsets not counted. */
  readonly size: number;
  /** Weights of one element's network; the rows of a Jacobian are zero in the blocks of elements far from the atom that moves. */
  readonly block: number;
  /** Errors on the set; adds d(loss)/d(weights) to `gradient` where given, [size]. */
  evaluate(model: Model, gradient?: Float64Array): SetError;
  /** The same of several models in one pass over the derivatives; what one gets does not depend on which others there are. */
  evaluateAll(models: readonly Model[], gradients?: readonly Float64Array[]): SetError[];
  /** Residuals of image k, [1 + 3N], energy first. */
  residuals(model: Model, k: number): Float64Array;
  /** Adds Jᵀy to `out`, [size], for J the derivatives of the residuals of image k and y [1 + 3N]. */
  addPullback(model: Model, k: number, y: Float64Array, out: Float64Array): void;
  /** J of image k into `rows`, [1 + 3N][size], which must be zero. */
  jacobian(model: Model, k: number, rows: Float64Array): void;
  /** Sum of the networks' outputs for image k without offsets, eV. */
  bare(model: Model, k: number): number;
}

/**
 * The fingerprints of image k as they must be where there is no structure to calculate their derivatives from.
 * @throws RangeError if they come without.
 */
export function withDerivatives(f: Fingerprints | FingerprintValues, k: number): Fingerprints {
  if ("slopes" in f) return f;
  throw new RangeError(`image ${k} has neither the derivatives of its fingerprints nor a structure; give one of them`);
}

/**
 * Force components that are learnt of image k.
 * @throws RangeError if it masks an atom that it lacks, or one twice.
 */
export function learntComponents({ fingerprints: { kinds }, masked = NONE }: TrainingImage, k: number): number {
  const n = kinds.length;
  const foreign = masked.find((i) => i >= n);
  if (foreign !== undefined) throw new RangeError(`image ${k} masks the forces of atom ${foreign}, outside 0..${n - 1}`);
  if (new Set(masked).size < masked.length) throw new RangeError(`image ${k} masks the forces of an atom twice; name each once`);
  return 3 * (n - masked.length);
}

const NONE = new Uint32Array(0);

/**
 * Errors on a set, eV/atom and eV/Å.
 * @param energies sum over the images of squared errors of the energy per atom
 * @param squares sum over them of mean squared force errors
 * @param learnt force components of each that are learnt
 */
export function rmse(energies: number, squares: number, learnt: readonly number[]): Pick<SetError, "energyRmse" | "forceRmse"> {
  const labelled = learnt.filter((components) => components > 0).length;
  return { energyRmse: Math.sqrt(energies / Math.max(1, learnt.length)), forceRmse: Math.sqrt(squares / Math.max(1, labelled)) };
}

/** The loss of an architecture on a set in plain TypeScript: what other ways to calculate it are held against. */
export function lossFunction(architecture: Architecture, images: readonly TrainingImage[], tolerance: Tolerance): LossFunction {
  const layers = layersOf(architecture);
  const count = weightCount(layers);
  const d = layers[0];
  const elements = architecture.descriptors.elements.length;
  const size = count * elements;
  const functions = liveFunctions(architecture.descriptors);
  const live = functions.length / elements;
  const net: Network = network(layers);
  const tangent = new Float64Array(d);
  const force = new Float64Array(live);
  const learnt = images.map(learntComponents);
  let scaled = new Float64Array(0);
  let factor: Float64Array = new Float64Array(0);

  /** What forces of image k are divided by to be residuals, eV/Å. */
  const forceScale = (k: number): number => tolerance.force * Math.sqrt(Math.max(1, learnt[k]));

  /** Leaves the masked forces of image k, [3N], out of what is said of them. */
  const mask = (k: number, forces: Float64Array): void => {
    for (const i of images[k].masked ?? NONE) forces.fill(0, 3 * i, 3 * i + 3);
  };

  /** Image k with its derivatives. */
  const whole = (k: number): Fingerprints => {
    const { fingerprints: f, structure } = images[k];
    return structure && !("slopes" in f) ? fingerprints(structure, architecture.descriptors) : withDerivatives(f, k);
  };

  const scale = (model: Model, f: FingerprintValues): void => {
    const n = f.kinds.length;
    if (scaled.length < n * d) scaled = new Float64Array(n * d);
    factor = scaleFactors(model);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < d; k++) {
        const at = f.kinds[i] * d + k;
        scaled[i * d + k] = factor[at] * (f.values[i * d + k] - (model.low[at] + model.high[at]) / 2);
      }
    }
  };

  /** Energy; forces into `forces`. */
  const predict = (model: Model, f: Fingerprints, forces: Float64Array): number => {
    scale(model, f);
    forces.fill(0);
    let energy = 0;
    for (let i = 0; i < f.kinds.length; i++) {
      const kind = f.kinds[i];
      energy += net.forward(model.weights, kind * count, scaled, i * d) + model.offsets[kind];
      net.inputGradient(tangent);
      for (let k = 0; k < d; k++) tangent[k] *= factor[kind * d + k];
      for (let z = 0; z < elements; z++) {
        for (let l = 0; l < live; l++) force[l] = tangent[functions[z * live + l]];
        for (let e = f.start[i * elements + z]; e < f.start[i * elements + z + 1]; e++) {
          for (let c = 0; c < 3; c++) {
            const push = dot(f.slopes, force, live, (3 * e + c) * live);
            forces[3 * f.atom[e] + c] -= push;
            forces[3 * i + c] += push;
          }
        }
      }
    }
    return energy;
  };

  /** Adds d/dw of energy `byEnergy` + forces · `byForces` to `out`; `scaled` is that of the model and the image. */
  const pullBack = (model: Model, f: Fingerprints, byEnergy: number, byForces: Float64Array, out: Float64Array): void => {
    for (let i = 0; i < f.kinds.length; i++) {
      const kind = f.kinds[i];
      tangent.fill(0);
      for (let z = 0; z < elements; z++) {
        force.fill(0);
        for (let e = f.start[i * elements + z]; e < f.start[i * elements + z + 1]; e++) {
          for (let c = 0; c < 3; c++) {
            const y = byForces[3 * i + c] - byForces[3 * f.atom[e] + c];
            for (let l = 0, from = (3 * e + c) * live; l < live; l++) force[l] += y * f.slopes[from + l];
          }
        }
        for (let l = 0; l < live; l++) tangent[functions[z * live + l]] += force[l];
      }
      for (let k = 0; k < d; k++) tangent[k] *= factor[kind * d + k];
      net.forward(model.weights, kind * count, scaled, i * d);
      net.addWeightGradient(byEnergy, tangent, out, kind * count);
    }
  };

  const evaluate: LossFunction["evaluate"] = (model, gradient) => {
    const errors: ImageError[] = [];
    let [loss, energies, squares] = [0, 0, 0];
    for (const [k, image] of images.entries()) {
      const f = whole(k);
      const n = f.kinds.length;
      const forces = new Float64Array(3 * n);
      const dE = (predict(model, f, forces) - image.energy) / n;
      let mean = 0;
      for (let c = 0; c < 3 * n; c++) forces[c] -= image.forces[c];
      mask(k, forces);
      for (let c = 0; c < 3 * n; c++) mean += forces[c] * forces[c];
      const components = Math.max(1, learnt[k]);
      mean /= components;
      errors.push({ energy: Math.abs(dE), force: Math.sqrt(mean) });
      energies += dE * dE;
      squares += mean;
      loss += (dE * dE) / tolerance.energy ** 2 + mean / tolerance.force ** 2;
      if (!gradient) continue;
      for (let c = 0; c < 3 * n; c++) forces[c] *= 2 / (components * tolerance.force ** 2);
      pullBack(model, f, (2 * dE) / (n * tolerance.energy ** 2), forces, gradient);
    }
    return { loss, ...rmse(energies, squares, learnt), images: errors };
  };

  const residuals: LossFunction["residuals"] = (model, k) => {
    const { energy, forces: target } = images[k];
    const f = whole(k);
    const n = f.kinds.length;
    const forces = new Float64Array(3 * n);
    const out = new Float64Array(1 + 3 * n);
    out[0] = (predict(model, f, forces) - energy) / (n * tolerance.energy);
    for (let c = 0; c < 3 * n; c++) out[1 + c] = (forces[c] - target[c]) / forceScale(k);
    mask(k, out.subarray(1));
    return out;
  };

  const addPullback: LossFunction["addPullback"] = (model, k, y, out) => {
    const f = whole(k);
    const n = f.kinds.length;
    scale(model, f);
    const byForces = y.subarray(1).map((value) => value / forceScale(k));
    mask(k, byForces);
    pullBack(model, f, y[0] / (n * tolerance.energy), byForces, out);
  };

  const jacobian: LossFunction["jacobian"] = (model, k, rows) => {
    const f = whole(k);
    const n = f.kinds.length;
    const byForce = 1 / forceScale(k);
    const own = new Float64Array(3 * d);
    const addRow = (i: number, row: number): void => net.addWeightGradient(0, tangent, rows, row * size + f.kinds[i] * count);
    scale(model, f);
    for (let i = 0; i < n; i++) {
      const kind = f.kinds[i];
      net.forward(model.weights, kind * count, scaled, i * d);
      own.fill(0);
      for (let z = 0; z < elements; z++) {
        for (let e = f.start[i * elements + z]; e < f.start[i * elements + z + 1]; e++) {
          for (let c = 0; c < 3; c++) {
            tangent.fill(0);
            for (let l = 0, from = (3 * e + c) * live; l < live; l++) {
              const to = functions[z * live + l];
              tangent[to] = -byForce * factor[kind * d + to] * f.slopes[from + l];
              own[c * d + to] -= tangent[to];
            }
            addRow(i, 1 + 3 * f.atom[e] + c);
          }
        }
      }
      for (let c = 0; c < 3; c++) {
        tangent.set(own.subarray(c * d, (c + 1) * d));
        addRow(i, 1 + 3 * i + c);
      }
      tangent.fill(0);
      net.addWeightGradient(1 / (n * tolerance.energy), tangent, rows, kind * count);
    }
    for (const i of images[k].masked ?? NONE) rows.fill(0, (1 + 3 * i) * size, (4 + 3 * i) * size);
  };

  const bare: LossFunction["bare"] = (model, k) => {
    const { fingerprints: f } = images[k];
    scale(model, f);
    let energy = 0;
    f.kinds.forEach((kind, i) => {
      energy += net.forward(model.weights, kind * count, scaled, i * d);
    });
    return energy;
  };
  const evaluateAll: LossFunction["evaluateAll"] = (models, gradients) => models.map((model, m) => evaluate(model, gradients?.[m]));
  return { images, tolerance, size, block: count, evaluate, evaluateAll, residuals, addPullback, jacobian, bare };
}
