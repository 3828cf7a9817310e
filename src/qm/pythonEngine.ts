/** An engine whose work is done by Python workers. */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineSpec, Property, Result } from "../calculators/calculator.ts";
import { rank } from "../linalg/cell.ts";
import { statedMultiplicity } from "../structure/electrons.ts";
import { symbolOf } from "../structure/elements.ts";
import { formula, type Structure, size } from "../structure/structure.ts";
import type { Cluster } from "./cluster.ts";
import { clusterPool } from "./clusterPool.ts";
import type { Definition } from "./definition.ts";
import { EngineLoss, type EngineOptions, type Guess, type QmEngine, Unconverged } from "./engine.ts";
import { Absurd } from "./ladder.ts";
import { type WorkerPool, workerPool } from "./pool.ts";
import { pythonPath, type QmAnswer, type QmFailure, type QmWorker, startWorker, WorkerDeath } from "./worker.ts";

/** What `pythonEngine` is made from. */
export interface PythonEngine extends EngineOptions {
  readonly definition: Definition;
  /** Checked. */
  readonly spec: EngineSpec;
  readonly slots: number;
  /** Calculates in place of this machine. */
  readonly cluster?: Cluster;
  /**
   * The structure with all that its calculation depends on.
   * @throws RangeError if it cannot be calculated.
   */
  prepared(s: Structure): Structure;
}

/** What an engine says of itself when it is opened; null where its description says it. */
export interface Opened {
  readonly version: string;
  readonly properties: readonly Property[] | null;
  /** Atomic numbers of those that it can calculate with these options. */
  readonly elements: readonly number[] | null;
}

/** Bytes of densities that are kept: many steps of many relaxations, so that a slow one still finds its last. */
const ROOM = 1e9;

/** The Python that an engine needs. */
export function interpreterOf({ interpreter = pythonPath }: Definition): string {
  return interpreter();
}

/**
 * Opens it: one worker is started, the others when they are needed.
 * @throws RangeError if an option names what the engine does not have.
 * @throws Error with one sentence if Python or a package is missing.
 */
export async function pythonEngine(given: PythonEngine): Promise<QmEngine> {
  const { definition, spec, prepared, signal } = given;
  const { name } = definition;
  const { threads, warm } = { threads: 1, warm: false, ...(spec as { threads?: number; warm?: boolean }) };
  const options = workerOptions(definition, spec);
  const pool = await poolOf(given, threads);
  const opened = await asked(pool, definition, options, signal).catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  const { version, elements } = opened;
  const properties = opened.properties ?? definition.properties;
  const guesses = warm ? densities(definition.guess ?? "") : undefined;
  const ready = (s: Structure): Structure => {
    if (size(s) === 0) throw new RangeError(`${name} was given no atoms; give one or more`);
    const bad = s.positions.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0)
      throw new RangeError(`a coordinate of atom ${Math.floor(bad / 3)} is ${s.positions[bad]}; positions are finite numbers in Å`);
    const structure = prepared(s);
    const unknown = elements && s.numbers.find((z) => !elements.includes(z));
    if (unknown)
      throw new RangeError(`${name} has no ${symbolOf(unknown)} with ${basisOf(options)}, and ${formula(s)} has; give another basis`);
    return structure;
  };
  const calculating =
    (options: Record<string, unknown>): QmEngine["calculate"] =>
    async (s, wanted, signal, guess) => {
      signal?.throwIfAborted();
      const structure = ready(s);
      const lacking = wanted.find((p) => !properties.includes(p));
      if (lacking) throw new RangeError(`${subject(spec)} does not give ${lacking}; it gives ${properties.join(", ")}`);
      const periodic = s.pbc.includes(true) || !definition.can.charges;
      if (wanted.includes("stress") && (rank(s.cell) < 3 || !periodic))
        throw new RangeError("the stress needs 3 lattice vectors and a structure that repeats; give a periodic cell or do not ask for it");
      const multiplicity = definition.electrons(spec) ? statedMultiplicity(structure) : (structure.multiplicity ?? null);
      const kept = guess && guesses?.files(guess);
      const answer = await pool
        .ask({ engine: name, options, threads, structure, multiplicity, properties: wanted, ...(kept && { guess: kept }) }, signal)
        .catch((error: unknown) => {
          signal?.throwIfAborted();
          throw new Error(`${name} failed for ${formula(s)}: ${(error as Error).message}`, { cause: error });
        });
      if ("error" in answer) throw failure(answer, definition, s);
      if (guess) guesses?.add(guess.as, structure);
      return resultOf(answer);
    };
  return {
    name,
    properties,
    version,
    accepts: (s) => void ready(s),
    calculate: calculating(options),
    instead: (other) => calculating(workerOptions(definition, { ...spec, ...other })),
    ...(guesses && { holds: (hash: string, s: Structure) => guesses.has(hash, ready(s)) }),
    async close() {
      await pool.close();
      guesses?.remove();
    },
  };
}

/** Its workers: on this machine, of which one is started, or a cluster's. */
async function poolOf({ definition, slots, cluster, signal, ...rest }: PythonEngine, threads: number): Promise<WorkerPool> {
  const python = interpreterOf(definition);
  if (cluster) return clusterPool(cluster, { python, threads, ...rest });
  const start = (abort?: AbortSignal): Promise<QmWorker> => startWorker(abort, { python, threads });
  return workerPool(slots, await start(signal), start, rest);
}

