/** Where Q ends: its atoms that miss a neighbour which they have in S, and the links in the place of some. */
import { neighbourList } from "../linalg/neighbours.ts";
import type { Structure } from "../structure/structure.ts";

/**
 * Atoms of a cut structure that have not all the neighbours that they have in S, and its links, by their places in it, ascending.
 * @param atoms of S, in the order in which they stand in `q`
 * @param q these atoms where they are in S, each at an image of its own, then the links
 * @param reach how far a neighbour may be, Å
 */
export function boundaryAtoms(s: Structure, atoms: ArrayLike<number>, q: Structure, reach: number): Uint32Array {
  const inS = neighbourList(s.positions, s.cell, s.pbc, reach);
  const inQ = neighbourList(q.positions.subarray(0, 3 * atoms.length), q.cell, q.pbc, reach);
  const has = (list: typeof inS, i: number): number => list.start[i + 1] - list.start[i];
  return Uint32Array.from(q.numbers.keys()).filter((m) => m >= atoms.length || has(inQ, m) < has(inS, atoms[m]));
}
