/** An engine whose work is done by Python workers. */
import type { EngineSpec, Property, Result } from "../calculators/calculator.ts";
import { rank } from "../linalg/cell.ts";
import { statedMultiplicity } from "../structure/electrons.ts";
import { formula, type Structure, size } from "../structure/structure.ts";
import { type EngineOptions, type QmEngine, Unconverged } from "./engine.ts";
import { workerPool } from "./pool.ts";
import { pythonPath, type QmAnswer, startWorker, type Versions } from "./worker.ts";

/** What `pythonEngine` is made from. */
export interface PythonEngine extends EngineOptions {
  readonly slots: number;
  /** Engine and options as the worker takes them. */
  readonly spec: EngineSpec;
  readonly properties: readonly Property[];
  /** Whether it is tblite's; then structures have electrons. */
  readonly tblite: boolean;
  /**
   * The structure with all that its calculation depends on.
   * @throws RangeError if it cannot be calculated.
   */
  prepared(s: Structure): Structure;
}

/**
 * Opens it: one worker is started, the others when they are needed.
 * @throws Error with one sentence if Python, ASE or tblite is missing.
 */
export async function pythonEngine({ spec, properties, tblite, prepared, slots, signal }: PythonEngine): Promise<QmEngine> {
  const { engine: name, ...options } = spec;
  const first = await startWorker(signal);
  const missing = first.versions.ase === null ? "ase" : tblite && first.versions.tblite === null ? "tblite" : undefined;
  if (missing !== undefined) {
    await first.close();
    throw new Error(`${name} needs ${missing}, which ${pythonPath()} cannot import; install it there: python -m pip install ${missing}`);
  }
  const pool = workerPool(slots, first);
  const ready = (s: Structure): Structure => {
    if (size(s) === 0) throw new RangeError(`${name} was given no atoms; give one or more`);
    const bad = s.positions.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0)
      throw new RangeError(`a coordinate of atom ${Math.floor(bad / 3)} is ${s.positions[bad]}; positions are finite numbers in Å`);
    return prepared(s);
  };
  return {
    name,
    properties,
    version: versionOf(first.versions, tblite),
    accepts: (s) => void ready(s),
    async calculate(s, asked, signal) {
      signal?.throwIfAborted();
      const structure = ready(s);
      if (asked.includes("stress") && (rank(s.cell) < 3 || (tblite && !s.pbc.includes(true))))
        throw new RangeError("the stress needs 3 lattice vectors and a structure that repeats; give a periodic cell or do not ask for it");
      const multiplicity = tblite ? statedMultiplicity(structure) : null;
      const answer = await pool
        .ask({ engine: name, options, structure, multiplicity, properties: asked }, signal)
        .catch((error: unknown) => {
          signal?.throwIfAborted();
          throw new Error(`${name} failed for ${formula(s)}: ${(error as Error).message}`, { cause: error });
        });
      return resultOf(answer, name, s);
    },
    close: pool.close,
  };
}

function versionOf({ ase, tblite }: Versions, withTblite: boolean): string {
  return withTblite ? `tblite ${tblite}, ASE ${ase}` : `ASE ${ase}`;
}

/** @throws what the answer says went wrong. */
function resultOf(answer: QmAnswer, name: string, s: Structure): Result {
  if ("error" in answer) {
    const { kind, message } = answer.error;
    const what = `${formula(s)}: ${message}`;
    if (kind === "input") throw new RangeError(`${name} refuses ${what}; check the geometry`);
    if (kind === "unconverged")
      throw new Unconverged(`${name} did not converge for ${what}; raise electronic_temperature or max_iterations`);
    throw new Error(`${name} failed for ${what}; check the geometry`);
  }
  const { energy, seconds, ...arrays } = answer;
  return { energy, seconds, ...Object.fromEntries(Object.entries(arrays).map(([key, values]) => [key, Float64Array.from(values)])) };
}
