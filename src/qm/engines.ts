/** All engines by name: what they are, whether a specification is right, and how one is opened. */
import { availableParallelism, hostname } from "node:os";
import type { EngineSpec } from "../calculators/calculator.ts";
import { calculator } from "../calculators/registry.ts";
import { packageVersion } from "../io/package.ts";
import { nearest } from "../io/words.ts";
import type { Structure } from "../structure/structure.ts";
import { ASE } from "./aseEngine.ts";
import type { Cluster } from "./cluster.ts";
import { type Definition, retriesFor } from "./definition.ts";
import { EMT_ENGINES } from "./emt.ts";
import type { EngineDescription, EngineOptions, QmEngine, Retry } from "./engine.ts";
import { GPAW } from "./gpaw.ts";
import { IPI } from "./ipi/engine.ts";
import { PYSCF } from "./pyscf.ts";
import { interpreterOf, type Opened, pythonEngine, tried } from "./pythonEngine.ts";
import { XTB_ENGINES } from "./xtb.ts";

const DEFINITIONS: Readonly<Record<string, Definition>> = Object.fromEntries(
  [...EMT_ENGINES, ...XTB_ENGINES, PYSCF, GPAW, ASE, IPI].map((definition) => [definition.name, definition]),
);

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
  const name = String(issue.path[0]);
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
    const [unknown] = issue.keys;
    throw new RangeError(`${engine} has no option "${unknown}"; ${meant(unknown, Object.keys(schema.shape), "it has")}`);
  }
  if (options[name] === undefined) throw new RangeError(`${engine} needs the option ${name}; give ${issue.message}`);
  throw new RangeError(`${engine}'s option ${name} is ${JSON.stringify(options[name])}; give ${issue.message}`);
}

function meant(word: string, known: readonly string[], all: string): string {
  const near = nearest(word, known);
  return near === undefined ? `${all} ${known.join(", ")}` : `did you mean ${near}?`;
}

/** What is tried where a calculation by a specification gives nothing, the mildest first. */
export function retriesOf(spec: EngineSpec): readonly Retry[] {
  return retriesFor(DEFINITIONS[spec.engine], spec);
}

/** What a specification says of structures that state no charge, or no multiplicity. */
function stateOf(spec: EngineSpec): Pick<Structure, "charge" | "multiplicity"> {
  return DEFINITIONS[spec.engine]?.state?.(spec) ?? (spec as Pick<Structure, "charge" | "multiplicity">);
}

/** The structure with the specification's charge and multiplicity where it states none of its own. */
export function withState(s: Structure, spec: EngineSpec): Structure {
  const given = stateOf(spec);
  const [charge, multiplicity] = [s.charge ?? given.charge, s.multiplicity ?? given.multiplicity];
  return { ...s, ...(charge !== undefined && { charge }), ...(multiplicity !== undefined && { multiplicity }) };
}

/**
 * The same where structure and specification must not contradict each other.
 * @throws RangeError if both state a charge, or a multiplicity, and not the same.
 */
export function withAgreedState(s: Structure, spec: EngineSpec): Structure {
  const given = stateOf(spec);
  for (const key of ["charge", "multiplicity"] as const) {
    if (s[key] !== undefined && given[key] !== undefined && s[key] !== given[key])
      throw new RangeError(`the structure's file states a ${key} of ${s[key]}, the engine's options one of ${given[key]}; take one away`);
  }
  return withState(s, spec);
}

/**
 * Whether an engine can calculate a structure, as far as that is known before it is opened.
 * @throws RangeError with one sentence if it cannot.
 */
export function acceptedBy(spec: EngineSpec, s: Structure): void {
  checkedSpec(spec);
  DEFINITIONS[spec.engine].accepts(withState(s, spec), spec);
}

/** Whether an engine has electrons, whose number the charge and the multiplicity must agree with. */
export function hasElectrons(spec: EngineSpec): boolean {
  return Object.hasOwn(DEFINITIONS, spec.engine) && DEFINITIONS[spec.engine].electrons(spec);
}

/** How an engine is opened, and where. */
export interface OpenOptions extends EngineOptions {
  /** Calculates in place of this machine, if the engine is one in Python; the number of slots is then its own. */
  readonly cluster?: Cluster;
}

/**
 * Opens an engine. Its `calculate` throws `Unconverged` where other options may help.
 * @throws RangeError if the specification, the number of slots or of threads is wrong, or an option names what the engine does not have.
 * @throws Error with one sentence if its Python or a package is missing.
 */
export async function openEngine(spec: EngineSpec, { slots = 1, signal, timeout, tries, cluster }: OpenOptions = {}): Promise<QmEngine> {
  checkedSpec(spec);
  if (!Number.isInteger(slots) || slots < 1) throw new RangeError(`${slots} slots were asked for; give a whole number of 1 or more`);
  const definition = DEFINITIONS[spec.engine];
  const { python, properties } = definition;
  if (definition.open) return definition.open(spec, { timeout, tries });
  const accepts = (s: Structure): void => definition.accepts(s, spec);
  if (!python) {
    const own = calculator(spec);
    const calculate: QmEngine["calculate"] = async (s, wanted, abort) => ({
      ...(await own.calculate(s, wanted, abort)),
      node: hostname(),
    });
    return { ...own, calculate, version: `qmml ${packageVersion()}`, accepts, properties, close: async () => {} };
  }
  return pythonEngine({
    definition,
    spec,
    slots: cluster ? slots : Math.min(slots, slotsFor(spec)),
    signal,
    timeout,
    tries,
    cluster,
    prepared: (s) => {
      const stated = withState(s, spec);
      accepts(stated);
      return stated;
    },
  });
}

/** How many calculations this machine's cores have room for: none where one takes more than there are. */
export function roomFor({ threads = 1 }: EngineSpec): number {
  return Math.floor(availableParallelism() / (threads as number));
}

/** @throws RangeError if there is room for none. */
function slotsFor(spec: EngineSpec): number {
  const { engine, threads } = spec;
  const cores = availableParallelism();
  if ((threads as number) > cores)
    throw new RangeError(`${engine}'s option threads is ${threads} and this machine has ${cores} cores; give ${cores} or less`);
  return roomFor(spec);
}

/** What an engine is here: its version, or why it does not load. */
export type Found = { readonly loads: true; readonly version: string } | { readonly loads: false; readonly problem: string };

/** Which engines load here, each with the options that it cannot do without; one Python tries all that use it. */
export async function loadable(signal?: AbortSignal): Promise<Readonly<Record<string, Found>>> {
  const all = Object.values(DEFINITIONS);
  const own = all
    .filter(({ python }) => !python)
    .map(({ name }): [string, Found] => [name, { loads: true, version: `qmml ${packageVersion()}` }]);
  const interpreters = new Map<string, Definition[]>();
  for (const definition of all.filter(({ python }) => python)) {
    const path = interpreterOf(definition);
    interpreters.set(path, [...(interpreters.get(path) ?? []), definition]);
  }
  const found = (answer: Opened | Error): Found =>
    answer instanceof Error ? { loads: false, problem: answer.message } : { loads: true, version: answer.version };
  const others = [...interpreters].map(async ([path, definitions]) => {
    const answers = await tried(path, definitions, signal);
    return definitions.map(({ name }, k): [string, Found] => [name, found(answers[k])]);
  });
  return Object.fromEntries([...own, ...(await Promise.all(others)).flat()]);
}
