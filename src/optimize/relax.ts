/**
 * Relaxation of the positions on any energy surface, one yielded step at a time: the caller shows, stores or stops.
 * The cell does not change.
 */
import type { Calculator } from "../calculators/calculator.ts";
import { norm } from "../linalg/elementary.ts";
import { type Structure, withPositions } from "../structure/structure.ts";
import { type BfgsOptions, bfgsInit, bfgsStep } from "./bfgs.ts";

export interface RelaxOptions extends Omit<BfgsOptions, "fixed"> {
  /** Converged when the largest force on a free atom is below this, eV/Å. Default 0.05. */
  readonly fmax?: number;
  /** Steps after the start; the relaxation then ends unconverged. Default 200. */
  readonly maxSteps?: number;
  readonly signal?: AbortSignal;
}

/** One point of the path. */
export interface RelaxStep {
  /** 0 is the start. */
  readonly step: number;
  readonly structure: Structure;
  /** eV. */
  readonly energy: number;
  /** As the calculator gave them, fixed atoms included, [3N] eV/Å. */
  readonly forces: Float64Array;
  /** Largest force on a free atom, eV/Å. */
  readonly fmax: number;
  /** Whether `fmax` is below the bound; true on the last step only, false on the last one if `maxSteps` ran out. */
  readonly converged: boolean;
}

/**
 * BFGS from `start` to the nearest minimum; `start.fixed` atoms stay.
 * @returns after yielding it, the last step.
 * @throws RangeError if an option is out of range, or the energy or a force is not finite.
 * @throws what the calculator throws, and the signal's reason if it is aborted.
 */
export async function* relax(start: Structure, calculator: Calculator, options: RelaxOptions = {}): AsyncGenerator<RelaxStep, RelaxStep> {
  const { fmax: bound = 0.05, maxSteps = 200, signal, ...bfgs } = options;
  if (!(bound > 0)) throw new RangeError(`fmax is ${bound} eV/Å; give a positive force, such as 0.05`);
  if (!(Number.isInteger(maxSteps) && maxSteps >= 0)) throw new RangeError(`maxSteps is ${maxSteps}; give a whole number of 0 or more`);
  let structure = start;
  let state = bfgsInit({ ...bfgs, fixed: start.fixed });
  for (let step = 0; ; step++) {
    signal?.throwIfAborted();
    const { energy, forces } = await calculator.calculate(structure, ["energy", "forces"], signal);
    if (forces === undefined) throw new TypeError(`${calculator.name} answered without forces; a relaxation needs them`);
    const finite = Number.isFinite(energy) && forces.every(Number.isFinite);
    if (!finite)
      throw new RangeError(
        `${calculator.name} gave an energy or force that is not finite at step ${step}; start from a more sensible geometry`,
      );
    const largest = fmax(forces, structure.fixed);
    const here: RelaxStep = { step, structure, energy, forces, fmax: largest, converged: largest < bound };
    yield here;
    if (here.converged || step === maxSteps) return here;
    const next = bfgsStep(state, structure.positions, forces);
    state = next.state;
    structure = withPositions(structure, next.positions);
  }
}

/**
 * Largest length of a force over the free atoms, eV/Å; 0 if there is none.
 * @param forces [3N] eV/Å
 * @param fixed 1 for an atom that does not move, [N]
 */
export function fmax(forces: Float64Array, fixed?: Uint8Array): number {
  let largest = 0;
  for (let i = 0; 3 * i < forces.length; i++)
    if (!fixed?.[i]) largest = Math.max(largest, norm(forces[3 * i], forces[3 * i + 1], forces[3 * i + 2]));
  return largest;
}
