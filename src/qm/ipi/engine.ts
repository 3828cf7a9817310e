/**
 * Any code that speaks the i-PI protocol, as an engine: the code is started by its user with its own input, connects to qmml's socket, and is sent
 * positions and cells. The protocol has no word for elements, charge, spin or settings. What the code was started with is therefore said in the
 * specification, structures of other elements are refused, and the code's own name and settings are part of what identifies an image.
 */
import { z } from "zod";
import type { EngineSpec } from "../../calculators/calculator.ts";
import { determinant, rank } from "../../linalg/cell.ts";
import { isSymbol, symbolOf } from "../../structure/elements.ts";
import { formula, type Structure } from "../../structure/structure.ts";
import { type Definition, positive, STATE, specOf } from "../definition.ts";
import type { EngineOptions, QmEngine } from "../engine.ts";
import { ipiServer, placeOf } from "./server.ts";

/** What a code that connects was started with, and where it connects to. */
export interface IpiOptions {
  /** `unix:NAME`, `localhost:PORT`, or the address of an interface of this machine and a port. */
  readonly address: string;
  /** Name, version and settings of the code, e.g. `CP2K 2024.1, PBE-D3, DZVP`: what identifies its images. */
  readonly code: string;
  /** Elements of its structure in the order of the atoms, e.g. `Cu26NH2`. */
  readonly elements: string;
  /** s that a call waits while no code is connected. Default 300. */
  readonly wait?: number;
  /** Edge of the box, Å, in directions without a lattice vector. Default 100. */
  readonly box?: number;
  /** Total charge that it was started with, e. Default 0. */
  readonly charge?: number;
  /** Multiplicity 2S + 1 that it was started with. Default: not said. */
  readonly multiplicity?: number;
}

/** A code that speaks the i-PI protocol as an engine that can be written into a study file. */
export function ipi(options: IpiOptions): EngineSpec {
  return specOf("ipi", { ...options });
}

const [ADDRESS, CODE] = ['"unix:NAME" or "localhost:PORT"', 'the code\'s name, version and settings, e.g. "CP2K 2024.1, PBE-D3, DZVP"'];
const ELEMENTS = 'the elements that the code was started with, in the order of its atoms, e.g. "Cu26NH2"';
const [WAIT, BOX] = [300, 100];

/** Bytes of a UNIX socket's path that Linux has room for. */
const LONGEST_PATH = 107;
const PATH = `a name whose socket has a path of at most ${LONGEST_PATH} bytes: /tmp/ipi_NAME, or NAME itself where it is a path`;

/** Codes that connect, as an engine. */
export const IPI: Definition = {
  name: "ipi",
  summary: "any code that speaks the i-PI protocol and connects to qmml; run with LAMMPS and ASE, see docs/ipi.md",
  options: {
    address: "where it connects to: unix:NAME, localhost:PORT, or an address of this machine for codes on others (must be given)",
    code: "its name, version and settings, which identify its images (must be given)",
    elements: "of its structure, in the order of its atoms, e.g. Cu26NH2; structures of others are refused (must be given)",
    wait: `for a code to connect while none is there, s (default ${WAIT})`,
    box: `edge of the box in directions without a lattice vector, Å (default ${BOX})`,
    charge: "total charge that it was started with, e (default 0)",
    multiplicity: "2S + 1 that it was started with (default: not said)",
  },
  schema: z.strictObject({
    address: z
      .string(ADDRESS)
      .regex(/^(unix:.+|[^:]+:\d+|\[.+\]:\d+)$/, ADDRESS)
      .refine((address) => isPort(placeOf(address).port ?? 1), "a port from 1 to 65535")
      .refine((address) => Buffer.byteLength(placeOf(address).path ?? "") <= LONGEST_PATH, PATH),
    code: z.string(CODE).min(1, CODE),
    elements: z.string(ELEMENTS).refine((text) => listed(text) !== undefined, ELEMENTS),
    wait: positive("a positive number of s").optional(),
    box: positive("a positive number of Å").optional(),
    charge: STATE.charge.optional(),
    multiplicity: STATE.multiplicity.optional(),
  }),
  properties: ["energy", "forces", "stress"],
  can: { pointCharges: false, stress: undefined, charges: false, periodic: undefined, metals: undefined },
  retries: [],
  remedy: "see the code's own input",
  python: false,
  gammaOnly: false,
  electrons: () => false,
  accepts: acceptsIpi,
  open: openIpi,
};

/** @throws RangeError with one sentence for a structure that the code was not started with. */
function acceptsIpi(s: Structure, spec: EngineSpec): void {
  const { elements, charge = 0, multiplicity } = spec as unknown as IpiOptions;
  const [asked, known] = [ordered(s.numbers.length === 0 ? [] : Array.from(s.numbers, symbolOf)), ordered(listed(elements) ?? [])];
  if (asked !== known)
    throw new RangeError(
      `the code that ipi waits for was started with ${known}, and this structure is ${asked}; start one with it, or ask for none`,
    );
  for (const [key, own, stated] of [
    ["charge", charge, s.charge ?? 0],
    ["multiplicity", multiplicity, s.multiplicity ?? multiplicity],
  ] as const)
    if (own !== undefined && own !== stated)
      throw new RangeError(
        `${formula(s)} has a ${key} of ${stated}, and ipi's option ${key} says ${own}; start the code with it and say so there`,
      );
}

async function openIpi(spec: EngineSpec, { timeout, tries }: EngineOptions): Promise<QmEngine> {
  const { address, code, wait = WAIT, box = BOX } = spec as unknown as IpiOptions;
  const server = ipiServer(address, { wait, box, timeout, tries });
  const accepts = (s: Structure): void => acceptsIpi(s, spec);
  return {
    name: "ipi",
    properties: IPI.properties,
    version: code,
    accepts,
    async calculate(s, properties, signal) {
      signal?.throwIfAborted();
      accepts(s);
      const wantsStress = properties.includes("stress");
      if (wantsStress && rank(s.cell) < 3)
        throw new RangeError("the stress needs 3 lattice vectors; give a periodic cell or do not ask for it");
      const { virial, ...answer } = await server.ask(s, signal);
      if (!wantsStress) return answer;
      if (virial.every((x) => x === 0)) throw new Error(`${code} sent no virial; have it calculate the stress, or do not ask for it`);
      const volume = Math.abs(determinant(s.cell));
      return { ...answer, stress: virial.map((x) => -x / volume) };
    },
    close: server.close,
  };
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65535;
}

/** `Cu2NH` as Cu, Cu, N, H; undefined if that is not what it is. */
function listed(text: string): string[] | undefined {
  if (!/^([A-Z][a-z]?(?:[1-9]\d*)?\s*)+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([A-Z][a-z]?)(\d*)/g)];
  return parts.every(([, symbol]) => isSymbol(symbol)) ? parts.flatMap(([, symbol, n]) => Array(Number(n || 1)).fill(symbol)) : undefined;
}

/** The same the other way round: runs of an element with their lengths. */
function ordered(elements: readonly string[]): string {
  const runs: [string, number][] = [];
  for (const symbol of elements) {
    const last = runs.at(-1);
    if (last?.[0] === symbol) last[1]++;
    else runs.push([symbol, 1]);
  }
  return runs.map(([symbol, n]) => `${symbol}${n === 1 ? "" : n}`).join("");
}
