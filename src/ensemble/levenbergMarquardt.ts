/**
 * Levenberg-Marquardt: solve (JᵀJ + (λ + decay) I) δ = -(Jᵀr + decay (w - anchor)), accept δ if the objective falls (λ falls with it), else raise λ
 * and solve again. Marquardt, J. Soc. Indust. Appl. Math. 11, 431 (1963). A step is one Jacobian and as many trials as it takes.
 */
import { addGram, cholesky, solveLower, solveUpper } from "../linalg/dense.ts";
import { objective, type Problem, type TrainingMethod, type TrainingState } from "./method.ts";

interface State extends TrainingState {
  readonly lambda: number;
}

const FIRST_LAMBDA = 1;
const [LOWER, RAISE] = [0.2, 4];
/** Of the largest diagonal entry of JᵀJ: with a λ beyond this times that, a move is too short to matter. */
const DOMINANT = 1e3;

/** Levenberg-Marquardt. */
export const levenbergMarquardt: TrainingMethod<State> = {
  init: (p, model) => ({
    model,
    error: p.loss.evaluate(model, p.images, p.tolerance),
    evaluations: 1,
    stalled: false,
    lambda: FIRST_LAMBDA,
  }),

  step(p, state) {
    const n = p.loss.size;
    const { gram, gradient } = normalEquations(p, state);
    const { weights } = state.model;
    const before = objective(p, state.error.loss, weights);
    let { lambda, evaluations } = state;
    const largest = weights.reduce((most, _, i) => Math.max(most, gram[i * n + i]), 0);
    for (; evaluations < p.maxEvaluations && lambda <= DOMINANT * largest; lambda *= RAISE) {
      const factor = gram.slice();
      for (let i = 0; i < n; i++) factor[i * n + i] += lambda + p.decay;
      if (!cholesky(factor, n)) continue;
      const move = gradient.map((g, i) => -(g + p.decay * (weights[i] - p.anchor[i])));
      solveLower(factor, n, move, 1);
      solveUpper(factor, n, move);
      const model = { ...state.model, weights: weights.map((w, i) => w + move[i]) };
      const error = p.loss.evaluate(model, p.images, p.tolerance);
      evaluations++;
      const after = objective(p, error.loss, model.weights);
      if (after < before) return { model, error, evaluations, stalled: before - after < 1e-9 * before, lambda: lambda * LOWER };
    }
    return { ...state, evaluations, lambda, stalled: true };
  },
};

/** JᵀJ (lower triangle) and Jᵀr over the set. */
function normalEquations(p: Problem, { model }: TrainingState): { gram: Float64Array; gradient: Float64Array } {
  const n = p.loss.size;
  const gram = new Float64Array(n * n);
  const gradient = new Float64Array(n);
  const most = 1 + 3 * Math.max(...p.images.map((i) => i.fingerprints.kinds.length));
  const rows = new Float64Array(most * n);
  const residuals = new Float64Array(most);
  for (const image of p.images) {
    const m = 1 + image.forces.length;
    rows.fill(0, 0, m * n);
    p.loss.jacobian(model, image, p.tolerance, residuals, rows);
    addGram(rows, m, n, gram, 1, p.loss.block);
    for (let r = 0; r < m; r++) for (let i = 0; i < n; i++) gradient[i] += residuals[r] * rows[r * n + i];
  }
  return { gram, gradient };
}
