/**
 * Carving: which atoms of a structure S make the QM cluster Q, and Q at any later geometry of S.
 * Q is decided once and kept: each atom enters once, at its image nearest the core, and moves with its atom in S from then on, so that
 * E_QM(Q) is a smooth function of the positions; S must therefore not be wrapped into its cell or reordered later. No atom is added to
 * saturate a cut bond.
 */
import { completed, inverse, minimumImage, times } from "../linalg/cell.ts";
import { neighbourList } from "../linalg/neighbours.ts";
import { bondPartners, bonds } from "../structure/bonds.ts";
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
  /** Hydrogens on the cut bonds, L of them; in Q they follow the M atoms. */
  readonly links: readonly LinkAtom[];
  /** Total charge of Q, e. */
  readonly charge: number;
  /** Spin multiplicity of Q. */
  readonly multiplicity: number;
}

/** How to carve. */
export interface CarveOptions {
  /** Atoms nearer than this to a core atom belong to Q, Å. */
  readonly buffer: number;
  /**
   * Take whole molecules (connected by covalent bonds) wherever one atom of a molecule belongs, in one piece: bonds are followed across
   * periodic boundaries from its core atoms, or from its atom nearest the core. Default false.
   */
  readonly wholeMolecules?: boolean;
}

/**
 * Carves the cluster round a core.
 * @param core atoms of S, ascending
 * @throws RangeError if the core is empty or names an atom that S lacks, or the buffer is not a positive number.
 */
export function carve(s: Structure, core: Uint32Array, options: CarveOptions): Cluster {
  const { buffer, wholeMolecules = false } = options;
  if (core.length === 0) throw new RangeError("the core has no atoms; name at least one");
  const foreign = core.find((c) => c >= size(s));
  if (foreign !== undefined) throw new RangeError(`atom ${foreign} of the core is outside 0..${size(s) - 1}`);
  if (!(buffer > 0)) throw new RangeError(`the buffer is ${buffer} Å; give a positive length, 5.2 for metals`);
  const link = linker(s);
  const shifts = gathered(core, link);
  const partners = wholeMolecules ? bondPartners(s) : undefined;
  /** Places what is bonded to a placed atom beside it, and so on. */
  const follow = (placed: number): void => {
    const pending = [placed];
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
      for (const j of partners?.[i] ?? []) {
        if (shifts.has(j)) continue;
        shifts.set(j, beside(i, shifts, link(i, j)));
        pending.push(j);
      }
    }
  };
  const nearest = Array.from({ length: size(s) }, (_, i) => nearestOf(core, i, link));
  const inside = Array.from(nearest.keys()).filter((i) => nearest[i].distance <= buffer);
  for (const c of core) follow(c);
  for (const i of inside.sort((p, q) => nearest[p].distance - nearest[q].distance)) {
    if (shifts.has(i)) continue;
    shifts.set(i, beside(nearest[i].from, shifts, nearest[i]));
    follow(i);
  }
  const atoms = Uint32Array.from(shifts.keys()).sort();
  return { atoms, core, shifts: Int32Array.from(Array.from(atoms).flatMap((i) => shifts.get(i) as Shift)) };
}

/** Whole lattice vectors. */
type Shift = readonly [number, number, number];

/** The shortest way from one atom to another: its length in Å, and the lattice vectors that the second is moved by to end it. */
interface Link {
  readonly from: number;
  readonly distance: number;
  readonly shift: Shift;
}

function linker(s: Structure): (from: number, to: number) => Link {
  const shorten = minimumImage(s.cell, s.pbc);
  const toFraction = inverse(completed(s.cell));
  return (from, to) => {
    const direct = Float64Array.from({ length: 3 }, (_, k) => s.positions[3 * to + k] - s.positions[3 * from + k]);
    const short = direct.slice();
    const distance = shorten(short);
    const [a, b, c] = times(
      short.map((x, k) => x - direct[k]),
      toFraction,
    );
    return { from, distance, shift: [Math.round(a), Math.round(b), Math.round(c)] };
  };
}

/** Where an atom goes at the end of a link from a placed one. */
function beside(placed: number, shifts: ReadonlyMap<number, Shift>, { shift }: Link): Shift {
  const base = shifts.get(placed) as Shift;
  return [base[0] + shift[0], base[1] + shift[1], base[2] + shift[2]];
}

function nearestOf(atoms: Iterable<number>, to: number, link: (from: number, to: number) => Link): Link {
  let best: Link | undefined;
  for (const from of atoms) {
    const next = link(from, to);
    if (!best || next.distance < best.distance) best = next;
  }
  return best as Link;
}

/** The core in one piece: from its first atom on, always the nearest of those left is placed beside the placed atom that it is nearest to. */
function gathered(core: Uint32Array, link: (from: number, to: number) => Link): Map<number, Shift> {
  const shifts = new Map<number, Shift>([[core[0], [0, 0, 0]]]);
  const left = new Map(Array.from(core.subarray(1), (c) => [c, link(core[0], c)]));
  while (left.size > 0) {
    const [next, way] = [...left].reduce((p, q) => (q[1].distance < p[1].distance ? q : p));
    left.delete(next);
    shifts.set(next, beside(way.from, shifts, way));
    for (const [c, old] of left) {
      const other = link(next, c);
      if (other.distance < old.distance) left.set(c, other);
    }
  }
  return shifts;
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
