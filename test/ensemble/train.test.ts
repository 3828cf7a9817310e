import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lossFunction, type Tolerance, type TrainingImage } from "../../src/ensemble/loss.ts";
import type { Model } from "../../src/ensemble/model.ts";
import { type CurveRow, scale, type TrainingMethodName, train } from "../../src/ensemble/train.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { ARCHITECTURE, CLUSTER, CRYSTAL, image, images, untrained } from "./smallSet.ts";

const METHODS: TrainingMethodName[] = ["levenberg-marquardt", "kalman", "bfgs"];
/** Of what the untrained models are off by, 2 eV/atom and 2 eV/Å, a small part; wide enough to train in a second. */
const TOLERANCE: Tolerance = { energy: 0.005, force: 0.09 };

const copper = await images(CRYSTAL, 4);
const set = [...(await images(CLUSTER, 6)), ...copper];
const newcomer = await image(rattle(CLUSTER, { stdev: 0.11, seed: 50 }));
const start = untrained(set);

/** What an untrained copy of the loss says of a training's end. */
function isInside(model: Model, of: readonly TrainingImage[], tolerance: Tolerance): boolean {
  const { energyRmse, forceRmse } = lossFunction(ARCHITECTURE, of, tolerance).evaluate(model);
  return energyRmse <= tolerance.energy && forceRmse <= tolerance.force;
}

for (const method of METHODS) {
  describe(`training by ${method}`, () => {
    const reported: CurveRow[] = [];
    const cold = train(ARCHITECTURE, start, set, { method, tolerance: TOLERANCE, maxEvaluations: 600 }, (row) => reported.push(row));

    it("brings energies and forces inside the tolerance, and says what it took", () => {
      assert.ok(cold.converged);
      assert.ok(isInside(cold.model, set, TOLERANCE));
      assert.ok(!isInside(start, set, TOLERANCE));
      assert.deepEqual(Array.from(cold.curve), reported.flat());
      const [first, last] = [reported[0], reported[reported.length - 1]];
      assert.equal(first[0], 1);
      assert.equal(last[0], cold.evaluations);
      assert.deepEqual(last.slice(2), [cold.error.loss, cold.error.energyRmse, cold.error.forceRmse]);
      for (let k = 1; k < reported.length; k++) assert.ok(reported[k][0] > reported[k - 1][0] && reported[k][1] >= reported[k - 1][1]);
    });

    it("is the same to the bit when done again", () => {
      const again = train(ARCHITECTURE, start, set, { method, tolerance: TOLERANCE, maxEvaluations: 8 });
      const once = train(ARCHITECTURE, start, set, { method, tolerance: TOLERANCE, maxEvaluations: 8 });
      assert.deepEqual(again.model, once.model);
    });

    it("changes nothing where the errors are inside already", () => {
      const idle = train(ARCHITECTURE, cold.model, set, { method, tolerance: TOLERANCE, newest: -1, warm: true });
      assert.equal(idle.evaluations, 0);
      assert.equal(idle.model, cold.model);
      assert.ok(idle.converged);
    });

    it("costs less for one more image where it stands than from the start, and brings that image inside as well", () => {
      const more = [...set, newcomer];
      const newest = more.length - 1;
      assert.ok(!isInside(cold.model, [newcomer], TOLERANCE), "the newcomer must be news");
      const warm = train(ARCHITECTURE, cold.model, more, { method, tolerance: TOLERANCE, newest, warm: true, maxEvaluations: 600 });
      assert.ok(warm.converged);
      assert.ok(isInside(warm.model, more, TOLERANCE) && isInside(warm.model, [newcomer], TOLERANCE));
      const anew = train(ARCHITECTURE, start, more, { method, tolerance: TOLERANCE, newest, maxEvaluations: 600 });
      assert.ok(warm.evaluations < 0.8 * anew.evaluations, `${warm.evaluations} against ${anew.evaluations}`);
    });

    it("stops when told to, with the best that it has seen", () => {
      for (const maxEvaluations of [1, 2, 5]) {
        const seen: number[] = [];
        const end = train(ARCHITECTURE, start, set, { method, tolerance: { energy: 1e-7, force: 1e-6 }, maxEvaluations }, (row) =>
          seen.push(row[2]),
        );
        assert.ok(!end.converged);
        assert.ok(end.evaluations <= maxEvaluations);
        assert.equal(end.error.loss, Math.min(...seen));
        const options = { method, tolerance: { energy: 1e-7, force: 1e-6 } };
        const oracle = lossFunction(ARCHITECTURE, set, scale(options)).evaluate(end.model).loss;
        assert.ok(Math.abs(oracle - end.error.loss) < 1e-12 * oracle); // rounding of sums in another order
      }
    });

    it("is over when the forces that are not masked are inside, and the energies", () => {
      // Labels that no potential has, behind the mask.
      const spoilt = set.map((image) => {
        const masked = Uint32Array.of(0, 2);
        const forces = image.forces.slice();
        for (const i of masked) forces.fill(50, 3 * i, 3 * i + 3);
        return { ...image, forces, masked };
      });
      const { converged, model } = train(ARCHITECTURE, start, spoilt, { method, tolerance: TOLERANCE, maxEvaluations: 600 });
      assert.ok(converged && isInside(model, spoilt, TOLERANCE));
      const energies = set.map((image) => ({ ...image, masked: Uint32Array.from({ length: image.forces.length / 3 }, (_, i) => i) }));
      const blind = train(ARCHITECTURE, start, energies, { method, tolerance: TOLERANCE, maxEvaluations: 600 });
      assert.ok(blind.converged && isInside(blind.model, energies, TOLERANCE));
      assert.equal(blind.error.forceRmse, 0);
    });

    it("learns an element that it had no atoms of before", () => {
      const pure = train(ARCHITECTURE, untrained(copper), copper, { method, tolerance: TOLERANCE, maxEvaluations: 600 });
      assert.ok(pure.converged);
      const mixed = train(ARCHITECTURE, pure.model, set, { method, tolerance: TOLERANCE, maxEvaluations: 1500 });
      assert.ok(mixed.converged, `${mixed.error.energyRmse} eV/atom, ${mixed.error.forceRmse} eV/Å`);
    });
  });
}

