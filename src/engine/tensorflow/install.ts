/**
 * Installs TensorFlow: the npm package without its install script, then the library, by the package's own download or, where that fails, built
 * from a wheel of PyPI. All of it happens in the folder `unfinished` and is moved to its place once a process has loaded it: what is there is
 * whole. What an interrupted installation had downloaded is kept for the next.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { tryTensorflow } from "./load.ts";
import { enginesFolder, type Installation, installation, PACKAGES, RECORD, type TensorflowName, VERSION } from "./places.ts";
import { ProgramError, program, sizeOf } from "./process.ts";
import { build, download, unsupported, WHEELS } from "./wheel.ts";

/** How to install. */
export interface InstallOptions {
  /** Tried in this order; one must have pip. */
  readonly pythons: readonly string[];
  /** Default: `enginesFolder()`. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  /** Is told what begins. */
  readonly report?: (step: string) => void;
  /** Is told, often, how many MB of the present step have arrived. */
  readonly arrived?: (size: number) => void;
}

/** One installation under way. */
interface Job extends Required<Omit<InstallOptions, "signal">> {
  readonly name: TensorflowName;
  readonly signal?: AbortSignal;
  /** The folder of engines that are not finished. */
  readonly workshop: string;
  /** This engine's in it. */
  readonly place: string;
  /** The npm package in that. */
  readonly own: string;
}

/** Headers of Node-API: a Node need not come with its own. */
const HEADERS = { package: "node-api-headers", version: "1.9.0" };

/** Three seconds of trying instead of npm's seventy: a missing network is then reported at once. */
const NPM = ["--no-audit", "--no-fund", "--loglevel=error", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000"];

/** GB that an installation takes at its largest, with what it downloads. */
const SPACE: Readonly<Record<TensorflowName, number>> = { tensorflow: 1.3, "tensorflow-gpu": 2 };

/** ms that the package's own download is given, and in which its first bytes must come; the wheel is there if they do not. */
const OWN_DOWNLOAD = { all: 1_200_000, first: 20_000 };

/**
 * Installs a TensorFlow; nothing is done if it is there.
 * @throws Error with one sentence and the remedy
 * @throws the signal's reason if it was stopped
 */
export async function installTensorflow(name: TensorflowName, options: InstallOptions): Promise<Installation> {
  const { folder = enginesFolder(), report = () => {}, arrived = () => {} } = options;
  const there = installation(name, folder);
  if (there) return there;
  const workshop = join(folder, "unfinished");
  const place = join(workshop, name);
  const job: Job = { ...options, name, folder, report, arrived, workshop, place, own: join(place, "node_modules", PACKAGES[name]) };
  await makeRoom(job);
  const unlock = lock(join(workshop, `${name}.lock`));
  try {
    await npmPackage(job);
    const record = (await ownDownload(job)) ?? (await fromWheel(job));
    await rm(join(place, "downloads"), { recursive: true, force: true });
    await rm(join(folder, name), { recursive: true, force: true });
    options.signal?.throwIfAborted();
    await rename(place, join(folder, name));
    return record;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Error(`${name} is not installed: ${(error as Error).message}`);
  } finally {
    unlock();
  }
}

/** Makes the folder, and sees that the disk has room. */
async function makeRoom({ name, folder, place }: Job): Promise<void> {
  try {
    await mkdir(place, { recursive: true });
  } catch (error) {
    throw new Error(`${folder} cannot be written (${(error as NodeJS.ErrnoException).code}); set QMML_ENGINES to a folder of yours`);
  }
  const { bavail, bsize } = await statfs(place);
  const free = (bavail * bsize) / 1e9;
  if (free < SPACE[name])
    throw new Error(
      `${name} needs ${SPACE[name]} GB and ${folder} has ${free.toFixed(1)}; free some space, or set QMML_ENGINES to another disk`,
    );
}

/** One installation at a time. The lock of a process that is no more is taken over. */
function lock(file: string): () => void {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
  } catch {
    const owner = Number(readFileSync(file, "utf8"));
    if (isAlive(owner)) throw new Error(`process ${owner} is at it already; wait for it, or remove ${file}`);
    writeFileSync(file, String(process.pid));
  }
  return () => rmSync(file, { force: true });
}

