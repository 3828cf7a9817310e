/**
 * The loss of `loss.ts` by WebAssembly: the set is laid once into a machine's memory, and models of one architecture are evaluated there, as
 * many at a time as are asked for. Each image is two passes over its derivatives and two over the networks: forward, its results kept, and back.
 * A model gets the same bits alone and in any company. Agrees with `lossFunction` to rounding.
 */
import { fingerprintForm, type HeldFingerprints, holdFingerprints } from "../engine/wasm/heldFingerprints.ts";
import { type Machine, machine } from "../engine/wasm/machine.ts";
import type { LossFunction, SetError, Tolerance, TrainingImage } from "./loss.ts";
import { type Architecture, layersOf, type Model } from "./model.ts";
import { weightCount } from "./network.ts";

/** An image in the machine's memory. */
interface Held extends HeldFingerprints {
  readonly energy: number;
  /** eV/Å, [3 rows]. */
  readonly target: Float64Array;
}

/** Working memory for up to so many models: their weights, and what one image needs. */
interface Bench {
  readonly models: number;
  readonly weights: Float64Array;
  readonly range: Float64Array;
  readonly prepared: number;
  readonly sweeps: number;
  /** [3 rows][lanes]: forces, then their errors. */
  readonly forces: Float64Array;
  readonly gradients: Float64Array;
  readonly gradient: Float64Array;
  readonly work: number;
}

