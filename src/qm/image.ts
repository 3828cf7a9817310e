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

/** Å. Positions that agree to this are the same image. */
const ROUNDING = 1e-10;

/** Engine, options and version as one string, keys sorted. */
export function settingsOf(spec: EngineSpec, version: string): string {
  return JSON.stringify(Object.fromEntries(Object.entries({ ...spec, version }).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** SHA-256 of elements, geometry (to 1e-10 Å), cell, pbc and settings. */
export function imageHash(s: Structure, settings: string): string {
  const hash = createHash("sha256").update(settings).update(JSON.stringify(s.pbc)).update(s.numbers);
  for (const lengths of [s.positions, s.cell]) hash.update(Float64Array.from(lengths, (x) => Math.round(x / ROUNDING) + 0));
  return hash.digest("hex");
}

/** Asks a QM engine, and nobody twice. */
export interface QmService {
  readonly settings: string;
  /**
   * The image of a structure: from the store, from a calculation under way for someone else, or calculated now.
   * @throws Error if the engine's answer is not finite.
   */
  ask(structure: Structure, signal?: AbortSignal): Promise<{ image: QmImage; reused: boolean }>;
}

/**
 * A service over an engine.
 * @param stored looks an image up by its hash
 */
export function qmService(engine: Calculator, settings: string, stored: (hash: string) => QmImage | undefined): QmService {
  const underWay = new Map<string, Promise<QmImage>>();
  const calculate = async (structure: Structure, hash: string, signal?: AbortSignal): Promise<QmImage> => {
    const began = performance.now();
    const { energy, forces } = await engine.calculate(structure, ["energy", "forces"], signal);
    const seconds = (performance.now() - began) / 1000;
    if (!Number.isFinite(energy) || !forces?.every(Number.isFinite))
      throw new Error(`${engine.name} gave an energy of ${energy} eV or forces that are not finite for ${structure.numbers.length} atoms; check the geometry`);
    return { hash, settings, structure, energy, forces, seconds };
  };
  return {
    settings,
    async ask(structure, signal) {
      const hash = imageHash(structure, settings);
      const known = stored(hash) ?? underWay.get(hash);
      if (known) return { image: await known, reused: true };
      const calculation = calculate(structure, hash, signal);
      underWay.set(hash, calculation);
      return { image: await calculation, reused: false };
    },
  };
}
