/**
 * Rings: the shortest way from one end of a bond back to the other, found breadth first (Figueras, J. Chem. Inf. Comput. Sci. 36, 986
 * (1996)). Atoms of different periodic images are different atoms, so that an infinite chain is no ring.
 */
import type { Bond, BondGraph, Shift } from "./bonds.ts";

/** Bonds of the longest way back that is looked for: beyond it the ends of a bond hardly know of each other. */
const LONGEST = 30;

/** Number of atoms of the smallest ring that a bond of atom `i` is part of, if it is part of one. */
export function ringSize(graph: BondGraph, i: number, { to, shift }: Bond): number | undefined {
  const key = (atom: number, [a, b, c]: Shift): string => `${atom} ${a} ${b} ${c}`;
  const [start, goal] = [key(i, [0, 0, 0]), key(to, shift)];
  const seen = new Set([start]);
  let edge: { atom: number; at: Shift }[] = [{ atom: i, at: [0, 0, 0] }];
  for (let way = 1; way <= LONGEST && edge.length > 0; way++) {
    const next: typeof edge = [];
    for (const { atom, at } of edge) {
      for (const b of graph[atom]) {
        const there: Shift = [at[0] + b.shift[0], at[1] + b.shift[1], at[2] + b.shift[2]];
        const name = key(b.to, there);
        if (name === goal && way > 1) return way + 1;
        if (name === goal || seen.has(name)) continue;
        seen.add(name);
        next.push({ atom: b.to, at: there });
      }
    }
    edge = next;
  }
  return undefined;
}
