/**
 * The contract that every energy surface answers: an analytical potential, a trained ensemble, a QM engine, a hybrid.
 * An optimizer that holds one cannot know which it is.
 */
import type { Structure } from "../structure/structure.ts";

/** What can be asked of a calculator. */
export type Property = "energy" | "energies" | "forces" | "stress" | "charges";

/** What a calculator answers: energy always, the rest as asked. */
export interface Result {
  /** eV. */
  readonly energy: number;
  /** Energy of each atom, [N] eV. */
  readonly energies?: Float64Array;
  /** -dE/dx, [3N] eV/Å. */
  readonly forces?: Float64Array;
  /** (1/V) dE/dε as xx, yy, zz, yz, xz, xy, [6] eV/Å³ (ASE's sign and order). */
  readonly stress?: Float64Array;
  /** [N] e. */
  readonly charges?: Float64Array;
  /** Standard deviation over a committee, eV. */
  readonly energySigma?: number;
  /** Standard deviation over a committee of each component, [3N] eV/Å. */
  readonly forcesSigma?: Float64Array;
  /** Of a hybrid: what QM and the model say of the QM cluster alone, each [3N] eV/Å, NaN for atoms outside it. */
  readonly qmForces?: Float64Array;
  readonly mlForces?: Float64Array;
  /** Wall s of the engine's own work, where that is not the time of the call: waiting for a free worker and the way there do not count. */
  readonly seconds?: number;
  /** Largest memory of the engine's process while it calculated, bytes. */
  readonly peakMemory?: number;
  /** Name of the machine that calculated. */
  readonly node?: string;
}

/** An energy surface. Asked twice for the same structure it answers with the same bits. */
export interface Calculator {
  /** Short name for messages, e.g. `emt`. */
  readonly name: string;
  /** What it can answer. Stress needs three lattice vectors besides. */
  readonly properties: readonly Property[];
  /**
   * Energy of `structure` and the asked properties.
   * @throws RangeError with one sentence if the structure is outside what the calculator can do (an element without parameters).
   * @throws the signal's reason if it is aborted.
   */
  calculate(structure: Structure, properties: readonly Property[], signal?: AbortSignal): Promise<Result>;
}

/** What a calculator is made from: a name and its options, as written in a study file; it survives JSON. */
export interface EngineSpec {
  /** `emt`, `gfn2-xtb`, … */
  readonly engine: string;
  readonly [option: string]: unknown;
}
