/**
 * Table `cost`: what each QM image cost each relaxation, the experiment of Fig. 7: one row a relaxation and image, with the QM call and the
 * training that it caused. An image is counted by the relaxation that asked for it, more than one a step where a model knew too little. A
 * committee's image has a row of its own with member null, the QM call, and one with the training of each member. Pre-training has image
 * null: scheme null, one row a member, its QM seconds those of the whole set and of the lattice gate.
 */
import type { Scheme, StudyEvent } from "../study/events.ts";
import { among, type Columns, FLAG, INDEX, MEMBER, orNull, real } from "./arrow.ts";
import { gateImages } from "./lattice.ts";
import { ofKind, placeKey } from "./record.ts";
import { SCHEMES } from "./summary.ts";

/** The cost of one QM image to one relaxation. */
export interface CostRow {
  readonly scheme: Scheme | null;
  readonly member: number | null;
  readonly image: number | null;
  /** The optimizer step that asked for the image; null for pre-training. */
  readonly step: number | null;
  /** Of the loss and its gradient; 0 if the image was already inside the tolerance. */
  readonly evaluations: number;
  readonly trainingSeconds: number;
  /** Of the engine, whoever asked first; null where no call belongs to the row (the members of a committee share theirs). */
  readonly qmSeconds: number | null;
  /** The calculation was in the store. */
  readonly qmReused: boolean | null;
  /** Furthest fingerprint outside the trained range, half-ranges. */
  readonly novelty: number | null;
  /** The tolerance was reached; null where nothing is trained. */
  readonly converged: boolean | null;
}

export const COST_COLUMNS: Columns<CostRow> = {
  scheme: orNull(among(SCHEMES)),
  member: orNull(MEMBER),
  image: orNull(INDEX),
  step: orNull(INDEX),
  evaluations: INDEX,
  trainingSeconds: real("s"),
  qmSeconds: orNull(real("s")),
  qmReused: orNull(FLAG),
  novelty: orNull(real("1")),
  converged: orNull(FLAG),
};

/** Rows of `cost`: pre-training first, then in the order of the events. */
export function costRows(events: readonly StudyEvent[]): CostRow[] {
  const rows = new Map<string, CostRow>();
  const set = ofKind(events, "pretraining");
  const seconds = [...set.map((e) => e.payload.seconds), ...gateImages(events).values()];
  const setSeconds = set.length === 0 ? null : seconds.reduce((sum, s) => sum + s, 0);
  for (const e of events) {
    if (e.kind !== "training" && e.kind !== "qm-finished") continue;
    const { scheme, member, image, step } = e;
    const pretraining = e.kind === "training" && scheme === null;
    if (!pretraining && (scheme === null || image === null)) continue;
    const key = placeKey({ scheme, member }, image);
    const row: CostRow = rows.get(key) ?? {
      scheme,
      member,
      image,
      step,
      evaluations: 0,
      trainingSeconds: 0,
      qmSeconds: pretraining ? setSeconds : null,
      qmReused: null,
      novelty: null,
      converged: null,
    };
    if (e.kind === "qm-finished") rows.set(key, { ...row, qmSeconds: e.payload.seconds, qmReused: e.payload.reused });
    else {
      const { evaluations, seconds, novelty, converged } = e.payload;
      rows.set(key, {
        ...row,
        evaluations: row.evaluations + evaluations,
        trainingSeconds: row.trainingSeconds + seconds,
        novelty,
        converged,
      });
    }
  }
  return [...rows.values()];
}
