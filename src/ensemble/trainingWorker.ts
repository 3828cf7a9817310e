/** The task of a training thread: one model on its images. */
import { type Envelope, threadTask } from "../engine/threadTask.ts";
import type { TrainingImage } from "./loss.ts";
import type { Architecture, Model } from "./model.ts";
import { type CurveRow, type Training, type TrainingOptions, train } from "./train.ts";

/** Arguments of `train`. */
export interface TrainingTask {
  readonly architecture: Architecture;
  readonly model: Model;
  readonly images: readonly TrainingImage[];
  readonly options: TrainingOptions;
}

const work: (envelope: Envelope<TrainingTask>) => Training = threadTask<TrainingTask, Training, CurveRow>(
  ({ architecture, model, images, options }, report) => train(architecture, model, images, options, report),
);
export default work;
