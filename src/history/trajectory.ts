/** Table `trajectory`: geometries and forces of chosen relaxations, one row a frame. */
import type { Place, Scheme } from "../study/events.ts";
import type { StudyRecord } from "../study/folder.ts";
import { type Columns, INTEGER, real, reals, TEXT } from "./arrow.ts";
import { ofKind, placeKey, rowsIn } from "./record.ts";

/** One frame. */
export interface FrameRow {
  readonly scheme: Scheme | null;
  readonly member: number | null;
  readonly step: number | null;
  /** [3N] Å. */
  readonly positions: Float64Array;
  /** On the scheme's own surface, [3N] eV/Å. */
  readonly forces: Float64Array;
  readonly energy: number;
  readonly fmax: number;
}

export const FRAME_COLUMNS: Columns<FrameRow> = {
  scheme: TEXT,
  member: INTEGER,
  step: INTEGER,
  positions: reals("Å"),
  forces: reals("eV/Å"),
  energy: real("eV"),
  fmax: real("eV/Å"),
};

/** One relaxation of a study. */
export type Relaxation = Pick<Place, "scheme" | "member">;

/** The relaxations of a study that have a step, in the order of their first. */
export function relaxations(study: Pick<StudyRecord, "events">): Relaxation[] {
  const seen = new Map<string, Relaxation>();
  for (const { scheme, member } of ofKind(study.events, "step")) {
    const key = placeKey({ scheme, member });
    if (!seen.has(key)) seen.set(key, { scheme, member });
  }
  return [...seen.values()];
}

/**
 * Rows of `trajectory`.
 * @param which relaxations to take
 * @param limit most frames of each relaxation; a longer one is thinned evenly, first and last frame kept
 * @throws RangeError if positions or forces of a step are missing or malformed.
 */
export function frameRows(
  study: Pick<StudyRecord, "structure" | "events" | "array">,
  which: readonly Relaxation[],
  limit: number = Infinity,
): FrameRow[] {
  const width = study.structure.positions.length;
  const steps = ofKind(study.events, "step");
  return which.flatMap((r) => {
    const own = steps.filter((e) => e.scheme === r.scheme && e.member === r.member);
    return thinned(own, limit).map(({ sequence, scheme, member, step, payload: { energy, fmax } }) => {
      const [positions] = rowsIn(study, sequence, "positions", width);
      const [forces] = rowsIn(study, sequence, "forces", width);
      return { scheme, member, step, positions, forces, energy, fmax };
    });
  });
}

function thinned<T>(list: readonly T[], limit: number): T[] {
  if (list.length <= limit) return [...list];
  const stride = (list.length - 1) / Math.max(1, limit - 1);
  return Array.from({ length: Math.max(2, limit) }, (_, k) => list[Math.min(list.length - 1, Math.round(k * stride))]);
}
