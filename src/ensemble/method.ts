/** What the training methods have in common: a problem, a state that knows its errors, and an init / step pair. */
import type { LossFunction, SetError, Tolerance, TrainingImage } from "./loss.ts";
import type { Model } from "./model.ts";

/** Minimise loss(model) + decay |weights|² over a set. */
export interface Problem {
  readonly loss: LossFunction;
  readonly images: readonly TrainingImage[];
  readonly tolerance: Tolerance;
  /** Weight decay, in units of the loss. */
  readonly decay: number;
}

/** Where a training stands. */
export interface TrainingState {
  readonly model: Model;
  readonly error: SetError;
  /** Evaluations of the loss and its gradient so far (a Jacobian or an epoch over the set counts as one). */
  readonly evaluations: number;
  /** The method can do no more. */
  readonly stalled: boolean;
}

/** A training method. `step` returns a new state and leaves the old one as it was. */
export interface TrainingMethod<S extends TrainingState = TrainingState> {
  init(problem: Problem, model: Model): S;
  step(problem: Problem, state: S): S;
}

/** loss + decay |w|². */
export function objective(problem: Problem, loss: number, weights: Float64Array): number {
  let sum = 0;
  for (const w of weights) sum += w * w;
  return loss + problem.decay * sum;
}
