/**
 * A set of so many rattled slabs like those of cu20, or crystals: described, the loss gradient of so many members on it, or these members trained
 * on it.
 */

import { emtResult } from "../../src/calculators/emt.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import type { DescriptorSettings } from "../../src/descriptors/settings.ts";
import type { TrainingImage } from "../../src/ensemble/loss.ts";
import { type Architecture, drawModel } from "../../src/ensemble/model.ts";
import { trainer } from "../../src/ensemble/trainer.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { type Structure, size, withPositions } from "../../src/structure/structure.ts";
import { ARCHITECTURE, DESCRIPTORS, STRUCTURES, TOLERANCE } from "../harness/cu20.ts";
import { boundLoss, describer, type LossEngine } from "../harness/engine.ts";
import { repeated, type Sample } from "../harness/measure.ts";
import { peakMemory } from "../harness/memory.ts";
import { copper } from "./atoms.ts";

/** What is done with how much. */
export interface Input {
  readonly task: "fingerprints" | "gradient" | "training";
  readonly images: number;
  readonly members: number;
  readonly threads: number;
  readonly engine?: LossEngine;
  /** Cubic cells of a crystal in place of the slab. */
  readonly cells?: readonly [number, number, number];
  /** Number of radial functions, in place of cu20's four and four angular ones. */
  readonly radials?: number;
  /** At least; quick work is done more often. */
  readonly repeats: number;
}

/** What it took. */
export interface Output {
  readonly samples: readonly Sample[];
  /** MB of memory at its highest, above what the process had when the structures were there. */
  readonly memory: number;
  /** Of one image. */
  readonly atoms: number;
}

/** Å. Those of cu20 lie as far from the crystal. */
const STDEV = 0.05;

/** Frames of cu20, and more like them. */
function slabs(many: number): Structure[] {
  return Array.from({ length: many }, (_, k) => {
    const frame = STRUCTURES[k % STRUCTURES.length];
    return k < STRUCTURES.length ? frame : withPositions(frame, rattle(frame, { stdev: STDEV, seed: k }).positions);
  });
}

/** Radial functions as a study has them by default, but more, and cu20's cutoff. */
function radialOnly(many: number): DescriptorSettings {
  const { cutoff } = DESCRIPTORS;
  const g2 = Array.from({ length: many }, (_, k) => ({ eta: 1.5 * many ** 2, rs: cutoff * (0.25 + (0.65 * k) / Math.max(1, many - 1)) }));
  return { ...DESCRIPTORS, g2, g4: [] };
}

export async function job({ task, images: many, members, threads, engine = "wasm", cells, radials, repeats }: Input): Promise<Output> {
  const structures = cells ? Array.from({ length: many }, (_, k) => copper(cells, k)) : slabs(many);
  const descriptors = radials === undefined ? DESCRIPTORS : radialOnly(radials);
  const architecture: Architecture = { ...ARCHITECTURE, descriptors };
  const labels = structures.map((s) => emtResult(s, ["energy", "forces"]));
  const describe = describer(descriptors);
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
      descriptors,
    );
    const models = Array.from({ length: members }, (_, m) => drawModel(architecture, scaling, 1, m));
    if (task === "gradient") {
      const loss = boundLoss(architecture, images, TOLERANCE, engine);
      const gradients = models.map(() => new Float64Array(loss.size));
      samples = await repeated(() => loss.evaluateAll(models, gradients), repeats);
    } else {
      const workers = trainer(threads);
      samples = await repeated(() => workers.trainAll(architecture, models, images, { tolerance: TOLERANCE }), Math.min(2, repeats));
      await workers.close();
    }
  }
  const memory = Math.max(0, peakMemory() - before) / 1e6;
  return { samples, memory, atoms: size(structures[0]) };
}
