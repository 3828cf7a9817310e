import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { extendedRange } from "../../src/descriptors/scaling.ts";
import { drawModel, packModel, rescaled, unpackModel } from "../../src/ensemble/model.ts";
import { predict } from "../../src/ensemble/predict.ts";
import { subset } from "../../src/structure/structure.ts";
import { ARCHITECTURE, CLUSTER, CRYSTAL, images, untrained } from "./smallSet.ts";

const copper = await images(CRYSTAL, 2);
const nitride = await images(CLUSTER, 2);

describe("a model", () => {
  it("is drawn from its seed and stream alone", () => {
    const { low, high } = untrained(nitride);
    const draw = (seed: number, stream: number) => drawModel(ARCHITECTURE, { low, high }, seed, stream);
    assert.deepEqual(draw(4, 2), draw(4, 2));
    for (const other of [draw(4, 3), draw(5, 2)]) assert.ok(other.weights.every((w, k) => w !== draw(4, 2).weights[k]));
  });

  it("survives packing, to the bit", () => {
    const model = { ...untrained(nitride), offsets: Float64Array.of(0.1, -1 / 3) };
    assert.deepEqual(unpackModel(ARCHITECTURE, packModel(model)), model);
  });

  it("remains the same function where it was one, when fingerprints that it never saw are scaled", () => {
    const old = untrained(copper);
    const scaling = extendedRange(
      old,
      nitride.map((i) => i.fingerprints),
      ARCHITECTURE.descriptors,
    );
    const wider = rescaled(ARCHITECTURE, old, scaling);
    assert.deepEqual([wider.low, wider.high], [scaling.low, scaling.high]);
    assert.notDeepEqual(wider.high, old.high);
    for (const s of [CRYSTAL, subset(CLUSTER, [0, 1, 2, 3, 4, 5])]) {
      const [before, after] = predict(ARCHITECTURE, [old, wider], s);
      assert.equal(after.energy, before.energy);
      assert.deepEqual(after.forces, before.forces);
    }
    // Copper beside nitrogen too, until training says otherwise.
    const [before, after] = predict(ARCHITECTURE, [old, wider], CLUSTER);
    assert.ok(Math.abs(before.energies[0] - after.energies[0]) < 1e-14); // products with zero in between
    assert.deepEqual(rescaled(ARCHITECTURE, wider, scaling), { ...wider, weights: rescaled(ARCHITECTURE, wider, scaling).weights });
  });
});
