/** `qmml doctor`: whether this machine has what qmml needs, each point tried rather than looked up. It changes nothing. */
import { execFile } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { PACKAGE } from "../io/package.ts";
import { openDatabase } from "../io/sqlite.ts";
import { pythonPath } from "../qm/worker.ts";
import { type Command, command as defined } from "./command.ts";
import { gpawInstallation } from "./gpawInstall.ts";

/** One thing that qmml needs. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What is there. */
  readonly found: string;
  /** What has to be there. */
  readonly needed: string;
  /** What to do about it; empty where all is well. */
  readonly remedy: string;
}

/** All checks, and whether all passed. */
export interface Diagnosis {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

const MINIMUM_PYTHON = "3.10";

/** The versions that set-up installs, and those that qmml's numbers were compared with. */
const MINIMUM_ASE = "3.28";
const MINIMUM_TBLITE = "0.8";

/** GiB: ten networks of a small study with room to spare. */
const MINIMUM_MEMORY = 1;

/** Bytes. */
const GIB = 2 ** 30;

/** Milliseconds; a cold start of Python with ASE on a slow disk stays below. */
const PYTHON_TIMEOUT = 30_000;

const PYTHON_PROBE = `import platform
print(platform.python_version())
try:
    import ase
    print(ase.__version__)
except ImportError:
    print("none")
try:
    import tblite.ase, importlib.metadata
    print(importlib.metadata.version("tblite"))
except ImportError:
    print("none")
try:
    import pyscf
    print(pyscf.__version__)
except ImportError:
    print("none")
try:
    import distributed
    print(distributed.__version__)
except ImportError:
    print("none")`;

/** Tries everything that qmml needs; nothing throws, a point that fails says so. */
export async function doctor(): Promise<Diagnosis> {
  const checks = [node(), await sqlite(), await threads(), ...(await python()), folder(), memory(), cores()];
  return { ok: checks.every(({ ok }) => ok), checks };
}

function check(name: string, ok: boolean, found: string, needed: string, remedy: string): Check {
  return { name, ok, found, needed, remedy: ok ? "" : remedy };
}

function node(): Check {
  const { engines } = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8")) as { engines: { node: string } };
  const minimum = engines.node.replace(">=", "");
  return check("Node", atLeast(process.versions.node, minimum), process.versions.node, `${minimum} or newer`, "install a newer Node");
}

async function sqlite(): Promise<Check> {
  const report = (ok: boolean, found: string): Check =>
    check("SQLite", ok, found, "node:sqlite, part of Node", "install a Node that was built with SQLite");
  try {
    const database = openDatabase(":memory:");
    const row = database.prepare("select sqlite_version() as version").get();
    database.close();
    return report(true, String(row?.version));
  } catch (error) {
    return report(false, sentence(error));
  }
}

/** A thread of its own writes into memory that it shares with this one. */
async function threads(): Promise<Check> {
  const report = (ok: boolean, found: string): Check =>
    check("threads", ok, found, "worker threads with shared memory", "allow this user more threads and memory (ulimit -u, ulimit -v)");
  try {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const code = `Atomics.store(require("node:worker_threads").workerData, 0, 1)`;
    const worker = new Worker(code, { eval: true, workerData: shared });
    await new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
    const ok = Atomics.load(shared, 0) === 1;
    return report(ok, ok ? "worker threads with shared memory" : "memory is not shared");
  } catch (error) {
    return report(false, sentence(error));
  }
}

async function python(): Promise<Check[]> {
  const path = pythonPath();
  let versions: readonly string[] = [];
  let failure = "";
  try {
    const { stdout } = await promisify(execFile)(path, ["-c", PYTHON_PROBE], { timeout: PYTHON_TIMEOUT });
    versions = stdout.trim().split("\n");
  } catch (error) {
    failure = (error as NodeJS.ErrnoException).code === "ENOENT" ? `no ${path}` : `${path} does not run`;
  }
  const [version = "0", ase = "none", tblite = "none", pyscf = "none", dask = "none"] = versions;
  const remedy =
    "run npm start in a clone of qmml, or set QMML_PYTHON to a Python that has ASE and tblite (python -m pip install ase tblite)";
  return [
    check("Python", atLeast(version, MINIMUM_PYTHON), failure || `${version} (${path})`, `${MINIMUM_PYTHON} or newer`, remedy),
    check("ASE", ase !== "none" && atLeast(ase, MINIMUM_ASE), ase, `${MINIMUM_ASE} or newer`, remedy),
    check("tblite", tblite !== "none" && atLeast(tblite, MINIMUM_TBLITE), tblite, `${MINIMUM_TBLITE} or newer`, remedy),
    optional("PySCF", pyscf === "none" ? undefined : pyscf, "the engine pyscf", `${path} -m pip install pyscf`),
    optional("GPAW", gpawInstallation()?.packages.gpaw, "the engine gpaw", "qmml qm install gpaw"),
    optional("Dask", dask === "none" ? undefined : dask, "qmml run --cluster", `${path} -m pip install distributed bokeh`),
  ];
}

/** What only some need. */
function optional(name: string, found: string | undefined, user: string, install: string): Check {
  return check(name, true, found ?? `none; ${user} needs it: ${install}`, `nothing, unless ${user} is used`, "");
}

function folder(): Check {
  const path = process.cwd();
  const needed = "a folder that can be written, for studies";
  try {
    accessSync(path, constants.W_OK);
    return check("folder", true, path, needed, "");
  } catch {
    return check("folder", false, `${path} cannot be written`, needed, "change to a folder of your own");
  }
}

function memory(): Check {
  const free = process.availableMemory() / GIB;
  const needed = `${MINIMUM_MEMORY} GiB free`;
  return check("memory", free >= MINIMUM_MEMORY, `${free.toFixed(1)} GiB free`, needed, "close other programs");
}

function cores(): Check {
  return check("cores", true, String(availableParallelism()), "1; models train side by side on more", "");
}

/** Whether version `found` is not older than `needed`; `needed` has the fewer parts. */
function atLeast(found: string, needed: string): boolean {
  const have = found.split(".").map(Number.parseFloat);
  for (const [position, wanted] of needed.split(".").map(Number).entries()) {
    if (have[position] !== wanted) return have[position] > wanted;
  }
  return true;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export const command: Command = defined({
  usage: "",
  positionals: [],
  options: {},
  input: z.object({}),
  async run(_nothing, io) {
    const diagnosis = await doctor();
    for (const { name, ok, found, needed, remedy } of diagnosis.checks) {
      io.print(`${ok ? "ok     " : "MISSING"}  ${name.padEnd(8)}${found}${ok ? "" : `; needed: ${needed}. Remedy: ${remedy}.`}`);
    }
    const missing = diagnosis.checks.filter(({ ok }) => !ok).map(({ name, remedy }) => `${name}: ${remedy}`);
    return missing.length === 0 ? { json: diagnosis } : { json: diagnosis, failure: missing.join("; ") };
  },
});
