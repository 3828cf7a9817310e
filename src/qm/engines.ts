/** All engines by name: what they are, whether a specification is right, and how one is opened. */
import { z } from "zod";
import type { EngineSpec } from "../calculators/calculator.ts";
import { emtResult } from "../calculators/emt.ts";
import { calculator } from "../calculators/registry.ts";
import { nearest } from "../io/nearest.ts";
import { packageVersion } from "../io/package.ts";
import { type Structure, structure } from "../structure/structure.ts";
import type { EngineDescription, EngineOptions, QmEngine } from "./engine.ts";
import { pythonEngine } from "./pythonEngine.ts";
import { acceptsXtb, XTB_OPTIONS, XTB_SCHEMA } from "./xtb.ts";

/** An engine with what is needed to open it. */
interface Definition extends EngineDescription {
  /** Of the options; none is filled in. */
  readonly schema: z.ZodObject;
  /** Whether it needs tblite besides ASE. */
  readonly tblite: boolean;
  accepts(s: Structure): void;
}

const EMT = {
  options: { asap_cutoff: "cutoff from the largest element present, true or false (default false)" },
  schema: z.strictObject({ asap_cutoff: z.boolean("true or false") }).partial(),
  properties: ["energy", "energies", "forces", "stress"],
  gammaOnly: false,
  tblite: false,
  accepts: acceptsEmt,
} as const;

const XTB = {
  options: XTB_OPTIONS,
  schema: XTB_SCHEMA,
  properties: ["energy", "energies", "forces", "stress", "charges"],
  python: true,
  gammaOnly: true,
  tblite: true,
} as const;

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  emt: {
    ...EMT,
    name: "emt",
    summary: "effective medium theory for Al Cu Ag Au Ni Pd Pt, in TypeScript; with H C N O for play only",
    python: false,
  },
  "ase-emt": { ...EMT, name: "ase-emt", summary: "the same by ASE, as a cross-check", python: true },
  "gfn1-xtb": {
    ...XTB,
    name: "gfn1-xtb",
    summary: "GFN1-xTB by tblite: H to Rn, metals at an electronic temperature of about 1000 K; Gamma point only",
    accepts: (s) => acceptsXtb("gfn1-xtb", s),
  },
  "gfn2-xtb": {
    ...XTB,
    name: "gfn2-xtb",
    summary: "GFN2-xTB by tblite: molecules of H to Rn, refuses transition metals; Gamma point only",
    accepts: (s) => acceptsXtb("gfn2-xtb", s),
  },
};

/** What engines there are, by name. */
export const ENGINES: Readonly<Record<string, EngineDescription>> = DEFINITIONS;

/**
 * The specification itself, once it is clear that it is right.
 * @throws RangeError with one sentence that names the engine or option, what it holds and what it could hold.
 */
export function checkedSpec(spec: EngineSpec): EngineSpec {
  const { engine, ...options } = spec;
  if (!Object.hasOwn(DEFINITIONS, engine)) {
    throw new RangeError(`there is no engine "${engine}"; ${meant(String(engine), Object.keys(DEFINITIONS), "there are")}`);
  }
  const { schema } = DEFINITIONS[engine];
  const parsed = schema.safeParse(options);
  if (parsed.success) return spec;
  const [issue] = parsed.error.issues;
  if (issue.code !== "unrecognized_keys") {
    const name = String(issue.path[0]);
    throw new RangeError(`${engine}'s option ${name} is ${JSON.stringify(options[name])}; give ${issue.message}`);
  }
  const [unknown] = issue.keys;
  throw new RangeError(`${engine} has no option "${unknown}"; ${meant(unknown, Object.keys(schema.shape), "it has")}`);
}

function meant(word: string, known: readonly string[], all: string): string {
  const near = nearest(word, known);
  return near === undefined ? `${all} ${known.join(", ")}` : `did you mean ${near}?`;
}

/** The structure with the specification's `charge` and `multiplicity` where it states none of its own. */
export function withState(s: Structure, spec: EngineSpec): Structure {
  const charge = s.charge ?? (spec.charge as number | undefined);
  const multiplicity = s.multiplicity ?? (spec.multiplicity as number | undefined);
  return { ...s, ...(charge !== undefined && { charge }), ...(multiplicity !== undefined && { multiplicity }) };
}

/**
 * The same where structure and specification must not contradict each other.
 * @throws RangeError if both state a charge, or a multiplicity, and not the same.
 */
export function withAgreedState(s: Structure, spec: EngineSpec): Structure {
  for (const key of ["charge", "multiplicity"] as const) {
    if (s[key] !== undefined && spec[key] !== undefined && s[key] !== spec[key])
      throw new RangeError(`the structure's file states a ${key} of ${s[key]}, the engine's options one of ${spec[key]}; take one away`);
  }
  return withState(s, spec);
}

/** Whether an engine has electrons, whose number the charge and the multiplicity must agree with. */
export function hasElectrons({ engine }: EngineSpec): boolean {
  return Object.hasOwn(DEFINITIONS, engine) && DEFINITIONS[engine].tblite;
}

/**
 * Opens an engine. Its `calculate` throws `Unconverged` where other options may help.
 * @throws RangeError if the specification or the number of slots is wrong.
 * @throws Error with one sentence if its Python or a package is missing.
 */
export async function openEngine(spec: EngineSpec, { slots = 1, signal }: EngineOptions = {}): Promise<QmEngine> {
  checkedSpec(spec);
  if (!Number.isInteger(slots) || slots < 1) throw new RangeError(`${slots} slots were asked for; give a whole number of 1 or more`);
  const definition = DEFINITIONS[spec.engine];
  const { python, properties, accepts } = definition;
  if (!python) return { ...calculator(spec), version: `qmml ${packageVersion()}`, accepts, close: async () => {} };
  // Charge and multiplicity travel with the structure.
  const { charge: _charge, multiplicity: _multiplicity, ...rest } = spec;
  return pythonEngine({
    spec: rest,
    properties,
    slots,
    signal,
    tblite: definition.tblite,
    prepared: (s) => {
      const stated = withState(s, spec);
      accepts(stated);
      return stated;
    },
  });
}

/**
 * EMT's parameters are its own affair: it is asked for an atom of each element, which costs nothing.
 * @throws RangeError for an element without parameters.
 */
function acceptsEmt(s: Structure): void {
  const numbers = [...new Set(s.numbers)];
  emtResult(structure({ symbols: numbers, positions: numbers.flatMap((_, k) => [0, 0, 100 * k]) }), []);
}
