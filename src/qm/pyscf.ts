/**
 * Hartree-Fock and density functional theory of molecules by PySCF (Sun et al., J. Chem. Phys. 153, 024109 (2020)), in a Python worker:
 * Gaussian basis sets with their effective core potentials, closed shells restricted, open shells unrestricted, forces with the response of
 * the grid. Nothing that repeats, no smearing: clusters of metals with their many close levels seldom converge.
 */
import { z } from "zod";
import type { EngineSpec } from "../calculators/calculator.ts";
import { statedMultiplicity } from "../structure/electrons.ts";
import { formula, type Structure } from "../structure/structure.ts";
import { count, type Definition, flag, positive, RUN, RUN_OPTIONS, STATE, STATE_OPTIONS, specOf, within } from "./definition.ts";

const GUESSES = ["minao", "atom", "huckel", "1e"] as const;

/** Options of PySCF. */
export interface PyscfOptions {
  /** Functional as PySCF and Libxc call it, e.g. `pbe` or `b3lyp`. Default: none, Hartree-Fock. */
  readonly xc?: string;
  /** Basis set of PySCF's library. Default `6-31g*`. */
  readonly basis?: string;
  /** Expand pairs of basis functions in another basis: several times faster, 1e-5 Hartree an atom off. Default false. */
  readonly densityFitting?: boolean;
  /** Of the energy between two cycles, Hartree. Default 1e-9. */
  readonly convTol?: number;
  /** Cycles at most. Default 100. */
  readonly maxCycle?: number;
  /** Raises empty orbitals while the cycles run, Hartree. Default 0. */
  readonly levelShift?: number;
  /** Part of the Fock matrix that is kept from the cycle before, 0 to 0.95. Default 0. */
  readonly damping?: number;
  /** Second-order cycles, dear and sure. Default false. */
  readonly newton?: boolean;
  /** Where the cycles start: `minao`, `atom`, `huckel` or `1e`. Default minao. */
  readonly initGuess?: (typeof GUESSES)[number];
  /** Fineness of the functional's grid, 0 to 9. Default 3. */
  readonly grid?: number;
  /** Total charge of a structure that states none, e. Default 0. */
  readonly charge?: number;
  /** Multiplicity 2S + 1 of a structure that states none. Default 1. */
  readonly multiplicity?: number;
  /** Of one calculation. Default 1. */
  readonly threads?: number;
  /** Start from the density of the step before. Default false. */
  readonly warm?: boolean;
}

/** PySCF as an engine that can be written into a study file: molecules by Hartree-Fock, or with `xc` by density functional theory. */
export function pyscf({ densityFitting, convTol, maxCycle, levelShift, initGuess, ...same }: PyscfOptions = {}): EngineSpec {
  const renamed = {
    density_fitting: densityFitting,
    conv_tol: convTol,
    max_cycle: maxCycle,
    level_shift: levelShift,
    init_guess: initGuess,
  };
  return specOf("pyscf", { ...same, ...renamed });
}

const FUNCTIONAL = 'the name of a functional, e.g. "pbe" or "b3lyp"';
const BASIS = 'the name of a basis set, e.g. "6-31g*" or "def2-svp"';
const SHIFT = "a number of Hartree, 0 or more";
const GUESS = `one of ${GUESSES.join(", ")}`;
const DAMPED = { max_cycle: 300, level_shift: 0.3, damping: 0.5 };

/** PySCF as an engine. */
export const PYSCF: Definition = {
  name: "pyscf",
  summary: "Hartree-Fock, or with xc density functional theory, of molecules by PySCF; elements as the basis has them, nothing periodic",
  options: {
    xc: "functional, e.g. pbe or b3lyp (default none: Hartree-Fock)",
    basis: "Gaussian basis set, e.g. sto-3g, 6-31g*, def2-svp (default 6-31g*)",
    density_fitting: "pairs of basis functions expanded in another basis, several times faster, true or false (default false)",
    conv_tol: "of the energy between two cycles, Hartree (default 1e-9)",
    max_cycle: "cycles at most (default 100)",
    level_shift: "raises empty orbitals while the cycles run, Hartree (default 0)",
    damping: "part of the Fock matrix that is kept from the cycle before, 0 to 0.95 (default 0)",
    newton: "second-order cycles, dear and sure, true or false (default false)",
    init_guess: `where the cycles start: ${GUESSES.join(", ")} (default minao)`,
    grid: "fineness of the functional's grid, 0 to 9 (default 3)",
    ...STATE_OPTIONS,
    ...RUN_OPTIONS,
  },
  schema: z
    .strictObject({
      xc: z.string(FUNCTIONAL).trim().min(1, FUNCTIONAL),
      basis: z.string(BASIS).trim().min(1, BASIS),
      density_fitting: flag,
      conv_tol: positive("a positive number of Hartree"),
      max_cycle: count,
      level_shift: z.number(SHIFT).min(0, SHIFT),
      damping: within(0, 0.95),
      newton: flag,
      init_guess: z.enum(GUESSES, GUESS),
      grid: z.int("a whole number from 0 to 9").min(0, "a whole number from 0 to 9").max(9, "a whole number from 0 to 9"),
      ...STATE,
      ...RUN,
    })
    .partial(),
  defaults: { basis: "6-31g*", conv_tol: 1e-9, max_cycle: 100, level_shift: 0, damping: 0, init_guess: "minao", grid: 3 },
  properties: ["energy", "forces", "charges"],
  can: { pointCharges: false, stress: false, charges: true, periodic: false, metals: true },
  retries: [
    { name: "more cycles", options: { max_cycle: 300 } },
    { name: "level shift and damping", options: DAMPED },
    { name: "start from atoms", options: { ...DAMPED, init_guess: "atom" } },
    { name: "second order", options: { max_cycle: 100, newton: true, init_guess: "atom" } },
  ],
  bounds: { max_cycle: "at least", level_shift: "at least", damping: "at least" },
  remedy: "raise max_cycle, or try level_shift, damping or newton",
  python: true,
  gammaOnly: false,
  electrons: () => true,
  accepts: acceptsPyscf,
  guess: ".npy",
};

/** @throws RangeError with one sentence for a structure that repeats, and for a charge or a spin that the electrons do not allow. */
function acceptsPyscf(s: Structure): void {
  if (s.pbc.includes(true)) throw new RangeError(`pyscf calculates molecules, and ${formula(s)} repeats; set pbc to F F F, or take gpaw`);
  statedMultiplicity(s);
}
