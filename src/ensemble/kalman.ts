/**
 * Extended Kalman filter with one update for each image, its energy and all its force components together:
 *   S = H P Hᵀ + R,  w -= P Hᵀ S⁻¹ r,  P -= P Hᵀ S⁻¹ H P.
 * Blank, Williams, J. Chemometrics 8, 391 (1994); Singraber et al., J. Chem. Theory Comput. 15, 3075 (2019).
 * With the residuals of `loss.ts` (tolerance and √(3N) divided out) R is the number of images: the noise tolerance² x 3N x images.
 * A step is one epoch, in the order of the set. P starts afresh with each training; before each later epoch P += Q, the noise of a process
 * in which weights still wander, or the filter would trust itself too early (200 epochs instead of 30 for an element new to the model).
 */
import { addGram, cholesky, lowerProductTransposed, mirror, product, solveLower } from "../linalg/dense.ts";
import type { TrainingMethod, TrainingState } from "./method.ts";

interface State extends TrainingState {
  /** [n][n]; empty before the first epoch. */
  readonly covariance: Float64Array;
}

/** Variance of a weight before training: the reach of random weights, and the strength of decay in one pass. */
const FIRST_VARIANCE = 1;
/** Q, likewise; 0.1 to 1 serve alike. */
const PROCESS_NOISE = 0.3;

/** Block-per-image Kalman filter. */
export const kalman: TrainingMethod<State> = {
  *init(_, model) {
    return { model, error: yield { model }, evaluations: 1, stalled: false, covariance: new Float64Array(0) };
  },

  *step(p, state) {
    const { images } = p.loss;
    const n = p.loss.size;
    const first = state.covariance.length === 0;
    const covariance = first ? new Float64Array(n * n) : state.covariance.slice();
    for (let i = 0; i < n; i++) covariance[i * n + i] += first ? FIRST_VARIANCE : PROCESS_NOISE;
    const weights = state.model.weights.slice();
    const model = { ...state.model, weights };
    const most = 1 + 3 * Math.max(...images.map((i) => i.fingerprints.kinds.length));
    const [rows, spread] = [new Float64Array(most * n), new Float64Array(most * n)];
    const innovation = new Float64Array(most * most);
    for (const [k, image] of images.entries()) {
      const m = 1 + image.forces.length;
      rows.fill(0, 0, m * n);
      p.loss.jacobian(model, k, rows);
      product(rows, m, covariance, n, n, spread); // H P, [m][n]
      lowerProductTransposed(spread, rows, m, n, innovation); // H P Hᵀ, [m][m]
      for (let r = 0; r < m; r++) innovation[r * m + r] += images.length;
      if (!cholesky(innovation, m)) return { ...state, evaluations: state.evaluations + 1, stalled: true };
      solveLower(innovation, m, spread, n); // L⁻¹ H P
      const whitened = p.loss.residuals(model, k);
      solveLower(innovation, m, whitened, 1);
      for (let r = 0; r < m; r++) for (let i = 0; i < n; i++) weights[i] -= whitened[r] * spread[r * n + i];
      addGram(spread, m, n, covariance, -1);
      mirror(covariance, n);
    }
    const error = yield { model };
    return { model, error, evaluations: state.evaluations + 1, stalled: !Number.isFinite(error.loss), covariance };
  },
};
