import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LossFunction, lossFunction, type TrainingImage } from "../../src/ensemble/loss.ts";
import { refitOffsets } from "../../src/ensemble/offsets.ts";
import { subset } from "../../src/structure/structure.ts";
import { ARCHITECTURE, CLUSTER, CRYSTAL, image, images, untrained } from "./smallSet.ts";

const TOLERANCE = { energy: 1, force: 1 };
const [nitride, copper, other] = [...(await images(CLUSTER, 1)), ...(await images(CRYSTAL, 1)), await image(subset(CLUSTER, [0, 1, 4, 8]))];
const model = untrained([nitride, copper, other]);
const on = (...set: TrainingImage[]): LossFunction => lossFunction(ARCHITECTURE, set, TOLERANCE);

describe("refitted offsets", () => {
  it("meet the energies exactly where there are as many compositions as elements", () => {
    const refitted = refitOffsets(on(nitride, copper), { ...model, offsets: Float64Array.of(500, -20) });
    const { images: errors } = on(nitride, copper).evaluate(refitted);
    // 500 eV off, pulled there with a weight of 1e-8 against fractions of which the smallest squared is 1/81.
    for (const e of errors) assert.ok(e.energy < 500 * 1e-8 * 100, `${e.energy}`);
    assert.deepEqual(refitted.weights, model.weights);
  });

  it("are the least squares per atom where there are more", () => {
    const set = [nitride, copper, other];
    const best = refitOffsets(on(...set), model);
    const at = (nitrogen: number, cu: number): number => {
      const offsets = Float64Array.of(best.offsets[0] + nitrogen, best.offsets[1] + cu);
      return on(...set).evaluate({ ...model, offsets }).energyRmse;
    };
    for (const [a, b] of [
      [1e-3, 0],
      [-1e-3, 0],
      [0, 1e-3],
      [0, -1e-3],
    ])
      assert.ok(at(a, b) > at(0, 0));
  });

  it("leave alone what the set does not decide", () => {
    const before = { ...model, offsets: Float64Array.of(7, 1) };
    const pure = refitOffsets(on(copper), before);
    assert.equal(pure.offsets[0], 7);
    assert.ok(on(copper).evaluate(pure).energyRmse < 1e-6); // the pull of 1e-8 on some eV
    // One composition, Cu8N: the change is along the composition and no more.
    const one = refitOffsets(on(nitride), before);
    const change = one.offsets.map((o, e) => o - before.offsets[e]);
    assert.ok(Math.abs(change[1] - 8 * change[0]) < 1e-6 * Math.abs(change[1])); // 1e-8 against 1/81
    assert.ok(on(nitride).evaluate(one).energyRmse < 1e-5);
  });

  it("without images, or of no need, stay", () => {
    assert.deepEqual(refitOffsets(on(), model).offsets, model.offsets);
    const once = refitOffsets(on(nitride, copper), model);
    const twice = refitOffsets(on(nitride, copper), once);
    once.offsets.forEach((o, e) => {
      assert.ok(Math.abs(o - twice.offsets[e]) < 1e-5 * Math.max(1, Math.abs(o))); // the pull of 1e-8 over the least eigenvalue, 0.006
    });
  });
});