/** The loss of an architecture on a set, calculated in a machine of its own. */
export function engineLoss(architecture: Architecture, images: readonly TrainingImage[], tolerance: Tolerance): LossFunction {
  const on = machine();
  const { kernels } = on;
  const layers = layersOf(architecture);
  const block = weightCount(layers);
  const form = fingerprintForm(on, architecture.descriptors);
  const { elements, inputs } = form;
  const size = block * elements;
  const d = layers[0];
  const table = on.integers(layers.length + 1);
  table.set([layers.length - 1, ...layers]);
  const net = table.byteOffset;
  const held = images.map((image): Held => holdImage(on, holdFingerprints(on, form, image.fingerprints), image));
  const most = held.reduce((rows, image) => Math.max(rows, image.rows), 0);
  const preparedSize = kernels.preparedSize(net);
  const gradientSize = kernels.gradientSize(net);
  const sweepBytes = 8 * kernels.sweepSize(net, most);
  const modelBytes = 8 * elements * preparedSize;

  const layBench = (models: number): Bench => ({
    models,
    weights: on.floats(size),
    range: on.floats(2 * elements * d),
    prepared: on.floats(models * elements * preparedSize).byteOffset,
    sweeps: on.floats((models * sweepBytes) / 8).byteOffset,
    forces: on.floats(3 * most * (models + (models % 2))),
    gradients: on.floats(models * elements * gradientSize),
    gradient: on.floats(size),
    work: on.floats(Math.max(kernels.slopesWork(form.address, inputs, models + 1), kernels.networkWork(net, most))).byteOffset,
  });
  let kept: Bench | undefined;

  /** Room for so many models, with their weights prepared. */
  const prepare = (models: readonly Model[]): Bench => {
    if (!kept || kept.models < models.length) kept = layBench(models.length);
    const { weights, range, prepared } = kept;
    models.forEach((model, m) => {
      weights.set(model.weights);
      range.set(model.low);
      range.set(model.high, elements * d);
      for (let kind = 0; kind < elements; kind++) {
        const low = range.byteOffset + 8 * kind * d;
        const to = prepared + m * modelBytes + 8 * kind * preparedSize;
        kernels.prepare(net, weights.byteOffset + 8 * kind * block, low, low + 8 * elements * d, to);
      }
    });
    return kept;
  };

  /** Each element that an image has: its rows. */
  const byKind = (image: Held, visit: (kind: number, first: number, count: number) => void): void => {
    for (let kind = 0; kind < elements; kind++) {
      if (image.kinds[2 * kind + 1] > 0) visit(kind, image.kinds[2 * kind], image.kinds[2 * kind + 1]);
    }
  };

  /** Sweeps of all networks; sums of the outputs of each model into `sums`. */
  const sweep = (b: Bench, image: Held, sums: Float64Array): void => {
    sums.fill(0);
    byKind(image, (kind, first, count) => {
      for (let m = 0; m < sums.length; m++) {
        const prepared = b.prepared + m * modelBytes + 8 * kind * preparedSize;
        sums[m] += kernels.sweep(net, prepared, image.values, b.sweeps + m * sweepBytes, image.rows, first, count);
      }
    });
  };

  /** Address of the inputs' derivatives in the sweeps of an image. */
  const byInputs = (b: Bench, image: Held): number => b.sweeps + 8 * (kernels.sweepSize(net, image.rows) - image.rows * inputs);

  const addForces = (b: Bench, image: Held, models: number): void => {
    const { start, atom, slopes, own } = image;
    const lanes = models === 1 ? 1 : models + (models % 2);
    const g = byInputs(b, image);
    b.forces.fill(0, 0, 3 * image.rows * lanes);
    byKind(image, (kind, first, count) => {
      const factors = b.prepared + 8 * kind * preparedSize;
      const to = b.forces.byteOffset;
      if (models === 1) {
        kernels.addForcesOfOne(form.address, first, count, start, atom, slopes, own, g, factors, inputs, to, b.work);
      } else {
        const address = form.address;
        kernels.addForces(address, models, first, count, start, atom, slopes, own, g, sweepBytes, factors, modelBytes, inputs, to, b.work);
      }
    });
  };

  /** Adds d/dw of energy `byEnergy` + forces · `b.forces` to the padded gradients; the sweeps are used up. */
  const pullBack = (b: Bench, image: Held, byEnergy: Float64Array): void => {
    const { start, atom, slopes, own } = image;
    const models = byEnergy.length;
    const t = byInputs(b, image);
    byKind(image, (kind, first, count) => {
      const factors = b.prepared + 8 * kind * preparedSize;
      const from = b.forces.byteOffset;
      if (models === 1) {
        kernels.pullForcesOfOne(form.address, first, count, start, atom, slopes, own, from, t, factors, inputs, b.work);
      } else {
        const address = form.address;
        kernels.pullForces(
          address,
          models,
          first,
          count,
          start,
          atom,
          slopes,
          own,
          from,
          t,
          sweepBytes,
          factors,
          modelBytes,
          inputs,
          b.work,
        );
      }
      for (let m = 0; m < models; m++) {
        const gradient = b.gradients.byteOffset + 8 * (m * elements + kind) * gradientSize;
        const sweeps = b.sweeps + m * sweepBytes;
        kernels.addNetworkGradient(net, factors + m * modelBytes, sweeps, image.rows, first, count, byEnergy[m], gradient, b.work);
      }
    });
  };

  /** Adds the padded gradient of model m to `out`. */
  const addGradient = (b: Bench, m: number, out: Float64Array): void => {
    const { gradient } = b;
    gradient.fill(0);
    for (let kind = 0; kind < elements; kind++) {
      const from = b.gradients.byteOffset + 8 * (m * elements + kind) * gradientSize;
      kernels.addUnpadded(net, from, gradient.byteOffset + 8 * kind * block);
    }
    for (let w = 0; w < size; w++) out[w] += gradient[w];
  };

  const evaluateAll: LossFunction["evaluateAll"] = (models, gradients) => {
    const many = models.length;
    if (many === 0) return [];
    const b = prepare(models);
    const lanes = many === 1 ? 1 : many + (many % 2);
    const errors = models.map((): ErrorOfImage[] => []);
    const [sums, byEnergy] = [new Float64Array(many), new Float64Array(many)];
    if (gradients) b.gradients.fill(0);
    for (const image of held) {
      const n = image.rows;
      sweep(b, image, sums);
      addForces(b, image, many);
      for (let m = 0; m < many; m++) {
        const dE = (sums[m] + offsets(models[m], image) - image.energy) / n;
        const mean = forceErrors(b.forces, image.target, m, lanes, 2 / (3 * n * tolerance.force ** 2));
        errors[m].push({ dE, mean });
        byEnergy[m] = (2 * dE) / (n * tolerance.energy ** 2);
      }
      if (gradients) pullBack(b, image, byEnergy);
    }
    for (let m = 0; gradients && m < many; m++) addGradient(b, m, gradients[m]);
    return errors.map((each) => setError(each, tolerance));
  };

  const evaluate: LossFunction["evaluate"] = (model, gradient) => evaluateAll([model], gradient && [gradient])[0];

  const residuals: LossFunction["residuals"] = (model, k) => {
    const image = held[k];
    const n = image.rows;
    const b = prepare([model]);
    const sums = new Float64Array(1);
    sweep(b, image, sums);
    addForces(b, image, 1);
    const out = new Float64Array(1 + 3 * n);
    out[0] = (sums[0] + offsets(model, image) - image.energy) / (n * tolerance.energy);
    const scale = tolerance.force * Math.sqrt(3 * n);
    for (let r = 0; r < n; r++) {
      const to = 1 + 3 * image.place[r];
      for (let c = 0; c < 3; c++) out[to + c] = (b.forces[3 * r + c] - image.target[3 * r + c]) / scale;
    }
    return out;
  };

  const addPullback: LossFunction["addPullback"] = (model, k, y, out) => {
    const image = held[k];
    const n = image.rows;
    const b = prepare([model]);
    sweep(b, image, new Float64Array(1));
    const scale = tolerance.force * Math.sqrt(3 * n);
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < 3; c++) b.forces[3 * r + c] = y[1 + 3 * image.place[r] + c] / scale;
    }
    b.gradients.fill(0);
    pullBack(b, image, Float64Array.of(y[0] / (n * tolerance.energy)));
    addGradient(b, 0, out);
  };

  let bench: { readonly rows: Float64Array; readonly work: number } | undefined;
  /** Working memory for Jacobians: a place for one, for callers whose own lies elsewhere, and scratch. */
  const layRows = (): { readonly rows: Float64Array; readonly work: number } => {
    const entries = held.reduce((sum, image) => Math.max(sum, image.entries), 0);
    return { rows: on.floats((1 + 3 * most) * size), work: on.floats(kernels.jacobianWork(net, form.address, most, entries)).byteOffset };
  };

  const jacobian: LossFunction["jacobian"] = (model, k, rows) => {
    bench ??= layRows();
    const image = held[k];
    const n = image.rows;
    const length = (1 + 3 * n) * size;
    if (!on.holds(rows)) {
      const inside = bench.rows.subarray(0, length).fill(0);
      jacobian(model, k, inside);
      rows.set(inside);
      return;
    }
    const b = prepare([model]);
    sweep(b, image, new Float64Array(1));
    const { kinds, start, atom, slopes, own, place } = image;
    const scale = 1 / (tolerance.force * Math.sqrt(3 * n));
    const forceRows = rows.byteOffset + 8 * size;
    kernels.addForceRows(
      net,
      form.address,
      kinds.byteOffset,
      b.prepared,
      b.sweeps,
      n,
      0,
      n,
      start,
      atom,
      slopes,
      own,
      place.byteOffset,
      scale,
      forceRows,
      size,
      block,
      bench.work,
    );
    b.forces.fill(0, 0, 3 * n);
    b.gradients.fill(0);
    pullBack(b, image, Float64Array.of(1 / (n * tolerance.energy)));
    addGradient(b, 0, rows);
  };

  const bare: LossFunction["bare"] = (model, k) => {
    const sums = new Float64Array(1);
    sweep(prepare([model]), held[k], sums);
    return sums[0];
  };

  return { images, tolerance, machine: on, size, block, evaluate, evaluateAll, residuals, addPullback, jacobian, bare };
}

