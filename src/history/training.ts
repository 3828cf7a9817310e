/** Table `training`: every evaluation of the loss, of each member, at pre-training (scheme and image null) and at each QM image. */
import type { Scheme } from "../study/events.ts";
import { type Columns, FLAG, INTEGER, real, TEXT } from "./arrow.ts";
import { ofKind, type StudyRecord } from "./record.ts";

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
  /** False for a trial that the trainer took back. */
  readonly accepted: boolean;
}

export const TRAINING_COLUMNS: Columns<TrainingRow> = {
  scheme: TEXT,
  member: INTEGER,
  image: INTEGER,
  evaluation: INTEGER,
  seconds: real("s"),
  loss: real("1"),
  energyRmse: real("eV/atom"),
  forceRmse: real("eV/Å"),
  accepted: FLAG,
};

/** Columns of the journal's `curve` array. */
const WIDTH = 6;

/** Rows of `training`, in the order of the events. A training without a curve gives its end as one row. */
export function trainingRows(study: Pick<StudyRecord, "events" | "array">): TrainingRow[] {
  return ofKind(study.events, "training").flatMap(({ sequence, scheme, member, image, payload: p }) => {
    const at = { scheme, member, image };
    const curve = study.array(sequence, "curve");
    if (curve === undefined || curve.length === 0) {
      const { evaluations, seconds, loss, energyRmse, forceRmse } = p;
      return [{ ...at, evaluation: evaluations, seconds, loss, energyRmse, forceRmse, accepted: true }];
    }
    return Array.from({ length: curve.length / WIDTH }, (_, k) => {
      const [evaluation, seconds, loss, energyRmse, forceRmse, accepted] = curve.subarray(WIDTH * k, WIDTH * (k + 1));
      return { ...at, evaluation, seconds, loss, energyRmse, forceRmse, accepted: accepted === 1 };
    });
  });
}
