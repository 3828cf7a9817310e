/**
 * Training on machines elsewhere, with the same bits: a task takes along structures, energies and forces; fingerprints are calculated where it is
 * trained, which costs less than to send their derivatives. Each model is a task of its own.
 */
import { describing } from "../engine/wasm/fingerprints.ts";
import type { Structure } from "../structure/structure.ts";
import type { TrainingImage } from "./loss.ts";
import type { Architecture, Model } from "./model.ts";
import type { Training, TrainingOptions } from "./train.ts";
import { oneByOne, type Trainer } from "./trainer.ts";

/** A training without what can be calculated anew. */
export interface CarriedTask {
  readonly architecture: Architecture;
  readonly model: Model;
  readonly images: readonly (Omit<TrainingImage, "fingerprints"> & { readonly structure: Structure })[];
  readonly options: TrainingOptions;
}

/**
 * A trainer whose tasks somebody carries to where `trainCarried` trains them. A report is given its rows when a training ends.
 * @throws RangeError in training, if an image comes without its structure.
 */
export function clusterTrainer(carry: (task: CarriedTask, signal?: AbortSignal) => Promise<Training>): Trainer {
  const one: Trainer["train"] = async (architecture, model, images, options, { signal, report } = {}) => {
    signal?.throwIfAborted();
    const training = await carry({ architecture, model, images: images.map(carried), options }, signal);
    const rows = training.curve;
    for (let k = 0; report && k < rows.length; k += 5) report([rows[k], rows[k + 1], rows[k + 2], rows[k + 3], rows[k + 4]]);
    return training;
  };
  return { engine: "wasm", train: one, trainAll: oneByOne(one), close: async () => {} };
}

function carried({ fingerprints: _, structure, ...image }: TrainingImage, k: number): CarriedTask["images"][number] {
  if (!structure) throw new RangeError(`image ${k} has no structure, and fingerprints do not travel; give it along`);
  return { ...image, structure };
}

/** Trains what was carried here. */
export function trainCarried({ architecture, model, images, options }: CarriedTask, here: Trainer): Promise<Training> {
  const describe = describing(architecture.descriptors);
  const described = images.map((image) => ({ ...image, fingerprints: describe(image.structure) }));
  return here.train(architecture, model, described, options);
}