/** Of one model: error of an image's energy per atom, mean squared error of its forces. */
interface ErrorOfImage {
  readonly dE: number;
  readonly mean: number;
}

function setError(each: readonly ErrorOfImage[], tolerance: Tolerance): SetError {
  let [loss, energies, squares] = [0, 0, 0];
  for (const { dE, mean } of each) {
    energies += dE * dE;
    squares += mean;
    loss += (dE * dE) / tolerance.energy ** 2 + mean / tolerance.force ** 2;
  }
  const n = Math.max(1, each.length);
  const images = each.map(({ dE, mean }) => ({ energy: Math.abs(dE), force: Math.sqrt(mean) }));
  return { loss, energyRmse: Math.sqrt(energies / n), forceRmse: Math.sqrt(squares / n), images };
}

/** Forces of one lane become their errors times `weight`; returns their mean square. */
function forceErrors(forces: Float64Array, target: Float64Array, lane: number, lanes: number, weight: number): number {
  let sum = 0;
  for (let k = 0, at = lane; k < target.length; k++, at += lanes) {
    const error = forces[at] - target[k];
    sum += error * error;
    forces[at] = weight * error;
  }
  return sum / target.length;
}

/** Energy of an image's atoms before their surroundings count. */
function offsets(model: Model, image: Held): number {
  return model.offsets.reduce((sum, offset, kind) => sum + offset * image.kinds[2 * kind + 1], 0);
}

function holdImage(on: Machine, held: HeldFingerprints, image: TrainingImage): Held {
  const target = on.floats(3 * held.rows);
  for (let r = 0; r < held.rows; r++) target.set(image.forces.subarray(3 * held.place[r], 3 * held.place[r] + 3), 3 * r);
  return { ...held, energy: image.energy, target };
}
