/** Effective medium theory as an engine, by qmml and by ASE: costs nothing, so that all else can be tried with it. */

import { z } from "zod";
import { emtResult } from "../calculators/emt.ts";
import { type Structure, structure } from "../structure/structure.ts";
import { type Definition, flag } from "./definition.ts";

const EMT = {
  options: { asap_cutoff: "cutoff from the largest element present, true or false (default false)" },
  schema: z.strictObject({ asap_cutoff: flag }).partial(),
  properties: ["energy", "energies", "forces", "stress"],
  can: { pointCharges: false, stress: true, charges: false, periodic: true, metals: true },
  retries: [],
  gammaOnly: false,
  electrons: () => false,
  accepts: acceptsEmt,
} as const;

/** EMT here and ASE's. */
export const EMT_ENGINES: readonly Definition[] = [
  {
    ...EMT,
    name: "emt",
    summary: "effective medium theory for Al Cu Ag Au Ni Pd Pt, in TypeScript; with H C N O for play only",
    python: false,
  },
  { ...EMT, name: "ase-emt", summary: "the same by ASE, as a cross-check", python: true },
];

/**
 * EMT's parameters are its own affair: it is asked for an atom of each element, which costs nothing.
 * @throws RangeError for an element without parameters.
 */
function acceptsEmt(s: Structure): void {
  const numbers = [...new Set(s.numbers)];
  emtResult(structure({ symbols: numbers, positions: numbers.flatMap((_, k) => [0, 0, 100 * k]) }), []);
}
