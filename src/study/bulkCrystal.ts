/** The bulk crystal of a structure's metal, with the structure's own spacing: what its models should know besides the structure itself. */
import { bondGraph } from "../structure/bonds.ts";
import { bulk } from "../structure/bulk.ts";
import { isMetal } from "../structure/covalent.ts";
import { inheritedMultiplicity } from "../structure/electrons.ts";
import { symbolOf } from "../structure/elements.ts";
import { referenceState } from "../structure/reference-states.ts";
import { repeat } from "../structure/repeat.ts";
import type { Structure } from "../structure/structure.ts";

/** A cubic crystal of one metal. */
export interface BulkCrystal {
  readonly element: string;
  readonly crystal: "fcc" | "bcc";
  /** Lattice constant that nearest neighbours as far apart as in the structure make, Å. */
  readonly a: number;
  /** Cubic cell of about 32 atoms: of edges for which the Gamma point alone stands for the bulk of copper to a few hundredths of an Å. */
  readonly cell: Structure;
}

/** Nearest-neighbour distance in the structure's metal, Å: the median over atoms; nothing without one, single ions and atoms are none. */
export function spacing(s: Structure): number | undefined {
  const nearest = bondGraph(s).flatMap((bonds, i) => {
    const metallic = isMetal(s.numbers[i]) ? bonds.filter((b) => isMetal(s.numbers[b.to])) : [];
    return metallic.length > 0 ? [Math.min(...metallic.map((b) => b.length))] : [];
  });
  return nearest.sort((a, b) => a - b)[Math.floor(nearest.length / 2)];
}

/** The crystal of the most frequent metal, neutral; nothing without a metal, or where its crystal is not cubic. */
export function bulkCrystal(s: Structure): BulkCrystal | undefined {
  const apart = spacing(s);
  if (apart === undefined) return undefined;
  const metals = Array.from(s.numbers).filter(isMetal);
  const count = new Map<number, number>();
  for (const z of metals) count.set(z, (count.get(z) ?? 0) + 1);
  const [z] = [...count].sort((a, b) => b[1] - a[1])[0];
  const element = symbolOf(z);
  const crystal = referenceState(element)?.crystal;
  if (crystal !== "fcc" && crystal !== "bcc") return undefined;
  const a = apart * (crystal === "fcc" ? Math.SQRT2 : 2 / Math.sqrt(3));
  const cell = repeat(bulk(element, { crystal, a, cubic: true }), crystal === "fcc" ? [2, 2, 2] : [3, 3, 2]);
  return { element, crystal, a, cell: { ...cell, charge: 0, multiplicity: inheritedMultiplicity(cell, 1) } };
}
