/**
 * Density functional theory with projector-augmented waves by GPAW (Mortensen et al., J. Chem. Phys. 160, 092503 (2024)), in a Python worker of
 * its own environment: atomic orbitals, plane waves or grids; k-points; electrons smeared by Fermi and Dirac, energies and forces those of the
 * free energy. A structure is put into a cell of its own size in the directions that do not repeat, in place on the grid, which shows: with
 * the default spacing the forces on a water molecule sum to 0.03 eV/Å and are derivatives to 0.002, at 0.25 Å to 0.05.
 */
import { z } from "zod";
import type { EngineSpec } from "../calculators/calculator.ts";
import { isMetal } from "../structure/covalent.ts";
import { electrons, statedMultiplicity } from "../structure/electrons.ts";
import { formula, type Structure } from "../structure/structure.ts";
import { count, type Definition, flag, positive, RUN, RUN_OPTIONS, STATE, STATE_OPTIONS, specOf } from "./definition.ts";
import { gpawPython } from "./gpawPlaces.ts";

const MODES = ["lcao", "pw", "fd"] as const;

/** Options of GPAW. */
export interface GpawOptions {
  /** `lcao` (atomic orbitals), `pw` (plane waves) or `fd` (grids). Default lcao. */
  readonly mode?: (typeof MODES)[number];
  /** `PBE`, `RPBE`, `revPBE` or `LDA`, and what else GPAW has without Libxc. Default PBE. */
  readonly xc?: string;
  /** Of atomic orbitals. Default `dzp`. */
  readonly basis?: string;
  /** Of plane waves, eV. Default 340. */
  readonly ecut?: number;
  /** k-points along the three axes; one where nothing repeats. Default [1, 1, 1]. */
  readonly kpts?: readonly [number, number, number];
  /** Grid spacing, Å. Default 0.2. */
  readonly h?: number;
  /** Width of Fermi's and Dirac's occupations, eV. Default 0.1. */
  readonly smearing?: number;
  /** Of densities: `beta` the part of the new, `nmaxold` how many old ones, `weight` of long waves. Default GPAW's. */
  readonly mixing?: { readonly beta?: number; readonly nmaxold?: number; readonly weight?: number };
  /** Room round a structure where it does not repeat, Å. Default 5. */
  readonly vacuum?: number;
  /** Of the density between two iterations, electrons per valence electron. Default 1e-5. */
  readonly convDensity?: number;
  /** Default 200. */
  readonly maxIterations?: number;
  /** Spins apart, with the moment that the multiplicity states. Default false. */
  readonly spinPolarized?: boolean;
  /** Total charge of a structure that states none, e. Default 0. */
  readonly charge?: number;
  /** Multiplicity 2S + 1 of a structure that states none. Default 1. */
  readonly multiplicity?: number;
  /** Of one calculation. Default 1. */
  readonly threads?: number;
  /** Start from the density of the step before. Default false. */
  readonly warm?: boolean;
}

/** GPAW as an engine that can be written into a study file: density functional theory of metals, surfaces and molecules. */
export function gpaw({ convDensity, maxIterations, spinPolarized, ...same }: GpawOptions = {}): EngineSpec {
  return specOf("gpaw", { ...same, conv_density: convDensity, max_iterations: maxIterations, spin_polarized: spinPolarized });
}

const KPTS = "three whole numbers of 1 or more, e.g. [4, 4, 1]";
const MIXING = 'a block such as {"beta": 0.05, "nmaxold": 5, "weight": 50}';
const mixing = z.number(MIXING).positive(MIXING);

