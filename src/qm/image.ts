/** QM images: one calculated cluster each, found again by what was calculated. */
import { createHash } from "node:crypto";
import type { Calculator, EngineSpec } from "../calculators/calculator.ts";
import { norm } from "../linalg/elementary.ts";
import { formula, type Structure } from "../structure/structure.ts";
import { withContents } from "./argumentFiles.ts";
import type { Guess, QmEngine, Retry } from "./engine.ts";
import { Absurd, type FailureKind, kindOf, nextAttempt } from "./ladder.ts";

/** A calculated structure: its geometry as it was calculated, what the engine said of it, under which settings. */
export interface QmImage {
  readonly hash: string;
  /** Engine, options and version as JSON: those that gave it. Where it had to be tried again they are not those that were asked for. */
  readonly settings: string;
  readonly structure: Structure;
  /** eV. */
  readonly energy: number;
  /** [3N] eV/Å. */
  readonly forces: Float64Array;
  /** Of the engine, wall s. */
  readonly seconds: number;
}

/**
 * Engine, options and version as one string, keys sorted. Charge and spin are the structures' own, what it started from is the image's, and where a
 * code is reached is nobody's affair. A file among the arguments of a calculator stands there with the SHA-256 of its content.
 * @throws Error with one sentence for such a file that cannot be read.
 */
export function settingsOf(spec: EngineSpec, version: string): string {
  const { charge: _charge, multiplicity: _multiplicity, warm: _warm, address: _address, wait: _wait, ...rest } = withContents(spec);
  if (rest.arguments === undefined) return sorted({ ...rest, version });
  const { charge: _own, ...others } = rest.arguments as Readonly<Record<string, unknown>>;
  return sorted({ ...rest, arguments: others, version });
}

