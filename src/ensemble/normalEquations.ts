/**
 * The damped normal equations of a set, (JᵀJ + μ) x = b, with J the residuals' derivatives by the weights, [m][n]. With fewer residuals than
 * weights the smaller J Jᵀ is factored instead, for the same x:
 *   x = (b - Jᵀ (J Jᵀ + μ)⁻¹ J b) / μ   (Woodbury).
 * Where JᵀJ is the smaller one, J is never held as a whole.
 */
import { type Kernels, kernels } from "../engine/wasm/kernels.ts";
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
  const sizes = p.images.map((i) => 1 + i.forces.length);
  const m = sizes.reduce((sum, size) => sum + size, 0);
  return m < n ? byRows(p, sizes, m, n) : byWeights(p, sizes, n);
}

function byWeights(p: Problem, sizes: readonly number[], n: number): NormalEquations {
  const batch = Math.max(BATCH, ...sizes);
  const k = kernels(2 * n * n + batch * (n + 1) + n, n, batch);
  const [gram, factor, rows, residuals, x] = [k.array(n * n), k.array(n * n), k.array(batch * n), k.array(batch), k.array(n)];
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
      p.images.forEach((image, i) => {
        if (held + sizes[i] > batch) add();
        residuals.set(p.loss.residuals(model, image, p.tolerance), held);
        p.loss.jacobian(model, image, p.tolerance, rows.subarray(held * n));
        held += sizes[i];
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

function byRows(p: Problem, sizes: readonly number[], m: number, n: number): NormalEquations {
  const k = kernels(2 * m * m + m * n + m + n, m, 1);
  const [gram, factor, rows, y, x] = [k.array(m * m), k.array(m * m), k.array(m * n), k.array(m), k.array(n)];
  let damping = 1;
  return {
    linearise(model) {
      for (const array of [gram, rows, x]) array.fill(0);
      let at = 0;
      p.images.forEach((image, i) => {
        y.set(p.loss.residuals(model, image, p.tolerance), at);
        p.loss.jacobian(model, image, p.tolerance, rows.subarray(at * n));
        at += sizes[i];
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

function dampedFactor(k: Kernels, gram: Float64Array, factor: Float64Array, n: number, mu: number): boolean {
  factor.set(gram);
  for (let i = 0; i < n; i++) factor[i * n + i] += mu;
  return k.cholesky(factor, n);
}
