/**
 * Extended tight binding by tblite, in a Python worker: GFN2-xTB (Bannwarth, Ehlert, Grimme, J. Chem. Theory Comput. 15, 1652 (2019)) and
 * GFN1-xTB (Grimme, Bannwarth, Shushkov, ibid. 13, 1989 (2017)). Valence electrons in a minimal basis, occupied at a finite temperature,
 * self-consistent charges, dispersion. Open shells are high spin without spin polarization; periodic cells are sampled at the Gamma point alone.
 */
import { z } from "zod";
import type { EngineSpec } from "../calculators/calculator.ts";
import { statedMultiplicity } from "../structure/electrons.ts";
import { symbolOf } from "../structure/elements.ts";
import { formula, type Structure } from "../structure/structure.ts";

/** Options of GFN1-xTB and GFN2-xTB. */
export interface XtbOptions {
  /** Scales all thresholds, 0.0001 to 1000; 0.01 for smooth energies. Default 1. */
  readonly accuracy?: number;
  /** Of the electrons, K; raise it for metals and where the charges do not converge. Default 300. */
  readonly electronicTemperature?: number;
  /** Of the self-consistent charges, at most. Default 250. */
  readonly maxIterations?: number;
  /** Total charge of a structure that states none, e. Default 0. */
  readonly charge?: number;
  /** Multiplicity 2S + 1 of a structure that states none. Default 1, for even numbers of electrons. */
  readonly multiplicity?: number;
}

export type XtbName = "gfn1-xtb" | "gfn2-xtb";

/** GFN2-xTB as an engine that can be written into a study file: molecules; not for transition metals. */
export function gfn2Xtb(options: XtbOptions = {}): EngineSpec {
  return spec("gfn2-xtb", options);
}

/** GFN1-xTB as an engine that can be written into a study file: molecules, and metals at an electronic temperature of about 1000 K. */
export function gfn1Xtb(options: XtbOptions = {}): EngineSpec {
  return spec("gfn1-xtb", options);
}

const [RANGE, WARM, COUNT] = ["a number from 0.0001 to 1000", "a temperature above 0 K", "a whole number of 1 or more"];

/** What a specification may hold, under the names it has there; the text of a check is what a sentence offers after "give". */
export const XTB_SCHEMA: z.ZodObject = z
  .strictObject({
    accuracy: z.number(RANGE).min(0.0001, RANGE).max(1000, RANGE),
    electronic_temperature: z.number(WARM).positive(WARM),
    max_iterations: z.int(COUNT).min(1, COUNT),
    charge: z.int("a whole number of e"),
    multiplicity: z.int(COUNT).min(1, COUNT),
  })
  .partial();

/** The same options in words. */
export const XTB_OPTIONS: Readonly<Record<string, string>> = {
  accuracy: "scales all thresholds, 0.0001 to 1000; 0.01 for smooth energies (default 1)",
  electronic_temperature: "of the electrons, K; about 1000 for metals (default 300)",
  max_iterations: "of the self-consistent charges, at most (default 250)",
  charge: "total charge of a structure that states none, e (default 0)",
  multiplicity: "2S + 1 of a structure that states none (default 1, which only an even number of electrons allows)",
};

/** Heaviest element with parameters, radon. */
const HEAVIEST = 86;

/** Transition metals with the lanthanides, first and last of each row. */
const METALS = [
  [21, 30],
  [39, 48],
  [57, 80],
] as const;

/**
 * Whether a method can calculate a structure.
 * @throws RangeError with one sentence: an element, a charge or spin, or a cell that repeats in one or two directions only.
 */
export function acceptsXtb(name: XtbName, s: Structure): void {
  const heavy = s.numbers.find((z) => z > HEAVIEST);
  if (heavy) throw new RangeError(`${name} has parameters up to Rn, and ${formula(s)} has ${symbolOf(heavy)}; take it out`);
  const metal = s.numbers.find((z) => METALS.some(([first, last]) => first <= z && z <= last));
  if (metal && name === "gfn2-xtb")
    throw new RangeError(`gfn2-xtb is unreliable on transition metals, and ${formula(s)} has ${symbolOf(metal)}; use gfn1-xtb`);
  const repeats = s.pbc.filter(Boolean).length;
  // tblite would take it for one that repeats in three.
  if (repeats === 1 || repeats === 2)
    throw new RangeError(
      `${name} needs a structure that repeats in all three directions or in none, not in ${repeats}; set pbc accordingly`,
    );
  statedMultiplicity(s);
}

function spec(engine: XtbName, options: XtbOptions): EngineSpec {
  const { accuracy, electronicTemperature: electronic_temperature, maxIterations: max_iterations, charge, multiplicity } = options;
  const given = Object.entries({ accuracy, electronic_temperature, max_iterations, charge, multiplicity }).filter(
    ([, v]) => v !== undefined,
  );
  return { engine, ...Object.fromEntries(given) };
}
