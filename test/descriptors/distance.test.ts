/** Distances between surroundings: nought from oneself, symmetric under what changes nothing, and no more than the move that made them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { atomPoints, furthestAtom } from "../../src/descriptors/distance.ts";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { subset, withPositions } from "../../src/structure/structure.ts";
import { tinySlab } from "../study/tinyStudy.ts";

const slab = tinySlab();
const settings = defaultDescriptors(slab.numbers, 3.4);
const points = (...structures: (typeof slab)[]): ReturnType<typeof atomPoints> =>
  atomPoints(structures.map((s) => fingerprints(s, settings)));

test("an image is nought from a set that has it, also turned about and in another order", () => {
  const order = Uint32Array.from({ length: slab.numbers.length }, (_, k) => slab.numbers.length - 1 - k);
  const moved = withPositions(
    slab,
    slab.positions.map((x, k) => x + 0.3 * (k % 3)),
  );
  const [own, reversed, shifted, other] = points(slab, subset(slab, order), moved, rattle(slab, { stdev: 0.1, seed: 3 }));
  assert.equal(furthestAtom(own, [own]), 0);
  // Sums in another order: fingerprints agree to a few roundings of numbers near one.
  assert.ok(furthestAtom(own, [reversed]) < 1e-12);
  assert.ok(furthestAtom(own, [shifted]) < 1e-12);
  assert.ok(furthestAtom(own, [other]) > 1e-3);
  assert.equal(furthestAtom(own, [other, own]), 0);
});

test("one neighbour's small move is a distance of no more than itself", () => {
  const step = 0.001;
  const at = slab.positions.slice();
  at[at.length - 1] += step;
  const [own, moved] = points(slab, withPositions(slab, at));
  const d = furthestAtom(moved, [own]);
  // Slopes change by a per cent in a thousandth of an ångström at most; they are the steepest of both images.
  assert.ok(d > 0 && d < 1.01 * step, `${d}`);
});

test("an element that the set lacks is infinitely far", () => {
  const copper = subset(
    slab,
    Uint32Array.from({ length: slab.numbers.length - 1 }, (_, k) => k),
  );
  const [own, without] = points(slab, copper);
  assert.equal(furthestAtom(own, [without]), Number.POSITIVE_INFINITY);
  assert.ok(furthestAtom(without, [own]) < 1);
  assert.equal(furthestAtom(own, []), Number.POSITIVE_INFINITY);
  assert.deepEqual(atomPoints([]), []);
});
