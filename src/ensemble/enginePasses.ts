/**
 * The passes of the engine's loss over one image after another, for as many models at a time as are asked for: over the networks and the
 * derivatives forward, results kept, and back. The kernels are those of `engine/wasm/assembly`; what is here knows where their arrays are.
 */
import type { Fingerprints } from "../descriptors/fingerprints.ts";
import { fingerprintSize } from "../descriptors/settings.ts";
import { fingerprintsWithin } from "../engine/wasm/fingerprints.ts";
import { fingerprintForm, type HeldFingerprints, holdFingerprints } from "../engine/wasm/heldFingerprints.ts";
import type { Machine } from "../engine/wasm/machine.ts";
import { recalculation } from "../engine/wasm/recalculatedFingerprints.ts";
import type { Structure } from "../structure/structure.ts";
import { engineNetworks } from "./engineNetworks.ts";
import { learntComponents, type TrainingImage, withDerivatives } from "./loss.ts";
import { type Architecture, layersOf, type Model } from "./model.ts";
import { weightCount } from "./network.ts";

/** An image in the machine's memory. */
export interface Held extends HeldFingerprints {
  readonly energy: number;
  /** eV/Å, [3 rows]. */
  readonly target: Float64Array;
  /** Rows whose forces are not learnt. */
  readonly masked: Uint32Array;
  /** Force components that are. */
  readonly learnt: number;
}

/** Passes over a set; each call begins with `prepare`. */
export interface Passes {
  readonly held: readonly Held[];
  /** Weights of all networks; of one. */
  readonly size: number;
  readonly block: number;
  /** Takes models, which the following passes are of. */
  prepare(models: readonly Model[]): void;
  /** Forces of the last image, [3 rows][lanes], a lane for each model: an even number of them, or one. */
  forces(): Float64Array;
  /** Networks forward and back to their inputs; the sum of the outputs of each model into `sums`, eV. */
  sweep(image: Held, sums: Float64Array): void;
  /** Forces of the image that was swept last. */
  addForces(image: Held): void;
  /** Forces become their errors times `weight`, those that are not learnt zero; the mean squares of those that are into `means`, (eV/Å)². */
  takeErrors(image: Held, weight: number, means: Float64Array): void;
  /** Takes d/dw of energy `byEnergy` + forces · `forces()` for the image swept last into the models' gradients; its sweep is used up. */
  pullBack(image: Held, byEnergy: Float64Array): void;
  /** The same of the energy alone. */
  pullEnergy(image: Held, byEnergy: Float64Array): void;
  /** Adds what was taken since `prepare` of model m to `out`, [size]. */
  addGradient(m: number, out: Float64Array): void;
  /** Adds d/dw of scale times the forces, for one model and the image swept last, to the rows at an address, [3N][size]. */
  addForceRows(image: Held, scale: number, rows: number): void;
}

/** Working memory for up to so many models: their weights, and what one image needs. */
interface Bench {
  readonly models: number;
  readonly prepared: number;
  readonly sweeps: Float64Array;
  readonly forces: Float64Array;
  readonly squares: Float64Array;
  readonly gradients: Float64Array;
  readonly work: number;
}

/** Numbers between the lanes of one coordinate and the next. */
function lanesOf(models: number): number {
  return models === 1 ? 1 : models + (models % 2);
}

/**
 * Lays a set.
 * @param memory bytes of derivatives that are kept
 * @throws RangeError for an image that the architecture's descriptors did not describe, or without a force for each atom, or that masks what
 *   it lacks.
 */
