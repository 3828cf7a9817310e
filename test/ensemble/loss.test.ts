import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { lossFunction, type SetError, type TrainingImage } from "../../src/ensemble/loss.ts";
import type { Model } from "../../src/ensemble/model.ts";
import { predict } from "../../src/ensemble/predict.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { subset } from "../../src/structure/structure.ts";
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

/** Rounding of sums in another order. */
function near(a: number, b: number): void {
  assert.ok(Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b)), `${a} against ${b}`);
}

/** The same set without some forces: of the cluster's first, fourth and last atom, and of the crystal's third. */
const hidden = [
  { ...set[0], masked: Uint32Array.of(0, 3, 8) },
  { ...set[1], masked: Uint32Array.of(2) },
];
const masked = lossFunction(ARCHITECTURE, hidden, TOLERANCE);

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

  it("without forces of masked atoms is of the others', means over these", () => {
    const { images: each, energyRmse, forceRmse, loss: value } = masked.evaluate(model);
    each.forEach(({ energy, force }, k) => {
      assert.equal(energy, loss.evaluate(model).images[k].energy);
      const [own, all] = [masked, loss].map((l) => l.residuals(model, k));
      const part = hidden[k].masked.length / (set[k].forces.length / 3);
      let squares = 0;
      all.forEach((r, c) => {
        const isMasked = c > 0 && hidden[k].masked.includes(Math.floor((c - 1) / 3));
        const expected = isMasked ? 0 : c === 0 ? r : r / Math.sqrt(1 - part);
        assert.ok(Math.abs(own[c] - expected) <= 1e-14 * Math.abs(r)); // a root and a division
        if (c > 0) squares += own[c] ** 2;
      });
      assert.ok(Math.abs(force / TOLERANCE.force - Math.sqrt(squares)) < 1e-13 * (force / TOLERANCE.force)); // rounding
    });
    near(forceRmse, Math.hypot(...each.map((e) => e.force)) / Math.SQRT2);
    near(value, (2 * energyRmse ** 2) / TOLERANCE.energy ** 2 + (2 * forceRmse ** 2) / TOLERANCE.force ** 2);
  });

  it("without forces of masked atoms has the gradient and the Jacobian that finite differences give", () => {
    const gradient = new Float64Array(loss.size);
    masked.evaluate(model, gradient);
    const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    const rows = set.map(({ forces }, k) => {
      const j = new Float64Array((1 + forces.length) * loss.size);
      masked.jacobian(model, k, j);
      return j;
    });
    const pulled = new Float64Array(loss.size);
    for (const k of set.keys()) masked.addPullback(model, k, masked.residuals(model, k), pulled);
    for (const w of chosen) {
      const expected = derivative((h) => masked.evaluate(changed(w, h)).loss);
      assert.ok(Math.abs(gradient[w] - expected) < 1e-9 * size, `weight ${w}: ${gradient[w]} against ${expected}`); // h⁴ as above
      assert.ok(Math.abs(2 * pulled[w] - gradient[w]) < 1e-13 * size); // rounding
      rows.forEach((j, k) => {
        const at = new Map([-2e-3, -1e-3, 1e-3, 2e-3].map((h) => [h, masked.residuals(changed(w, h), k)]));
        const largest = j.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        for (let r = 0; r <= set[k].forces.length; r++) {
          const slope = derivative((h) => (at.get(h) as Float64Array)[r]);
          assert.ok(Math.abs(j[r * loss.size + w] - slope) < 1e-9 * largest, `row ${r}, weight ${w}`); // h⁴ as above
        }
      });
    }
  });

  it("with a mask of nothing is to the bit the loss without one, and with one of all it is the energies'", () => {
    const of = (atoms: (n: number) => Uint32Array): { error: SetError; gradient: Float64Array } => {
      const gradient = new Float64Array(loss.size);
      const own = lossFunction(ARCHITECTURE, [{ ...set[0], masked: atoms(set[0].forces.length / 3) }, set[1]], TOLERANCE);
      return { error: own.evaluate(model, gradient), gradient };
    };
    const gradient = new Float64Array(loss.size);
    assert.deepEqual(
      of(() => new Uint32Array(0)),
      { error: loss.evaluate(model, gradient), gradient },
    );
    const none = of((n) => Uint32Array.from({ length: n }, (_, i) => i)).error;
    const { images: each } = loss.evaluate(model);
    assert.deepEqual(none.images, [{ ...each[0], force: 0 }, each[1]]);
    // The only image of which forces are learnt.
    near(none.forceRmse, each[1].force);
  });

  it("is the same, and so is its gradient, with the atoms in another order", () => {
    const n = CLUSTER.numbers.length;
    const order = Uint32Array.from({ length: n }, (_, i) => (4 * i + 2) % n);
    const moved = rattle(CLUSTER, { stdev: 0.08, seed: 0 });
    const shuffled: TrainingImage = {
      fingerprints: fingerprints(subset(moved, order), ARCHITECTURE.descriptors),
      energy: set[0].energy,
      forces: Float64Array.from([...order].flatMap((i) => [...set[0].forces.subarray(3 * i, 3 * i + 3)])),
      masked: Uint32Array.from(order.keys()).filter((k) => hidden[0].masked.includes(order[k])),
    };
    const [one, other] = [hidden[0], shuffled].map((im) => {
      const gradient = new Float64Array(loss.size);
      return { loss: lossFunction(ARCHITECTURE, [im], TOLERANCE).evaluate(model, gradient).loss, gradient };
    });
    near(one.loss, other.loss);
    const size = Math.hypot(...one.gradient);
    one.gradient.forEach((g, w) => {
      assert.ok(Math.abs(g - other.gradient[w]) < 1e-12 * size); // sums in another order
    });
  });

  it("of no images is zero", () => {
    assert.deepEqual(lossFunction(ARCHITECTURE, [], TOLERANCE).evaluate(model), { loss: 0, energyRmse: 0, forceRmse: 0, images: [] });
  });
});
