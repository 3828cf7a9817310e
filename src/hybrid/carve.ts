/**
 * Carving: which atoms of a structure S make the QM cluster Q, and Q at any later geometry of S.
 * Q is decided once and kept: each atom enters once, at its image that bonds lead to or that is nearest the core, and moves with its atom
 * in S from then on, so that E_QM(Q) is a smooth function of the positions; S must therefore not be wrapped into its cell or reordered
 * later. A cut bond between two non-metals is saturated by a hydrogen; one that a hydrogen cannot stand for is not cut (`boundary.ts`).
 */
import { completed, inverse, minimumImage, times } from "../linalg/cell.ts";
import { neighbourList } from "../linalg/neighbours.ts";
import { type BondGraph, bondGraph, type Shift } from "../structure/bonds.ts";
import { covalentGraph, heavyAtoms, withHydrogens, withinBonds } from "../structure/covalent.ts";
import { inheritedMultiplicity } from "../structure/electrons.ts";
import { type Structure, size } from "../structure/structure.ts";
import { crowded, cutBonds, uncuttable } from "./boundary.ts";
import { carriers, type LinkAtom, linkPositions, placeOf } from "./links.ts";

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
  /**
   * What belongs to Q besides the core: heavy atoms (metals count as such) nearer than this to a core atom, Å; or those at most so many
   * covalent bonds away from the core's heavy atoms. A hydrogen belongs if the heavy atom does that it is bonded to.
   */
  readonly buffer: number | { readonly bonds: number };
  /** Link atoms at a fixed ratio of the cut bond or at a fixed length. Default "length". */
  readonly links?: "ratio" | "length";
  /**
   * Take whole molecules (connected by bonds, those of metals too) wherever one atom of a molecule, hydrogens included, is near enough, in
   * one piece across periodic boundaries. Default false.
   */
  readonly wholeMolecules?: boolean;
  /** Where a bond must not be cut, take in the atom outside with its hydrogens, and so on, instead of refusing. Default false. */
  readonly grow?: boolean;
  /** Bonds of S, where they are known; for a large S they take longer than the rest. */
  readonly graph?: BondGraph;
}

/**
 * Carves the cluster round a core.
 * @param core atoms of S, ascending
 * @throws RangeError if the core is empty or names an atom that S lacks, the buffer is not a positive length or a number of bonds, or the
 *   boundary cuts a bond that must not be cut.
 */
export function carve(s: Structure, core: Uint32Array, options: CarveOptions): Cluster {
  const { buffer, links: fixed = "length", wholeMolecules = false, grow = false, graph = bondGraph(s) } = options;
  if (core.length === 0) throw new RangeError("the core has no atoms; name at least one");
  const foreign = core.find((c) => c >= size(s));
  if (foreign !== undefined) throw new RangeError(`atom ${foreign} of the core is outside 0..${size(s) - 1}`);
  if (typeof buffer === "number" && !(buffer > 0))
    throw new RangeError(`the buffer is ${buffer} Å; give a positive length, 5.2 for metals, or {bonds: 1}`);
  if (typeof buffer !== "number" && !(Number.isInteger(buffer.bonds) && buffer.bonds >= 0))
    throw new RangeError(`the buffer is ${buffer.bonds} bonds; give 0, 1, 2, ...`);
  const covalent = covalentGraph(s, graph);
  const way = shortestWay(s);
  const nearest = typeof buffer === "number" ? Array.from(s.numbers, (_, i) => nearestOf(core, i, way)) : [];
  const chosen =
    typeof buffer === "number"
      ? near(s, covalent, core, nearest, { buffer, wholeMolecules })
      : withinBonds(s, covalent, core, buffer.bonds);
  if (wholeMolecules) connect(chosen, graph);
  const shifts = placed(core, chosen, wholeMolecules ? graph : covalent, nearest, way);
  for (;;) {
    const cuts = cutBonds(covalent, shifts);
    const links = cuts.map(({ inside, bond: { to }, shift }) => {
      return { inside, outside: to, shift, place: placeOf(s.numbers[inside], s.numbers[to], fixed) };
    });
    const cluster = inState(s, core, shifts, links);
    const refused = uncuttable(s, covalent, cuts) ?? crowded(s, cluster, cut(s, cluster));
    if (!refused) return cluster;
    const outside = refused.bonds.filter((b) => grow && !shifts.has(b.outside));
    if (outside.length === 0) throw new RangeError(refused.message);
    for (const atom of withHydrogens(s, covalent, new Set(outside.map((b) => b.outside)))) chosen.add(atom);
    for (const { inside } of outside) follow(inside, shifts, chosen, covalent);
  }
}

/** The core, and the atoms within `buffer` (Å) of it; hydrogens follow their heavy atoms, unless molecules stay whole anyway. */
function near(
  s: Structure,
  covalent: BondGraph,
  core: Uint32Array,
  nearest: readonly Way[],
  { buffer, wholeMolecules }: { buffer: number; wholeMolecules: boolean },
): Set<number> {
  const heavy = wholeMolecules ? Uint32Array.from(s.numbers.keys()) : heavyAtoms(s, covalent);
  const reached = new Set(Array.from(core, (c) => heavy[c]));
  for (const i of heavy) if (nearest[i].distance <= buffer) reached.add(i);
  return withHydrogens(s, covalent, reached);
}

