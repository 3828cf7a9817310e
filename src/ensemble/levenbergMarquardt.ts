/**
 * Levenberg-Marquardt with geodesic acceleration: solve (JᵀJ + μ) v = -g, μ = λ + decay, g = Jᵀr + decay (w - anchor), and correct v by how the
 * residuals bend along it,
 *   (JᵀJ + μ) a = -Jᵀ r_vv,   move = v + a/2,   r_vv = 2/h [ (r(w + h v) - r)/h - J v ];
 * accept the move if the objective falls (λ falls with it), else raise λ and solve again. A step is one J and as many trials as it takes.
 * Marquardt, J. Soc. Indust. Appl. Math. 11, 431 (1963); Transtrum, Sethna, arXiv:1201.5885. The correction saves up to half of the steps.
 * J counts as one evaluation and a trial as two, one of them for the correction: residuals there, Jᵀ here.
 */
import { dot } from "../linalg/dense.ts";
import { objective, type Problem, type TrainingMethod, type TrainingState } from "./method.ts";
import type { Model } from "./model.ts";
import { type NormalEquations, normalEquations } from "./normalEquations.ts";

interface State extends TrainingState {
  readonly lambda: number;
  /** Working memory, filled anew by each step. */
  readonly equations: NormalEquations;
}

/**
 * λ to begin with: this part of the objective, or the least where that is more. A warm training gets there from the least in two or three
 * steps, and smaller ones let the weights run; a cold one would raise it many times before its first move.
 */
const FIRST_LAMBDA = { part: 1e-3, least: 10 };
/** Lowering λ faster saves no step, and sends some ignorant models of study A far astray (2 of 20 by 0.2, none by 0.4). */
const [LOWER, RAISE] = [0.4, 4];
/** h: far enough for the bend to show above rounding, near enough for it to be one. */
const PROBE = 0.1;
/** Most of |a|/|v|: beyond, the expansion that a comes from no longer holds, and a is shortened. */
const MOST_BEND = 0.75;
/** A move shorter than this part of the weights is too short to matter. */
const SHORTEST = 1e-12;

/** Levenberg-Marquardt. */
export const levenbergMarquardt: TrainingMethod<State> = {
  *init(p, model) {
    const error = yield { model };
    const lambda = Math.max(FIRST_LAMBDA.least, FIRST_LAMBDA.part * objective(p, error.loss, model.weights));
    return { model, error, evaluations: 1, stalled: false, lambda, equations: normalEquations(p) };
  },

  *step(p, state) {
    const { equations } = state;
    const { weights } = state.model;
    const before = objective(p, state.error.loss, weights);
    const slope = equations.linearise(state.model);
    const gradient = slope.map((s, i) => s + p.decay * (weights[i] - p.anchor[i]));
    let { lambda, evaluations } = state;
    for (evaluations++; evaluations + 2 <= p.maxEvaluations && Number.isFinite(lambda); lambda *= RAISE) {
      const mu = lambda + p.decay;
      if (!equations.damp(mu)) continue;
      const velocity = equations.solve(gradient).map((x) => -x);
      if (norm(velocity) < SHORTEST * norm(weights)) break;
      const bend = equations.solve(bending(p, state.model, velocity, slope, gradient, mu));
      const shortened = Math.min(1, (MOST_BEND * norm(velocity)) / norm(bend)) / 2;
      const model = moved(state.model, velocity, (v, i) => v - shortened * bend[i]);
      const error = yield { model };
      evaluations += 2;
      const after = objective(p, error.loss, model.weights);
      if (after < before) return { model, error, evaluations, stalled: before - after < 1e-9 * before, lambda: lambda * LOWER, equations };
    }
    return { ...state, evaluations, lambda, stalled: true };
  },
};

/** Jᵀ r_vv, with JᵀJ v = -(g + μ v) by the equations that v solves. */
function bending(p: Problem, model: Model, velocity: Float64Array, slope: Float64Array, gradient: Float64Array, mu: number): Float64Array {
  const ahead = moved(model, velocity, (v) => PROBE * v);
  const pulled = new Float64Array(slope.length);
  for (const k of p.loss.images.keys()) p.loss.addPullback(model, k, p.loss.residuals(ahead, k), pulled);
  return pulled.map((x, i) => (2 / PROBE) * ((x - slope[i]) / PROBE + gradient[i] + mu * velocity[i]));
}

function moved(model: Model, velocity: Float64Array, change: (v: number, i: number) => number): Model {
  return { ...model, weights: model.weights.map((w, i) => w + change(velocity[i], i)) };
}

function norm(x: Float64Array): number {
  return Math.sqrt(dot(x, x, x.length));
}
