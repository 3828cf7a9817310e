import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { fingerprintValues } from "../../src/engine/wasm/fingerprints.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { type Structure, size, subset, withPositions } from "../../src/structure/structure.ts";
import { type Candidate, farthestPoints } from "../../src/study/pretrainingSelection.ts";
import { moved } from "../descriptors/surroundings.ts";
import { fc } from "../properties.ts";
import { tinySlab } from "./tinyStudy.ts";

const slab = tinySlab();
const settings = defaultDescriptors(slab.numbers, 3.4);
const candidate = (s: Structure, kind = "one"): Candidate => ({ kind, prints: fingerprintValues(s, settings) });
const rattled = (many: number, stdev = 0.1): Structure[] => Array.from({ length: many }, (_, seed) => rattle(slab, { stdev, seed }));

/** All candidates in order, and how far the furthest atom of those left was before each choice but the first, Å. */
function chosenAll(candidates: readonly Candidate[]): { order: number[]; distances: number[] } {
  const distances: number[] = [];
  const order = farthestPoints(candidates, (_, distance) => {
    distances.push(distance);
    return false;
  });
  return { order, distances };
}

describe("farthestPoints", () => {
  it("takes each candidate once, the first first, each nearer than the one before", () => {
    const { order, distances } = chosenAll(rattled(12).map((s) => candidate(s)));
    assert.equal(order[0], 0);
    assert.deepEqual(
      order.toSorted((a, b) => a - b),
      Array.from({ length: 12 }, (_, k) => k),
    );
    assert.equal(distances.length, 11);
    for (const [k, d] of distances.entries()) assert.ok(d > 0 && d <= (distances[k - 1] ?? Number.POSITIVE_INFINITY), `${distances}`);
  });

  it("stops when it is told to, having asked before each choice", () => {
    const candidates = rattled(8).map((s) => candidate(s));
    const all = chosenAll(candidates).order;
    const asked: number[] = [];
    const five = farthestPoints(candidates, (chosen) => {
      asked.push(chosen);
      return chosen === 5;
    });
    assert.deepEqual([five, asked], [all.slice(0, 5), [1, 2, 3, 4, 5]]);
    assert.deepEqual(
      farthestPoints(candidates.slice(0, 1), () => false),
      [0],
    );
  });

  it("prefers what is unlike the chosen, and finds nothing new in a mirror or in another order of atoms", () => {
    const [one, other] = rattled(2);
    // The cell is a box along the axes, so that its mirror image is itself.
    const mirrored = withPositions(
      one,
      one.positions.map((x, k) => (k % 3 === 0 ? -x : x)),
    );
    const reversed = subset(
      one,
      Array.from({ length: size(one) }, (_, i) => size(one) - 1 - i),
    );
    const copies = [one, mirrored, reversed, other].map((s) => candidate(s));
    const { order, distances } = chosenAll(copies);
    assert.deepEqual(order.slice(0, 2), [0, 3]);
    assert.ok(distances[0] > 0.01);
    // Sums in another order agree to rounding.
    assert.ok(distances[1] < 1e-9 && distances[2] < 1e-9, `${distances}`);
  });

  it("gives each kind its share, whatever is furthest, with the furthest of its kind", () => {
    const far = rattled(6, 0.2).map((s) => candidate(s, "far"));
    const near = rattled(3, 0.02).map((s) => candidate(s, "near"));
    const { order } = chosenAll([...far, ...near]);
    assert.deepEqual(
      order.map((c) => (c < 6 ? "far" : "near")),
      ["far", "near", "far", "far", "near", "far", "far", "near", "far"],
    );
  });

  it("measures in Å: where one atom moves, no surroundings become further apart than it moved", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 27 }),
        fc.integer({ min: 0, max: 2 }),
        fc.double({ min: 0.005, max: 0.02, noNaN: true }),
        (atom, axis, by) => {
          const { distances } = chosenAll([slab, moved(slab, 3 * atom + axis, by)].map((s) => candidate(s)));
          // Slopes are known at both ends; between these they may be a little steeper.
          assert.ok(distances[0] <= 1.05 * by, `${distances[0]} Å for ${by} Å`);
        },
      ),
      { numRuns: 40 },
    );
  });
});
