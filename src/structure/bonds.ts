/** Bonds by covalent radii (Cordero et al., Dalton Trans. 2008, 2832), and the molecules that they make. */
import { completed, inverse, times } from "../linalg/cell.ts";
import { neighbourList } from "../linalg/neighbours.ts";
import { covalentRadius } from "./elements.ts";
import { type Structure, size } from "./structure.ts";

/** Whole lattice vectors. */
export type Shift = readonly [number, number, number];

const HERE: Shift = [0, 0, 0];

/** Å. Lattice vectors are longer. */
const ROUNDING = 1e-6;

/** A bond seen from one of its atoms. */
export interface Bond {
  /** The atom at the other end, */
  readonly to: number;
  /** moved by these lattice vectors. */
  readonly shift: Shift;
  /** Å. */
  readonly length: number;
}

/** For each atom its bonds, by the other atom's index and shift. Each bond stands twice, once from either end. */
export type BondGraph = readonly (readonly Bond[])[];

/**
 * Atoms closer than `scale` times the sum of their covalent radii, every periodic image for itself, an atom's own images included.
 * @throws RangeError for an element without radius.
 */
export function bondGraph(s: Structure, scale = 1.2): BondGraph {
  const radii = Float64Array.from(s.numbers, covalentRadius);
  const largest = radii.reduce((a, b) => Math.max(a, b), 0);
  if (largest === 0) return [];
  const { start, index, vector, distance } = neighbourList(s.positions, s.cell, s.pbc, 2 * scale * largest);
  const toFraction = inverse(completed(s.cell));
  return Array.from(radii, (radius, i) => {
    const found: Bond[] = [];
    for (let p = start[i]; p < start[i + 1]; p++) {
      const [to, length] = [index[p], distance[p]];
      if (length >= scale * (radius + radii[to])) continue;
      const x = vector[3 * p] - (s.positions[3 * to] - s.positions[3 * i]);
      const y = vector[3 * p + 1] - (s.positions[3 * to + 1] - s.positions[3 * i + 1]);
      const z = vector[3 * p + 2] - (s.positions[3 * to + 2] - s.positions[3 * i + 2]);
      const isHere = Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) < ROUNDING;
      found.push({ to, shift: isHere ? HERE : whole(times([x, y, z], toFraction)), length });
    }
    return found.sort((p, q) => p.to - q.to || p.shift[0] - q.shift[0] || p.shift[1] - q.shift[1] || p.shift[2] - q.shift[2]);
  });
}

function whole([a, b, c]: readonly [number, number, number]): Shift {
  return [Math.round(a), Math.round(b), Math.round(c)];
}

/**
 * Bonded pairs, periodic images included; lower index first, sorted, each pair once. An atom is not bonded to its own image.
 * @throws RangeError for an element without radius.
 */
export function bonds(s: Structure, scale = 1.2): [number, number][] {
  return bondPartners(s, scale).flatMap((others, i) => others.filter((j) => j > i).map((j): [number, number] => [i, j]));
}

/** For each atom those that it is bonded to, ascending, each once. */
export function bondPartners(s: Structure, scale = 1.2): number[][] {
  return bondGraph(s, scale).map((found, i) => [...new Set(found.map((b) => b.to))].filter((j) => j !== i));
}

/** For each atom the number of the molecule it belongs to, [N]; molecules are counted from 0 in the order of their first atoms. */
export function molecules(s: Structure, scale = 1.2): Int32Array {
  const n = size(s);
  const partners = bondPartners(s, scale);
  const molecule = new Int32Array(n).fill(-1);
  let count = 0;
  for (let first = 0; first < n; first++) {
    if (molecule[first] >= 0) continue;
    const pending = [first];
    molecule[first] = count;
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
      for (const j of partners[i]) {
        if (molecule[j] >= 0) continue;
        molecule[j] = count;
        pending.push(j);
      }
    }
    count++;
  }
  return molecule;
}
