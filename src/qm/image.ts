/** QM images: one calculated cluster each, found again by what was calculated. */
import { createHash } from "node:crypto";
import type { Calculator, EngineSpec } from "../calculators/calculator.ts";
import type { Structure } from "../structure/structure.ts";

/** A calculated structure: its geometry, what the engine said of it, under which settings. */
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

/** Engine, options and version as one string, keys sorted. */
export function settingsOf(spec: EngineSpec, version: string): string {
  return JSON.stringify(Object.fromEntries(Object.entries({ ...spec, version }).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/**
 * SHA-256 of elements, geometry, cell, pbc and settings. Geometries are equal if they are to the bit (0 and -0 are): were near ones taken for
 * each other, a study's numbers would depend on which of its models asked first.
 */
export function imageHash(s: Structure, settings: string): string {
  const hash = createHash("sha256").update(settings).update(JSON.stringify(s.pbc)).update(s.numbers);
  for (const lengths of [s.positions, s.cell]) hash.update(lengths.map((x) => x + 0));
  return hash.digest("hex");
}

/** Asks a QM engine, and nobody twice. */
export interface QmService {
  readonly settings: string;
  /**
   * The image of a structure: from the store (`reused`), from a calculation under way for someone else, or calculated now.
   * @param signal lets go of the answer at once; the engine hears of it when nobody else waits for the same image
   * @throws Error if the engine fails or its answer is not finite. It will be asked again the next time.
   */
  ask(structure: Structure, signal?: AbortSignal): Promise<{ image: QmImage; reused: boolean }>;
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
 */
export function qmService(engine: Calculator, settings: string, stored: (hash: string) => QmImage | undefined): QmService {
  // A finished calculation stays here until it is found in the store.
  const jobs = new Map<string, Job>();
  const calculate = async (structure: Structure, hash: string, signal: AbortSignal): Promise<QmImage> => {
    const began = performance.now();
    const { energy, forces } = await engine.calculate(structure, ["energy", "forces"], signal);
    const seconds = (performance.now() - began) / 1000;
    if (!Number.isFinite(energy) || !forces?.every(Number.isFinite))
      throw new Error(
        `${engine.name} gave an energy of ${energy} eV or forces that are not finite for ${structure.numbers.length} atoms; check the geometry`,
      );
    return { hash, settings, structure, energy, forces, seconds };
  };
  const begin = (structure: Structure, hash: string): Job => {
    const abandon = new AbortController();
    const job: Job = { image: calculate(structure, hash, abandon.signal), abandon, askers: 0 };
    job.image.catch(() => jobs.get(hash) === job && jobs.delete(hash));
    jobs.set(hash, job);
    return job;
  };
  return {
    settings,
    async ask(structure, signal) {
      signal?.throwIfAborted();
      const hash = imageHash(structure, settings);
      const known = stored(hash);
      if (known) {
        jobs.delete(hash);
        return { image: known, reused: true };
      }
      const job = jobs.get(hash) ?? begin(structure, hash);
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
