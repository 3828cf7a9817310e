/** A thread's share of the work on cu20: some of the images to describe, or some of the members' gradients, over and over. */

import type { Envelope } from "../../src/engine/threadTask.ts";
import { threadTask } from "../../src/engine/threadTask.ts";
import { ARCHITECTURE, DESCRIPTORS, drawnModels, STRUCTURES, TOLERANCE, trainingImages } from "../harness/cu20.ts";
import { boundLoss, describer } from "../harness/engine.ts";

/** Which share of what, how often. */
export interface Share {
  readonly what: "fingerprints" | "gradient";
  /** Of the images or members, every `of`-th from number `first` on. */
  readonly first: number;
  readonly of: number;
  readonly repeats: number;
}

/** Work that was prepared before, by what and which share. */
const prepared = new Map<string, () => unknown>();

function prepare({ what, first, of }: Share): () => unknown {
  const mine = <T>(all: readonly T[]): T[] => all.filter((_, k) => k % of === first);
  if (what === "fingerprints") {
    const structures = mine(STRUCTURES);
    const describe = describer(DESCRIPTORS);
    return () => describe(structures);
  }
  const images = trainingImages();
  const models = mine(drawnModels(images));
  const loss = boundLoss(ARCHITECTURE, images, TOLERANCE);
  const gradients = models.map(() => new Float64Array(loss.size));
  return () => loss.evaluateAll(models, gradients);
}

const work: (envelope: Envelope<Share>) => void = threadTask<Share, void, never>((share) => {
  const key = `${share.what} ${share.first} ${share.of}`;
  const one = prepared.get(key) ?? prepare(share);
  prepared.set(key, one);
  for (let k = 0; k < share.repeats; k++) one();
});
export default work;
