/** What the algorithms of a study are given, and the two questions they all ask: a QM image, and a training. */
import { novelty } from "../descriptors/scaling.ts";
import type { describing } from "../engine/wasm/fingerprints.ts";
import { type Machine, withMachine } from "../engine/wasm/machine.ts";
import { engineLoss } from "../ensemble/engineLoss.ts";
import type { ImageError, TrainingImage } from "../ensemble/loss.ts";
import { type Architecture, type Model, packModel, unpackModel } from "../ensemble/model.ts";
import type { TrainingOptions } from "../ensemble/train.ts";
import type { Trainer } from "../ensemble/trainer.ts";
import type { Retry } from "../qm/engine.ts";
import type { Answer, Failure, QmImage, QmService } from "../qm/image.ts";
import { type FailureKind, kindOf } from "../qm/ladder.ts";
import { type Structure, size } from "../structure/structure.ts";
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

/** The QM images of one relaxation, each of which an engine that was opened `warm` starts from the density of the one before. */
export interface Trail {
  /** Hash of the last. */
  last?: string;
  /** Hash of the image that a geometry was given, by the hash that it has from scratch. */
  readonly used: Map<string, string>;
  /** Why the last image that was asked for in vain cannot be had. */
  failure?: Failure;
}

/**
 * Asks for a QM image, again and again while there is something to try, with the events round it; nothing is journalled that the journal has.
 * @param trail of the relaxation that goes on with this image; others, such as pieces, start from scratch
 * @returns undefined where there is none to be had, and the study goes on without.
 * @throws what the engine throws where it does not.
 */
export async function* askQm(
  tools: Tools,
  structure: Structure,
  place: Partial<Place>,
  reason: string,
  trail?: Trail,
): AsyncGenerator<Yielded, QmImage | undefined> {
  const { qm, memory, signal, file } = tools;
  const before = trail?.last;
  const [scratch] = qm.hashes(structure);
  const used = trail?.used.get(scratch);
  const possible = [...(used === undefined ? [] : [used]), ...qm.hashes(structure, before)];
  const followed = (image: QmImage): QmImage => {
    trail?.used.set(scratch, image.hash);
    if (trail) trail.last = image.hash;
    return image;
  };
  // A comparison asks for many images at one place, and again for those that its relaxation has used.
  const isSame = (why: string): boolean => place.image !== null || why === reason || why.startsWith(RETRY);
  const past = memory.every("qm-finished", place).findLast((p) => possible.includes(p.hash) && isSame(p.reason));
  const recorded = past && qm.image(past.hash);
  if (recorded) return followed(recorded);
  const own = possible.map(qm.image).find(Boolean);
  const hash = own?.hash ?? possible[0];
  const told = memory.every("qm-failed", place).filter((p) => p.hash === hash);
  const lost = (): undefined => {
    if (trail) trail.failure = qm.failures(hash).at(-1);
    return undefined;
  };
  if (told.some((p) => p.next === null) && qm.next(hash) === undefined) return lost();
  const requested = (why: string): Yielded => ({
    happening: { kind: "qm-requested", ...place, payload: { hash, reason: why, atoms: size(structure) } },
  });
  // What others have heard of its failures need not be told again, but the last word.
  let heard = Math.max(0, qm.failures(hash).length - (qm.next(hash) ? 0 : 1));
  let why = told.length > 0 && heard > 0 ? retry(qm.next(hash)) : reason;
  yield requested(why);
  for (;;) {
    let problem: unknown;
    try {
      const answer: Answer = own ? { image: own, reused: true } : await qm.ask(structure, signal, before);
      const { image, reused, from, ...calculated } = answer;
      const { energy, seconds, settings } = image;
      const payload: Payloads["qm-finished"] = {
        ...{ hash: image.hash, reason: why, energy, seconds, reused, ...(from && { from }), attempt: heard + 1 },
        ...(settings !== qm.settings && { settings }),
        ...(!reused && calculated),
      };
      yield { happening: { kind: "qm-finished", ...place, payload }, image };
      return followed(image);
    } catch (error) {
      signal?.throwIfAborted();
      problem = error;
    }
    const failed = (failure: { message: string; kind: FailureKind | null }, next: string | null): Yielded => ({
      happening: { kind: "qm-failed", ...place, payload: { hash, ...failure, attempt: heard + 1, next } },
    });
    const failures = qm.failures(hash);
    if (failures.length <= heard) {
      yield failed({ message: problem instanceof Error ? problem.message : String(problem), kind: kindOf(problem) ?? null }, null);
      throw problem;
    }
    for (; heard < failures.length; heard++) {
      const next = qm.next(hash, heard + 1);
      yield failed(failures[heard], next?.name ?? null);
      if (!next && file.onFailure === "stop") throw problem;
      if (!next) return lost();
      why = retry(next);
      yield requested(why);
    }
  }
}

const RETRY = "retry: ";

function retry(next: Retry | undefined): string {
  return `${RETRY}${next?.name}`;
}

/**
 * A QM image as training data.
 * @param masked atoms whose forces are not learnt
 */
export function trainingImage(image: QmImage, { describe }: Pick<Tools, "describe">, masked?: Uint32Array): TrainingImage {
  const { structure, energy, forces } = image;
  return { structure, fingerprints: describe(structure), energy, forces, masked };
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
