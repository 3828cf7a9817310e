/** QM engines as a paper names them: what the method is, whom it cites, and the options that hold where none is given. */
import type { Citation } from "./references.ts";

type Options = Readonly<Record<string, unknown>>;

/** An engine in words. */
export interface EngineWords {
  /** Its name, as people write it. */
  readonly name: string;
  /** What energies and forces are those of, with these options. */
  words(options: Options): string;
  cite(options: Options): readonly Citation[];
  /** Where none are given. */
  readonly options: Options;
  /** Options that `words` has said already, and those that are no part of the method. */
  readonly said: readonly string[];
}

const EMT = "effective medium theory (EMT, in the place of a QM method)";
/** The machine's affair, and what the paragraph says in a sentence of its own. */
const RUN = ["threads", "warm"];

function xtb(name: string, cite: Citation): EngineWords {
  return {
    name,
    words: () => `${name} by tblite through ASE`,
    cite: () => [cite, "larsen2017"],
    options: { accuracy: 1, electronic_temperature: 300, max_iterations: 250 },
    said: RUN,
  };
}

/** Functionals by their names in small letters. */
const FUNCTIONALS: Readonly<Record<string, Citation>> = {
  pbe: "perdew1996",
  rpbe: "hammer1999",
  revpbe: "zhang1998",
  b3lyp: "stephens1994",
};

/** Who is cited for a functional, as far as that is known here. */
function functional(xc: unknown): readonly Citation[] {
  const name = String(xc).toLowerCase();
  return Object.hasOwn(FUNCTIONALS, name) ? [FUNCTIONALS[name]] : [];
}

/** GPAW's three ways to write a wave function. */
const MODES: Readonly<Record<string, { words(options: Options): string; cite: Citation }>> = {
  lcao: { words: ({ basis }) => `atomic orbitals (${basis})`, cite: "larsen2009" },
  pw: { words: ({ ecut }) => `plane waves up to ${ecut} eV`, cite: "blochl1994" },
  fd: { words: () => "real-space grids", cite: "mortensen2005" },
};

/** All of them, by the name that a study file has. */
export const ENGINE_WORDS: Readonly<Record<string, EngineWords>> = {
  emt: {
    name: "EMT",
    words: () => `${EMT} with the parameters of ASE`,
    cite: () => ["jacobsen1996", "larsen2017"],
    options: { asap_cutoff: false },
    said: [],
  },
  "ase-emt": {
    name: "ASE's EMT",
    words: () => `${EMT} by ASE`,
    cite: () => ["jacobsen1996", "larsen2017"],
    options: { asap_cutoff: false },
    said: [],
  },
  "gfn2-xtb": xtb("GFN2-xTB", "bannwarth2019"),
  "gfn1-xtb": xtb("GFN1-xTB", "grimme2017"),
  pyscf: {
    name: "PySCF",
    words: ({ xc, basis, density_fitting }) =>
      `${xc === undefined ? "Hartree-Fock theory" : `density functional theory with the functional ${xc}`} in the basis ${basis} by PySCF` +
      `${density_fitting === true ? ", with density fitting" : ""}`,
    cite: ({ xc }) => ["sun2020", "sun2015", ...(xc === undefined ? [] : (["lehtola2018", ...functional(xc)] as const))],
    options: { basis: "6-31g*", density_fitting: false, conv_tol: 1e-9, max_cycle: 100, grid: 3 },
    said: [...RUN, "xc", "basis", "density_fitting"],
  },
  gpaw: {
    name: "GPAW",
    words: (options) =>
      `density functional theory with the functional ${options.xc} and projector-augmented waves by GPAW, in ${MODES[String(options.mode)].words(options)}`,
    cite: ({ mode, xc }) => ["mortensen2024", MODES[String(mode)].cite, ...functional(xc), "larsen2017"],
    options: { mode: "lcao", xc: "PBE", basis: "dzp", ecut: 340, kpts: [1, 1, 1], h: 0.2, smearing: 0.1, vacuum: 5, conv_density: 1e-5 },
    said: [...RUN, "mode", "xc", "basis", "ecut"],
  },
  ase: {
    name: "ASE's calculator",
    words: ({ calculator }) => `the calculator ${calculator}, called through ASE`,
    cite: () => ["larsen2017"],
    options: {},
    said: [...RUN, "calculator"],
  },
  ipi: {
    name: "a code by the i-PI protocol",
    words: ({ code }) => `${code}, called by the i-PI protocol`,
    cite: () => ["ceriotti2014"],
    options: {},
    said: ["code", "elements", "address", "wait"],
  },
};

/** Units of options that are no pure numbers. */
export const OPTION_UNITS: Readonly<Record<string, string>> = {
  electronic_temperature: "K",
  charge: "e",
  conv_tol: "Hartree",
  level_shift: "Hartree",
  ecut: "eV",
  h: "Å",
  smearing: "eV",
  vacuum: "Å",
  conv_density: "electrons per valence electron",
  box: "Å",
};

/** The options of a calculation that its words have not said, with their units. */
export function optionWords({ options, said }: EngineWords, given: Options): string[] {
  return Object.entries({ ...options, ...given }).flatMap(([key, value]) => {
    if (said.includes(key)) return [];
    const words = Array.isArray(value) ? value.join(" × ") : typeof value === "object" ? JSON.stringify(value) : String(value);
    return [`${key} ${words}${OPTION_UNITS[key] ? ` ${OPTION_UNITS[key]}` : ""}`];
  });
}
