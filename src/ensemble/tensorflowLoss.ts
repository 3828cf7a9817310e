/**
 * The loss of `loss.ts` on TensorFlow: all members and all atoms of the set in one batch, derivatives kept on the device, gradients by hand.
 * The device calculates in f32; weights, references and sums over images are f64 outside. Errors so agree with the oracle to f32, and what
 * one model gets depends on its company by rounding. Needs of one model alone (residuals, Jacobians, offsets) are met by the oracle itself.
 */
import type { Fingerprints } from "../descriptors/fingerprints.ts";
import { scaleFactors } from "../descriptors/scaling.ts";
import { liveFunctions } from "../descriptors/settings.ts";
import { type Batch, batch, forces, tangents } from "../engine/tensorflow/batch.ts";
import { type Layer, sweep, weightGradient } from "../engine/tensorflow/network.ts";
import type { Tensor, TensorFlow } from "../engine/tensorflow/tfjs.ts";
import { fingerprints } from "../engine/wasm/fingerprints.ts";
import {
  type LossFunction,
  learntComponents,
  lossFunction,
  rmse,
  type SetError,
  type Tolerance,
  type TrainingImage,
  withDerivatives,
} from "./loss.ts";
import { type Architecture, layersOf, type Model } from "./model.ts";

/** A loss whose set lies on a device. */
export interface TensorflowLoss extends LossFunction {
  /** Frees the device's memory; the loss cannot be used any more. */
  dispose(): void;
}

/** Numbers that the derivatives of a batch may have, padded. What an evaluation makes of them takes M/L times their memory, a batch at a time. */
const BATCH = 2 ** 24;

/** A batch with its labels. */
interface Part {
  readonly images: readonly TrainingImage[];
  /** Force components of each that are learnt. */
  readonly components: readonly number[];
  readonly batch: Batch;
  /** [n][3][1] eV/Å. */
  readonly forces: Tensor;
  /** 1 for each atom whose forces are learnt, 0 for the others, [n][1][1]. */
  readonly learnt: Tensor;
  /** 2/(3n τF²) for each atom by its image, n of whose atoms have forces that are learnt, [n][1][1]. */
  readonly weight: Tensor;
}

/**
 * The loss of an architecture on a set, on the device of a loaded TensorFlow.
 * @param tf from `loadTensorflow`
 * @param most numbers of derivatives at a time; a smaller one saves memory and costs time
 */
export function tensorflowLoss(
  architecture: Architecture,
  images: readonly TrainingImage[],
  tolerance: Tolerance,
  tf: TensorFlow,
  most: number = BATCH,
): TensorflowLoss {
  const oracle = lossFunction(architecture, images, tolerance);
  const { block } = oracle;
  const layers = layersOf(architecture);
  const [d] = layers;
  const functions = liveFunctions(architecture.descriptors);
  const reference = middles(images, architecture.descriptors.elements.length, d);
  const describe = (image: TrainingImage, k: number): Fingerprints => {
    const { fingerprints: f, structure } = image;
    return structure && !("slopes" in f) ? fingerprints(structure, architecture.descriptors) : withDerivatives(f, k);
  };
  const parts = Array.from(groups(images, describe, most), ({ images: group, described }): Part => {
    const placed = batch(tf, described, functions, reference);
    const { order } = placed;
    const labels = Float32Array.from({ length: 3 * order.length }, (_, p) => {
      const [k, i] = order[Math.floor(p / 3)];
      return group[k].forces[3 * i + (p % 3)];
    });
    const components = group.map(learntComponents);
    const masks = group.map(({ masked }) => new Set(masked));
    const learnt = Float32Array.from(order, ([k, i]) => (masks[k].has(i) ? 0 : 1));
    const weights = Float32Array.from(order, ([k]) => 2 / (Math.max(1, components[k]) * tolerance.force ** 2));
    return {
      images: group,
      components,
      batch: placed,
      forces: tf.tensor(labels, [order.length, 3, 1]),
      learnt: tf.tensor(learnt, [order.length, 1, 1]),
      weight: tf.tensor(weights, [order.length, 1, 1]),
    };
  });

  /** Column `at .. at + many` of what stands in `rows`, one row a member, as a tensor. */
  const upload = (rows: readonly Float64Array[], at: number, shape: readonly number[]): Tensor => {
    const many = shape[1] * shape[2];
    const values = new Float32Array(rows.length * many);
    rows.forEach((row, m) => {
      values.set(row.subarray(at, at + many), m * many);
    });
    return tf.tensor(values, shape);
  };

  const networkOf = (models: readonly Model[], kind: number): Layer[] => {
    const weights = models.map((model) => model.weights);
    let at = kind * block;
    return layers.slice(1).map((outputs, l) => {
      const inputs = layers[l];
      const matrix = upload(weights, at, [models.length, inputs, outputs]);
      const bias = upload(weights, at + inputs * outputs, [models.length, 1, outputs]);
      at += (inputs + 1) * outputs;
      return { matrix, bias };
    });
  };

  const scalingOf = (models: readonly Model[], kind: number): { shift: Tensor; factor: Tensor } => {
    const shape = [models.length, 1, d];
    const shifts = models.map(({ low, high }) => low.map((l, k) => (l + high[k]) / 2 - reference[k]));
    return { shift: upload(shifts, kind * d, shape), factor: upload(models.map(scaleFactors), kind * d, shape) };
  };

  /** Errors on one part, [member][image]; gradients are added to. */
  const evaluatePart = (part: Part, models: readonly Model[], gradients?: readonly Float64Array[]): PartErrors => {
    const { centres, image, order } = part.batch;
    const members = models.length;
    const many = part.images.length;
    const scalings = centres.map(({ kind }) => scalingOf(models, kind));
    const sweeps = centres.map(({ kind, values }, c) =>
      sweep(tf, networkOf(models, kind), values.sub(scalings[c].shift).mul(scalings[c].factor)),
    );
    const outputs = tf.concat(
      sweeps.map((s) => s.output),
      1,
    );
    const energies = energyErrors(part, models, outputs.dataSync());
    const dF = forces(
      tf,
      part.batch,
      sweeps.map((s, c) => s.inputGradient.mul(scalings[c].factor)),
    )
      .sub(part.forces)
      .mul(part.learnt);
    const squares = dF.square().sum(1).unsortedSegmentSum(image, many);
    const errors = { energies, squares: squares.dataSync() };
    if (!gradients) return errors;

    const byOutput = new Float32Array(members * order.length);
    order.forEach(([k], p) => {
      const scale = 2 / (part.images[k].fingerprints.kinds.length * tolerance.energy ** 2);
      for (let m = 0; m < members; m++) byOutput[m * order.length + p] = scale * energies[k * members + m];
    });
    const byEnergy = tf.tensor(byOutput, [members, order.length, 1]);
    const back = tangents(part.batch, dF.mul(part.weight));
    centres.forEach(({ kind, first, many: atoms }, c) => {
      const own = byEnergy.slice([0, first, 0], [members, atoms, 1]);
      const found = weightGradient(tf, sweeps[c], own, back[c].mul(scalings[c].factor)).dataSync();
      for (const [m, gradient] of gradients.entries()) {
        for (let w = 0; w < block; w++) gradient[kind * block + w] += found[m * block + w];
      }
    });
    return errors;
  };

  const evaluateAll: LossFunction["evaluateAll"] = (models, gradients) => {
    if (models.length === 0) return [];
    const found = parts.map((part) => tf.tidy(() => evaluatePart(part, models, gradients)));
    return models.map((_, m) => setError(parts, found, m, models.length, tolerance));
  };
  return {
    ...oracle,
    evaluateAll,
    evaluate: (model, gradient) => evaluateAll([model], gradient && [gradient])[0],
    dispose() {
      for (const part of parts) {
        part.batch.dispose();
        for (const tensor of [part.forces, part.learnt, part.weight]) tensor.dispose();
      }
    },
  };
}

