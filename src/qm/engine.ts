/** What stands behind a QM image: an engine by name, its typed options, and what it can and cannot do, said before anything is calculated. */
import type { Calculator, Property, Result } from "../calculators/calculator.ts";
import type { Structure } from "../structure/structure.ts";

/** What a calculation starts from instead of from atoms, and the name under which its own density is kept for the next. */
export interface Guess {
  /** Hash of an image whose density the engine holds. */
  readonly from?: string;
  /** Hash of this image. */
  readonly as: string;
}

/** An engine ready to be asked; several calls at once are spread over its slots. */
export interface QmEngine extends Calculator {
  /** Of the engine and the libraries it stands on, e.g. `tblite 0.8.0, ASE 3.28.0`: part of what identifies an image. */
  readonly version: string;
  /**
   * Whether the engine can calculate a structure at all, without calculating it.
   * @throws RangeError with one sentence: an element it does not describe, a charge or spin that the electrons do not allow.
   */
  accepts(structure: Structure): void;
  /** @param guess for engines that start warm, see `holds` */
  calculate(structure: Structure, properties: readonly Property[], signal?: AbortSignal, guess?: Guess): Promise<Result>;
  /** Calculates with other options by the same workers: how what did not converge is tried again. */
  instead?(options: Retry["options"]): QmEngine["calculate"];
  /** Of an engine opened with `warm`: whether it still has the density of an image, and that fits the structure. */
  holds?(hash: string, structure: Structure): boolean;
  /** Ends its processes. */
  close(): Promise<void>;
}

/** What an engine can do; undefined where that depends on its options. */
export interface Abilities {
  /** Take charges round a structure into its Hamiltonian. */
  readonly pointCharges: boolean;
  readonly stress: boolean | undefined;
  /** Of atoms. */
  readonly charges: boolean | undefined;
  /** Structures that repeat. */
  readonly periodic: boolean | undefined;
  /** Structures with transition metals. */
  readonly metals: boolean | undefined;
}

/** What may help a calculation that did not converge. */
export interface Retry {
  /** In words, e.g. `more cycles`. */
  readonly name: string;
  /** Take the place of those that the specification has. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** An engine as `qmml qm list` shows it. */
export interface EngineDescription {
  readonly name: string;
  /** One line: method, what it is good for, what it refuses. */
  readonly summary: string;
  /** Option name to what it means, with unit and default. */
  readonly options: Readonly<Record<string, string>>;
  /** What it can answer at most; those of an opened engine say what it answers with its options. */
  readonly properties: readonly Property[];
  readonly can: Abilities;
  /** Tried in this order, the mildest first; each counts on its own. */
  readonly retries: readonly Retry[];
  /** Whether it runs in a Python worker. */
  readonly python: boolean;
  /** Whether it samples the Gamma point alone, so that only large periodic cells make sense. */
  readonly gammaOnly: boolean;
}

/** How an engine is opened. */
export interface EngineOptions {
  /** Calculations at a time; fewer where they would have more threads than the machine has cores. Default 1. */
  readonly slots?: number;
  /** Gives up waiting for a Python to start. */
  readonly signal?: AbortSignal;
  /** s that a worker may calculate; it is then killed. Waiting for a free one does not count. Default: any. */
  readonly timeout?: number;
  /** How often a calculation is begun whose worker dies or runs out of time. Default 2; who keeps count of failures takes 1. */
  readonly tries?: number;
}

/** The engine did not find a self-consistent solution; with other options it may. */
export class Unconverged extends Error {
  override readonly name = "Unconverged";
}

/** The engine took longer than it may; its worker was killed. */
export class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/** There is nobody left to calculate: no worker can be started. It says nothing about the structure that was asked for. */
export class EngineLoss extends Error {
  override readonly name = "EngineLoss";
}
