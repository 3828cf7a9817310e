import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { describer } from "../../src/descriptors/symmetryFunctions.ts";
import { structure } from "../../src/structure/structure.ts";
import { CLUSTER, CRYSTAL, derivatives, SETTINGS } from "./surroundings.ts";

describe("fingerprints of an image", () => {
  for (const [name, s] of [
    ["cluster", CLUSTER],
    ["crystal smaller than the cutoff", CRYSTAL],
  ] as const) {
    it(`keep what describes each atom, images of one neighbour merged: ${name}`, () => {
      const f = fingerprints(s, SETTINGS);
      const { size: d, neighbours, describe: of } = describer(s, SETTINGS);
      assert.equal(f.size, d);
      const all = derivatives(f, SETTINGS);
      for (let i = 0; i < s.numbers.length; i++) {
        const { values, slopes } = of(i);
        assert.deepEqual(f.values.subarray(i * d, (i + 1) * d), values);
        assert.equal(SETTINGS.elements[f.kinds[i]], s.numbers[i]);
        const expected = new Float64Array(3 * d * s.numbers.length);
        for (let p = neighbours.start[i]; p < neighbours.start[i + 1]; p++) {
          const j = neighbours.index[p];
          for (let k = 0; k < 3 * d; k++) {
            const slope = slopes[3 * d * (p - neighbours.start[i]) + k];
            expected[3 * d * j + k] += slope;
            expected[3 * d * i + k] -= slope;
          }
        }
        // Images of one atom are summed in another order.
        all.subarray(i * expected.length, (i + 1) * expected.length).forEach((x, k) => {
          assert.ok(Math.abs(x - expected[k]) < 1e-12);
        });
      }
    });
  }

  it("name the atoms that move a centre once, by element and then by index, and never the centre", () => {
    const { kinds, start, atom } = fingerprints(CRYSTAL, SETTINGS);
    const elements = SETTINGS.elements.length;
    assert.equal(start.length, kinds.length * elements + 1);
    assert.equal(start[start.length - 1], atom.length);
    for (let run = 0; run + 1 < start.length; run++) {
      const entries = atom.subarray(start[run], start[run + 1]);
      assert.ok(entries.every((j, k) => kinds[j] === run % elements && (k === 0 || j > entries[k - 1])));
      assert.ok(!entries.includes(Math.floor(run / elements)));
    }
  });

  it("of an atom without neighbours are zero, and nothing moves it", () => {
    const { values, start, atom } = fingerprints(structure({ symbols: ["Cu"], positions: [1, 2, 3] }), SETTINGS);
    assert.ok(values.every((v) => v === 0));
    assert.deepEqual([[...start], [...atom]], [[0, 0, 0, 0], []]);
  });
});
