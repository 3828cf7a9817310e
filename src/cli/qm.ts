/** `qmml qm list`: the engines. `qmml qm check NAME`: whether one gives the numbers that it gave elsewhere. `qmml qm install gpaw` builds GPAW. */
import { z } from "zod";
import type { Abilities } from "../qm/engine.ts";
import { ENGINES, loadable, openEngine } from "../qm/engines.ts";
import { gpawFolder } from "../qm/gpawPlaces.ts";
import { pythonPath } from "../qm/worker.ts";
import { type Structure, structure } from "../structure/structure.ts";
import { type Command, command as defined, type Io, type Outcome, UsageError } from "./command.ts";
import { columns } from "./commandLine.ts";
import { gpawInstallation, installGpaw } from "./gpawInstall.ts";

const WORDS: Readonly<Record<keyof Abilities, string>> = {
  pointCharges: "point charges",
  stress: "stress",
  charges: "charges of atoms",
  periodic: "periodic structures",
  metals: "transition metals",
};

/** What an engine gave for a structure, through ASE where it is a calculator of ASE. */
interface Figures {
  readonly structure: Structure;
  /** Without which it is not what the figures are of. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Versions that gave them. */
  readonly madeWith: string;
  /** eV. */
  readonly energy: number;
  /** [3N] eV/Å. */
  readonly forces: readonly number[];
  /** Largest deviation of the energy, eV, and of a force, eV/Å. */
  readonly bounds: readonly [number, number];
}

// Without symmetry, so that no error can hide behind a zero.
const WATER = structure({ symbols: ["O", "H", "H"], positions: [0, 0, 0.1, 0.76, 0.1, 0.6, -0.7, 0.2, 0.65] });
const ARGON = structure({ symbols: ["Ar", "Ar", "Ar"], positions: [0, 0, 0, 3.9, 0.2, -0.1, 1.8, 3.5, 0.3] });
const COPPER = structure({ symbols: ["Cu", "Cu", "Cu", "Cu"], positions: [0, 0, 0, 2.4, 0.3, -0.2, 0.9, 2.3, 0.4, 1.1, 0.8, 2.1] });

/** Self-consistency at accuracy 1 leaves errors of this size, which differ from one library of linear algebra to another. */
const CONVERGENCE = [1e-5, 1e-4] as const;
/** A density converged to 1e-5 electrons per valence electron leaves 1e-9 eV and 1e-4 eV/Å; other releases and setups differ by more. */
const GRID = [1e-4, 1e-3] as const;
/** The order of summation leaves less. */
const ROUNDING = [1e-9, 1e-9] as const;

/** What pip calls the packages that bring the other engines. */
const PACKAGES = "ase tblite pyscf";

const EMT: Figures = {
  structure: COPPER,
  madeWith: "ASE 3.28.0",
  energy: 4.936094223996305,
  forces: [
    0.9386818986192242, 0.598100653509066, 0.3920358703996847, -1.1821119762522478, 0.4611313827080954, 0.6460736304286039,
    0.16016965222955948, -0.6940243445726573, -0.3334044368600608, 0.08326042540346235, -0.3652076916445042, -0.7047050639682304,
  ],
  bounds: ROUNDING,
};

const FIGURES: Readonly<Record<string, Figures>> = {
  emt: EMT,
  "ase-emt": EMT,
  "gfn1-xtb": {
    structure: WATER,
    madeWith: "tblite 0.8.0, ASE 3.28.0",
    energy: -156.86928497168014,
    forces: [
      0.004405326179930163, -0.7710050382018379, -2.6663677011753, 2.113672806745093, 0.22428437043204744, 1.2043498774565098,
      -2.1180781329250236, 0.5467206677697904, 1.462017823718791,
    ],
    bounds: CONVERGENCE,
  },
  "gfn2-xtb": {
    structure: WATER,
    madeWith: "tblite 0.8.0, ASE 3.28.0",
    energy: -137.86424898337668,
    forces: [
      -0.0016968862033647728, -0.7767823608341196, -2.687591049548446, 2.193317202036024, 0.22243513477313223, 1.2140966558440807,
      -2.19162031583266, 0.5543472260609875, 1.4734943937043656,
    ],
    bounds: CONVERGENCE,
  },
  pyscf: {
    structure: WATER,
    madeWith: "PySCF 2.14.0",
    energy: -2068.248261093196,
    forces: [
      0.030819715518322067, -0.7235863555847483, -2.4969704229313363, 1.7493966527164317, 0.22288133056492604, 1.1256563569642948,
      -1.7802163682347039, 0.5007050250198194, 1.3713140659670415,
    ],
    bounds: CONVERGENCE,
  },
  gpaw: {
    structure: WATER,
    // Coarse and small, so that it takes seconds.
    options: { h: 0.25, vacuum: 4 },
    madeWith: "GPAW 26.7.0, gpaw-data 1.2.1, ASE 3.29.0",
    energy: -12.266072070599096,
    forces: [
      -0.07740450534016541, -1.427897850444032, -5.190386837437399, 3.4867095780363093, 0.12832080463497011, 1.9625573536056036,
      -3.0261480877452103, 0.7696461769497656, 3.0086264335455923,
    ],
    bounds: GRID,
  },
  ase: {
    structure: ARGON,
    options: { calculator: "lj", arguments: { epsilon: 0.0104, sigma: 3.4, rc: 10 } },
    madeWith: "ASE 3.28.0",
    energy: -0.030202527760207633,
    forces: [
      0.005776617517054902, 0.00437804986681716, 0.00026651272672766416, -0.0059432330612791545, 0.003464284548952354,
      0.0005352527988118986, 0.00016661554422425263, -0.007842334415769514, -0.0008017655255395627,
    ],
    bounds: ROUNDING,
  },
};

