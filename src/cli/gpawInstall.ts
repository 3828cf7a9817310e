/**
 * Builds GPAW into an environment of its own (it needs a newer ASE than the one whose numbers qmml's are held against): from its source
 * distribution without MPI, Libxc and BLAS, so that a C++ compiler is all that it takes; NumPy's linear algebra and the functionals that GPAW
 * itself has (LDA, PBE, RPBE, revPBE ...) take their place. The record is written last: what an interrupted installation left is made anew.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProgramError, program } from "../engine/tensorflow/process.ts";
import { GPAW_RECORD, gpawFolder } from "../qm/gpawPlaces.ts";

/** Versions that were tried together. */
export const GPAW_PACKAGES = { gpaw: "26.7.0", "gpaw-data": "1.2.1", ase: "3.29.0" } as const;

/** What was installed. */
export interface GpawInstallation {
  readonly packages: typeof GPAW_PACKAGES;
  readonly python: string;
}

/** How to install. */
export interface GpawInstallOptions {
  /** Makes the environment: 3.10 or newer with its headers. */
  readonly python: string;
  /** Default: `gpawFolder()`. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  /** Is told what begins. */
  readonly report?: (step: string) => void;
  /** Is told, often, how many files are compiled. */
  readonly compiled?: (files: number) => void;
}

const CONFIGURATION = 'noblas = True\nnolibxc = True\nmpi = False\ncompiler = "COMPILER"\nlibraries = []\n';

/** GB of the environment with what the build leaves for a moment. */
const SPACE = 0.8;

const PIP = ["-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--prefer-binary", "--retries", "2"];

/** Ends with the word for the first thing that the environment's Python lacks. */
const PROBE = `import importlib.util, os, sys, sysconfig
if sys.version_info < (3, 10): sys.exit("old")
if not all(importlib.util.find_spec(m) for m in ("venv", "ensurepip")): sys.exit("venv")
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")): sys.exit("headers")`;

const LACKS: readonly (readonly [string, string])[] = [
  ["old", "is older than 3.10; set QMML_PYTHON to a newer one"],
  ["venv", "cannot make environments; install python3-venv (Debian, Ubuntu: sudo apt install python3-venv)"],
  ["headers", "has no headers to compile against; install them (Debian, Ubuntu: sudo apt install python3-dev)"],
];

/** The installation if it was finished. */
export function gpawInstallation(folder: string = gpawFolder()): GpawInstallation | undefined {
  const record = join(folder, GPAW_RECORD);
  return existsSync(record) ? (JSON.parse(readFileSync(record, "utf8")) as GpawInstallation) : undefined;
}

/**
 * Installs GPAW; nothing is done if it is there.
 * @throws Error with one sentence and the remedy
 * @throws the signal's reason if it was stopped
 */
export async function installGpaw(options: GpawInstallOptions): Promise<GpawInstallation> {
  const { python, folder = gpawFolder(), signal, report = () => {}, compiled = () => {} } = options;
  const there = gpawInstallation(folder);
  if (there) return there;
  const compiler = process.env.CXX || "g++";
  await checked(compiler, python, signal);
  rmSync(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true }).catch(({ code }: NodeJS.ErrnoException) => {
    throw new Error(`${folder} cannot be written (${code}); set QMML_ENGINES to a folder of yours`);
  });
  const { bavail, bsize } = await statfs(folder);
  const free = (bavail * bsize) / 1e9;
  if (free < SPACE)
    throw new Error(`gpaw needs ${SPACE} GB and ${folder} has ${free.toFixed(1)}; free some space, or set QMML_ENGINES to another disk`);
  try {
    await built(folder, { python, compiler, signal, report, compiled });
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`gpaw is not installed: ${(error as Error).message}`);
  }
  const record: GpawInstallation = { packages: GPAW_PACKAGES, python };
  writeFileSync(join(folder, GPAW_RECORD), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** What a build needs, before anything is downloaded. */
async function checked(compiler: string, python: string, signal?: AbortSignal): Promise<void> {
  const at = { cwd: process.cwd(), signal };
  await program(compiler, ["--version"], at).catch((error: unknown) => {
    signal?.throwIfAborted();
    const install = "install it (Debian, Ubuntu: sudo apt install g++), or set CXX to another compiler, then run it again";
    throw new Error(`${compiler} ${error instanceof ProgramError && error.missing ? "is missing" : "does not run"}; ${install}`);
  });
  await program(python, ["-I", "-c", PROBE], at).catch((error: unknown) => {
    signal?.throwIfAborted();
    const { missing, reason } = error as ProgramError;
    const lack = LACKS.find(([word]) => reason.endsWith(word));
    throw new Error(
      `${python} ${missing ? "is missing; set QMML_PYTHON to one of 3.10 or newer" : (lack?.[1] ?? reason)}, then run it again`,
    );
  });
}

type Building = Required<Pick<GpawInstallOptions, "python" | "report" | "compiled">> & { signal?: AbortSignal; compiler: string };

async function built(folder: string, { python, compiler, signal, report, compiled }: Building): Promise<void> {
  const own = join(folder, "bin", "python");
  const configuration = join(folder, "siteconfig.py");
  const workshop = join(folder, "build");
  report("a Python environment");
  await program(python, ["-I", "-m", "venv", folder], { cwd: folder, signal });
  await mkdir(workshop);
  await writeFile(configuration, CONFIGURATION.replace("COMPILER", compiler));
  const environment = { ...process.env, GPAW_CONFIG: configuration, TMPDIR: workshop };
  const { gpaw, ...others } = GPAW_PACKAGES;
  const wheels = Object.entries(others).map(([name, version]) => `${name}==${version}`);
  report(`${wheels.join(", ")}, NumPy and SciPy from PyPI`);
  await program(own, [...PIP, ...wheels, "numpy", "scipy"], { cwd: folder, environment, signal });
  report(`gpaw ${gpaw} from PyPI, compiling it by ${compiler} (two minutes or more)`);
  const looking = setInterval(() => compiled(objects(workshop)), 500);
  try {
    // A wheel that pip keeps may be another's, with other settings.
    await program(own, [...PIP, "--no-cache-dir", "--no-binary", "gpaw", `gpaw==${gpaw}`], { cwd: folder, environment, signal });
  } finally {
    clearInterval(looking);
  }
  rmSync(workshop, { recursive: true, force: true });
  await program(own, ["-I", "-c", "import _gpaw, gpaw_data; from gpaw import GPAW"], { cwd: folder, signal });
}

/** How many files are compiled. */
function objects(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".o")).length;
  } catch {
    return 0; // a temporary folder vanished meanwhile
  }
}
