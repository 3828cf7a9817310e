/**
 * Carving: which atoms of a structure S make the QM cluster Q, and Q at any later geometry of S.
 * Q is decided once and kept: each atom enters once, at its image nearest the core, and moves with its atom in S from then on, so that
 * E_QM(Q) is a smooth function of the positions. No atom is added to saturate a cut bond.
 */
import { completed, inverse, minimumImage, times } from "../linalg/cell.ts";
import { neighbourList } from "../linalg/neighbours.ts";
import { bonds, molecules } from "../structure/bonds.ts";
import { symbolOf } from "../structure/elements.ts";
import { type Structure, size } from "../structure/structure.ts";

/** Q as a part of S: M atoms. */
export interface Cluster {
  /** Atoms of S, ascending, [M]. */
  readonly atoms: Uint32Array;
  /** Those of them that are core, ascending. */
  readonly core: Uint32Array;
  /** Lattice vectors added to each atom, whole numbers, [M][3]. */
  readonly shifts: Int32Array;
}

/** How to carve. */
export interface CarveOptions {
  /** Atoms nearer than this to a core atom belong to Q, Å. */
  readonly buffer: number;
  /** Take whole molecules (connected by covalent bonds) wherever one atom of a molecule belongs. Default false. */
  readonly wholeMolecules?: boolean;
}

/**
 * Carves the cluster round a core.
 * @param core atoms of S, ascending
 * @throws RangeError if the core is empty or the buffer is not a positive number.
 */
export function carve(s: Structure, core: Uint32Array, options: CarveOptions): Cluster {
  const { buffer, wholeMolecules = false } = options;
  if (core.length === 0) throw new RangeError("the core has no atoms; name at least one");
  if (!(buffer > 0)) throw new RangeError(`the buffer is ${buffer} Å; give a positive length, 5.2 for metals`);
  const nearest = minimumImage(s.cell, s.pbc);
  const toCore = (i: number): { distance: number; vector: Float64Array; to: number } => {
    let best = { distance: Number.POSITIVE_INFINITY, vector: new Float64Array(3), to: core[0] };
    for (const c of core) {
      const vector = Float64Array.of(0, 0, 0).map((_, k) => s.positions[3 * i + k] - s.positions[3 * c + k]);
      const distance = nearest(vector);
      if (distance < best.distance) best = { distance, vector, to: c };
    }
    return best;
  };
  const anchors = Array.from({ length: size(s) }, (_, i) => toCore(i));
  const inside = anchors.map((a) => a.distance <= buffer);
  if (wholeMolecules) {
    const molecule = molecules(s);
    const taken = new Set(Array.from(molecule).filter((_, i) => inside[i]));
    molecule.forEach((m, i) => {
      inside[i] = taken.has(m);
    });
  }
  const atoms = Uint32Array.from(inside.flatMap((is, i) => (is ? [i] : [])));
  // The core itself is gathered round its first atom, everything else round the core atom that it is nearest to.
  const coreShift = new Map<number, Int32Array>();
  for (const c of core) {
    const vector = Float64Array.of(0, 0, 0).map((_, k) => s.positions[3 * c + k] - s.positions[3 * core[0] + k]);
    nearest(vector);
    coreShift.set(c, latticeShift(s, c, core[0], vector));
  }
  const shifts = new Int32Array(3 * atoms.length);
  atoms.forEach((i, m) => {
    const own = coreShift.get(i);
    if (own) shifts.set(own, 3 * m);
    else {
      const { vector, to } = anchors[i];
      const base = coreShift.get(to) as Int32Array;
      shifts.set(latticeShift(s, i, to, vector).map((x, k) => x + base[k]), 3 * m);
    }
  });
  return { atoms, core, shifts };
}

/** Q at a geometry of S: a cluster in vacuum, its atoms in the order of `cluster.atoms`. */
export function cut(s: Structure, cluster: Cluster): Structure {
  const { atoms, shifts } = cluster;
  const positions = new Float64Array(3 * atoms.length);
  atoms.forEach((i, m) => {
    const away = times(shifts, s.cell, 3 * m);
    for (let k = 0; k < 3; k++) positions[3 * m + k] = s.positions[3 * i + k] + away[k];
  });
  return { numbers: Uint8Array.from(atoms, (i) => s.numbers[i]), positions, cell: new Float64Array(9), pbc: [false, false, false] };
}

/** What each atom of S is: 2 core, 1 buffer, 0 environment. */
export function roles(s: Structure, cluster: Cluster): Uint8Array {
  const role = new Uint8Array(size(s));
  for (const i of cluster.atoms) role[i] = 1;
  for (const i of cluster.core) role[i] = 2;
  return role;
}

/** Covalent bonds between two non-metals that the boundary cuts, as [inside, outside] atoms of S. */
export function cutBonds(s: Structure, cluster: Cluster): [number, number][] {
  const inside = new Set(cluster.atoms);
  return bonds(s)
    .filter(([i, j]) => inside.has(i) !== inside.has(j) && !isMetal(s.numbers[i]) && !isMetal(s.numbers[j]))
    .map(([i, j]) => (inside.has(i) ? [i, j] : [j, i]));
}

/**
 * Smallest distance from an atom of Q to a periodic image of one, if below `reach` (Å): Q in vacuum misses the neighbours that S has there.
 */
export function imageGap(s: Structure, cluster: Cluster, reach = 6): number | undefined {
  if (!s.pbc.some((p) => p)) return undefined;
  const { positions } = cut(s, cluster);
  const { start, index, vector, distance } = neighbourList(positions, s.cell, s.pbc, reach);
  let gap = Number.POSITIVE_INFINITY;
  for (let m = 0; m < cluster.atoms.length; m++) {
    for (let p = start[m]; p < start[m + 1]; p++) {
      const direct = [0, 1, 2].every((k) => Math.abs(vector[3 * p + k] - positions[3 * index[p] + k] + positions[3 * m + k]) < 1e-6);
      if (!direct) gap = Math.min(gap, distance[p]);
    }
  }
  return Number.isFinite(gap) ? gap : undefined;
}

/** Non-metals; everything else counts as a metal. */
const NON_METALS = new Set("H He B C N O F Ne Si P S Cl Ar Ge As Se Br Kr Te I Xe At Rn".split(" "));

/** Whether an element is a metal. */
export function isMetal(z: number): boolean {
  return !NON_METALS.has(symbolOf(z));
}

/** The whole lattice vectors that make atom i minus atom j the given vector. */
function latticeShift(s: Structure, i: number, j: number, vector: ArrayLike<number>): Int32Array {
  const missing = [0, 1, 2].map((k) => vector[k] - s.positions[3 * i + k] + s.positions[3 * j + k]);
  return Int32Array.from(times(missing, inverse(completed(s.cell))), Math.round);
}
