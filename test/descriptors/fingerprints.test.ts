import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { describer } from "../../src/descriptors/symmetryFunctions.ts";
import { structure } from "../../src/structure/structure.ts";
import { CLUSTER, CRYSTAL, SETTINGS } from "./surroundings.ts";

describe("fingerprints of an image", () => {
  for (const [name, s] of [
    ["cluster", CLUSTER],
    ["crystal smaller than the cutoff", CRYSTAL],
  ] as const) {
    it(`keep what describes each atom, images of one neighbour merged: ${name}`, () => {
      const f = fingerprints(s, SETTINGS);
      const { size: d, neighbours, describe: of } = describer(s, SETTINGS);
      assert.equal(f.size, d);
      for (let i = 0; i < s.numbers.length; i++) {
        const { values, slopes } = of(i);
        assert.deepEqual(f.values.subarray(i * d, (i + 1) * d), values);
        assert.equal(SETTINGS.elements[f.kinds[i]], s.numbers[i]);
        const expected = new Map<number, Float64Array>([[i, new Float64Array(3 * d)]]);
        for (let p = neighbours.start[i]; p < neighbours.start[i + 1]; p++) {
          const j = neighbours.index[p];
          if (!expected.has(j)) expected.set(j, new Float64Array(3 * d));
          for (let k = 0; k < 3 * d; k++) {
            const slope = slopes[3 * d * (p - neighbours.start[i]) + k];
            (expected.get(j) as Float64Array)[k] += slope;
            (expected.get(i) as Float64Array)[k] -= slope;
          }
        }
        assert.equal(f.atom[f.start[i]], i, "itself first");
        const entries = f.atom.subarray(f.start[i], f.start[i + 1]);
        assert.deepEqual([...entries].sort(), [...expected.keys()].sort());
        entries.forEach((atom, e) => {
          const from = 3 * d * (f.start[i] + e);
          const want = expected.get(atom) as Float64Array;
          // The own entry of a crystal's atom is summed in another order.
          want.forEach((x, k) => {
            assert.ok(Math.abs(f.slopes[from + k] - x) < 1e-12);
          });
        });
      }
    });
  }

  it("do not change when everything moves together: derivatives add up to zero", () => {
    const { size: d, start, slopes } = fingerprints(CRYSTAL, SETTINGS);
    for (let i = 0; i + 1 < start.length; i++) {
      for (let k = 0; k < 3 * d; k++) {
        let sum = 0;
        for (let e = start[i]; e < start[i + 1]; e++) sum += slopes[3 * d * e + k];
        assert.ok(Math.abs(sum) < 1e-12); // rounding of slopes near 1
      }
    }
  });

  it("of an atom without neighbours are zero, with itself as the only entry", () => {
    const { values, start, atom } = fingerprints(structure({ symbols: ["Cu"], positions: [1, 2, 3] }), SETTINGS);
    assert.ok(values.every((v) => v === 0));
    assert.deepEqual([[...start], [...atom]], [[0, 1], [0]]);
  });
});
