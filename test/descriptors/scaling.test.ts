import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { extendedRange, novelty, rangeOf, scaleFactors } from "../../src/descriptors/scaling.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { type Structure, structure, subset } from "../../src/structure/structure.ts";
import { CLUSTER, CRYSTAL, moved, SETTINGS } from "./surroundings.ts";

const ELEMENTS = SETTINGS.elements.length;
const COPPER = 2; // of N, O, Cu
const of = (...structures: Structure[]) => structures.map((s) => fingerprints(s, SETTINGS));

describe("scaling", () => {
  it("brings the fingerprints of the set into [-1, 1], element by element", () => {
    const set = of(CRYSTAL, rattle(CRYSTAL, { stdev: 0.1, seed: 1 }), CLUSTER);
    const scaling = rangeOf(set, SETTINGS);
    const factors = scaleFactors(scaling);
    for (const { size: d, kinds, values } of set) {
      values.forEach((value, at) => {
        const k = kinds[Math.floor(at / d)] * d + (at % d);
        const scaled = factors[k] * (value - (scaling.low[k] + scaling.high[k]) / 2);
        assert.ok(Math.abs(scaled) <= 1 + 1e-12, `${scaled}`); // one rounding
      });
    }
    for (const f of set) assert.ok(novelty(f, scaling) <= 1e-12);
  });

  it("gives every range a floor: a small move cannot leave it far, however alike the set's images are", () => {
    const alone = of(CLUSTER);
    const scaling = rangeOf(alone, SETTINGS);
    for (let k = 0; k < 15; k++) {
      // The floor is what the steepest atom covers in 0.1 Å, to either side half; 0.05 Å therefore reach the end, plus curvature.
      assert.ok(novelty(of(moved(CLUSTER, k, 0.02))[0], scaling) < 0.6);
    }
    assert.ok(novelty(of(moved(CLUSTER, 3, 0.8))[0], scaling) > 1);
  });

  it("leaves alone what the set never saw change, until an image does", () => {
    const copper = subset(CLUSTER, [0, 2, 4]);
    const before = rangeOf(of(copper), SETTINGS);
    const factors = scaleFactors(before);
    const d = factors.length / ELEMENTS;
    // N and O were never at the centre; at copper only functions of Cu and of CuCu are alive.
    assert.ok(factors.subarray(0, COPPER * d).every((f) => f === 0));
    assert.equal(factors.subarray(COPPER * d).filter((f) => f !== 0).length, SETTINGS.g2.length + SETTINGS.g4.length + SETTINGS.g5.length);

    const [image] = of(CLUSTER);
    assert.ok(novelty(image, before) > 0);
    const after = extendedRange(before, [image], SETTINGS);
    factors.forEach((f, k) => {
      if (f === 0) return;
      assert.equal(after.low[k], before.low[k]);
      assert.equal(after.high[k], before.high[k]);
    });
    const seen = rangeOf([image], SETTINGS);
    scaleFactors(after).forEach((f, k) => {
      if (factors[k] === 0) assert.equal(f, scaleFactors(seen)[k]);
    });
    assert.deepEqual(extendedRange(after, of(copper), SETTINGS), after);
  });

  it("novelty counts half-ranges beyond the end of the range", () => {
    const pair = (r: number): Structure => structure({ symbols: ["Cu", "Cu"], positions: [0, 0, 0, r, 0, 0] });
    const scaling = rangeOf(of(pair(2.2), pair(2.6)), SETTINGS);
    const [inside, outside] = of(pair(2.4), pair(1.9));
    assert.equal(novelty(inside, scaling), 0);
    let expected = 0;
    for (let k = 0; k < outside.size; k++) {
      const at = COPPER * outside.size + k;
      const [low, high] = [scaling.low[at], scaling.high[at]];
      if (high > low)
        expected = Math.max(expected, (2 * (outside.values[k] - high)) / (high - low), (2 * (low - outside.values[k])) / (high - low));
    }
    assert.ok(expected > 0.5);
    assert.ok(Math.abs(novelty(outside, scaling) - expected) < 1e-12); // rounding
  });
});
