import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LossFunction, lossFunction } from "../../src/ensemble/loss.ts";
import type { Problem } from "../../src/ensemble/method.ts";
import { normalEquations } from "../../src/ensemble/normalEquations.ts";
import { ARCHITECTURE, CLUSTER, CRYSTAL, images, untrained } from "./smallSet.ts";

const all = [...(await images(CLUSTER, 8)), ...(await images(CRYSTAL, 8))];
const model = untrained(all);
const loss = ofLast(all.length);
const b = Float64Array.from({ length: loss.size }, (_, i) => Math.sin(i + 1));

function ofLast(many: number): LossFunction {
  return lossFunction(ARCHITECTURE, all.slice(-many), { energy: 0.003, force: 0.07 });
}

function problem(many: number): Problem {
  return { loss: ofLast(many), decay: 0, maxEvaluations: 1, anchor: new Float64Array(loss.size) };
}

/** J of the whole set, row by row, and the residuals. */
function jacobian({ loss: of }: Problem): { rows: Float64Array[]; residuals: number[] } {
  const rows = of.images.flatMap((image, k) => {
    const j = new Float64Array((1 + image.forces.length) * loss.size);
    of.jacobian(model, k, j);
    return Array.from({ length: 1 + image.forces.length }, (_, r) => j.subarray(r * loss.size, (r + 1) * loss.size));
  });
  return { rows, residuals: of.images.flatMap((_, k) => Array.from(of.residuals(model, k))) };
}

/** Jᵀ y. */
function transposed(rows: readonly Float64Array[], y: readonly number[]): Float64Array {
  const sum = new Float64Array(loss.size);
  rows.forEach((row, r) => {
    for (let i = 0; i < sum.length; i++) sum[i] += y[r] * row[i];
  });
  return sum;
}

const size = (x: Float64Array): number => Math.hypot(...x);
const difference = (x: Float64Array, y: Float64Array): number => size(x.map((value, i) => value - y[i]));

describe("the normal equations", () => {
  const sizes = [3, all.length];

  it("are tested with fewer and with more residuals than weights", () => {
    const [few, many] = sizes.map((n) => jacobian(problem(n)).residuals.length);
    assert.ok(few < loss.size && many > loss.size, `${few}, ${many}, ${loss.size} weights`);
  });

  for (const many of sizes) {
    const p = problem(many);
    const { rows, residuals } = jacobian(p);
    const trace = rows.reduce((sum, row) => sum + size(row) ** 2, 0);

    it(`of ${many} images are solved by the x for which (JᵀJ + μ) x = b`, () => {
      const equations = normalEquations(p);
      equations.linearise(model);
      for (const mu of [1e-2, 10, 1e5]) {
        assert.ok(equations.damp(mu));
        const x = equations.solve(b);
        const back = transposed(
          rows,
          rows.map((row) => row.reduce((sum, value, i) => sum + value * x[i], 0)),
        ).map((value, i) => value + mu * x[i]);
        // Rounding times the trace of JᵀJ: x is of the order of b / μ. Elimination in plain TypeScript comes to 2e-14 of that for the three images.
        const bound = 1e-13 * (trace / mu) * size(b);
        assert.ok(difference(back, b) < bound, `${difference(back, b)} with ${mu}, ${bound}`);
      }
    });

    it(`of ${many} images know the slope, and do not remember where they stood before`, () => {
      const [equations, fresh] = [normalEquations(p), normalEquations(p)];
      equations.linearise({ ...model, weights: model.weights.map((w) => 2 * w) });
      const [slope, expected] = [equations.linearise(model), transposed(rows, residuals)];
      assert.ok(difference(slope, expected) < 1e-13 * size(expected)); // rounding
      fresh.linearise(model);
      assert.ok(equations.damp(1) && fresh.damp(1));
      assert.deepEqual(equations.solve(b), fresh.solve(b));
    });
  }
});