/** dE/N and Σ dF² of the images of a part, [images][M]. */
interface PartErrors {
  readonly energies: Float64Array;
  readonly squares: Float32Array;
}

/** The errors of one member on the whole set, f64. */
function setError(parts: readonly Part[], found: readonly PartErrors[], m: number, members: number, tolerance: Tolerance): SetError {
  const learnt = parts.flatMap((part) => part.components);
  const errors = parts.flatMap(({ components }, p) =>
    components.map((many, k) => ({
      energy: Math.abs(found[p].energies[k * members + m]),
      force: Math.sqrt(found[p].squares[k * members + m] / Math.max(1, many)),
    })),
  );
  const energies = errors.reduce((sum, e) => sum + e.energy ** 2, 0);
  const squares = errors.reduce((sum, e) => sum + e.force ** 2, 0);
  return { loss: energies / tolerance.energy ** 2 + squares / tolerance.force ** 2, ...rmse(energies, squares, learnt), images: errors };
}

/**
 * dE/N, [images][M], summed in f64: near the end of a training the line search tells losses apart that f32 would not.
 * @param outputs of the networks, [M][n]
 */
function energyErrors({ images, batch: { order } }: Part, models: readonly Model[], outputs: Float32Array): Float64Array {
  const members = models.length;
  const sums = new Float64Array(images.length * members);
  order.forEach(([k, i], p) => {
    const kind = images[k].fingerprints.kinds[i];
    for (let m = 0; m < members; m++) sums[k * members + m] += outputs[m * order.length + p] + models[m].offsets[kind];
  });
  return sums.map((sum, at) => {
    const { energy, fingerprints } = images[Math.floor(at / members)];
    return (sum - energy) / fingerprints.kinds.length;
  });
}

/** Middle of the range of each fingerprint over the set, [E][D]: what is left is small and loses less when rounded to f32. */
function middles(images: readonly TrainingImage[], elements: number, d: number): Float64Array {
  const low = new Float64Array(elements * d).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(elements * d).fill(Number.NEGATIVE_INFINITY);
  for (const { fingerprints: f } of images) {
    for (let p = 0; p < f.values.length; p++) {
      const at = f.kinds[Math.floor(p / d)] * d + (p % d);
      low[at] = Math.min(low[at], f.values[p]);
      high[at] = Math.max(high[at], f.values[p]);
    }
  }
  return low.map((l, k) => (l <= high[k] ? (l + high[k]) / 2 : 0));
}

/** Images that are laid together. */
interface Group {
  readonly images: TrainingImage[];
  readonly described: Fingerprints[];
}

/** The images in order, cut where a batch would grow past so many numbers; what is described anew is there for one batch at a time. */
function* groups(
  images: readonly TrainingImage[],
  describe: (image: TrainingImage, k: number) => Fingerprints,
  most: number,
): Generator<Group, void> {
  let group: Group = { images: [], described: [] };
  let [atoms, width] = [0, 0];
  for (const [k, image] of images.entries()) {
    const f = describe(image, k);
    const { kinds, start, live } = f;
    const elements = (start.length - 1) / kinds.length;
    const widest = kinds.reduce((n, _, i) => Math.max(n, start[(i + 1) * elements] - start[i * elements]), 1);
    atoms += kinds.length;
    width = Math.max(width, widest);
    if (group.images.length > 0 && 3 * atoms * width * live > most) {
      yield group;
      group = { images: [], described: [] };
      [atoms, width] = [kinds.length, widest];
    }
    group.images.push(image);
    group.described.push(f);
  }
  if (group.images.length > 0) yield group;
}
