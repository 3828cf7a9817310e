/** Table `training`: the learning curves, a row before the first step of the trainer and one after each, of each member, at pre-training (scheme and image null) and at each QM image. */
import type { Scheme } from "../study/events.ts";
import type { StudyRecord } from "../study/folder.ts";
import { among, type Columns, INDEX, MEMBER, orNull, real } from "./arrow.ts";
import { ofKind, rowsIn } from "./record.ts";
import { SCHEMES } from "./summary.ts";

/** One point of a training curve. */
export interface TrainingRow {
  readonly scheme: Scheme | null;
  readonly member: number | null;
  readonly image: number | null;
  /** Evaluations of the loss and its gradient since this training began. */
  readonly evaluation: number;
  /** Since this training began, s. */
  readonly seconds: number;
  readonly loss: number;
  /** Over the member's set, eV/atom. */
  readonly energyRmse: number;
  /** Over the member's set, eV/Å. */
  readonly forceRmse: number;
}

export const TRAINING_COLUMNS: Columns<TrainingRow> = {
  scheme: orNull(among(SCHEMES)),
  member: orNull(MEMBER),
  image: orNull(INDEX),
  evaluation: INDEX,
  seconds: real("s"),
  loss: real("1"),
  energyRmse: real("eV/atom"),
  forceRmse: real("eV/Å"),
};

/** Columns of the journal's array `curve`. */
const WIDTH = 5;

/**
 * Rows of `training`, in the order of the events.
 * @throws RangeError if the array `curve` of an event is missing, malformed, or does not end where the event says.
 */
export function trainingRows(study: Pick<StudyRecord, "events" | "array">): TrainingRow[] {
  return ofKind(study.events, "training").flatMap(({ sequence, scheme, member, image, payload }) => {
    const rows = rowsIn(study, sequence, "curve", WIDTH).map(([evaluation, seconds, loss, energyRmse, forceRmse]) => {
      return { scheme, member, image, evaluation, seconds, loss, energyRmse, forceRmse };
    });
    const last = rows[rows.length - 1].evaluation;
    if (last !== payload.evaluations) {
      throw new RangeError(
        `array "curve" of event ${sequence} ends at evaluation ${last}, its event at ${payload.evaluations}: another version of qmml wrote it`,
      );
    }
    return rows;
  });
}
