/**
 * Levenberg-Marquardt: solve (JᵀJ + (λ + decay) I) δ = -(Jᵀr + decay (w - anchor)), accept δ if the objective falls (λ falls with it), else raise λ
 * and solve again. Marquardt, J. Soc. Indust. Appl. Math. 11, 431 (1963). A step is one Jacobian and as many trials as it takes.
 */
import { objective, type TrainingMethod, type TrainingState } from "./method.ts";
import { type NormalEquations, normalEquations } from "./normalEquations.ts";

interface State extends TrainingState {
  readonly lambda: number;
  /** Working memory, filled anew by each step. */
  readonly equations: NormalEquations;
}

const FIRST_LAMBDA = 1;
const [LOWER, RAISE] = [0.2, 4];
/** A λ, in units of the loss, with which any move is too short to matter. */
const DOMINANT = 1e15;

/** Levenberg-Marquardt. */
export const levenbergMarquardt: TrainingMethod<State> = {
  init: (p, model) => ({
    model,
    error: p.loss.evaluate(model, p.images, p.tolerance),
    evaluations: 1,
    stalled: false,
    lambda: FIRST_LAMBDA,
    equations: normalEquations(p),
  }),

  step(p, state) {
    const { equations } = state;
    const { weights } = state.model;
    const gradient = equations.linearise(state.model).map((g, i) => g + p.decay * (weights[i] - p.anchor[i]));
    const before = objective(p, state.error.loss, weights);
    let { lambda, evaluations } = state;
    for (evaluations++; evaluations < p.maxEvaluations && lambda <= DOMINANT; lambda *= RAISE) {
      if (!equations.damp(lambda + p.decay)) continue;
      const move = equations.solve(gradient);
      const model = { ...state.model, weights: weights.map((w, i) => w - move[i]) };
      const error = p.loss.evaluate(model, p.images, p.tolerance);
      evaluations++;
      const after = objective(p, error.loss, model.weights);
      if (after < before) return { model, error, evaluations, stalled: before - after < 1e-9 * before, lambda: lambda * LOWER, equations };
    }
    return { ...state, evaluations, lambda, stalled: true };
  },
};
