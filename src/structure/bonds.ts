/** Bonds by covalent radii (Cordero et al., Dalton Trans. 2008, 2832), and the molecules that they make. No bond orders. */
import { neighbourList } from "../linalg/neighbours.ts";
import { covalentRadius } from "./elements.ts";
import { type Structure, size } from "./structure.ts";

/**
 * Pairs of atoms closer than `scale` times the sum of their covalent radii, periodic images included; lower index first, sorted,
 * each pair once. An atom is not bonded to its own image.
 * @throws RangeError for an element without radius.
 */
export function bonds(s: Structure, scale = 1.2): [number, number][] {
  const radii = Float64Array.from(s.numbers, covalentRadius);
  const largest = radii.reduce((a, b) => Math.max(a, b), 0);
  if (largest === 0) return [];
  const { start, index, distance } = neighbourList(s.positions, s.cell, s.pbc, 2 * scale * largest);
  const pairs: [number, number][] = [];
  for (let i = 0; i < size(s); i++) {
    const others = new Set<number>();
    for (let p = start[i]; p < start[i + 1]; p++) {
      const j = index[p];
      if (j > i && distance[p] < scale * (radii[i] + radii[j])) others.add(j);
    }
    for (const j of [...others].sort((a, b) => a - b)) pairs.push([i, j]);
  }
  return pairs;
}

/** For each atom those that it is bonded to. */
export function bondPartners(s: Structure, scale = 1.2): number[][] {
  const partners: number[][] = Array.from({ length: size(s) }, () => []);
  for (const [i, j] of bonds(s, scale)) {
    partners[i].push(j);
    partners[j].push(i);
  }
  return partners;
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
