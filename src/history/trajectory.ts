/**
 * Table `trajectory`: geometries and forces of chosen relaxations, one row a frame. What QM and the models say of the QM cluster alone, and how
 * uncertain the forces are, is there to be looked at: in single precision, and null where the journal does not have it.
 */
import type { Place, Scheme } from "../study/events.ts";
import type { StudyRecord } from "../study/folder.ts";
import { among, type Columns, INDEX, MEMBER, orNull, real, reals, singles } from "./arrow.ts";
import { ofKind, placeKey, rowsIn } from "./record.ts";
import { SCHEMES } from "./summary.ts";

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
  /** F_QM(Q) on the atoms of S in Q, what links carry handed on to them, [3N] eV/Å, NaN outside Q; of full QM its forces. */
  readonly qmForces: Float64Array | null;
  /** F_ML(Q) likewise; of a committee the mean of its members; null of full QM. */
  readonly mlForces: Float64Array | null;
  /** Of each component of `forces`, [3N] eV/Å: the standard deviation over a committee, or how far a single model is from the mean of the others. */
  readonly forcesSigma: Float64Array | null;
}

export const FRAME_COLUMNS: Columns<FrameRow> = {
  scheme: orNull(among(SCHEMES)),
  member: orNull(MEMBER),
  step: orNull(INDEX),
  positions: { ...reals("Å"), finite: true },
  forces: reals("eV/Å"),
  energy: real("eV"),
  fmax: real("eV/Å"),
  qmForces: orNull(singles("eV/Å")),
  mlForces: orNull(singles("eV/Å")),
  forcesSigma: orNull(singles("eV/Å")),
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
 * @throws RangeError if positions or forces of a step are missing, or one of its arrays is malformed.
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
      const known = (name: "qmForces" | "mlForces" | "forcesSigma"): Float64Array | null => {
        return study.array(sequence, name) === undefined ? null : rowsIn(study, sequence, name, width)[0].map(Math.fround);
      };
      const qmForces = scheme === "full-qm" ? forces.map(Math.fround) : known("qmForces");
      return {
        scheme,
        member,
        step,
        positions,
        forces,
        energy,
        fmax,
        qmForces,
        mlForces: known("mlForces"),
        forcesSigma: known("forcesSigma"),
      };
    });
  });
}

function thinned<T>(list: readonly T[], limit: number): T[] {
  if (list.length <= limit) return [...list];
  const stride = (list.length - 1) / Math.max(1, limit - 1);
  return Array.from({ length: Math.max(2, limit) }, (_, k) => list[Math.min(list.length - 1, Math.round(k * stride))]);
}
