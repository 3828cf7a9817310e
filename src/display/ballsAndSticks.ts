/** Sizes of balls and sticks, and which atoms a stick joins: the same in every drawing of a molecule, flat or not. */
import type { AtomRow, Role } from "../history/atoms.ts";
import { covalentGraph } from "../structure/covalent.ts";
import { structure } from "../structure/structure.ts";
import { look } from "./elements.ts";

/** Radius of a ball: Å, and of the covalent radius; of an atom without bonds, of the covalent radius. */
const [BALL, PART, ALONE] = [0.1, 0.34, 0.86];

/** Width of a stick by the region of its atom, Å, and its colour. */
export const STICKS: Record<Role, readonly [number, "ink" | "soft"]> = {
  core: [0.2, "ink"],
  buffer: [0.11, "ink"],
  environment: [0.07, "soft"],
};

/** Two atoms, the one with the smaller index first. */
export type Bond = readonly [number, number];

/** Å. */
export function ballRadius(symbol: string, bonded: boolean): number {
  return bonded ? BALL + PART * look(symbol).radius : ALONE * look(symbol).radius;
}

/** Covalent bonds of a frame; those of a relaxation are of its first: later ones keep its sticks. Metal atoms have none. */
export function bondsOf(atoms: readonly AtomRow[], positions: Float64Array): readonly Bond[] {
  const graph = covalentGraph(structure({ symbols: atoms.map((a) => a.number), positions }));
  return graph.flatMap((found, i) => found.filter((b) => b.to > i).map((b) => [i, b.to] as const));
}

/** Whether the boundary of the QM cluster cuts a bond. */
export function isCut(atoms: readonly AtomRow[], [i, j]: Bond): boolean {
  return (atoms[i].role === "environment") !== (atoms[j].role === "environment");
}
