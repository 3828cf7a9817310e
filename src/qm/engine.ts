/** What stands behind a QM image: an engine by name, its typed options, and what it can and cannot do, said before anything is calculated. */
import type { Calculator, Property } from "../calculators/calculator.ts";
import type { Structure } from "../structure/structure.ts";

/** An engine ready to be asked; several calls at once are spread over its slots. */
export interface QmEngine extends Calculator {
  /** Of the engine and the libraries it stands on, e.g. `tblite 0.8.0, ASE 3.28.0`: part of what identifies an image. */
  readonly version: string;
  /**
   * Whether the engine can calculate a structure at all, without calculating it.
   * @throws RangeError with one sentence: an element it does not describe, a charge or spin that the electrons do not allow.
   */
  accepts(structure: Structure): void;
  /** Ends its processes. */
  close(): Promise<void>;
}

/** An engine as `qmml qm list` shows it. */
export interface EngineDescription {
  readonly name: string;
  /** One line: method, what it is good for, what it refuses. */
  readonly summary: string;
  /** Option name to what it means, with unit and default. */
  readonly options: Readonly<Record<string, string>>;
  readonly properties: readonly Property[];
  /** Whether it runs in a Python worker. */
  readonly python: boolean;
  /** Whether it samples the Gamma point alone, so that only large periodic cells make sense. */
  readonly gammaOnly: boolean;
}

/** How an engine is opened. */
export interface EngineOptions {
  /** Calculations at a time, one thread each. Default 1. */
  readonly slots?: number;
  /** Gives up waiting for a Python to start. */
  readonly signal?: AbortSignal;
}

/** The engine did not find a self-consistent solution; with other options it may. */
export class Unconverged extends Error {
  override readonly name = "Unconverged";
}