export function enginePasses(on: Machine, architecture: Architecture, images: readonly TrainingImage[], memory: number): Passes {
  const { kernels } = on;
  const block = weightCount(layersOf(architecture));
  const form = fingerprintForm(on, architecture.descriptors);
  const { elements, inputs } = form;
  const size = block * elements;
  const { net, size: preparedSize, lay } = engineNetworks(on, architecture);
  const held = hold(on, form, architecture, images, memory);
  const most = held.reduce((rows, image) => Math.max(rows, image.rows), 0);
  const gradientSize = kernels.gradientSize(net);
  const sweepSize = kernels.sweepSize(net, most);
  const sweepBytes = 8 * sweepSize;
  const modelBytes = 8 * elements * preparedSize;
  const gradient = on.floats(size);

  const layBench = (models: number): Bench => ({
    models,
    prepared: on.floats(models * elements * preparedSize).byteOffset,
    sweeps: on.floats(models * sweepSize),
    forces: on.floats(3 * most * lanesOf(models)),
    squares: on.floats(lanesOf(models)),
    gradients: on.floats(models * elements * gradientSize),
    work: on.floats(Math.max(kernels.slopesWork(form.address, inputs, models + 1), kernels.networkWork(net, most))).byteOffset,
  });
  let b = layBench(1);
  let models = 1;
  let rowsWork: { readonly entries: number; readonly address: number } | undefined;

  /** Each element that an image has among the rows first .. end: its rows there. */
  const byKind = (image: Held, first: number, end: number, visit: (kind: number, first: number, count: number) => void): void => {
    for (let kind = 0; kind < elements; kind++) {
      const from = Math.max(first, image.kinds[2 * kind]);
      const count = Math.min(end, image.kinds[2 * kind] + image.kinds[2 * kind + 1]) - from;
      if (count > 0) visit(kind, from, count);
    }
  };

  /** Where the derivatives by the inputs begin in a sweep. */
  const inputsAt = (image: Held): number => kernels.sweepSize(net, image.rows) - image.rows * inputs;

  const addGradients = (image: Held, byEnergy: Float64Array): void =>
    byKind(image, 0, image.rows, (kind, first, count) => {
      for (let m = 0; m < models; m++) {
        const prepared = b.prepared + m * modelBytes + 8 * kind * preparedSize;
        const to = b.gradients.byteOffset + 8 * (m * elements + kind) * gradientSize;
        kernels.addNetworkGradient(net, prepared, b.sweeps.byteOffset + m * sweepBytes, image.rows, first, count, byEnergy[m], to, b.work);
      }
    });

  return {
    held,
    size,
    block,
    forces: () => b.forces,

    prepare(given) {
      models = given.length;
      if (b.models < models) b = layBench(models);
      lay(given, b.prepared);
      b.gradients.fill(0);
    },

    sweep(image, sums) {
      sums.fill(0);
      byKind(image, 0, image.rows, (kind, first, count) => {
        for (let m = 0; m < models; m++) {
          const prepared = b.prepared + m * modelBytes + 8 * kind * preparedSize;
          sums[m] += kernels.sweep(net, prepared, image.values, b.sweeps.byteOffset + m * sweepBytes, image.rows, first, count);
        }
      });
    },

    addForces(image) {
      const g = b.sweeps.byteOffset + 8 * inputsAt(image);
      const to = b.forces.byteOffset;
      b.forces.fill(0, 0, 3 * image.rows * lanesOf(models));
      for (const { first: from, end, start, atom, slopes, own } of image.parts()) {
        byKind(image, from, end, (kind, first, count) => {
          const f = b.prepared + 8 * kind * preparedSize;
          const { address } = form;
          if (models === 1) kernels.addForcesOfOne(address, first, count, start, atom, slopes, own, g, f, inputs, to, b.work);
          else kernels.addForces(address, models, first, count, start, atom, slopes, own, g, sweepBytes, f, modelBytes, inputs, to, b.work);
        });
      }
    },

    takeErrors({ rows, target, masked, learnt }, weight, means) {
      const lanes = lanesOf(models);
      // A masked force has no error where it is what it should be.
      for (const r of masked) for (let c = 3 * r; c < 3 * r + 3; c++) b.forces.fill(target[c], c * lanes, (c + 1) * lanes);
      kernels.takeErrors(lanes, 3 * rows, b.forces.byteOffset, target.byteOffset, weight, b.squares.byteOffset);
      for (let m = 0; m < models; m++) means[m] = b.squares[m] / Math.max(1, learnt);
    },

    pullBack(image, byEnergy) {
      const t = b.sweeps.byteOffset + 8 * inputsAt(image);
      const y = b.forces.byteOffset;
      for (const { first: from, end, start, atom, slopes, own } of image.parts()) {
        byKind(image, from, end, (kind, first, count) => {
          const f = b.prepared + 8 * kind * preparedSize;
          const { address } = form;
          if (models === 1) kernels.pullForcesOfOne(address, first, count, start, atom, slopes, own, y, t, f, inputs, b.work);
          else kernels.pullForces(address, models, first, count, start, atom, slopes, own, y, t, sweepBytes, f, modelBytes, inputs, b.work);
        });
      }
      addGradients(image, byEnergy);
    },

    pullEnergy(image, byEnergy) {
      for (let m = 0; m < models; m++) {
        const t = m * sweepSize + inputsAt(image);
        b.sweeps.fill(0, t, t + image.rows * inputs);
      }
      addGradients(image, byEnergy);
    },

    addGradient(m, out) {
      gradient.fill(0);
      for (let kind = 0; kind < elements; kind++) {
        const from = b.gradients.byteOffset + 8 * (m * elements + kind) * gradientSize;
        kernels.addUnpadded(net, from, gradient.byteOffset + 8 * kind * block);
      }
      for (let w = 0; w < size; w++) out[w] += gradient[w];
    },

    addForceRows(image, scale, rows) {
      const { kinds, place } = image;
      for (const { first, end, entries, start, atom, slopes, own } of image.parts()) {
        if (!rowsWork || rowsWork.entries < entries) {
          rowsWork = { entries, address: on.floats(kernels.jacobianWork(net, form.address, most, entries)).byteOffset };
        }
        kernels.addForceRows(
          net,
          form.address,
          kinds.byteOffset,
          b.prepared,
          b.sweeps.byteOffset,
          image.rows,
          first,
          end,
          start,
          atom,
          slopes,
          own,
          place.byteOffset,
          scale,
          rows,
          size,
          block,
          rowsWork.address,
        );
      }
    },
  };
}

