/**
 * Sticks of a structure that may repeat: covalent bonds by radii, each with the lattice vectors to its far end, and the hydrogens that stand
 * for what the boundary of the QM cluster cuts off. Bonds are searched by linked cells, among non-metals only.
 */
import type { AboutRow } from "../history/about.ts";
import type { AtomRow } from "../history/atoms.ts";
import { placeOf } from "../hybrid/links.ts";
import { times } from "../linalg/cell.ts";
import { bondGraph, type Shift } from "../structure/bonds.ts";
import { isMetal } from "../structure/covalent.ts";
import { structure } from "../structure/structure.ts";

/** A bond from atom `from` to atom `to` moved by lattice vectors, each bond once. */
export interface Stick {
  readonly from: number;
  readonly to: number;
  readonly shift: Shift;
  /** Å; the shift in Cartesian coordinates. */
  readonly away: readonly [number, number, number];
}

/** A link hydrogen: on the stick's end inside the QM cluster, towards the other one. */
export interface Link {
  readonly inside: number;
  readonly outside: number;
  /** Å, added to the outside atom. */
  readonly away: readonly [number, number, number];
  /** At a fixed ratio of the bond, or a fixed length from the inside atom, Å. */
  readonly place: { readonly ratio: number } | { readonly length: number };
}

/**
 * The sticks of a frame.
 * @param positions [3N] Å
 */
export function sticksOf(atoms: readonly AtomRow[], positions: Float64Array, { cell, pbc }: Pick<AboutRow, "cell" | "pbc">): Stick[] {
  const chosen = atoms.flatMap((a, i) => (isMetal(a.number) ? [] : [i]));
  if (chosen.length === 0) return [];
  const own = structure({
    symbols: chosen.map((i) => atoms[i].number),
    positions: Float64Array.from({ length: 3 * chosen.length }, (_, k) => positions[3 * chosen[Math.floor(k / 3)] + (k % 3)]),
    cell,
    pbc: [pbc[0] === "T", pbc[1] === "T", pbc[2] === "T"],
  });
  return bondGraph(own).flatMap((found, i) =>
    found.flatMap(({ to, shift }): Stick[] => {
      const first = to > i || (to === i && (shift.find((s) => s !== 0) ?? 0) > 0);
      return first ? [{ from: chosen[i], to: chosen[to], shift, away: times(shift, cell) }] : [];
    }),
  );
}

/**
 * The links on sticks that the boundary cuts; none where the study has none.
 * @param about of it the settings say whether links stand at a fixed ratio or at a fixed length
 */
export function linksOf(atoms: readonly AtomRow[], sticks: readonly Stick[], about: Pick<AboutRow, "linkAtoms" | "settings">): Link[] {
  if (!(about.linkAtoms > 0)) return [];
  const rule = /"links"\s*:\s*"ratio"/.test(about.settings) ? "ratio" : "length";
  return sticks.flatMap(({ from, to, away }): Link[] => {
    const [inner, outer] = [from, to].map((i) => atoms[i].role !== "environment");
    if (inner === outer) return [];
    const [inside, outside] = inner ? [from, to] : [to, from];
    const place = placeOf(atoms[inside].number, atoms[outside].number, rule);
    return [{ inside, outside, away: inner ? away : [-away[0], -away[1], -away[2]], place }];
  });
}
