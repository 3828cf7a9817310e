/** Covalent bonds, those between two non-metals: who is how many of them away, and whose hydrogen a hydrogen is. */
import { type BondGraph, bondGraph } from "./bonds.ts";
import { symbolOf } from "./elements.ts";
import type { Structure } from "./structure.ts";

/** Non-metals; everything else counts as a metal. */
const NON_METALS = new Set("H He B C N O F Ne Si P S Cl Ar Ge As Se Br Kr Te I Xe At Rn".split(" "));

/** Whether an element is a metal. */
export function isMetal(z: number): boolean {
  return !NON_METALS.has(symbolOf(z));
}

/** The bonds of a structure without those of metals. */
export function covalentGraph(s: Structure, graph: BondGraph = bondGraph(s)): BondGraph {
  return graph.map((bonds, i) => (isMetal(s.numbers[i]) ? [] : bonds.filter((b) => !isMetal(s.numbers[b.to]))));
}

/** For each hydrogen the nearest heavy atom among its bonds, for every other atom, and a hydrogen without one, itself; [N]. */
export function heavyAtoms({ numbers }: Pick<Structure, "numbers">, covalent: BondGraph): Uint32Array {
  return Uint32Array.from(numbers, (z, i) => {
    const heavy = z === 1 ? covalent[i].filter((b) => numbers[b.to] !== 1) : [];
    return heavy.length > 0 ? heavy.reduce((p, q) => (q.length < p.length ? q : p)).to : i;
  });
}

/**
 * Atoms with the hydrogens that follow them: those whose heavy atom is among them; of H2 and the like, which have no heavy atom, those
 * bonded to one of them.
 */
export function withHydrogens({ numbers }: Pick<Structure, "numbers">, covalent: BondGraph, atoms: ReadonlySet<number>): Set<number> {
  const heavy = heavyAtoms({ numbers }, covalent);
  const follows = (z: number, i: number): boolean =>
    z === 1 && (heavy[i] === i ? covalent[i].some((b) => atoms.has(b.to)) : atoms.has(heavy[i]));
  return new Set([...atoms, ...Array.from(numbers.keys()).filter((i) => follows(numbers[i], i))]);
}

/**
 * The heavy atoms at most `most` covalent bonds away from atoms, along heavy atoms, all of them with their hydrogens, and those atoms
 * themselves; a hydrogen among them stands for its heavy atom.
 */
export function withinBonds(s: Structure, covalent: BondGraph, from: Iterable<number>, most: number): Set<number> {
  const heavy = heavyAtoms(s, covalent);
  const reached = new Set(Array.from(from, (i) => heavy[i]));
  let edge = [...reached];
  for (let n = 0; n < most && edge.length > 0; n++) {
    edge = [...new Set(edge.flatMap((i) => covalent[i].map((b) => b.to)))].filter((j) => s.numbers[j] !== 1 && !reached.has(j));
    for (const j of edge) reached.add(j);
  }
  return withHydrogens(s, covalent, reached);
}
