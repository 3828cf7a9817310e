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
import { count, type Definition, positive, RUN, RUN_OPTIONS, STATE, STATE_OPTIONS, specOf, within } from "./definition.ts";

/** Options of GFN1-xTB and GFN2-xTB. */
export interface XtbOptions {
  /** Scales all thresholds, 0.0001 to 1000; 0.01 for smooth energies. Default 1. */
  readonly accuracy?: number;
  /** Of the electrons, K; raise it for metals and where the charges do not converge. Default 300. */
  readonly electronicTemperature?: number;
  /** Of the self-consistent charges, at most. Default 250. */
  readonly maxIterations?: number;
  /** Part of a new density that is taken, 0.01 to 1; less where the charges do not converge. Default 0.4. */
  readonly mixerDamping?: number;
  /** Total charge of a structure that states none, e. Default 0. */
  readonly charge?: number;
  /** Multiplicity 2S + 1 of a structure that states none. Default 1, for even numbers of electrons. */
  readonly multiplicity?: number;
  /** Of one calculation. Default 1. */
  readonly threads?: number;
  /** Start from the wave function of the step before. Default false. */
  readonly warm?: boolean;
}

type XtbName = "gfn1-xtb" | "gfn2-xtb";

/** GFN2-xTB as an engine that can be written into a study file: molecules; not for transition metals. */
export function gfn2Xtb(options: XtbOptions = {}): EngineSpec {
  return spec("gfn2-xtb", options);
}

/** GFN1-xTB as an engine that can be written into a study file: molecules, and metals at an electronic temperature of about 1000 K. */
export function gfn1Xtb(options: XtbOptions = {}): EngineSpec {
  return spec("gfn1-xtb", options);
}

const XTB = {
  options: {
    accuracy: "scales all thresholds, 0.0001 to 1000; 0.01 for smooth energies (default 1)",
    electronic_temperature: "of the electrons, K; about 1000 for metals (default 300)",
    max_iterations: "of the self-consistent charges, at most (default 250)",
    mixer_damping: "part of a new density that is taken, 0.01 to 1; less where the charges do not converge (default 0.4)",
    ...STATE_OPTIONS,
    ...RUN_OPTIONS,
  },
  schema: z
    .strictObject({
      accuracy: within(0.0001, 1000),
      electronic_temperature: positive("a temperature above 0 K"),
      max_iterations: count,
      mixer_damping: within(0.01, 1),
      ...STATE,
      ...RUN,
    })
    .partial(),
  properties: ["energy", "energies", "forces", "stress", "charges"],
  retries: [
    { name: "more iterations", options: { max_iterations: 1000 } },
    { name: "stronger damping", options: { max_iterations: 1000, mixer_damping: 0.1 } },
    { name: "warmer electrons", options: { max_iterations: 1000, mixer_damping: 0.1, electronic_temperature: 2000 } },
  ],
  bounds: { max_iterations: "at least", mixer_damping: "at most", electronic_temperature: "at least" },
  remedy: "raise electronic_temperature or max_iterations",
  python: true,
  gammaOnly: true,
  electrons: () => true,
  guess: ".npz",
} as const;

/** GFN1-xTB and GFN2-xTB. */
export const XTB_ENGINES: readonly Definition[] = [
  {
    ...XTB,
    name: "gfn1-xtb",
    summary: "GFN1-xTB by tblite: H to Rn, metals at an electronic temperature of about 1000 K; Gamma point only",
    can: { pointCharges: false, stress: true, charges: true, periodic: true, metals: true },
    accepts: (s) => acceptsXtb("gfn1-xtb", s),
  },
  {
    ...XTB,
    name: "gfn2-xtb",
    summary: "GFN2-xTB by tblite: molecules of H to Rn, refuses transition metals; Gamma point only",
    can: { pointCharges: false, stress: true, charges: true, periodic: true, metals: false },
    accepts: (s) => acceptsXtb("gfn2-xtb", s),
  },
];

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
function acceptsXtb(name: XtbName, s: Structure): void {
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
  const { accuracy, electronicTemperature, maxIterations, mixerDamping, ...same } = options;
  const renamed = { electronic_temperature: electronicTemperature, max_iterations: maxIterations, mixer_damping: mixerDamping };
  return specOf(engine, { accuracy, ...renamed, ...same });
}