describe("training", () => {
  const tolerance = { energy: 1e-3, force: 0.02 };
  const end = (decay: number, warm: boolean): Model =>
    train(ARCHITECTURE, start, set, { tolerance, decay, warm, maxEvaluations: 60, method: "levenberg-marquardt" }).model;
  const live = end(0, true).weights.map((w) => (w === 0 ? 0 : 1)); // not those of fingerprints that no image has
  const distance = (a: Float64Array, b: Float64Array): number => Math.hypot(...a.map((x, k) => live[k] * (x - b[k])));
  const zero = new Float64Array(start.weights.length);

  it("keeps weights smaller the stronger they decay", () => {
    // A decay as strong as the loss itself, some 1e4 to 1e5 at the start, against none.
    const [strong, weak, none] = [1e4, 10, 0].map((decay) => distance(end(decay, false).weights, zero));
    assert.ok(strong < 0.5 * weak && weak < none, `${strong}, ${weak}, ${none}`);
  });

  it("warm, is held where it stood rather than at zero", () => {
    const [held, free] = [distance(end(1e6, true).weights, start.weights), distance(end(0, true).weights, start.weights)];
    assert.ok(held < 0.1 * free, `${held} against ${free}`);
  });

  it("finds a way down with tolerances so tight that the first moves are far too long", () => {
    const tight = train(ARCHITECTURE, start, set, {
      tolerance: { energy: 1e-7, force: 2e-6 },
      maxEvaluations: 40,
      method: "levenberg-marquardt",
    });
    assert.ok(tight.error.forceRmse < 0.1, `${tight.error.forceRmse} eV/Å`);
  });

  it("leaves the offset of an element that is not there", () => {
    const pure = train(ARCHITECTURE, { ...untrained(copper), offsets: Float64Array.of(3, 0) }, copper, { tolerance: TOLERANCE });
    assert.ok(pure.converged);
    assert.equal(pure.model.offsets[0], 3);
  });
});
