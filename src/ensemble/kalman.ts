/**
 * Extended Kalman filter with one update for each image, its energy and all its force components together:
 *   S = H P Hᵀ + R,  w -= P Hᵀ S⁻¹ r,  P -= P Hᵀ S⁻¹ H P.
 * Blank, Williams, J. Chemometrics 8, 391 (1994); Singraber et al., J. Chem. Theory Comput. 15, 3075 (2019).
 * With the residuals of `loss.ts` (tolerance and √(3N) divided out) R is the number of images: the noise tolerance² x 3N x images.
 * A step is one epoch, in the order of the set. P starts afresh with each training; before each later epoch P += Q, the noise of a process
 * in which weights still wander, or the filter would trust itself too early (200 epochs instead of 30 for an element new to the model).
 */
import { type DenseKernels, denseKernels } from "../engine/wasm/dense.ts";
import { machine } from "../engine/wasm/machine.ts";
import type { Problem, TrainingMethod, TrainingState } from "./method.ts";

interface State extends TrainingState {
  readonly memory: Memory;
}

/** Arrays that an epoch works in, n weights and at most m residuals an image. */
interface Memory {
  readonly kernels: DenseKernels;
  /** -P, [n][n]: what is learnt is then added. Carried along, so that only the newest state can be stepped. */
  readonly covariance: Float64Array;
  /** H, [m][n], and Hᵀ. */
  readonly rows: Float64Array;
  readonly columns: Float64Array;
  /** -H P, then L⁻¹ times that, [m][n]. */
  readonly spread: Float64Array;
  /** S, then its factor L, [m][m]. */
  readonly innovation: Float64Array;
}

/** Variance of a weight before training: the reach of random weights, and the strength of decay in one pass. */
const FIRST_VARIANCE = 1;
/** Q, likewise; 0.1 to 1 serve alike. */
const PROCESS_NOISE = 0.3;

/** Block-per-image Kalman filter. */
export const kalman: TrainingMethod<State> = {
  *init(p, model) {
    const memory = memoryFor(p);
    addDiagonal(memory.covariance, p.loss.size, PROCESS_NOISE - FIRST_VARIANCE);
    return { model, error: yield { model }, evaluations: 1, stalled: false, memory };
  },

  *step(p, { memory, ...state }) {
    const { images, size: n } = p.loss;
    const { kernels: k, covariance, rows, columns, spread, innovation } = memory;
    addDiagonal(covariance, n, -PROCESS_NOISE);
    const weights = state.model.weights.slice();
    const model = { ...state.model, weights };
    for (const [index, image] of images.entries()) {
      const m = 1 + image.forces.length;
      rows.fill(0, 0, m * n);
      p.loss.jacobian(model, index, rows);
      for (let r = 0; r < m; r++) for (let i = 0; i < n; i++) columns[i * m + r] = rows[r * n + i];
      k.multiplyRows(rows, m, n, covariance, n, spread);
      k.multiplyRows(spread, m, n, columns, m, innovation);
      for (let r = 0; r < m * m; r++) innovation[r] = -innovation[r];
      addDiagonal(innovation, m, images.length);
      if (!k.cholesky(innovation, m)) return { ...state, memory, evaluations: state.evaluations + 1, stalled: true };
      const whitened = p.loss.residuals(model, index);
      for (let r = 0; r < m; r++) {
        for (let j = 0; j < r; j++) whitened[r] -= innovation[r * m + j] * whitened[j];
        whitened[r] /= innovation[r * m + r];
      }
      k.solveLowerRows(innovation, m, spread, n);
      for (let r = 0; r < m; r++) for (let i = 0; i < n; i++) weights[i] += whitened[r] * spread[r * n + i];
      k.addGram(spread, m, n, n, covariance);
      k.mirror(covariance, n);
    }
    const error = yield { model };
    return { model, error, evaluations: state.evaluations + 1, stalled: !Number.isFinite(error.loss), memory };
  },
};

function memoryFor({ loss }: Problem): Memory {
  const n = loss.size;
  const m = 1 + Math.max(...loss.images.map((i) => i.forces.length));
  const on = loss.machine ?? machine();
  return {
    kernels: denseKernels(on, Math.max(n, m), m),
    covariance: on.floats(n * n),
    rows: on.floats((m + 1) * n),
    columns: on.floats(n * m),
    spread: on.floats((m + 1) * n),
    innovation: on.floats(m * m),
  };
}

function addDiagonal(a: Float64Array, n: number, value: number): void {
  for (let i = 0; i < n; i++) a[i * n + i] += value;
}