/**
 * Images laid into the machine, with their derivatives as long as there is memory for them, whether they come with them or not. Beyond that they
 * are calculated anew at each pass, if the image has its structure.
 */
function hold(
  on: Machine,
  form: ReturnType<typeof fingerprintForm>,
  { descriptors }: Architecture,
  images: readonly TrainingImage[],
  memory: number,
): Held[] {
  let recalculated: ReturnType<typeof recalculation> | undefined;
  let left = memory;
  const size = fingerprintSize(descriptors);
  const kept = (f: Fingerprints): HeldFingerprints => {
    left -= f.slopes.byteLength;
    return holdFingerprints(on, form, f);
  };
  /** With derivatives if there is a place for them; once an image has found none, the next are not described in vain. */
  const described = (structure: Structure, given: TrainingImage["fingerprints"]): TrainingImage["fingerprints"] =>
    "slopes" in given || recalculated ? given : fingerprintsWithin(structure, descriptors, left);
  const laid = ({ fingerprints: given, structure }: TrainingImage, k: number): HeldFingerprints => {
    if (!structure) return kept(withDerivatives(given, k));
    const f = described(structure, given);
    if ("slopes" in f && f.slopes.byteLength <= left) return kept(f);
    recalculated ??= recalculation(on, form, descriptors, memory);
    return recalculated(structure, f);
  };
  return images.map((image, k) => {
    const { fingerprints: f, energy } = image;
    if (f.size !== size || f.live !== form.live)
      throw new RangeError(
        `image ${k} is described by ${f.size} functions, the models by ${size}; describe it with the architecture's descriptors`,
      );
    if (image.forces.length !== 3 * f.kinds.length)
      throw new RangeError(`image ${k} has ${image.forces.length} force components and ${f.kinds.length} atoms; give three for each`);
    const learnt = learntComponents(image, k);
    const fingerprints = laid(image, k);
    const target = on.floats(3 * fingerprints.rows);
    fingerprints.place.forEach((i, r) => {
      target.set(image.forces.subarray(3 * i, 3 * i + 3), 3 * r);
    });
    const without = new Set(image.masked);
    const masked = Uint32Array.from(fingerprints.place.keys()).filter((r) => without.has(fingerprints.place[r]));
    return { ...fingerprints, energy, target, masked, learnt };
  });
}