/** Adds all that is bonded to atoms, and to these, and so on. */
function connect(atoms: Set<number>, graph: BondGraph): void {
  // A set's iterator meets what is added on the way.
  for (const i of atoms) for (const { to } of graph[i]) atoms.add(to);
}

/** Cluster of placed atoms and links, in the charge and spin that it has from S. */
function inState(s: Structure, core: Uint32Array, placed: ReadonlyMap<number, Shift>, links: readonly LinkAtom[]): Cluster {
  const atoms = Uint32Array.from(placed.keys()).sort();
  const shifts = Int32Array.from(Array.from(atoms).flatMap((i) => placed.get(i) as Shift));
  const cluster = { atoms, core, shifts, links, charge: s.charge ?? 0, multiplicity: s.multiplicity ?? 1 };
  return { ...cluster, multiplicity: inheritedMultiplicity(cut(s, cluster), cluster.multiplicity) };
}

/** The shortest way from one atom to another: its length in Å, and the lattice vectors that the second is moved by to end it. */
interface Way {
  readonly from: number;
  readonly distance: number;
  readonly shift: Shift;
}

function shortestWay(s: Structure): (from: number, to: number) => Way {
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

function nearestOf(atoms: Iterable<number>, to: number, way: (from: number, to: number) => Way): Way {
  let best: Way | undefined;
  for (const from of atoms) {
    const next = way(from, to);
    if (!best || next.distance < best.distance) best = next;
  }
  return best as Way;
}

/** Where an atom goes that is `shift` away from a placed one's own image. */
function beside(placed: number, shifts: ReadonlyMap<number, Shift>, shift: Shift): Shift {
  const base = shifts.get(placed) as Shift;
  return [base[0] + shift[0], base[1] + shift[1], base[2] + shift[2]];
}

/** Places the chosen atoms that are bonded to a placed one beside it, then those bonded to them, and so on. */
function follow(from: number, shifts: Map<number, Shift>, chosen: ReadonlySet<number>, graph: BondGraph): void {
  const pending = [from];
  for (const i of pending) {
    for (const { to, shift } of graph[i]) {
      if (shifts.has(to) || !chosen.has(to)) continue;
      shifts.set(to, beside(i, shifts, shift));
      pending.push(to);
    }
  }
}

/**
 * An image for each chosen atom. The core is kept in one piece: from its first atom on, always the nearest of those left is placed beside
 * the placed atom that it is nearest to; other atoms are placed beside the core atom nearest to them, nearest first. Each takes along
 * what is bonded to it.
 */
function placed(
  core: Uint32Array,
  chosen: ReadonlySet<number>,
  graph: BondGraph,
  nearest: readonly Way[],
  way: (from: number, to: number) => Way,
): Map<number, Shift> {
  const shifts = new Map<number, Shift>([[core[0], [0, 0, 0]]]);
  const left = new Map(Array.from(core.subarray(1), (c) => [c, way(core[0], c)]));
  follow(core[0], shifts, chosen, graph);
  while (left.size > 0) {
    const [next, link] = [...left].reduce((p, q) => (q[1].distance < p[1].distance ? q : p));
    left.delete(next);
    if (!shifts.has(next)) shifts.set(next, beside(link.from, shifts, link.shift));
    follow(next, shifts, chosen, graph);
    for (const [c, old] of left) {
      const other = way(next, c);
      if (other.distance < old.distance) left.set(c, other);
    }
  }
  const others = [...chosen].filter((i) => !shifts.has(i));
  for (const i of others.sort((p, q) => nearest[p].distance - nearest[q].distance || p - q)) {
    if (shifts.has(i)) continue;
    shifts.set(i, beside(nearest[i].from, shifts, nearest[i].shift));
    follow(i, shifts, chosen, graph);
  }
  return shifts;
}

/** Q at a geometry of S: a cluster in vacuum with charge and spin, its atoms in the order of `cluster.atoms`, then the link hydrogens. */
export function cut(s: Structure, cluster: Cluster): Structure {
  const { atoms, links, charge, multiplicity } = cluster;
  const { positions } = carriers(s, cluster);
  const numbers = new Uint8Array(atoms.length + links.length).fill(1);
  atoms.forEach((i, m) => {
    numbers[m] = s.numbers[i];
  });
  // The links take the places of their outside atoms.
  positions.set(linkPositions(cluster, positions), 3 * atoms.length);
  return { numbers, positions, cell: new Float64Array(9), pbc: [false, false, false], charge, multiplicity };
}

/** What each atom of S is: 2 core, 1 buffer, 0 environment. */
export function roles(s: Structure, cluster: Cluster): Uint8Array {
  const role = new Uint8Array(size(s));
  for (const i of cluster.atoms) role[i] = 1;
  for (const i of cluster.core) role[i] = 2;
  return role;
}

/**
 * Smallest distance from an atom of Q, links apart, to a periodic image of one, if below `reach` (Å): Q in vacuum misses the neighbours
 * that S has there.
 */
export function imageGap(s: Structure, cluster: Cluster, reach = 6): number | undefined {
  if (!s.pbc.some((p) => p)) return undefined;
  const positions = cut(s, cluster).positions.subarray(0, 3 * cluster.atoms.length);
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
