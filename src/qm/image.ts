/** QM images: one calculated cluster each, found again by what was calculated. */
import { createHash } from "node:crypto";
import type { Calculator, EngineSpec } from "../calculators/calculator.ts";
import type { Structure } from "../structure/structure.ts";
import type { Guess, QmEngine } from "./engine.ts";

/** A calculated structure: its geometry as it was calculated, what the engine said of it, under which settings. */
export interface QmImage {
  readonly hash: string;
  /** Engine, options and version as JSON. */
  readonly settings: string;
  readonly structure: Structure;
  /** eV. */
  readonly energy: number;
  /** [3N] eV/Å. */
  readonly forces: Float64Array;
  /** Of the engine, wall s. */
  readonly seconds: number;
}

/** Engine, options and version as one string, keys sorted; charge and spin are the structures' own, what it started from is the image's. */
export function settingsOf(spec: EngineSpec, version: string): string {
  const { charge: _charge, multiplicity: _multiplicity, warm: _warm, ...rest } = spec;
  return JSON.stringify(Object.fromEntries(Object.entries({ ...rest, version }).sort(([a], [b]) => (a < b ? -1 : 1))));
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

/** Asks a QM engine, and nobody twice. */
export interface QmService {
  readonly settings: string;
  /**
   * The image of a structure: from those at hand (`reused`; `from` says if it was another study's), from a calculation under way for someone
   * else, or calculated now.
   * @param signal lets go of the answer at once; the engine hears of it when nobody else waits for the same image
   * @param before hash of the image before it in the same relaxation, from which an engine that was opened `warm` starts if it still can
   * @throws Error if the engine fails or its answer is not finite. It will be asked again the next time.
   */
  ask(structure: Structure, signal?: AbortSignal, before?: string): Promise<{ image: QmImage; reused: boolean; from?: "store" }>;
  /** Under which hashes the image may stand: one that would be calculated now has the first. */
  hashes(structure: Structure, before?: string): readonly [string, ...string[]];
}

/** A calculation that some wait for. */
interface Job {
  readonly image: Promise<QmImage>;
  readonly abandon: AbortController;
  askers: number;
}

/**
 * A service over an engine.
 * @param stored looks an image up by its hash; whoever asks for images stores them
 * @param shared looks it up in a store that others share, if nobody is calculating it
 */
export function qmService(
  engine: Calculator & Pick<QmEngine, "calculate" | "holds">,
  settings: string,
  stored: (hash: string) => QmImage | undefined,
  shared: (hash: string) => QmImage | undefined = () => undefined,
): QmService {
  // A finished calculation stays here until it is found to be stored.
  const jobs = new Map<string, Job>();
  const calculate = async (structure: Structure, guess: Guess, signal: AbortSignal): Promise<QmImage> => {
    const began = performance.now();
    const asked = asCalculated(structure);
    const {
      energy,
      forces,
      seconds = (performance.now() - began) / 1000,
    } = await engine.calculate(asked, ["energy", "forces"], signal, guess);
    if (!Number.isFinite(energy) || !forces?.every(Number.isFinite))
      throw new Error(
        `${engine.name} gave an energy of ${energy} eV or forces that are not finite for ${structure.numbers.length} atoms; check the geometry`,
      );
    return { hash: guess.as, settings, structure: asked, energy, forces, seconds };
  };
  const begin = (structure: Structure, hash: string, from?: string): Job => {
    const abandon = new AbortController();
    const job: Job = { image: calculate(structure, { from, as: hash }, abandon.signal), abandon, askers: 0 };
    job.image.catch(() => jobs.get(hash) === job && jobs.delete(hash));
    jobs.set(hash, job);
    return job;
  };
  const held = (structure: Structure, before?: string): before is string =>
    before !== undefined && engine.holds?.(before, asCalculated(structure)) === true;
  const hashes = (structure: Structure, before?: string): readonly [string, ...string[]] => {
    const cold = imageHash(structure, settings);
    if (!engine.holds || before === undefined) return [cold];
    const warm = imageHash(structure, settings, before);
    return held(structure, before) ? [warm, cold] : [cold, warm];
  };
  return {
    settings,
    hashes,
    async ask(structure, signal, before) {
      signal?.throwIfAborted();
      const possible = hashes(structure, before);
      for (const hash of possible) {
        const known = stored(hash);
        if (!known) continue;
        jobs.delete(hash);
        return { image: known, reused: true };
      }
      const [hash] = possible;
      const other = jobs.has(hash) ? undefined : shared(hash);
      if (other) return { image: other, reused: true, from: "store" };
      const job = jobs.get(hash) ?? begin(structure, hash, held(structure, before) ? before : undefined);
      job.askers++;
      if (!signal) return { image: await job.image, reused: false };
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
        return { image: await Promise.race([job.image, givenUp]), reused: false };
      } finally {
        signal.removeEventListener("abort", giveUp);
      }
    },
  };
}