function isAlive(process_: number): boolean {
  try {
    return process_ > 0 && process.kill(process_, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The npm package and the headers, without running any of their scripts. npm leaves its list when it has finished. */
async function npmPackage({ name, place, report, signal }: Job): Promise<void> {
  if (existsSync(join(place, "node_modules", ".package-lock.json"))) return;
  report(`${PACKAGES[name]} ${VERSION} from npm`);
  await writeFile(join(place, "package.json"), "{}\n");
  const packages = [`${PACKAGES[name]}@${VERSION}`, `${HEADERS.package}@${HEADERS.version}`];
  await program("npm", ["install", "--ignore-scripts", "--save-exact", ...NPM, ...packages], { cwd: place, signal }).catch((error) => {
    if (error instanceof ProgramError && error.missing)
      throw new Error("npm is not on the PATH; install it (Debian, Ubuntu: sudo apt install npm), then run it again");
    throw error;
  });
}

/** The library as the package itself gets it; undefined where that fails. */
async function ownDownload(job: Job): Promise<Installation | undefined> {
  const { name, place, own, report, arrived, signal } = job;
  report("its library, by the package's own download");
  const deps = join(own, "deps");
  for (const folder of [deps, join(own, "lib")]) await rm(folder, { recursive: true, force: true });
  const limit = AbortSignal.timeout(OWN_DOWNLOAD.all);
  const nothing = new AbortController();
  const began = Date.now();
  const looking = setInterval(() => {
    const size = sizeOf(deps);
    if (size > 0) arrived(size / 1e6);
    else if (Date.now() - began > OWN_DOWNLOAD.first) nothing.abort(new Error("its host does not answer"));
  }, 300);
  const environment = {
    ...process.env,
    PATH: [join(place, "node_modules", ".bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
  };
  const words = ["scripts/install.js", ...(name === "tensorflow-gpu" ? ["gpu", "download"] : [])];
  try {
    await program(process.execPath, words, {
      cwd: own,
      environment,
      signal: AbortSignal.any([limit, nothing.signal, ...(signal ? [signal] : [])]),
    });
    return await tried(job, `the download of ${PACKAGES[name]}`);
  } catch (error) {
    signal?.throwIfAborted();
    report(`  that fails: ${error instanceof ProgramError ? error.reason : (error as Error).message}`);
    return undefined;
  } finally {
    clearInterval(looking);
  }
}

/** The library from PyPI and the binding compiled here. */
async function fromWheel(job: Job): Promise<Installation> {
  const { name, place, own, report, arrived, signal } = job;
  const { project, version, size } = WHEELS[name];
  const here = unsupported();
  if (here) throw new Error(`${project} of PyPI has the library for x86-64 Linux with glibc, not for ${here}; keep to the default engine`);
  const compiler = process.env.CXX || "g++";
  if (await cannot(compiler, ["--version"], job))
    throw new Error(
      `${compiler} is missing; install it (Debian, Ubuntu: sudo apt install g++), or set CXX to another compiler, then run it again`,
    );
  const python = await pythonWithPip(job);
  const downloads = join(place, "downloads");
  await mkdir(downloads, { recursive: true });
  report(`its library, from ${project} ${version} of PyPI (${size} MB)`);
  const wheel = await download(name, { python, downloads, arrived, signal });
  report("unpacking it and compiling the binding");
  await build(wheel, { python, compiler, folder: own, headers: join(place, "node_modules", HEADERS.package, "include"), signal });
  return tried(job, `${project} ${version}`);
}

async function pythonWithPip(job: Job): Promise<string> {
  for (const python of job.pythons) if (!(await cannot(python, ["-m", "pip", "--version"], job))) return python;
  throw new Error(
    `no Python with pip (${job.pythons.join(", ")}); install it (Debian, Ubuntu: sudo apt install python3-pip) or set QMML_PYTHON, then run it again`,
  );
}

/** Whether a program is missing or fails. */
async function cannot(name: string, words: readonly string[], { place, signal }: Job): Promise<boolean> {
  try {
    await program(name, words, { cwd: place, signal });
    return false;
  } catch {
    signal?.throwIfAborted();
    return true;
  }
}

/** Leaves the record of an installation that a process of its own can load. */
async function tried({ name, workshop, place }: Job, library: string): Promise<Installation> {
  const record: Installation = { name, package: PACKAGES[name], version: VERSION, library };
  const file = join(place, RECORD);
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`);
  try {
    await tryTensorflow(name, workshop);
    return record;
  } catch (error) {
    rmSync(file);
    throw error;
  }
}
