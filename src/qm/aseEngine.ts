/**
 * Any calculator of ASE's kind (Larsen et al., J. Phys.: Condens. Matter 29, 273002 (2017)) by name and arguments, in a Python worker: what ASE
 * brings along, and every class of an installed package that keeps to its interface. Each calculation makes a new one. Energies are free
 * energies where the calculator tells them apart, since forces are their derivatives. Charges and spins are the arguments' affair.
 */
import { z } from "zod";
import type { EngineSpec } from "../calculators/calculator.ts";
import { formula, type Structure } from "../structure/structure.ts";
import { count, type Definition, RUN_OPTIONS, specOf } from "./definition.ts";

/**
 * A calculator of ASE as an engine that can be written into a study file.
 * @param calculator ASE's name for it, e.g. `lj`, or package, module and class, e.g. `mace.calculators.MACECalculator`
 * @param args what its constructor is given; must survive JSON
 */
export function aseCalculator(calculator: string, args?: Readonly<Record<string, unknown>>): EngineSpec {
  return specOf("ase", { calculator, arguments: args });
}

const NAME = 'a name of ASE such as "lj", or "package.module.Class"';

/** ASE's calculators as an engine. */
export const ASE: Definition = {
  name: "ase",
  summary: "any calculator of ASE or of its kind, by name and arguments: emt, lj, morse, tip3p, package.module.Class",
  options: {
    calculator: "ASE's name of it, or package.module.Class (must be given)",
    arguments: 'of its constructor, e.g. {"epsilon": 0.01, "sigma": 3.4}; charge and spin too, where it has them (default none)',
    threads: RUN_OPTIONS.threads,
  },
  schema: z.strictObject({
    calculator: z.string(NAME).regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, NAME),
    arguments: z.record(z.string(), z.unknown(), 'a block such as {"sigma": 3.4}').optional(),
    threads: count.optional(),
  }),
  trial: { calculator: "lj" },
  properties: ["energy", "energies", "forces", "stress", "charges"],
  can: { pointCharges: false, stress: undefined, charges: undefined, periodic: undefined, metals: undefined },
  retries: [],
  remedy: "see the calculator's own arguments",
  python: true,
  gammaOnly: false,
  electrons: () => false,
  accepts: acceptsAse,
};

/** @throws RangeError with one sentence where a charge or a spin would go unheard. */
function acceptsAse(s: Structure, { calculator, arguments: given = {} }: EngineSpec): void {
  for (const [key, none] of [
    ["charge", 0],
    ["multiplicity", 1],
  ] as const) {
    const stated = s[key] ?? none;
    if (stated !== none && Object.keys(given as object).length === 0)
      throw new RangeError(
        `${formula(s)} has a ${key} of ${stated}, which ASE does not hand to ${calculator}; give it what it needs by arguments`,
      );
  }
}
