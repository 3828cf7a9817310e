/**
 * The boundary of Q: which covalent bonds it cuts, and which of them no hydrogen can stand for: bonds above single, bonds in rings, bonds
 * of hydrogen, and those whose link would come too near another atom of Q.
 */

import { norm } from "../linalg/elementary.ts";
import { multipleOrder } from "../structure/bondOrder.ts";
import type { Bond, BondGraph, Shift } from "../structure/bonds.ts";
import { symbolOf } from "../structure/elements.ts";
import { ringSize } from "../structure/rings.ts";
import type { Structure } from "../structure/structure.ts";
import type { LinkAtom } from "./links.ts";

/** A bond with one end in Q. */
interface CutBond {
  readonly inside: number;
  readonly bond: Bond;
  /** Lattice vectors added to the outside atom. */
  readonly shift: Shift;
}

/** Bonds that must not be cut, by their atoms in S, and the sentence that says so. */
interface Refusal {
  readonly bonds: readonly { readonly inside: number; readonly outside: number }[];
  readonly message: string;
}

/** Å between a link and the nearest other atom. In H2 it is 0.74, of two links that point at one atom 0.73; in water 1.5. */
const CROWDED = 1;

/**
 * Covalent bonds from an atom of Q to an atom that is not, or is there at another image; by the inside atom, then the outside.
 * @param shifts lattice vectors added to each atom of Q
 */
export function cutBonds(covalent: BondGraph, shifts: ReadonlyMap<number, Shift>): CutBond[] {
  return [...shifts.keys()]
    .sort((a, b) => a - b)
    .flatMap((inside) => {
      const from = shifts.get(inside) as Shift;
      const ends = covalent[inside].map((bond) => ({ inside, bond, shift: sum(from, bond.shift) }));
      return ends.filter(({ bond, shift }) => shifts.get(bond.to)?.every((x, k) => x === shift[k]) !== true);
    });
}

/** Those that are more than a single bond between two heavy atoms in a chain. */
export function uncuttable(s: Structure, covalent: BondGraph, cuts: readonly CutBond[]): Refusal | undefined {
  const bonds = cuts.flatMap(({ inside, bond }) => {
    const why = reason(s, covalent, inside, bond);
    return why ? [{ inside, outside: bond.to, why }] : [];
  });
  if (bonds.length === 0) return undefined;
  const list = bonds.map((b) => `${nameOf(s, b)} (${b.why})`).join(", ");
  return { bonds, message: `the boundary of the QM cluster cuts ${list}, for which no link hydrogen can stand; ${REMEDY}` };
}

const REMEDY = "choose another core or buffer, or wholeMolecules";

function reason(s: Structure, covalent: BondGraph, inside: number, bond: Bond): string | undefined {
  if (s.numbers[inside] === 1 || s.numbers[bond.to] === 1) return "a bond of hydrogen";
  const order = multipleOrder(s, covalent, inside, bond);
  if (order !== undefined) return `of order ${order.toFixed(1)}`;
  const ring = ringSize(covalent, inside, bond);
  return ring === undefined ? undefined : `in a ring of ${ring}`;
}

/**
 * The first link that is too near an atom of Q other than its own, or too near another link.
 * @param q the cluster's atoms and then its links
 */
export function crowded(
  s: Structure,
  { atoms, links }: { atoms: Uint32Array; links: readonly LinkAtom[] },
  q: Structure,
): Refusal | undefined {
  for (const [l, link] of links.entries()) {
    const at = atoms.length + l;
    for (let m = 0; m < at; m++) {
      const [x, y, z] = [0, 1, 2].map((k) => q.positions[3 * at + k] - q.positions[3 * m + k]);
      const distance = norm(x, y, z);
      if (distance >= CROWDED || atoms[m] === link.inside) continue;
      const other = m < atoms.length ? undefined : links[m - atoms.length];
      const what = other ? `that of ${nameOf(s, other)}` : `atom ${symbolOf(s.numbers[atoms[m]])}${atoms[m]} of the QM cluster`;
      const message = `the link hydrogen of ${nameOf(s, link)} comes within ${distance.toFixed(2)} Å of ${what}, nearer than ${CROWDED} Å; ${REMEDY}`;
      return { bonds: other ? [other, link] : [link], message };
    }
  }
  return undefined;
}

/** A bond as a chemist finds it: symbols and indices in S, inside first. */
function nameOf(s: Structure, { inside, outside }: { readonly inside: number; readonly outside: number }): string {
  return [inside, outside].map((i) => `${symbolOf(s.numbers[i])}${i}`).join("-");
}

function sum(a: Shift, b: Shift): Shift {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}
