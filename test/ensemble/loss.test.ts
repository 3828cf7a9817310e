import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lossFunction } from "../../src/ensemble/loss.ts";
import type { Model } from "../../src/ensemble/model.ts";
import { predict } from "../../src/ensemble/predict.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { derivative } from "../descriptors/surroundings.ts";
import { ARCHITECTURE, CLUSTER, CRYSTAL, images, untrained } from "./smallSet.ts";

const TOLERANCE = { energy: 0.003, force: 0.07 };
const set = [...(await images(CLUSTER, 1)), ...(await images(CRYSTAL, 1))];
const model = untrained(set);
const loss = lossFunction(ARCHITECTURE, set, TOLERANCE);

function jacobian(m: Model, k: number): { residuals: Float64Array; rows: Float64Array } {
  const rows = new Float64Array((1 + set[k].forces.length) * loss.size);
  loss.jacobian(m, k, rows);
  return { residuals: loss.residuals(m, k), rows };
}

function changed(w: number, by: number): Model {
  return { ...model, weights: model.weights.with(w, model.weights[w] + by) };
}

/** Every seventh weight: all layers of both elements have some. */
const chosen = Array.from({ length: Math.ceil(loss.size / 7) }, (_, k) => 7 * k);

describe("the loss", () => {
  it("is METHOD's: squared errors of energies per atom and mean squared errors of forces, in tolerances", () => {
    const { loss: value, energyRmse, forceRmse, images: each } = loss.evaluate(model);
    const errors = set.map((im, k) => {
      const s = rattle([CLUSTER, CRYSTAL][k], { stdev: 0.08, seed: 0 });
      const [p] = predict(ARCHITECTURE, [model], s);
      const squares = p.forces.reduce((sum, f, c) => sum + (f - im.forces[c]) ** 2, 0) / im.forces.length;
      return { energy: Math.abs(p.energy - im.energy) / s.numbers.length, force: Math.sqrt(squares) };
    });
    // Rounding of sums in another order.
    const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b)), `${a} against ${b}`);
    errors.forEach((e, k) => {
      near(each[k].energy, e.energy);
      near(each[k].force, e.force);
    });
    near(energyRmse, Math.hypot(...errors.map((e) => e.energy)) / Math.SQRT2);
    near(forceRmse, Math.hypot(...errors.map((e) => e.force)) / Math.SQRT2);
    near(value, (2 * energyRmse ** 2) / TOLERANCE.energy ** 2 + (2 * forceRmse ** 2) / TOLERANCE.force ** 2);
  });

  it("is the square of the residuals, whose forces are those that a prediction gives", () => {
    let sum = 0;
    for (const [k, im] of set.entries()) {
      const { residuals } = jacobian(model, k);
      for (const r of residuals) sum += r * r;
      const [p] = predict(ARCHITECTURE, [model], rattle([CLUSTER, CRYSTAL][k], { stdev: 0.08, seed: 0 }));
      const scale = TOLERANCE.force * Math.sqrt(im.forces.length);
      // The same numbers summed in another order; forces are near 1 eV/Å.
      p.forces.forEach((f, c) => {
        assert.ok(Math.abs(residuals[1 + c] * scale + im.forces[c] - f) < 1e-12);
      });
    }
    const { loss: value } = loss.evaluate(model);
    assert.ok(Math.abs(sum - value) < 1e-12 * value);
  });

  it("has the gradient that finite differences give", () => {
    const gradient = new Float64Array(loss.size);
    loss.evaluate(model, gradient);
    const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    for (const w of chosen) {
      const expected = derivative((h) => loss.evaluate(changed(w, h)).loss);
      // h⁴ times a fifth derivative of the order of the gradient itself.
      assert.ok(Math.abs(gradient[w] - expected) < 1e-9 * size, `weight ${w}: ${gradient[w]} against ${expected}`);
    }
  });

  it("has the Jacobian that finite differences give, energies and forces", () => {
    for (const [k, im] of set.entries()) {
      const { rows } = jacobian(model, k);
      const largest = rows.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      for (const w of chosen) {
        const at = new Map([-2e-3, -1e-3, 1e-3, 2e-3].map((h) => [h, jacobian(changed(w, h), k).residuals]));
        for (let r = 0; r <= im.forces.length; r++) {
          const expected = derivative((h) => (at.get(h) as Float64Array)[r]);
          assert.ok(Math.abs(rows[r * loss.size + w] - expected) < 1e-9 * largest, `row ${r}, weight ${w}`); // h⁴ as above
        }
      }
    }
  });

  it("has a gradient that is twice the Jacobian times the residuals, and adds it to what is there", () => {
    const gradient = new Float64Array(loss.size).fill(2);
    loss.evaluate(model, gradient);
    const expected = new Float64Array(loss.size).fill(2);
    for (const k of set.keys()) {
      const { residuals, rows } = jacobian(model, k);
      residuals.forEach((x, r) => {
        for (let w = 0; w < loss.size; w++) expected[w] += 2 * x * rows[r * loss.size + w];
      });
    }
    const size = Math.sqrt(expected.reduce((sum, g) => sum + g * g, 0));
    gradient.forEach((g, w) => {
      assert.ok(Math.abs(g - expected[w]) < 1e-13 * size); // rounding
    });
  });

  it("pulls any vector back through the Jacobian", () => {
    for (const k of set.keys()) {
      const { residuals, rows } = jacobian(changed(0, 0.1), k);
      const y = residuals.map((_, r) => Math.sin(r + 1));
      const pulled = new Float64Array(loss.size).fill(3);
      loss.addPullback(changed(0, 0.1), k, y, pulled);
      const expected = pulled.map((_, w) => y.reduce((sum, value, r) => sum + value * rows[r * loss.size + w], 3));
      const size = Math.sqrt(expected.reduce((sum, g) => sum + g * g, 0));
      pulled.forEach((g, w) => {
        assert.ok(Math.abs(g - expected[w]) < 1e-13 * size); // rounding
      });
    }
  });

  it("does not look at elements that are not there", () => {
    const { rows } = jacobian(model, 1);
    const nitrogen = rows.filter((_, k) => k % loss.size < loss.block);
    assert.equal(loss.size, 2 * loss.block);
    assert.ok(nitrogen.every((x) => x === 0));
    assert.ok(rows.some((x) => x !== 0));
  });

  it("answers with the same bits after other models, one by one or together", () => {
    const before = loss.evaluate(model);
    const [other, again] = loss.evaluateAll([changed(loss.size - 1, 0.1), model]);
    assert.notDeepEqual(other, before);
    assert.deepEqual(again, before);
    assert.deepEqual(loss.evaluate(model), before);
  });

  it("of no images is zero", () => {
    assert.deepEqual(lossFunction(ARCHITECTURE, [], TOLERANCE).evaluate(model), { loss: 0, energyRmse: 0, forceRmse: 0, images: [] });
  });
});
