/**
 * The predictions of `predict.ts`, the oracle, by WebAssembly: block after block of centres, whose forces are added up in the blocks' order, so
 * that neither the number of threads nor the company of other models changes a bit. Memory is the results' and little more.
 */
import { ownTurns, type Turns } from "../engine/turns.ts";
import { type FingerprintForm, fingerprintForm } from "../engine/wasm/heldFingerprints.ts";
import { type Machine, type Mark, machine } from "../engine/wasm/machine.ts";
import { type Block, layBlocks } from "../engine/wasm/prediction.ts";
import { layPlan, type Plan } from "../engine/wasm/surroundings.ts";
import type { Structure } from "../structure/structure.ts";
import { type EngineNetworks, engineNetworks } from "./engineNetworks.ts";
import type { Architecture, Model } from "./model.ts";
import { type Prediction, predictionOf } from "./predict.ts";

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
  readonly plan: Plan;
  readonly form: FingerprintForm;
  readonly networks: EngineNetworks;
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
  return predictionsOf(sums, structure);
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
  const { machine: on, plan, form, networks } = bench;
  try {
    const laid = on.floats(models.length * form.elements * networks.size).byteOffset;
    networks.lay(models, laid);
    const of = { plan, form, net: networks.net, models: models.length, prepared: laid };
    const blocks = layBlocks(on, of, structure, architecture.descriptors);
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

/** What the models say, all blocks added. */
export function predictionsOf(sums: readonly Sums[], structure: Structure): Prediction[] {
  return sums.map((s) => predictionOf({ ...s, novelty: s.novelty[0] }, structure));
}

function prepared(architecture: Architecture): Kept {
  const on = machine();
  const [plan, form] = [layPlan(on, architecture.descriptors), fingerprintForm(on, architecture.descriptors)];
  return {
    machine: on,
    architecture: JSON.stringify(architecture),
    plan,
    form,
    networks: engineNetworks(on, architecture),
    mark: on.mark(),
  };
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
