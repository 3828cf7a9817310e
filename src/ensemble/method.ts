/**
 * What the training methods have in common: a problem, a state that knows its errors, and an init / step pair. Both ask for the errors that they
 * need by yielding a question, so that whoever drives them can answer many models in one pass over the set.
 */
import type { LossFunction, SetError } from "./loss.ts";
import type { Model } from "./model.ts";

/** Minimise loss(model) + decay |weights - anchor|² over a set. */
export interface Problem {
  readonly loss: LossFunction;
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

/** The errors of a model on the set are wanted, and d(loss)/d(weights) is added to `gradient` where there is one. */
export interface Question {
  readonly model: Model;
  readonly gradient?: Float64Array;
}

/** Work that ends with an R and asks for errors on the way. */
export type Asking<R> = Generator<Question, R, SetError>;

/** A training method. `step` returns a new state and leaves the old one as it was. */
export interface TrainingMethod<S extends TrainingState = TrainingState> {
  init(problem: Problem, model: Model): Asking<S>;
  step(problem: Problem, state: S): Asking<S>;
}

/** loss + decay |w - anchor|². */
export function objective(problem: Problem, loss: number, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (weights[i] - problem.anchor[i]) ** 2;
  return loss + problem.decay * sum;
}
