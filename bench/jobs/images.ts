/** A set of so many rattled slabs like those of cu20: described, the loss gradient of so many members on it, or these members trained on it. */

import { emtResult } from "../../src/calculators/emt.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import type { TrainingImage } from "../../src/ensemble/loss.ts";
import { drawModel } from "../../src/ensemble/model.ts";
import { trainer } from "../../src/ensemble/trainer.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { withPositions } from "../../src/structure/structure.ts";
import { ARCHITECTURE, DESCRIPTORS, STRUCTURES, TOLERANCE } from "../harness/cu20.ts";
import { boundLoss, describer } from "../harness/engine.ts";
import { repeated, type Sample } from "../harness/measure.ts";

/** What is done with how much. */
export interface Input {
  readonly task: "fingerprints" | "gradient" | "training";
  readonly images: number;
  readonly members: number;
  readonly threads: number;
  /** At least; quick work is done more often. */
  readonly repeats: number;
}

/** What it took. */
export interface Output {
  readonly samples: readonly Sample[];
  /** MB of memory at its highest, above what the process had when the structures were there. */
  readonly memory: number;
}

/** Å. Those of cu20 lie as far from the crystal. */
const STDEV = 0.05;

export async function job({ task, images: many, members, threads, repeats }: Input): Promise<Output> {
  const structures = Array.from({ length: many }, (_, k) => {
    const frame = STRUCTURES[k % STRUCTURES.length];
    return k < STRUCTURES.length ? frame : withPositions(frame, rattle(frame, { stdev: STDEV, seed: k }).positions);
  });
  const labels = structures.map((s) => emtResult(s, ["energy", "forces"]));
  const describe = describer(DESCRIPTORS);
  const before = process.memoryUsage.rss();
  let samples: readonly Sample[];
  if (task === "fingerprints") samples = await repeated(() => describe(structures), repeats);
  else {
    const images: TrainingImage[] = describe(structures).map((fingerprints, k) => {
      const { energy, forces = new Float64Array(0) } = labels[k];
      return { fingerprints, energy, forces };
    });
    const scaling = rangeOf(
      images.map((i) => i.fingerprints),
      DESCRIPTORS,
    );
    const models = Array.from({ length: members }, (_, m) => drawModel(ARCHITECTURE, scaling, 1, m));
    if (task === "gradient") {
      const loss = boundLoss(ARCHITECTURE, images, TOLERANCE);
      const gradients = models.map(() => new Float64Array(loss.size));
      samples = await repeated(() => loss.evaluateAll(models, gradients), repeats);
    } else {
      const workers = trainer(threads);
      const train = (): unknown => Promise.all(models.map((model) => workers.train(ARCHITECTURE, model, images, { tolerance: TOLERANCE })));
      samples = await repeated(train, Math.min(2, repeats));
      await workers.close();
    }
  }
  const memory = Math.max(0, 1024 * process.resourceUsage().maxRSS - before) / 1e6;
  return { samples, memory };
}
