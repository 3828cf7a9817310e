/**
 * The loss of `loss.ts` by WebAssembly: the set is laid once into a machine's memory, and models of one architecture are evaluated there,
 * as many at a time as are asked for. Each image is two passes over its derivatives and two over the networks: forward, its results kept,
 * and back. A model gets the same bits alone and in any company. Agrees with `lossFunction` to rounding.
 */
import { type Machine, machine } from "../engine/wasm/machine.ts";
import { enginePasses, type Held } from "./enginePasses.ts";
import { type LossFunction, rmse, type SetError, type Tolerance, type TrainingImage } from "./loss.ts";
import type { Architecture, Model } from "./model.ts";

/** How a set is held. */
export interface EngineOptions {
  /**
   * Bytes of derivatives that are kept, of the 4 GiB that a machine has. Those of images beyond, if they come with their structure, are
   * calculated anew at each pass, twice for a gradient where they are large; a pass then takes several times as long. Default 1 GiB.
   */
  readonly memory?: number;
  /** Where it is laid. Default: a machine of its own. */
  readonly machine?: Machine;
}

/** Of one model: error of an image's energy per atom, mean squared error of its forces. */
interface ErrorOfImage {
  readonly dE: number;
  readonly mean: number;
}

/** The loss of an architecture on a set, calculated in a machine. */
export function engineLoss(
  architecture: Architecture,
  images: readonly TrainingImage[],
  tolerance: Tolerance,
  { memory = 2 ** 30, machine: on = machine() }: EngineOptions = {},
): LossFunction {
  const passes = enginePasses(on, architecture, images, memory);
  const { held, size, block } = passes;
  const sum = new Float64Array(1);

  const evaluateAll: LossFunction["evaluateAll"] = (models, gradients) => {
    const many = models.length;
    if (many === 0) return [];
    const errors = models.map((): ErrorOfImage[] => []);
    const [sums, means, byEnergy] = [new Float64Array(many), new Float64Array(many), new Float64Array(many)];
    passes.prepare(models);
    for (const image of held) {
      const n = image.rows;
      passes.sweep(image, sums);
      passes.addForces(image);
      passes.takeErrors(image, 2 / (Math.max(1, image.learnt) * tolerance.force ** 2), means);
      for (let m = 0; m < many; m++) {
        const dE = (sums[m] + offsets(models[m], image) - image.energy) / n;
        errors[m].push({ dE, mean: means[m] });
        byEnergy[m] = (2 * dE) / (n * tolerance.energy ** 2);
      }
      if (gradients) passes.pullBack(image, byEnergy);
    }
    for (let m = 0; gradients && m < many; m++) passes.addGradient(m, gradients[m]);
    return errors.map((each) => setError(each, held, tolerance));
  };

  const evaluate: LossFunction["evaluate"] = (model, gradient) => evaluateAll([model], gradient && [gradient])[0];

  /** Takes one model, and its sweep over image k; returns the sum of the outputs. */
  const swept = (model: Model, k: number): number => {
    passes.prepare([model]);
    passes.sweep(held[k], sum);
    return sum[0];
  };

  /** What forces are divided by to be residuals, eV/Å. */
  const forceScale = (image: Held): number => tolerance.force * Math.sqrt(Math.max(1, image.learnt));

  const residuals: LossFunction["residuals"] = (model, k) => {
    const image = held[k];
    const n = image.rows;
    const energy = swept(model, k) + offsets(model, image);
    passes.addForces(image);
    const forces = passes.forces();
    const out = new Float64Array(1 + 3 * n);
    out[0] = (energy - image.energy) / (n * tolerance.energy);
    for (let r = 0; r < n; r++) {
      const to = 1 + 3 * image.place[r];
      for (let c = 0; c < 3; c++) out[to + c] = (forces[3 * r + c] - image.target[3 * r + c]) / forceScale(image);
    }
    for (const r of image.masked) out.fill(0, 1 + 3 * image.place[r], 4 + 3 * image.place[r]);
    return out;
  };

  const addPullback: LossFunction["addPullback"] = (model, k, y, out) => {
    const image = held[k];
    swept(model, k);
    const forces = passes.forces();
    for (let r = 0; r < image.rows; r++) {
      for (let c = 0; c < 3; c++) forces[3 * r + c] = y[1 + 3 * image.place[r] + c] / forceScale(image);
    }
    for (const r of image.masked) forces.fill(0, 3 * r, 3 * r + 3);
    passes.pullBack(image, Float64Array.of(y[0] / (image.rows * tolerance.energy)));
    passes.addGradient(0, out);
  };

  let inside: Float64Array | undefined;
  /** A place for a Jacobian whose caller wants it elsewhere. */
  const place = (): Float64Array => {
    inside ??= on.floats(held.reduce((most, { rows }) => Math.max(most, 1 + 3 * rows), 0) * size);
    return inside;
  };

  const jacobian: LossFunction["jacobian"] = (model, k, rows) => {
    const image = held[k];
    if (!on.holds(rows)) {
      const copy = place().subarray(0, (1 + 3 * image.rows) * size);
      copy.fill(0);
      jacobian(model, k, copy);
      rows.set(copy);
      return;
    }
    swept(model, k);
    passes.addForceRows(image, 1 / forceScale(image), rows.byteOffset + 8 * size);
    passes.pullEnergy(image, Float64Array.of(1 / (image.rows * tolerance.energy)));
    passes.addGradient(0, rows);
    for (const r of image.masked) rows.fill(0, (1 + 3 * image.place[r]) * size, (4 + 3 * image.place[r]) * size);
  };

  return { images, tolerance, machine: on, size, block, evaluate, evaluateAll, residuals, addPullback, jacobian, bare: swept };
}

function setError(each: readonly ErrorOfImage[], held: readonly Held[], tolerance: Tolerance): SetError {
  let [loss, energies, squares] = [0, 0, 0];
  for (const { dE, mean } of each) {
    energies += dE * dE;
    squares += mean;
    loss += (dE * dE) / tolerance.energy ** 2 + mean / tolerance.force ** 2;
  }
  const learnt = held.map((image) => image.learnt);
  const images = each.map(({ dE, mean }) => ({ energy: Math.abs(dE), force: Math.sqrt(mean) }));
  return { loss, ...rmse(energies, squares, learnt), images };
}

/** Energy of an image's atoms before their surroundings count. */
function offsets(model: Model, image: Held): number {
  return model.offsets.reduce((energy, offset, kind) => energy + offset * image.kinds[2 * kind + 1], 0);
}
