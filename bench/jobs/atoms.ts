/** Neighbours, or energies, forces and spread of a committee, of rattled copper of any size: times, and memory of a process that does nothing else. */
import { setTimeout as sleep } from "node:timers/promises";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { type DescriptorSettings, defaultDescriptors } from "../../src/descriptors/settings.ts";
import { type Architecture, drawModel } from "../../src/ensemble/model.ts";
import { neighbourList } from "../../src/linalg/neighbours.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { repeat } from "../../src/structure/repeat.ts";
import { type Structure, size } from "../../src/structure/structure.ts";
import { DESCRIPTORS } from "../harness/cu20.ts";
import { describer, predictor } from "../harness/engine.ts";
import { repeated, type Sample } from "../harness/measure.ts";
import { peakMemory } from "../harness/memory.ts";

/** Sets of symmetry functions: those of bench/cu20 (6 Å), and those that a study of copper has by default (4 Å). */
export const FUNCTIONS: Readonly<Record<"cu20" | "default", DescriptorSettings>> = {
  cu20: DESCRIPTORS,
  default: defaultDescriptors([29], 4),
};

/** What is done to how much. */
export interface Input {
  readonly task: "neighbours" | "prediction";
  readonly functions: keyof typeof FUNCTIONS;
  /** Cubic cells of four atoms along each direction. */
  readonly cells: readonly [number, number, number];
  readonly members: number;
  readonly threads: number;
  /** At least; quick work is done more often. */
  readonly repeats: number;
}

/** What it took. */
export interface Output {
  readonly atoms: number;
  readonly samples: readonly Sample[];
  /** MB of memory at its highest, above what the process had when the structure was there. */
  readonly memory: number;
}

/** Å. As in a warm crystal: no two surroundings alike. */
const STDEV = 0.1;

/** Copper of so many cells. */
export function copper(cells: Input["cells"], seed = 1): Structure {
  return rattle(repeat(bulk("Cu", { cubic: true }), cells), { stdev: STDEV, seed });
}

export async function job({ task, functions, cells, members, threads, repeats }: Input): Promise<Output> {
  const descriptors = FUNCTIONS[functions];
  const structure = copper(cells);
  const architecture: Architecture = { descriptors, hidden: [10, 10] };
  const scaling = rangeOf(describer(descriptors)([copper([2, 2, 2], 1), copper([2, 2, 2], 2)]), descriptors);
  const models = Array.from({ length: members }, (_, m) => drawModel(architecture, scaling, 1, m));
  const calculator = predictor(architecture, models, threads);
  const work = (): unknown =>
    task === "neighbours"
      ? neighbourList(structure.positions, structure.cell, structure.pbc, descriptors.cutoff)
      : calculator.calculate(structure, ["energy", "forces"]);
  await sleep(50);
  const before = process.memoryUsage.rss();
  const samples = await repeated(work, repeats);
  const memory = Math.max(0, peakMemory() - before) / 1e6;
  return { atoms: size(structure), samples, memory };
}
