/**
 * Bond orders from bond lengths,
 *   n = exp((R_i + R_j - r) / 0.3 Å),
 * with covalent radii R: Pauling, J. Am. Chem. Soc. 69, 542 (1947), with 0.3 Å for his 0.26 Å. Between carbons 1.54 Å is 0.9, 1.46 Å
 * (butadiene's middle) 1.2, 1.39 Å (benzene) 1.5, 1.33 Å 1.9. Atoms with all their valences taken by partners form short bonds as well
 * (Si-O), so that a multiple bond needs an end that lacks some. It says nothing of ions or of bonds stretched by half.
 */
import { exp } from "../linalg/elementary.ts";
import type { Bond, BondGraph } from "./bonds.ts";
import { covalentRadius, symbolOf } from "./elements.ts";
import type { Structure } from "./structure.ts";

/** Å of a bond's length in which its order falls to 1/e. */
const DECAY = 0.3;
/** A bond above this order is more than single. */
const SINGLE = 1.3;
/** Partners of an atom that has single bonds alone; of the heavier elements, which take more, the fewest. */
const VALENCE: Readonly<Record<string, number>> = {
  ...{ H: 1, B: 3, C: 4, N: 3, O: 2, F: 1, Si: 4, P: 3, S: 2, Cl: 1, Ge: 4, As: 3, Se: 2, Br: 1, Te: 2, I: 1 },
};

/** Order of a bond between elements `a` and `b` of a length in Å. */
export function bondOrder(a: number, b: number, length: number): number {
  return exp((covalentRadius(a) + covalentRadius(b) - length) / DECAY);
}

/** The order of a bond of atom `i` if it is more than single. */
export function multipleOrder({ numbers }: Structure, covalent: BondGraph, i: number, { to, length }: Bond): number | undefined {
  const order = bondOrder(numbers[i], numbers[to], length);
  const unsaturated = [i, to].some((k) => covalent[k].length < (VALENCE[symbolOf(numbers[k])] ?? 0));
  return order > SINGLE && unsaturated ? order : undefined;
}