export const command: Command = defined({
  usage: "list | check NAME | install gpaw",
  positionals: ["action", "name?"],
  options: {},
  input: z.object({ action: z.enum(["list", "check", "install"], "give list, check or install"), name: z.string().optional() }),
  run({ action, name }, io) {
    if (action === "list") {
      if (name !== undefined) throw new UsageError(`list takes no NAME; to try one engine: qmml qm check ${name}`);
      return list(io);
    }
    if (action === "install") {
      if (name !== "gpaw")
        throw new UsageError(`install takes gpaw; the other engines are packages of Python: python -m pip install ${PACKAGES}`);
      return install(io);
    }
    if (name === undefined) throw new UsageError(`give the engine to check: ${Object.keys(FIGURES).join(", ")}`);
    if (name === "ipi")
      throw new UsageError("what ipi gives is the affair of the code that connects; qmml compute --calculator ipi tries one");
    if (!Object.hasOwn(FIGURES, name)) throw new UsageError(`there is no engine "${name}"; there are ${Object.keys(FIGURES).join(", ")}`);
    return check(name, io);
  },
});

async function list(io: Io): Promise<Outcome> {
  const found = await loadable(io.signal);
  const engines = Object.values(ENGINES).map((description) => ({ ...description, ...found[description.name] }));
  for (const engine of engines) {
    io.print(`${engine.name}  ${engine.loads ? engine.version : `does not load: ${engine.problem}`}`);
    io.print(`  ${engine.summary}`);
    io.print(`  ${abilities(engine.can)}`);
    io.print(`${columns(Object.entries(engine.options).map(([option, meaning]) => [`  ${option}`, meaning]))}\n`);
  }
  return { json: { engines } };
}

/** Builds GPAW, and tries it. */
async function install(io: Io): Promise<Outcome> {
  const folder = gpawFolder();
  const before = gpawInstallation(folder) !== undefined;
  const began = performance.now();
  const record = await installGpaw({
    python: pythonPath(),
    folder,
    signal: io.signal,
    report: (step) => {
      io.live([]);
      io.print(step);
    },
    compiled: (files) => io.live([`  ${files} files compiled`]),
  });
  const seconds = (performance.now() - began) / 1000;
  io.live([]);
  const { gpaw: found } = await loadable(io.signal);
  if (!found.loads) throw new Error(found.problem);
  io.print(
    `gpaw ${before ? "was installed already" : `installed in ${(seconds / 60).toFixed(1)} minutes`}: ${found.version}, in ${folder}`,
  );
  return { json: { ...record, folder, seconds, version: found.version } };
}

/** What an engine can do, what it cannot, and what its options decide, in words. */
function abilities(can: Abilities): string {
  const of = (wanted: boolean | undefined): string =>
    Object.keys(WORDS)
      .filter((key) => can[key as keyof Abilities] === wanted)
      .map((key) => WORDS[key as keyof Abilities])
      .join(", ");
  const parts = [
    ["can", of(true)],
    ["cannot", of(false)],
    ["depending on its options", of(undefined)],
  ];
  return parts
    .filter(([, what]) => what !== "")
    .map(([verb, what]) => `${verb}: ${what}`)
    .join("; ");
}

async function check(name: string, io: Io): Promise<Outcome> {
  const { structure, options, madeWith, energy, forces, bounds } = FIGURES[name];
  const engine = await openEngine({ engine: name, ...options }, { signal: io.signal });
  try {
    const found = await engine.calculate(structure, ["energy", "forces"], io.signal);
    const force = found.forces ?? new Float64Array(0);
    const largest = forces.reduce((most, f, k) => Math.max(most, Math.abs(force[k] - f)), 0);
    const difference = { energy: found.energy - energy, forces: largest };
    const ok = Math.abs(difference.energy) <= bounds[0] && difference.forces <= bounds[1];
    io.print(`energy      here ${found.energy.toFixed(9)} eV with ${engine.version}`);
    io.print(`       reference ${energy.toFixed(9)} eV with ${madeWith}`);
    io.print(`      difference ${difference.energy.toExponential(1)} eV, at most ${bounds[0]}`);
    io.print(`largest difference of a force ${difference.forces.toExponential(1)} eV/Å, at most ${bounds[1]}`);
    io.print(ok ? "the same" : "not the same");
    const here = { version: engine.version, energy: found.energy, forces: force };
    const json = { engine: name, ok, here, reference: { version: madeWith, energy, forces }, difference };
    const failure = `${name} is off: energy by ${difference.energy.toExponential(1)} eV, forces by up to ${largest.toExponential(1)} eV/Å; check its installation`;
    return ok ? { json } : { json, failure };
  } finally {
    await engine.close();
  }
}
