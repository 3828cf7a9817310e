/** `--calculator NAME [--option KEY=VALUE]` or `--model PATH`: the energy surface of a command, shared by all that need one. */
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import type { Calculator, EngineSpec } from "../calculators/calculator.ts";
import { committeeCalculator } from "../ensemble/calculator.ts";
import { type ModelFile, parseModel } from "../ensemble/modelFile.ts";
import type { QmEngine } from "../qm/engine.ts";
import { checkedSpec, openEngine, withAgreedState } from "../qm/engines.ts";
import type { Structure } from "../structure/structure.ts";
import { type Option, UsageError } from "./command.ts";
import { readText } from "./input.ts";

/** For a command's usage line. */
export const SURFACE_USAGE = "(--calculator NAME [--option KEY=VALUE] | --model PATH)";

/** For a command's table of options. */
export const SURFACE_OPTIONS: Readonly<Record<"calculator" | "option" | "model", Option>> = {
  calculator: { type: "string", value: "NAME", help: "energy surface by name, e.g. emt or gfn2-xtb; see qmml qm list" },
  option: { type: "string", multiple: true, value: "KEY=VALUE", help: "option of the calculator, e.g. asap_cutoff=true; may be repeated" },
  model: { type: "string", value: "PATH", help: "trained model in place of a calculator" },
};

/** For a command's schema: `z.object({ ...surfaceFields, ... })`. */
export const surfaceFields: {
  calculator: z.ZodOptional<z.ZodString>;
  option: z.ZodOptional<z.ZodArray<z.ZodString>>;
  model: z.ZodOptional<z.ZodString>;
} = { calculator: z.string().optional(), option: z.array(z.string()).optional(), model: z.string().optional() };

/**
 * Does something with the calculator that the options name, and closes it. `stated` gives a structure the charge and the multiplicity of the
 * options, so that they go where it goes, into files; it throws a RangeError if the structure has others. The calculator lets the event loop turn before each call, so that Ctrl-C
 * is heard between calls that never wait.
 * @throws UsageError if not exactly one of the two is given, or the calculator or its option is unknown.
 * @throws RangeError if the model cannot be read.
 */
export async function withSurface<T>(
  given: { calculator?: string; option?: string[]; model?: string },
  use: (calculator: Calculator, stated: (s: Structure) => Structure) => Promise<T>,
): Promise<T> {
  const { calculator: name, option = [], model } = given;
  if ((name === undefined) === (model === undefined)) throw new UsageError("give either --calculator NAME or --model PATH");
  if (model !== undefined && option.length > 0) throw new UsageError("--option belongs to --calculator, a model has none");
  const spec = name === undefined ? undefined : specOf(name, option);
  const surface: Calculator & Partial<Pick<QmEngine, "close">> = spec ? await openEngine(spec) : await committee(String(model));
  const calculator: Calculator = {
    name: surface.name,
    properties: surface.properties,
    calculate: async (structure, properties, signal) => {
      await setImmediate();
      signal?.throwIfAborted();
      return surface.calculate(structure, properties, signal);
    },
  };
  try {
    return await use(calculator, (s) => (spec ? withAgreedState(s, spec) : s));
  } finally {
    await surface.close?.();
  }
}

/**
 * The ensemble in a model file.
 * @throws RangeError with the path and one sentence if it is none.
 */
export async function readModel(path: string): Promise<ModelFile> {
  const text = await readText(path);
  try {
    return parseModel(text);
  } catch (error) {
    throw new RangeError(`${path} is no model that can be read: ${(error as Error).message}`);
  }
}

async function committee(path: string): Promise<Calculator> {
  const { architecture, models } = await readModel(path);
  return committeeCalculator(architecture, models);
}

function specOf(engine: string, option: readonly string[]): EngineSpec {
  const options = option.map((word): [string, unknown] => {
    const at = word.indexOf("=");
    if (at < 1) throw new UsageError(`--option "${word}": write KEY=VALUE, e.g. asap_cutoff=true`);
    return [word.slice(0, at), parsedValue(word.slice(at + 1))];
  });
  try {
    return checkedSpec({ ...Object.fromEntries(options), engine });
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

/** Numbers and truth values as JSON has them, anything else as the text it is. */
function parsedValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
