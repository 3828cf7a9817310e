/** Table `steps`: one row an optimizer step of each relaxation; step 0 is the start. */
import type { Scheme, StudyEvent } from "../study/events.ts";
import { among, type Columns, FLAG, INDEX, MEMBER, orNull, real } from "./arrow.ts";
import { ofKind } from "./record.ts";
import { SCHEMES } from "./summary.ts";

/** One step of one relaxation. */
export interface StepRow {
  readonly scheme: Scheme | null;
  readonly member: number | null;
  readonly step: number | null;
  /** On the scheme's own surface, as it was at this step, eV. */
  readonly energy: number;
  /**
   * Of the geometry that this step set out from, on the surface as it was at this step, eV; null where the surface did not move since the step
   * before, NaN in a journal that does not say. That geometry is the step before's, or where that one was left again, its own beginning.
   */
  readonly previousEnergy: number | null;
  /** Largest force on a free atom, eV/Å. */
  readonly fmax: number;
  /** Spread of a committee's energy, eV. */
  readonly sigma: number | null;
  readonly converged: boolean;
  readonly seconds: number;
}

export const STEP_COLUMNS: Columns<StepRow> = {
  scheme: orNull(among(SCHEMES)),
  member: orNull(MEMBER),
  step: orNull(INDEX),
  energy: real("eV"),
  previousEnergy: orNull(real("eV")),
  fmax: real("eV/Å"),
  sigma: orNull(real("eV")),
  converged: FLAG,
  seconds: real("s"),
};

/** Rows of `steps`, in the order of the events. */
export function stepRows(events: readonly StudyEvent[]): StepRow[] {
  return ofKind(events, "step").map(({ scheme, member, step, payload: p }) => ({
    scheme,
    member,
    step,
    energy: p.energy,
    previousEnergy: p.previousEnergy === undefined ? Number.NaN : p.previousEnergy,
    fmax: p.fmax,
    sigma: p.sigma,
    converged: p.converged,
    seconds: p.seconds,
  }));
}
