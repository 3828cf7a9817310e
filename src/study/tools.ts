/** What the algorithms of a study are given, and the two questions they all ask: a QM image, and a training. */
import { novelty } from "../descriptors/scaling.ts";
import type { describing } from "../engine/wasm/fingerprints.ts";
import { type Machine, withMachine } from "../engine/wasm/machine.ts";
import { engineLoss } from "../ensemble/engineLoss.ts";
import type { ImageError, TrainingImage } from "../ensemble/loss.ts";
import { type Architecture, type Model, packModel, unpackModel } from "../ensemble/model.ts";
import type { TrainingOptions } from "../ensemble/train.ts";
import type { Trainer } from "../ensemble/trainer.ts";
import { imageHash, type QmImage, type QmService } from "../qm/image.ts";
import type { Structure } from "../structure/structure.ts";
import type { Happening, Payloads, Place } from "./events.ts";
import type { Memory } from "./memory.ts";
import type { StudyFile } from "./studyFile.ts";

/** Part of the tolerance that trainings aim at: a model that stops at the brim needs training again at the next image. */
const MARGIN = 0.85;

/** Resources of a running study. */
export interface Tools {
  readonly file: StudyFile;
  readonly architecture: Architecture;
  /** Fingerprints of all sets of the study, which share the memory for derivatives. */
  readonly describe: ReturnType<typeof describing>;
  readonly qm: QmService;
  readonly trainer: Trainer;
  /** For predictions of large structures; see `AsideOptions`. */
  readonly threads?: number;
  readonly memory: Memory;
  readonly signal?: AbortSignal;
}

/** What an algorithm yields: a happening and the QM image that is committed with it. */
export interface Yielded {
  readonly happening: Happening;
  readonly image?: QmImage;
}

/** Asks for a QM image, with the events round it; nothing is journalled that the journal has. */
export async function* askQm(tools: Tools, structure: Structure, place: Partial<Place>, reason: string): AsyncGenerator<Yielded, QmImage> {
  const hash = imageHash(structure, tools.qm.settings);
  const past = place.image === null ? undefined : tools.memory.recall("qm-finished", place);
  if (past?.payload.hash === hash) return (await tools.qm.ask(structure, tools.signal)).image;
  yield { happening: { kind: "qm-requested", ...place, payload: { hash, reason } } };
  try {
    const { image, reused, from } = await tools.qm.ask(structure, tools.signal);
    const { energy, seconds } = image;
    yield {
      happening: { kind: "qm-finished", ...place, payload: { hash, reason, energy, seconds, reused, ...(from && { from }) } },
      image,
    };
    return image;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!tools.signal?.aborted) yield { happening: { kind: "qm-failed", ...place, payload: { hash, message } } };
    throw error;
  }
}

/** A QM image as training data. */
export function trainingImage({ structure, energy, forces }: QmImage, { describe }: Pick<Tools, "describe">): TrainingImage {
  return { structure, fingerprints: describe(structure), energy, forces };
}

/** Trains a model on a set; with `newest` the last image of the set is the one that must be inside by itself. */
export async function* trainOn(
  tools: Tools,
  model: Model,
  images: readonly TrainingImage[],
  place: Partial<Place>,
  newest: boolean,
): AsyncGenerator<Yielded, { model: Model; changed: boolean }> {
  const past = tools.memory.recall("training", place);
  if (past) {
    const packed = past.array("model");
    return packed ? { model: unpackModel(tools.architecture, packed), changed: true } : { model, changed: false };
  }
  const { tolerance, model: settings } = tools.file;
  const last = images[images.length - 1];
  const errorOn = (machine: Machine): ImageError =>
    engineLoss(tools.architecture, [last], tolerance, { machine }).evaluate(model).images[0];
  const before = newest ? withMachine(errorOn) : null;
  const options: TrainingOptions = {
    tolerance,
    method: settings.training,
    newest: newest ? images.length - 1 : -1,
    warm: newest,
    margin: MARGIN,
  };
  const result = await tools.trainer.train(tools.architecture, model, images, options, { signal: tools.signal });
  const changed = result.evaluations > 0;
  const { loss, energyRmse, forceRmse } = result.error;
  const payload: Payloads["training"] = {
    loss,
    energyRmse,
    forceRmse,
    before,
    after: newest ? result.error.images[images.length - 1] : null,
    novelty: newest ? novelty(last.fingerprints, model) : null,
    evaluations: result.evaluations,
    seconds: result.seconds,
    converged: result.converged,
  };
  yield {
    happening: { kind: "training", ...place, payload, arrays: { curve: result.curve, ...(changed && { model: packModel(result.model) }) } },
  };
  return { model: result.model, changed };
}
