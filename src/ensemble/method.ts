/** What the training methods have in common: a problem, a state that knows its errors, and an init / step pair. */
import type { LossFunction, SetError, Tolerance, TrainingImage } from "./loss.ts";
import type { Model } from "./model.ts";

/** Minimise loss(model) + decay |weights - anchor|² over a set. */
export interface Problem {
  readonly loss: LossFunction;
  readonly images: readonly TrainingImage[];
  readonly tolerance: Tolerance;
  /** Weight decay, in units of the loss. */
  readonly decay: number;
  /** A step tries no further once it has used so many evaluations. */
  readonly maxEvaluations: number;
  /** Weights that decay pulls towards, [W]. */
  readonly anchor: Float64Array;
}

/** Where a training stands. */
export interface TrainingState {
  readonly model: Model;
  readonly error: SetError;
  /** Evaluations of the loss and its gradient so far (a Jacobian or an epoch over the set counts as one; factoring and solving count as none). */
  readonly evaluations: number;
  /** The method can do no more. */
  readonly stalled: boolean;
}

/** A training method. `step` returns a new state and leaves the old one as it was. */
export interface TrainingMethod<S extends TrainingState = TrainingState> {
  init(problem: Problem, model: Model): S;
  step(problem: Problem, state: S): S;
}

/** loss + decay |w - anchor|². */
export function objective(problem: Problem, loss: number, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (weights[i] - problem.anchor[i]) ** 2;
  return loss + problem.decay * sum;
}