function sorted(settings: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Per Å. Lengths are rounded to ten decimals before anything is calculated: an energy notices 1e-10 eV of it. */
const DECIMALS = 1e10;

/**
 * The structure that is calculated in place of a given one: lengths rounded, and only what an engine sees. Since the rounded geometry is the one
 * that is calculated, equal keys mean equal bits, whichever model asked first.
 */
export function asCalculated(s: Structure): Structure {
  // Adding 0 makes -0 the 0 that it equals.
  const rounded = (lengths: Float64Array): Float64Array => lengths.map((x) => Math.round(x * DECIMALS) / DECIMALS + 0);
  return {
    numbers: s.numbers,
    positions: rounded(s.positions),
    cell: rounded(s.cell),
    pbc: s.pbc,
    charge: s.charge ?? 0,
    ...(s.multiplicity !== undefined && { multiplicity: s.multiplicity }),
  };
}

/**
 * SHA-256 of elements, rounded geometry and cell, pbc, charge, spin and settings.
 * @param guess hash of the image whose density the calculation starts from: within its convergence the result depends on it
 */
export function imageHash(s: Structure, settings: string, guess?: string): string {
  const { numbers, positions, cell, pbc, charge, multiplicity } = asCalculated(s);
  const hash = createHash("sha256")
    .update(settings)
    .update(JSON.stringify([pbc, charge, multiplicity ?? null, numbers.length]));
  hash.update(numbers).update(positions).update(cell);
  return (guess === undefined ? hash : hash.update(guess)).digest("hex");
}

/** An image, and how it was come by. */
export interface Answer {
  readonly image: QmImage;
  /** It was at hand. */
  readonly reused: boolean;
  /** Another study's. */
  readonly from?: "store";
  /** Of one calculated now from the density of another image: that one's hash. */
  readonly start?: string;
  /** Of one calculated now: the engine's version, its process's largest memory in bytes, the machine. */
  readonly version?: string;
  readonly peakMemory?: number;
  readonly node?: string;
}

/** An attempt at an image that failed. */
export interface Failure {
  readonly kind: FailureKind;
  /** One sentence. */
  readonly message: string;
}

/** Asks a QM engine, and nobody twice. */
export interface QmService {
  readonly settings: string;
  /** An image at hand. */
  image(hash: string): QmImage | undefined;
  /**
   * The image of a structure: from those at hand (`reused`; `from` says if it was another study's), from a calculation under way for someone
   * else, or calculated now; by other settings where those asked for have failed.
   * @param signal lets go of the answer at once; the engine hears of it when nobody else waits for the same image
   * @param before hash of the image before it in the same relaxation, from which an engine that was opened `warm` starts if it still can
   * @throws Error if the engine fails or its answer is absurd. Then `next` says what will be tried when it is asked again.
   * @throws EngineLoss if there is nobody left to ask.
   */
  ask(structure: Structure, signal?: AbortSignal, before?: string): Promise<Answer>;
  /** Under which hashes the image may stand: one that would be calculated now has the first. */
  hashes(structure: Structure, before?: string): readonly [string, ...string[]];
  /** The attempts at an image that have failed, in order. */
  failures(hash: string): readonly Failure[];
  /** What comes after the first so many failures of an image, by default all; undefined where nothing is left, and asking is in vain. */
  next(hash: string, after?: number): Retry | undefined;
}

/** What a service does about failures. */
export interface Patience {
  /** Of the engine, tried in order. Default none. */
  readonly retries?: readonly Retry[];
  /** Attempts that failed before, as a journal has them. */
  readonly failed?: (hash: string) => readonly Failure[];
  /** eV/Å. Results with larger forces are absurd. Default: any finite force will do. */
  readonly maxForce?: number;
}

/** What an engine tries first that had started from another image's density. */
const SCRATCH: Retry = { name: "a start from scratch", options: {} };

/** A calculation that some wait for. */
interface Job {
  readonly answer: Promise<Answer>;
  readonly abandon: AbortController;
  askers: number;
}

/**
 * A service over an engine.
 * @param stored looks an image up by its hash; whoever asks for images stores them
 * @param shared looks it up in a store that others share, if nobody is calculating it
 * @param patience without it the service forgets failures, and asks as before
 */
export function qmService(
  engine: Calculator & Pick<QmEngine, "calculate" | "holds" | "instead"> & { readonly version?: string },
  settings: string,
  stored: (hash: string) => QmImage | undefined,
  shared: (hash: string) => QmImage | undefined = () => undefined,
  patience?: Patience,
): QmService {
  const { retries = [], failed = () => [], maxForce = Number.POSITIVE_INFINITY } = patience ?? {};
  const rungs = engine.holds ? [SCRATCH, ...retries] : retries;
  // A finished calculation stays here until it is found to be stored.
  const jobs = new Map<string, Job>();
  const known = new Map<string, readonly Failure[]>();
  const failures = (hash: string): readonly Failure[] => known.get(hash) ?? failed(hash);
  const next = (hash: string, after = failures(hash).length): Retry | undefined => {
    const kinds = failures(hash).map(({ kind }) => kind);
    return nextAttempt(kinds.slice(0, after), rungs);
  };
  const once = async (asked: Structure, { options }: Retry, guess: Guess, signal: AbortSignal): Promise<Answer> => {
    const began = performance.now();
    const other = Object.keys(options).length > 0 ? engine.instead?.(options) : undefined;
    const calculate = other ?? engine.calculate;
    // Those of other options leave no density: the next image, asked for as the user wants it, must not start from one.
    const answer = (): ReturnType<QmEngine["calculate"]> => calculate(asked, ["energy", "forces"], signal, other ? undefined : guess);
    // Whatever kept a worker from starting may have passed.
    const result = await answer().catch((error: unknown) => {
      if (!patience || kindOf(error) || signal.aborted) throw error;
      return answer();
    });
    const { energy, forces, seconds = (performance.now() - began) / 1000, peakMemory, node } = result;
    checkSense(engine.name, asked, energy, forces, maxForce);
    const used = other ? sorted({ ...JSON.parse(settings), ...options }) : settings;
    const image: QmImage = { hash: guess.as, settings: used, structure: asked, energy, forces, seconds };
    return { image, reused: false, ...(guess.from && { start: guess.from }), version: engine.version, peakMemory, node };
  };
  const calculate = async (structure: Structure, hash: string, before: string | undefined, signal: AbortSignal): Promise<Answer> => {
    const past = failures(hash);
    const attempt = next(hash);
    if (!attempt) throw new Error(past.at(-1)?.message);
    const from = past.length === 0 ? before : undefined;
    try {
      return await once(asCalculated(structure), attempt, { from, as: hash }, signal);
    } catch (error) {
      const kind = kindOf(error);
      if (patience && kind && !signal.aborted) known.set(hash, [...past, { kind, message: (error as Error).message }]);
      throw error;
    }
  };
  const begin = (structure: Structure, hash: string, before?: string): Job => {
    const abandon = new AbortController();
    const job: Job = { answer: calculate(structure, hash, before, abandon.signal), abandon, askers: 0 };
    job.answer.catch(() => jobs.get(hash) === job && jobs.delete(hash));
    jobs.set(hash, job);
    return job;
  };
  const held = (structure: Structure, before?: string): before is string =>
    before !== undefined && engine.holds?.(before, asCalculated(structure)) === true;
  const hashes = (structure: Structure, before?: string): readonly [string, ...string[]] => {
    const cold = imageHash(structure, settings);
    if (!engine.holds || before === undefined) return [cold];
    const warm = imageHash(structure, settings, before);
    // What has failed is not asked for by another name.
    const isWarm = failures(warm).length > 0 || (held(structure, before) && failures(cold).length === 0);
    return isWarm ? [warm, cold] : [cold, warm];
  };
  const image = (hash: string): QmImage | undefined => {
    const found = stored(hash);
    if (found) jobs.delete(hash);
    return found;
  };
  return {
    settings,
    image,
    hashes,
    failures,
    next,
    async ask(structure, signal, before) {
      signal?.throwIfAborted();
      const possible = hashes(structure, before);
      const found = possible.map(image).find(Boolean);
      if (found) return { image: found, reused: true };
      const [hash] = possible;
      const other = jobs.has(hash) ? undefined : shared(hash);
      if (other) return { image: other, reused: true, from: "store" };
      const job = jobs.get(hash) ?? begin(structure, hash, held(structure, before) ? before : undefined);
      job.askers++;
      if (!signal) return await job.answer;
      let giveUp = (): void => {};
      const givenUp = new Promise<never>((_resolve, reject) => {
        giveUp = () => {
          reject(signal.reason);
          if (--job.askers > 0) return;
          jobs.delete(hash);
          job.abandon.abort(signal.reason);
        };
      });
      signal.addEventListener("abort", giveUp, { once: true });
      try {
        return await Promise.race([job.answer, givenUp]);
      } finally {
        signal.removeEventListener("abort", giveUp);
      }
    },
  };
}

/** @throws Absurd for what no structure has. */
function checkSense(
  name: string,
  s: Structure,
  energy: number,
  forces: Float64Array | undefined,
  maxForce: number,
): asserts forces is Float64Array {
  if (!Number.isFinite(energy) || !forces?.every(Number.isFinite))
    throw new Absurd(
      `${name} gave an energy of ${energy} eV or forces that are not finite for ${s.numbers.length} atoms; check the geometry`,
    );
  for (let i = 0; i < forces.length; i += 3) {
    const force = norm(forces[i], forces[i + 1], forces[i + 2]);
    if (force > maxForce)
      throw new Absurd(
        `${name} gave a force of ${force.toPrecision(3)} eV/Å on atom ${i / 3} of ${formula(s)}, more than maxForce (${maxForce} eV/Å); check the geometry`,
      );
  }
}
