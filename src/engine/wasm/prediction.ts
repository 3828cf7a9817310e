/**
 * What several networks say of a structure, as `assembly/prediction.ts` has it: block after block of centres that are neighbours in space, so
 * that memory is little more than the atoms. A block's forces stand by the atoms that it reaches.
 */
import type { DescriptorSettings } from "../../descriptors/settings.ts";
import type { Structure } from "../../structure/structure.ts";
import type { FingerprintForm } from "./heldFingerprints.ts";
import type { Machine } from "./machine.ts";
import { layAtoms, layBench, type Plan, refuse } from "./surroundings.ts";

/** Centres of a block: many have more neighbours in common, few are sooner done. */
const BLOCK = 256;
/** Centres at a time: as many as share a network's weights while their derivatives stay in the processor's cache. */
const ROWS = 16;

/** Networks in a machine; addresses. */
export interface Networks {
  readonly plan: Plan;
  readonly form: FingerprintForm;
  /** Layers, as `assembly/network.ts` has them. */
  readonly net: number;
  /** M. */
  readonly models: number;
  /** Weights, [M][E]. */
  readonly prepared: number;
}

/** What one block says; overwritten by the next. Lanes are models, padded to an even number. */
export interface Block {
  /** Its atoms. */
  readonly centres: Uint32Array;
  /** Their networks' outputs, [centres][lanes] eV. */
  readonly energies: Float64Array;
  /** How far the furthest fingerprint lies outside the range, [lanes] half-ranges. */
  readonly novelty: Float64Array;
  /** Σ x_j · ∂E/∂x_j of its centres' energies, [3][3][lanes] eV. */
  readonly virial: Float64Array;
  /** Atoms that it exerts forces on. */
  readonly atoms: Uint32Array;
  /** [atoms][3][lanes] eV/Å. */
  readonly forces: Float64Array;
  readonly lanes: number;
}

/** A structure's blocks. */
export interface Blocks {
  readonly count: number;
  /** Calculates a block, a few centres after each `next`. */
  calculate(block: number): Generator<void, Block>;
}

/**
 * Lays a structure, behind which the machine must not be given other work while its blocks are calculated.
 * @throws RangeError as `layAtoms`; two atoms in one place are met by the blocks.
 */
export function layBlocks(on: Machine, networks: Networks, structure: Structure, settings: DescriptorSettings): Blocks {
  const { kernels } = on;
  const { plan, form, net, models, prepared } = networks;
  const atoms = layAtoms(on, structure, settings);
  const most = Math.max(1, atoms.mostNeighbours);
  const around = layBench(on, plan, atoms.count, most);
  const block = Math.min(BLOCK, atoms.count);
  const rows = Math.min(ROWS, block);
  const lanes = models + (models % 2);
  const reach = Math.min(atoms.count, block * (1 + most));
  const [centre, atom] = [on.integers(block), on.integers(reach)];
  // Products of matrices write three rows of the virial and read a fourth.
  const [energies, totals] = [on.floats(block * lanes), on.floats((1 + 12) * lanes)];
  const forces = on.floats(3 * reach * lanes);
  const at = on.floats(kernels.predictionSize(net, form.address, models, atoms.count, rows, most)).byteOffset;
  kernels.layPrediction(
    at,
    plan.address,
    atoms.address,
    around.around,
    around.scratch,
    net,
    form.address,
    models,
    prepared,
    rows,
    most,
    centre.byteOffset,
    energies.byteOffset,
    totals.byteOffset,
    atom.byteOffset,
    forces.byteOffset,
  );
  return {
    count: Math.ceil(atoms.count / BLOCK),
    *calculate(k) {
      const from = k * BLOCK;
      const end = Math.min(from + BLOCK, atoms.count);
      kernels.openBlock(at, from, end);
      for (;;) {
        const left = kernels.predictSome(at);
        if (left < 0) refuse(structure, settings);
        if (left === 0) break;
        yield;
      }
      const reached = kernels.atomsReached(at);
      return {
        centres: centre.subarray(0, end - from),
        energies,
        novelty: totals.subarray(0, lanes),
        virial: totals.subarray(lanes, 10 * lanes),
        atoms: atom.subarray(0, reached),
        forces: forces.subarray(0, 3 * reached * lanes),
        lanes,
      };
    },
  };
}
