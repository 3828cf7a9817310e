/** The task of a predicting thread: a share of a structure's blocks. */
import { type Envelope, threadTask } from "../engine/threadTask.ts";
import { sharedTurns, stopTurns } from "../engine/turns.ts";
import type { Structure } from "../structure/structure.ts";
import { addBlocks, type Sums } from "./enginePredict.ts";
import type { Architecture, Model } from "./model.ts";

/** Arguments of `addBlocks`; sums in shared memory, and what `turnsControl` made. */
export interface PredictionTask {
  readonly architecture: Architecture;
  readonly models: readonly Model[];
  readonly structure: Structure;
  readonly sums: readonly Sums[];
  readonly control: Int32Array;
}

const work: (envelope: Envelope<PredictionTask>) => void = threadTask<PredictionTask, void>(
  ({ architecture, models, structure, sums, control }) => {
    const turns = sharedTurns(control);
    if (turns.stopped()) return;
    try {
      for (const _ of addBlocks(architecture, models, structure, sums, turns)) if (turns.stopped()) return;
    } catch (error) {
      stopTurns(control);
      throw error;
    }
  },
);
export default work;
