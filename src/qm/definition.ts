/** What an engine's file says of it: its description, what a specification may hold, and how Python is asked. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { EngineSpec } from "../calculators/calculator.ts";
import type { Structure } from "../structure/structure.ts";
import type { EngineDescription, EngineOptions, QmEngine, Retry } from "./engine.ts";

/** An engine with what is needed to open it. */
export interface Definition extends EngineDescription {
  /** Of the options; none is filled in. */
  readonly schema: z.ZodObject;
  /** What Python gets where the specification says nothing. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Options without which it cannot be opened, for a trial. */
  readonly trial?: Readonly<Record<string, unknown>>;
  /** Whether the number of electrons must fit charge and multiplicity. */
  electrons(spec: EngineSpec): boolean;
  /** Charge and multiplicity of structures that state none, where these are not the options of that name. */
  state?(spec: EngineSpec): Pick<Structure, "charge" | "multiplicity">;
  /** @throws RangeError with one sentence for a structure that it cannot calculate. */
  accepts(s: Structure, spec: EngineSpec): void;
  /**
   * Options, those within blocks as well, of which a retry takes at least or at most what the user gave: it is never milder than what has
   * failed already.
   */
  readonly bounds?: Readonly<Record<string, "at least" | "at most">>;
  /** What may help one that does not converge, as the end of a sentence. */
  readonly remedy?: string;
  /** Ending of the files in which it keeps densities; engines without cannot start warm. */
  readonly guess?: string;
  /** The Python that it needs, where that is not everybody's. */
  interpreter?(): string;
  /** Of an engine that is worked in its own way. */
  open?(spec: EngineSpec, options: EngineOptions): Promise<QmEngine>;
}

const [COUNT, FLAG] = ["a whole number of 1 or more", "true or false"];

/** A whole number from 1. */
export const count: z.ZodInt = z.int(COUNT).min(1, COUNT);

/** True or false. */
export const flag: z.ZodBoolean = z.boolean(FLAG);

/** A positive number; the text of a check is what a sentence offers after "give". */
export function positive(wanted: string): z.ZodNumber {
  return z.number(wanted).positive(wanted);
}

/** A number between two bounds. */
export function within(least: number, most: number): z.ZodNumber {
  const wanted = `a number from ${least} to ${most}`;
  return z.number(wanted).min(least, wanted).max(most, wanted);
}

/** Charge and multiplicity of structures that state none, as every engine with electrons has them. */
export const STATE: { charge: z.ZodInt; multiplicity: z.ZodInt } = { charge: z.int("a whole number of e"), multiplicity: count };

/** The same in words. */
export const STATE_OPTIONS: Readonly<Record<string, string>> = {
  charge: "total charge of a structure that states none, e (default 0)",
  multiplicity: "2S + 1 of a structure that states none (default 1, which only an even number of electrons allows)",
};

/** What is the worker's affair rather than the method's: how many threads, and whether a calculation starts from the one before. */
export const RUN: { threads: z.ZodInt; warm: z.ZodBoolean } = { threads: count, warm: flag };

/** The same in words. */
export const RUN_OPTIONS: Readonly<Record<string, string>> = {
  threads: "of one calculation (default 1)",
  warm:
    "start from the density of the step before, true or false; each image's key then names the one that it was begun from, and a study " +
    "that is gone on with begins from scratch again (default false: a result does not depend on what came before)",
};

/**
 * The retries for a specification: none is milder than what the user asked for, and one that comes to nothing new is left out.
 */
export function retriesFor(
  { retries, bounds = {}, defaults = {} }: Pick<Definition, "retries" | "bounds" | "defaults">,
  spec: EngineSpec,
): Retry[] {
  const asked: Readonly<Record<string, unknown>> = { ...defaults, ...spec };
  const firm = (key: string, own: unknown, wanted: unknown): unknown => {
    if (isBlock(own) && isBlock(wanted)) {
      const all = { ...own, ...wanted };
      return Object.fromEntries(Object.keys(all).map((k) => [k, k in own && k in wanted ? firm(k, own[k], wanted[k]) : all[k]]));
    }
    if (typeof own !== "number" || typeof wanted !== "number" || !bounds[key]) return wanted;
    return bounds[key] === "at least" ? Math.max(own, wanted) : Math.min(own, wanted);
  };
  let before = asked;
  return retries.flatMap(({ name, options }) => {
    const fitted = Object.fromEntries(Object.entries(options).map(([key, wanted]) => [key, firm(key, asked[key], wanted)]));
    const now = { ...asked, ...fitted };
    if (isDeepStrictEqual(now, asked) || isDeepStrictEqual(now, before)) return [];
    before = now;
    return [{ name, options: fitted }];
  });
}

function isBlock(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A specification of what was given. */
export function specOf(engine: string, options: Readonly<Record<string, unknown>>): EngineSpec {
  return { engine, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
}
