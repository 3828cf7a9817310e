/** The task of a training thread: models on one set. */
import { type Envelope, threadTask } from "../engine/threadTask.ts";
import type { TrainingImage } from "./loss.ts";
import type { Architecture, Model } from "./model.ts";
import { type CurveRow, type Training, type TrainingOptions, train, trainAll } from "./train.ts";

/** Arguments of `train` for each of the models, or of `trainAll` if they go in step. */
export interface TrainingTask {
  readonly architecture: Architecture;
  readonly models: readonly Model[];
  readonly inStep: boolean;
  readonly images: readonly TrainingImage[];
  readonly options: TrainingOptions;
}

/** A row of a curve and whose it is. */
export type MemberRow = readonly [member: number, row: CurveRow];

const work: (envelope: Envelope<TrainingTask>) => Training[] = threadTask<TrainingTask, Training[], MemberRow>((task, report) => {
  const { architecture, models, images, options } = task;
  if (task.inStep) return trainAll(architecture, models, images, options, (member, row) => report([member, row]));
  return models.map((model, member) => train(architecture, model, images, options, (row) => report([member, row])));
});
export default work;