/**
 * What engines say of themselves with the options that they cannot do without, or why they do not load; by one worker, one after the other.
 * @throws the signal's reason
 */
export async function tried(python: string, definitions: readonly Definition[], signal?: AbortSignal): Promise<(Opened | Error)[]> {
  let worker: QmWorker | undefined;
  const answers: (Opened | Error)[] = [];
  for (const definition of definitions) {
    try {
      worker = worker?.alive() ? worker : await startWorker(signal, { python });
      answers.push(await asked(worker, definition, workerOptions(definition, { engine: definition.name, ...definition.trial }), signal));
    } catch (error) {
      signal?.throwIfAborted();
      answers.push(error as Error);
    }
  }
  await worker?.close();
  return answers;
}

/** What an engine says of itself. */
async function asked(worker: Pick<QmWorker, "open">, definition: Definition, options: object, signal?: AbortSignal): Promise<Opened> {
  const { name } = definition;
  const answer = await worker.open(name, options, signal).catch((error: unknown) => {
    throw error instanceof WorkerDeath ? new Error(`${name} does not load: ${error.message}`) : error;
  });
  if (!("error" in answer)) return answer;
  const { kind, message } = answer.error;
  if (kind === "missing") {
    const pip = `install it there: python -m pip install ${message}`;
    const own = name === "ase" ? ", or name the folder of a module of your own in PYTHONPATH" : "";
    const remedy = name === "gpaw" ? "install it: qmml qm install gpaw" : `${pip}${own}`;
    throw new Error(`${name} needs ${message}, which ${interpreterOf(definition)} cannot import; ${remedy}`);
  }
  if (kind === "input") throw new RangeError(`${name}: ${message}`);
  throw new Error(`${name} does not load: ${message}`);
}

/** The options as Python takes them: complete, without those that are no concern of the method. */
function workerOptions({ defaults }: Definition, spec: EngineSpec): Record<string, unknown> {
  const { engine: _engine, charge: _charge, multiplicity: _multiplicity, threads: _threads, warm: _warm, ...options } = spec;
  return { ...defaults, ...options };
}

/** The files of densities, in a folder of their own; the oldest make room for the newest. */
function densities(ending: string): {
  has(hash: string, s: Structure): boolean;
  files(guess: Guess): { from: string | null; to: string };
  add(hash: string, s: Structure): void;
  remove(): void;
} {
  let folder: string | undefined;
  const kept = new Map<string, { readonly of: string; readonly bytes: number }>();
  let room = ROOM;
  const drop = (hash: string): void => {
    room += kept.get(hash)?.bytes ?? 0;
    kept.delete(hash);
  };
  const file = (hash: string): string => {
    folder ??= mkdtempSync(join(tmpdir(), "qmml-densities-"));
    return join(folder, `${hash}${ending}`);
  };
  const of = ({ numbers, pbc, charge, multiplicity }: Structure): string =>
    JSON.stringify([[...numbers], pbc, charge ?? 0, multiplicity ?? null]);
  return {
    has: (hash, s) => kept.get(hash)?.of === of(s) && existsSync(file(hash)),
    files: ({ from, as }) => ({ from: from === undefined ? null : file(from), to: file(as) }),
    add(hash, s) {
      drop(hash);
      const bytes = statSync(file(hash), { throwIfNoEntry: false })?.size;
      if (bytes === undefined) return;
      kept.set(hash, { of: of(s), bytes });
      room -= bytes;
      for (const oldest of kept.keys()) {
        if (room >= 0 || oldest === hash) return;
        drop(oldest);
        rmSync(file(oldest), { force: true });
      }
    },
    remove() {
      kept.clear();
      if (folder) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function basisOf({ basis, xc }: Record<string, unknown>): string {
  return basis === undefined ? `xc ${xc}` : `basis ${basis}`;
}

function subject({ engine, calculator, mode }: EngineSpec): string {
  return [engine, calculator ?? mode].filter(Boolean).join(" ");
}

/** What an answer says went wrong. */
function failure({ error: { kind, message } }: QmFailure, { name, remedy }: Definition, s: Structure): Error {
  const what = `${formula(s)}: ${message}`;
  if (kind === "input") return new RangeError(`${name} refuses ${what}; check the geometry`);
  if (kind === "unconverged") return new Unconverged(`${name} did not converge for ${what}; ${remedy}`);
  if (kind === "absurd") return new Absurd(`${name} gave nonsense for ${what}; check the geometry`);
  if (kind === "absent") return new EngineLoss(`${name} failed for ${what}; install it, or give its command as ASE's documentation says`);
  if (kind === "lacking") return new Error(`${name} failed for ${what}; choose options with which it calculates that`);
  if (kind === "program") return new Error(`${name} failed for ${what}; check its input and the geometry`);
  return new Error(`${name} failed for ${what}; check ${name === "ase" ? "the arguments and " : ""}the geometry`);
}

function resultOf({ energy, seconds, peakMemory, node, ...arrays }: Exclude<QmAnswer, QmFailure>): Result {
  const lists = Object.fromEntries(Object.entries(arrays).map(([key, values]) => [key, Float64Array.from(values)]));
  return { energy, seconds, peakMemory, node, ...lists };
}
