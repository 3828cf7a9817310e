/**
 * The predictions of `predict.ts`, the oracle, by WebAssembly: block after block of centres, whose forces are added up in the blocks' order, so
 * that neither the number of threads nor the company of other models changes a bit. Memory is the results' and little more.
 */
import { ownTurns, type Turns } from "../engine/turns.ts";
import { type FingerprintForm, fingerprintForm } from "../engine/wasm/heldFingerprints.ts";
import { type Machine, type Mark, machine } from "../engine/wasm/machine.ts";
import { type Block, layBlocks } from "../engine/wasm/prediction.ts";
import { layPlan, type Plan } from "../engine/wasm/surroundings.ts";
import { determinant, rank } from "../linalg/cell.ts";
import type { Structure } from "../structure/structure.ts";
import { type Architecture, layersOf, type Model } from "./model.ts";
import { type Layers, weightCount } from "./network.ts";
import type { Prediction } from "./predict.ts";

/** What one model's predictions are added up in, block by block. */
export interface Sums {
  /** [N] eV. */
  readonly energies: Float64Array;
  /** [3N] eV/Å. */
  readonly forces: Float64Array;
  /** [3][3] eV. */
  readonly virial: Float64Array;
  /** [1]. */
  readonly novelty: Float64Array;
}

/** A machine with what does not change from one structure to the next. */
interface Kept {
  readonly machine: Machine;
  /** As JSON: threads are given copies. */
  readonly architecture: string;
  readonly layers: Layers;
  readonly plan: Plan;
  readonly form: FingerprintForm;
  readonly net: number;
  /** Where its memory begins to be free. */
  readonly mark: Mark;
}

/** Atoms after which a machine is not kept: its memory never shrinks. */
const LARGE = 10_000;
/** Models whose forces on one atom follow one another in memory go to as many arrays: so many atoms of theirs stay in the cache meanwhile. */
const TILE = 64;
let kept: Kept | undefined;

/**
 * Predicts with several models of one architecture.
 * @throws RangeError if the structure has an element that they do not know.
 */
export function enginePredict(architecture: Architecture, models: readonly Model[], structure: Structure): Prediction[] {
  const sums = models.map(() => emptySums(structure, (length) => new Float64Array(length)));
  for (const _ of addBlocks(architecture, models, structure, sums, ownTurns()));
  return sums.map((s) => predictionOf(s, structure));
}

/** Adds blocks to the sums, a few centres between one `next` and another. */
export function* addBlocks(
  architecture: Architecture,
  models: readonly Model[],
  structure: Structure,
  sums: readonly Sums[],
  turns: Turns,
): Generator<void, void> {
  // Not there for others meanwhile: they make their own.
  const bench = kept?.architecture === JSON.stringify(architecture) ? kept : prepared(architecture);
  kept = undefined;
  const { machine: on, plan, form, net } = bench;
  try {
    const networks = { plan, form, net, models: models.length, prepared: layModels(bench, models) };
    const blocks = layBlocks(on, networks, structure, architecture.descriptors);
    const kindOf = Uint8Array.from(structure.numbers, (z) => architecture.descriptors.elements.indexOf(z));
    for (let k = turns.take(); k < blocks.count; k = turns.take()) {
      const block = yield* blocks.calculate(k);
      if (!turns.wait(k)) return;
      sums.forEach((s, m) => {
        addEnergies(block, m, kindOf, models[m].offsets, s);
      });
      addForces(block, sums);
      turns.done(k);
    }
  } finally {
    on.release(bench.mark);
    if (structure.numbers.length <= LARGE) kept = bench;
  }
}

/** Zeros for a structure. */
export function emptySums(structure: Structure, allocate: (length: number) => Float64Array): Sums {
  const n = structure.numbers.length;
  return { energies: allocate(n), forces: allocate(3 * n), virial: allocate(9), novelty: allocate(1) };
}

/** What a model says, all blocks added. */
export function predictionOf({ energies, forces, virial: v, novelty }: Sums, { cell }: Structure): Prediction {
  const volume = rank(cell) === 3 ? Math.abs(determinant(cell)) : 0;
  return {
    energy: energies.reduce((a, b) => a + b, 0),
    energies,
    forces,
    novelty: novelty[0],
    ...(volume > 0 && {
      stress: Float64Array.of(v[0], v[4], v[8], (v[5] + v[7]) / 2, (v[2] + v[6]) / 2, (v[1] + v[3]) / 2).map((x) => x / volume),
    }),
  };
}

function prepared(architecture: Architecture): Kept {
  const on = machine();
  const layers = layersOf(architecture);
  const table = on.integers(layers.length + 1);
  table.set([layers.length - 1, ...layers]);
  const [plan, form] = [layPlan(on, architecture.descriptors), fingerprintForm(on, architecture.descriptors)];
  return { machine: on, architecture: JSON.stringify(architecture), layers, plan, form, net: table.byteOffset, mark: on.mark() };
}

/** Address of the models' weights as the kernels take them. */
function layModels({ machine: on, layers, form, net }: Kept, models: readonly Model[]): number {
  const { elements } = form;
  const [d, block] = [layers[0], weightCount(layers)];
  const size = on.kernels.preparedSize(net);
  const all = on.floats(models.length * elements * size).byteOffset;
  const [weights, range] = [on.floats(elements * block), on.floats(2 * elements * d)];
  models.forEach((model, m) => {
    weights.set(model.weights);
    range.set(model.low);
    range.set(model.high, elements * d);
    for (let kind = 0; kind < elements; kind++) {
      const low = range.byteOffset + 8 * kind * d;
      const to = all + 8 * (m * elements + kind) * size;
      on.kernels.prepare(net, weights.byteOffset + 8 * kind * block, low, low + 8 * elements * d, to);
    }
  });
  return all;
}

function addEnergies(
  { centres, energies, virial, novelty, lanes }: Block,
  m: number,
  kindOf: Uint8Array,
  offsets: Float64Array,
  s: Sums,
): void {
  centres.forEach((i, r) => {
    s.energies[i] = energies[r * lanes + m] + offsets[kindOf[i]];
  });
  for (let k = 0; k < 9; k++) s.virial[k] += virial[k * lanes + m];
  s.novelty[0] = Math.max(s.novelty[0], novelty[m]);
}

function addForces({ atoms, forces, lanes }: Block, sums: readonly Sums[]): void {
  for (let first = 0; first < atoms.length; first += TILE) {
    const end = Math.min(first + TILE, atoms.length);
    for (let m = 0; m < sums.length; m++) {
      const out = sums[m].forces;
      for (let t = first, from = 3 * first * lanes + m; t < end; t++, from += 3 * lanes) {
        const to = 3 * atoms[t];
        out[to] += forces[from];
        out[to + 1] += forces[from + lanes];
        out[to + 2] += forces[from + 2 * lanes];
      }
    }
  }
}
