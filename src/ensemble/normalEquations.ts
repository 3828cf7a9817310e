/**
 * The damped normal equations of a set, (JᵀJ + μ) x = b, with J the residuals' derivatives by the weights, [m][n]. With fewer residuals than
 * weights the smaller J Jᵀ is factored instead, for the same x:
 *   x = (b - Jᵀ (J Jᵀ + μ)⁻¹ J b) / μ   (Woodbury).
 * Where JᵀJ is the smaller one, J is never held as a whole.
 */
import { type DenseKernels, denseKernels } from "../engine/wasm/dense.ts";
import { type Machine, machine } from "../engine/wasm/machine.ts";
import type { Problem } from "./method.ts";
import type { Model } from "./model.ts";

/** The equations at one model and one damping at a time; owns working memory. */
export interface NormalEquations {
  /** Takes J at a model; returns Jᵀr, r the residuals there, [n]. */
  linearise(model: Model): Float64Array;
  /** Factors with μ > 0; false if rounding leaves no positive definite matrix. */
  damp(mu: number): boolean;
  /** (JᵀJ + μ)⁻¹ b, [n]. */
  solve(b: Float64Array): Float64Array;
}

/** Rows of J that are added to JᵀJ at a time, if an image has not more. */
const BATCH = 128;

/** Working memory for the equations of a problem. */
export function normalEquations(p: Problem): NormalEquations {
  const n = p.loss.size;
  const sizes = p.loss.images.map((i) => 1 + i.forces.length);
  const m = sizes.reduce((sum, size) => sum + size, 0);
  const own = p.loss.machine ?? machine();
  return m < n ? byRows(own, p, sizes, m, n) : byWeights(own, p, sizes, n);
}

function byWeights(on: Machine, p: Problem, sizes: readonly number[], n: number): NormalEquations {
  const batch = Math.max(BATCH, ...sizes);
  const k = denseKernels(on, n, batch);
  const [gram, factor, rows, residuals, x] = [on.floats(n * n), on.floats(n * n), on.floats(batch * n), on.floats(batch), on.floats(n)];
  return {
    linearise(model) {
      for (const array of [gram, rows, x]) array.fill(0);
      let held = 0;
      const add = (): void => {
        k.addGram(rows, held, n, p.loss.block, gram);
        k.addTransposed(rows, held, n, residuals, x);
        rows.fill(0);
        held = 0;
      };
      sizes.forEach((size, i) => {
        if (held + size > batch) add();
        residuals.set(p.loss.residuals(model, i), held);
        p.loss.jacobian(model, i, rows.subarray(held * n));
        held += size;
      });
      add();
      return x.slice();
    },
    damp: (mu) => dampedFactor(k, gram, factor, n, mu),
    solve(b) {
      x.set(b);
      k.solve(factor, n, x);
      return x.slice();
    },
  };
}

function byRows(on: Machine, p: Problem, sizes: readonly number[], m: number, n: number): NormalEquations {
  const k = denseKernels(on, m, 1);
  const [gram, factor, rows, y, x] = [on.floats(m * m), on.floats(m * m), on.floats(m * n), on.floats(m), on.floats(n)];
  let damping = 1;
  return {
    linearise(model) {
      for (const array of [gram, rows, x]) array.fill(0);
      let at = 0;
      sizes.forEach((size, i) => {
        y.set(p.loss.residuals(model, i), at);
        p.loss.jacobian(model, i, rows.subarray(at * n));
        at += size;
      });
      k.addRowGram(rows, m, n, p.loss.block, gram);
      k.addTransposed(rows, m, n, y, x);
      return x.slice();
    },
    damp(mu) {
      damping = mu;
      return dampedFactor(k, gram, factor, m, mu);
    },
    solve(b) {
      x.set(b);
      k.multiply(rows, m, n, x, y);
      k.solve(factor, m, y);
      for (let i = 0; i < m; i++) y[i] = -y[i];
      k.addTransposed(rows, m, n, y, x);
      return x.map((value) => value / damping);
    },
  };
}

function dampedFactor(k: DenseKernels, gram: Float64Array, factor: Float64Array, n: number, mu: number): boolean {
  factor.set(gram);
  for (let i = 0; i < n; i++) factor[i * n + i] += mu;
  return k.cholesky(factor, n);
}
