import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { carve } from "../../src/hybrid/carve.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { joined, type Structure, withPositions } from "../../src/structure/structure.ts";
import { absurd } from "../../src/study/absurd.ts";
import { apart, cancelling, impossible, joint, leastCertain, leastKnown, seenIn } from "../../src/study/guard.ts";
import { tinySlab } from "./tinyStudy.ts";

/** Some atoms moved by a vector, Å. */
const moved = (s: Structure, atoms: readonly number[], by: readonly number[]): Structure =>
  withPositions(
    s,
    s.positions.map((x, k) => x + (atoms.includes(Math.floor(k / 3)) ? by[k % 3] : 0)),
  );

describe("impossible", () => {
  const acid = fattyAcid(4);

  it("is no geometry that a relaxation passes through", () => {
    for (const s of [acid, tinySlab()]) {
      assert.equal(impossible(s, s), undefined);
      for (let seed = 0; seed < 20; seed++) assert.equal(impossible(rattle(s, { stdev: 0.1, seed }), s), undefined);
    }
  });

  it("is a pair of atoms closer than any bond, named", () => {
    const [c, o] = [0, 1].map((i) => acid.positions.subarray(3 * i, 3 * i + 3));
    const towards = Array.from(o, (x, k) => -0.4 * (x - c[k]));
    assert.match(impossible(moved(acid, [1], towards), acid) ?? "", /^C0 and O1 would fuse$/);
    // What was so at the start is the start's affair.
    assert.equal(impossible(moved(acid, [1], towards), moved(acid, [1], towards)), undefined);
  });

  it("is an atom or a molecule that leaves what it was near, whatever was apart before", () => {
    const last = acid.numbers.length - 1;
    assert.match(impossible(moved(acid, [last], [0, 3, 0]), acid) ?? "", new RegExp(`^H${last} would part from`));
    const far = joined([acid, moved(acid, Array.from(acid.numbers.keys()), [20, 0, 0])]);
    const second = Array.from(acid.numbers.keys(), (i) => i + acid.numbers.length);
    assert.equal(impossible(moved(far, second, [5, 0, 0]), far), undefined);
    const slab = tinySlab();
    const nitrogen = slab.numbers.indexOf(7);
    assert.match(impossible(moved(slab, [nitrogen], [0, 0, 4]), slab) ?? "", /would part/);
  });

  it("is an atom further from where it began than a relaxation goes", () => {
    const all = Array.from(acid.numbers.keys());
    assert.equal(impossible(moved(acid, all, [3, -3, 4]), acid), undefined);
    assert.match(impossible(moved(acid, all, [3, -3, 5]), acid) ?? "", /^C0 would be more than 6 Å from where it began$/);
  });
});

describe("what models know", () => {
  const acid = fattyAcid(4);
  const settings = defaultDescriptors(acid.numbers, 3.25);
  const none: ReadonlySet<number> = new Set();
  const image = (s: Structure) => ({ fingerprints: fingerprints(s, settings), energy: 0, forces: new Float64Array(3 * s.numbers.length) });

  it("covers every image of the set, of either of two sets, and names the atom that is outside", () => {
    const other = moved(acid, [3], [0, 0, 0.6]);
    const [seen, also] = [seenIn([image(acid)], settings), seenIn([image(other)], settings)];
    // The middle of a range is rounded.
    assert.ok(leastKnown(acid, settings, seen, none).novelty < 1e-12);
    const outside = leastKnown(other, settings, seen, none);
    assert.ok(outside.novelty > 1);
    assert.ok([0, 1, 2, 3].includes(outside.atom));
    assert.ok(leastKnown(other, settings, seen, new Set([outside.atom])).novelty < outside.novelty);
    for (const s of [acid, other]) assert.ok(leastKnown(s, settings, joint(seen, also), none).novelty < 1e-12);
  });

  it("is in doubt where the members of a committee differ most, fixed atoms aside", () => {
    const sigma = new Float64Array(3 * acid.numbers.length).fill(0.01);
    sigma.set([0.3, 0, 0.4], 6);
    assert.deepEqual(leastCertain(acid, sigma, none), { atom: 2, size: 0.5 });
    assert.ok(leastCertain(acid, sigma, new Set([2])).size < 0.02);
    const fixed = new Uint8Array(acid.numbers.length).fill(1, 2, 3);
    assert.ok(leastCertain({ ...acid, fixed }, sigma, none).size < 0.02);
  });

  it("cancels where S and Q surround an atom alike", () => {
    const slab = tinySlab();
    const nitrogen = slab.numbers.indexOf(7);
    const cluster = carve(slab, Uint32Array.of(nitrogen), { buffer: 4 });
    const near = cancelling(slab, cluster, 2.6);
    assert.ok(near.has(nitrogen) && near.size < cluster.atoms.length);
    const outside = moved(
      slab,
      Array.from(slab.numbers.keys()).filter((i) => !cluster.atoms.includes(i)),
      [0.1, 0, 0],
    );
    const settings = defaultDescriptors(slab.numbers, 2.6);
    const [before, after] = [slab, outside].map((s) => fingerprints(s, settings));
    for (const i of near) {
      const row = (f: typeof before): Float64Array => f.values.subarray(i * f.size, (i + 1) * f.size);
      assert.deepEqual(row(before), row(after));
    }
  });

  it("compares a model with the mean of others", () => {
    assert.deepEqual(apart(Float64Array.of(1, 2), [Float64Array.of(0, 4), Float64Array.of(1, 0)]), Float64Array.of(0.5, 0));
  });

  it("calls forces absurd that have nothing to do with the start's", () => {
    assert.deepEqual([absurd(9, 0.1), absurd(11, 0.1), absurd(29, 3), absurd(31, 3)], [false, true, false, true]);
  });
});
