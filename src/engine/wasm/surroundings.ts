/**
 * The surroundings of a structure's atoms in a machine: neighbours and symmetry functions of `assembly/neighbours.ts` and
 * `assembly/symmetryFunctions.ts`, centre after centre. What is laid here are addresses that other kernels may be given as well; the atoms
 * are only read, so that threads share them, and each thread has a bench of its own.
 */
import { type AngularFunction, type DescriptorSettings, fingerprintSize, liveFunctions } from "../../descriptors/settings.ts";
import { describer } from "../../descriptors/symmetryFunctions.ts";
import { inverse, latticeOf } from "../../linalg/cell.ts";
import { checkCrowd } from "../../linalg/neighbours.ts";
import type { Structure } from "../../structure/structure.ts";
import type { Machine } from "./machine.ts";

/** Symmetry functions ready to be calculated; D in all, L that one neighbour changes. */
export interface Plan {
  readonly address: number;
  readonly elements: number;
  readonly size: number;
  readonly live: number;
}

/** A structure in a machine's memory. */
export interface AtomsInBins {
  readonly address: number;
  readonly count: number;
  /** Positions of the atoms' elements in the settings' list, [N]. */
  readonly kinds: Uint32Array;
  /** No atom has more neighbours. */
  readonly mostNeighbours: number;
}

/** Where one thread works on one centre after another, for structures of some size. */
export interface Bench {
  readonly atoms: number;
  readonly mostNeighbours: number;
  /** Neighbours of the centre. */
  readonly around: number;
  readonly scratch: number;
}

/** Arrays for centres and their entries, which are the neighbours or the atoms that move. */
export interface Described {
  /** [centres][D]. */
  readonly values: Float64Array;
  /** Where the entries of each centre and element begin, [centres E + 1]; the first is given. */
  readonly start: Uint32Array;
  /** Atom of each entry; as long as there is room for entries. */
  readonly atom: Uint32Array;
  /** Vectors to the neighbours, [entries][3] Å; absent where entries are atoms that move. */
  readonly vectors?: Float64Array;
  /** [entries][3][L] 1/Å. */
  readonly slopes: Float64Array;
}

/** Lays the symmetry functions of settings. */
export function layPlan({ kernels, floats }: Machine, s: DescriptorSettings): Plan {
  const elements = s.elements.length;
  const radials = s.g2.map(({ eta, rs }) => [eta, rs]);
  const groups: number[][] = [];
  const pairs: number[][] = [];
  for (const third of [1, 0]) {
    const functions = third ? s.g4 : s.g5;
    for (const eta of new Set(functions.map((f) => f.eta))) {
      const first = pairs.length;
      pairs.push(...paired(functions, eta));
      if (pairs.length % 2 === 1) pairs.push([1, 0, 0, -1, -1]);
      groups.push([third, first, pairs.length]);
      radials.push([eta, 0]);
    }
  }
  const laid = (rows: number[][]): number => {
    const numbers = floats(rows.length * (rows[0]?.length ?? 0));
    numbers.set(rows.flat());
    return numbers.byteOffset;
  };
  const address = floats(kernels.planSize(radials.length, groups.length, pairs.length)).byteOffset;
  kernels.layPlan(
    address,
    s.cutoff,
    s.cutoffFunction === "cosine" ? 0 : s.cutoffFunction.polynomial,
    elements,
    s.g2.length,
    s.g4.length,
    s.g5.length,
    radials.length,
    laid(radials),
    groups.length,
    laid(groups),
    pairs.length,
    laid(pairs),
  );
  return { address, elements, size: fingerprintSize(s), live: liveFunctions(s).length / elements };
}

/**
 * Lays the atoms of a structure.
 * @throws RangeError if it has an element that the settings do not name, or it or its cell is not what `neighbourList` takes.
 */
export function layAtoms({ kernels, floats, integers }: Machine, structure: Structure, settings: DescriptorSettings): AtomsInBins {
  const { numbers, positions, cell, pbc } = structure;
  const count = numbers.length;
  const elements = settings.elements.length;
  const kindOf = new Int32Array(119).fill(-1);
  settings.elements.forEach((z, k) => {
    kindOf[z] = k;
  });
  const kinds = integers(count);
  for (let i = 0; i < count; i++) {
    if (!(kindOf[numbers[i]] >= 0)) refuse(structure, settings);
    kinds[i] = kindOf[numbers[i]];
  }
  if (!(settings.cutoff > 0 && settings.cutoff < Infinity)) refuse(structure, settings);
  const lattice = latticeOf(cell, pbc);
  checkCrowd(positions, lattice, pbc, settings.cutoff);
  const geometry = floats(18);
  geometry.set(lattice);
  geometry.set(inverse(lattice), 9);
  const given = floats(3 * count);
  given.set(positions);
  const periodic = pbc.reduce((bits, is, k) => bits + (is ? 1 << k : 0), 0);
  const address = floats(kernels.atomsSize(count, elements)).byteOffset;
  const finite = kernels.layAtoms(
    address,
    count,
    elements,
    given.byteOffset,
    kinds.byteOffset,
    geometry.byteOffset,
    periodic,
    settings.cutoff,
  );
  if (!finite) refuse(structure, settings);
  return { address, count, kinds, mostNeighbours: kernels.mostNeighbours(address) };
}

/** Lays a bench for the centres of structures with up to so many atoms and neighbours. */
export function layBench({ kernels, floats }: Machine, plan: Plan, atoms: number, mostNeighbours: number): Bench {
  const around = floats(kernels.aroundSize(atoms, plan.elements, mostNeighbours)).byteOffset;
  kernels.layAround(around, atoms, plan.elements, mostNeighbours);
  const scratch = floats(kernels.describingSize(plan.address, mostNeighbours)).byteOffset;
  return { atoms, mostNeighbours, around, scratch };
}

/**
 * Describes the centres from .. end while there is room for their entries, in arrays of the machine.
 * @returns the first centre that is left, or -1 if two atoms are in one place.
 */
export function describeCentres(
  machine: Machine,
  plan: Plan,
  atoms: AtomsInBins,
  at: Bench,
  from: number,
  end: number,
  out: Described,
): number {
  return machine.kernels.describeCentres(
    plan.address,
    atoms.address,
    at.around,
    at.scratch,
    out.vectors === undefined,
    from,
    end,
    plan.live === 0 ? out.atom.length : Math.min(out.atom.length, Math.floor(out.slopes.length / (3 * plan.live))),
    out.values.byteOffset,
    out.start.byteOffset,
    out.atom.byteOffset,
    out.vectors?.byteOffset ?? 0,
    out.slopes.byteOffset,
  );
}

/**
 * Says why a structure cannot be described: plain TypeScript meets the same obstacle.
 * @throws RangeError
 */
export function refuse(structure: Structure, settings: DescriptorSettings): never {
  describer(structure, settings);
  throw new RangeError("the structure cannot be described by these settings");
}

/** Functions of one η two by two, each pair of one ζ: ζ, the two γ, and the two places in the list, -1 for a missing one. */
function paired(functions: readonly AngularFunction[], eta: number): number[][] {
  const pairs: number[][] = [];
  functions.forEach(({ eta: own, zeta, gamma }, place) => {
    if (own !== eta) return;
    const open = pairs.find((pair) => pair[0] === zeta && pair[4] < 0);
    if (open) open.splice(2, 3, gamma, open[3], place);
    else pairs.push([zeta, gamma, 0, place, -1]);
  });
  return pairs;
}