/** GPAW as an engine. */
export const GPAW: Definition = {
  name: "gpaw",
  summary: "density functional theory by GPAW: metals, surfaces and molecules; stress with plane waves; qmml qm install gpaw builds it",
  options: {
    mode: "lcao (atomic orbitals), pw (plane waves) or fd (grids) (default lcao)",
    xc: "PBE, RPBE, revPBE or LDA (default PBE)",
    basis: "of atomic orbitals (default dzp)",
    ecut: "of plane waves, eV (default 340)",
    kpts: "k-points along the three axes, e.g. [4, 4, 1]; one where nothing repeats (default [1, 1, 1])",
    h: "grid spacing, Å (default 0.2)",
    smearing: "width of the Fermi-Dirac occupations, eV (default 0.1)",
    mixing: `of densities: ${MIXING} (default GPAW's)`,
    vacuum: "room round a structure where it does not repeat, Å (default 5)",
    conv_density: "of the density between two iterations, electrons per valence electron (default 1e-5)",
    max_iterations: "of the density, at most (default 200)",
    spin_polarized: "spins apart, with the moment that the multiplicity states, true or false (default false)",
    ...STATE_OPTIONS,
    multiplicity: "2S + 1 of a structure that states none, heard with spin_polarized (default 1; metals may have an odd electron besides)",
    ...RUN_OPTIONS,
  },
  schema: z
    .strictObject({
      mode: z.enum(MODES, `one of ${MODES.join(", ")}`),
      xc: z.string('the name of a functional, e.g. "PBE"').min(1, 'the name of a functional, e.g. "PBE"'),
      basis: z.string('the name of a basis, e.g. "dzp"').min(1, 'the name of a basis, e.g. "dzp"'),
      ecut: positive("a positive number of eV"),
      kpts: z.tuple([z.int(KPTS).min(1, KPTS), z.int(KPTS).min(1, KPTS), z.int(KPTS).min(1, KPTS)], KPTS),
      h: positive("a positive number of Å"),
      smearing: z.number("a number of eV, 0 or more").min(0, "a number of eV, 0 or more"),
      mixing: z.strictObject({ beta: mixing, nmaxold: z.int(MIXING).min(1, MIXING), weight: mixing }, MIXING).partial(),
      vacuum: positive("a positive number of Å"),
      conv_density: positive("a positive number of electrons per valence electron"),
      max_iterations: count,
      spin_polarized: flag,
      ...STATE,
      ...RUN,
    })
    .partial(),
  defaults: {
    mode: "lcao",
    xc: "PBE",
    basis: "dzp",
    ecut: 340,
    kpts: [1, 1, 1],
    h: 0.2,
    smearing: 0.1,
    vacuum: 5,
    conv_density: 1e-5,
    max_iterations: 200,
    spin_polarized: false,
  },
  properties: ["energy", "forces", "stress"],
  can: { pointCharges: false, stress: undefined, charges: false, periodic: true, metals: true },
  retries: [
    { name: "more iterations", options: { max_iterations: 600 } },
    { name: "milder mixing", options: { max_iterations: 600, mixing: { beta: 0.02, nmaxold: 5, weight: 100 } } },
    {
      name: "wider smearing",
      options: { max_iterations: 600, mixing: { beta: 0.02, nmaxold: 5, weight: 100 }, smearing: 0.3 },
    },
  ],
  bounds: { max_iterations: "at least", smearing: "at least", beta: "at most", nmaxold: "at least", weight: "at least" },
  remedy: "raise max_iterations or smearing, or lower the beta of mixing",
  python: true,
  gammaOnly: false,
  electrons: ({ spin_polarized }) => spin_polarized === true,
  accepts: acceptsGpaw,
  guess: ".gpw",
  interpreter: gpawPython,
};

/**
 * Without polarization metals may have an odd number of electrons, smeared over both spins.
 * @throws RangeError with one sentence for spins that need polarization, and for what the electrons do not allow.
 */
function acceptsGpaw(s: Structure, { spin_polarized, smearing }: EngineSpec): void {
  const { multiplicity = 1, charge = 0 } = s;
  if (spin_polarized === true) return void statedMultiplicity(s);
  if (multiplicity > 2) throw new RangeError(`${formula(s)} has a multiplicity of ${multiplicity}; set spin_polarized to true`);
  if (!Number.isInteger(charge)) throw new RangeError(`the charge of ${formula(s)} is ${charge}; give a whole number of e`);
  const odd = electrons(s) % 2 !== 0;
  if (odd && (smearing === 0 || !s.numbers.some(isMetal)))
    throw new RangeError(
      `${formula(s)} with charge ${charge} has an odd number of electrons; set spin_polarized to true and a multiplicity`,
    );
}
