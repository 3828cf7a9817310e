/** What the models of a study are and what they have learnt, read back from its journal: nothing is trained or calculated again. */
import { type Architecture, type Model, unpackModel } from "../ensemble/model.ts";
import type { QmImage } from "../qm/image.ts";
import type { Scheme, StudyEvent } from "./events.ts";
import type { JournalReader } from "./journal.ts";

/** A scheme with models. */
export type LearningScheme = Exclude<Scheme, "full-qm">;

/** A QM image that a model was trained on. */
export interface LearntImage extends QmImage {
  /** Its number in the relaxation; null for one of the pre-training set. */
  readonly image: number | null;
}

/**
 * The models of a scheme as they stand, in the order of their members: the pre-trained ones of the frozen scheme, those after all images so far of
 * the others.
 * @throws RangeError if a member is not pre-trained yet.
 */
export function modelsOf(
  { events, array }: { readonly events: readonly StudyEvent[]; readonly array: JournalReader["array"] },
  architecture: Architecture,
  scheme: LearningScheme,
  members: number,
): Model[] {
  return Array.from({ length: members }, (_, member) => {
    const own = events.filter((e) => e.kind === "training" && e.member === member && isOf(e, scheme));
    // A training that changed nothing has no model.
    for (const e of own.toReversed()) {
      const packed = array(e.sequence, "model");
      if (packed !== undefined) return unpackModel(architecture, packed);
    }
    throw new RangeError(`model ${member} is not trained yet; wait until the study has pre-trained it`);
  });
}

/**
 * The QM images that a model has learnt so far, in their order: those of the pre-training set first.
 * @param member of the committee: any, they share all images
 */
export function imagesOf(
  { events, image }: Pick<JournalReader, "image"> & { readonly events: readonly StudyEvent[] },
  scheme: LearningScheme,
  member: number,
): LearntImage[] {
  const set = events.filter((e) => e.kind === "pretraining");
  const asked = events.filter(
    (e) =>
      e.kind === "qm-finished" &&
      scheme !== "frozen" &&
      e.scheme === scheme &&
      e.image !== null &&
      (scheme === "committee" || e.member === member),
  );
  return [...set.map((e) => ({ ...e, image: null })), ...asked].flatMap((e) => {
    const found = "hash" in e.payload ? image(e.payload.hash) : undefined;
    return found === undefined ? [] : [{ ...found, image: e.image }];
  });
}

/** Whether a training is the members' own or of the scheme, which in the frozen one there is none of. */
function isOf(e: StudyEvent, scheme: LearningScheme): boolean {
  return e.scheme === null || (scheme !== "frozen" && e.scheme === scheme);
}
