/**
 * Any calculator of ASE's kind (Larsen et al., J. Phys.: Condens. Matter 29, 273002 (2017)) by name and arguments, in a Python worker: what ASE
 * brings along, and every class of an installed package that keeps to its interface. Each calculation makes a new one. Energies are free
 * energies where the calculator tells them apart, since forces are their derivatives.
 *
 * ASE hands no charge and no spin to a calculator; its arguments do. An argument `charge` is that of structures that state none, and is
 * replaced by its own for each structure that does: of a carboxylate's pieces those without the anion are calculated at 0. So are `multiplicity`
 * and `mult`, 2S + 1. Without them a structure must have the charge 0 and the lowest multiplicity that its electrons allow; any other is refused.
 * A total charge under another name, or a number of electrons, would be the same for all structures, and is refused as well.
 */
import { z } from "zod";
import type { EngineSpec } from "../calculators/calculator.ts";
import { electrons } from "../structure/electrons.ts";
import { formula, type Structure } from "../structure/structure.ts";
import { count, type Definition, RUN_OPTIONS, STATE, specOf } from "./definition.ts";

/**
 * A calculator of ASE as an engine that can be written into a study file.
 * @param calculator ASE's name for it, e.g. `lj`, or package, module and class, e.g. `mace.calculators.MACECalculator`
 * @param args what its constructor is given; must survive JSON. `charge`, `multiplicity` and `mult` are those of structures that state none. Texts
 *   that name a file as seen from the study file's folder become its absolute path; what is in the file is part of what identifies an image.
 */
export function aseCalculator(calculator: string, args?: Readonly<Record<string, unknown>>): EngineSpec {
  return specOf("ase", { calculator, arguments: args });
}

const NAME = 'a name of ASE such as "lj", or "package.module.Class"';
const OWN = "the total charge by an argument called charge, or a class of your own that has one: it is each structure's own";

/** Arguments that mean the multiplicity, 2S + 1. */
const MULTIPLICITY = ["multiplicity", "mult"];

/** Names by which calculators fix what differs from structure to structure. */
const FIXED = /^(nelect|((hamiltonian|scf_system|tot|total|net)[ _.]?)charge)$/i;

/** ASE's calculators as an engine. */
export const ASE: Definition = {
  name: "ase",
  summary: "any calculator of ASE or of its kind, by name and arguments: emt, lj, morse, tip3p, package.module.Class",
  options: {
    calculator: "ASE's name of it, or package.module.Class (must be given)",
    arguments:
      'of its constructor, e.g. {"epsilon": 0.01, "sigma": 3.4}; files by their path from the study file; charge, and multiplicity or mult, are ' +
      "those of structures that state none (default none)",
    threads: RUN_OPTIONS.threads,
  },
  schema: z.strictObject({
    calculator: z.string(NAME).regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, NAME),
    arguments: z
      .looseObject(
        { charge: STATE.charge.optional(), multiplicity: STATE.multiplicity.optional(), mult: STATE.multiplicity.optional() },
        'a block such as {"sigma": 3.4}',
      )
      .refine((given) => !fixesState(given), OWN)
      .optional(),
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
  state: stateOfArguments,
  accepts: acceptsAse,
};

function argumentsOf({ arguments: given }: EngineSpec): Readonly<Record<string, unknown>> {
  return (given ?? {}) as Readonly<Record<string, unknown>>;
}

function stateOfArguments(spec: EngineSpec): Pick<Structure, "charge" | "multiplicity"> {
  const given = argumentsOf(spec);
  const named = MULTIPLICITY.find((key) => given[key] !== undefined);
  return { charge: given.charge as number | undefined, multiplicity: named === undefined ? undefined : (given[named] as number) };
}

/** Whether arguments, nested ones as well, fix a charge other than 0, or a number of electrons. */
function fixesState(given: unknown): boolean {
  if (typeof given !== "object" || given === null) return false;
  return Object.entries(given).some(([key, value]) => (FIXED.test(key) && value !== 0 && value !== null) || fixesState(value));
}

/** @throws RangeError with one sentence where a charge or a spin would go unheard. */
function acceptsAse(s: Structure, spec: EngineSpec): void {
  const { charge = 0, multiplicity = 1 } = s;
  const lowest = electrons(s) % 2 === 0 ? 1 : 2;
  const given = argumentsOf(spec);
  for (const [key, value, told] of [
    ["charge", charge, charge === 0 || given.charge !== undefined],
    ["multiplicity", multiplicity, multiplicity <= lowest || MULTIPLICITY.some((name) => given[name] !== undefined)],
  ] as const)
    if (!told)
      throw new RangeError(
        `${formula(s)} has a ${key} of ${value}, and the arguments of ${spec.calculator} hand it none; name ${key} among them if it takes one`,
      );
}
