import assert from "node:assert/strict";
import { test } from "node:test";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { atoms, bonded, type Region, select, within } from "../../src/structure/regions.ts";
import { structure } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";
import { polyethylene, wrapped } from "./molecules.ts";

const slab = addAdsorbate(fcc100("Cu", { size: [6, 6, 4], a: 3.5898, vacuum: 8 }), "N", { site: "hollow", height: 1.4 });

test("study A's core is N and the four Cu of its hollow", () => {
  assert.deepEqual([...select(slab, within(2.6, "N"))], [108, 109, 114, 115, 144]);
});

test("study files say the same by JSON", () => {
  const core = select(slab, JSON.parse('{"within": 2.6, "of": "N"}'));
  assert.deepEqual(core, select(slab, within(2.6, [144])));
  assert.deepEqual(core, select(slab, atoms([144, 115, 114, 109, 108, 108])));
  assert.deepEqual([...select(slab, { element: "N" })], [144]);
  assert.equal(select(slab, { layer: 1 }).length, 36);
  assert.deepEqual([...select(slab, { layer: 0 })], [144]);
});

test("distances go through the cell's walls, and include the bound", () => {
  const s = structure({
    symbols: ["N", "Cu", "Cu"],
    positions: [0.1, 0, 0, 9.6, 0, 0, 2.1, 0, 0],
    cell: [10, 10, 10],
    pbc: [true, false, false],
  });
  assert.deepEqual([...select(s, within(0.6, "N"))], [0, 1]);
  assert.deepEqual([...select(s, within(2, "N"))], [0, 1, 2]);
  assert.deepEqual([...select({ ...s, pbc: [false, false, false] }, within(0.6, "N"))], [0]);
  assert.deepEqual([...select(s, within(0, "N"))], [0]);
});

test("regions that mean nothing are refused", () => {
  assert.throws(() => select(slab, within(2, "O")), /the structure has no O atom/);
  assert.throws(() => select(slab, within(-1, "N")), /the distance of the region is -1/);
  assert.throws(() => select(slab, bonded(1.5, "N")), /the region reaches 1.5 bonds far/);
  assert.throws(() => select(slab, bonded(1, "O")), /the structure has no O atom/);
  assert.throws(() => select(slab, atoms([145])), /atom 145 of the region is outside 0..144/);
  assert.throws(() => select(slab, atoms([])), /has no atoms in this structure/);
  assert.throws(() => select(slab, { layer: 9 }), /\{"layer":9\} has no atoms/);
  assert.throws(() => select({ ...slab, tags: undefined }, { layer: 1 }), /no tags, so no layers/);
  assert.throws(() => select(slab, { near: 1 } as unknown as Region), /a region is \{within, of\}.* not \{"near":1\}/);
});

test("a fatty acid's COOH and the next three CH2 are within four bonds of its oxygens", () => {
  const acid = fattyAcid(12);
  assert.deepEqual([...select(acid, bonded(4, "O"))], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assert.deepEqual(select(acid, JSON.parse('{"bonds": 4, "of": "O"}')), select(acid, bonded(4, [1, 2])));
  assert.deepEqual([...select(acid, bonded(0, "O"))], [1, 2, 3]);
});

test("bonds are counted from a hydrogen's heavy atom, through the cell's walls, and not through metals", () => {
  const chain = polyethylene(8);
  for (const fraction of [0, 0.45]) {
    assert.deepEqual([...select(wrapped(chain, fraction), bonded(1, [2]))], [0, 1, 2, 3, 4, 5, 21, 22, 23]);
  }
  const ethane = [0, 0, 0, 1.53, 0, 0];
  const s = structure({ symbols: ["C", "C", "Cu", "C", "H"], positions: [...ethane, -1.9, 0, 0, -3.8, 0, 0, 1.9, 1.03, 0] });
  assert.deepEqual([...select(s, bonded(5, [0]))], [0, 1, 4]);
  assert.deepEqual([...select(s, bonded(5, "Cu"))], [2]);
});

test("whatever its cell's boundary, more bonds never lose an atom", () => {
  const property = fc.property(fc.nat(11), fc.nat(5), fc.double({ min: 0, max: 1, noNaN: true }), (of, n, fraction) => {
    const s = wrapped(polyethylene(12), fraction);
    const [less, more] = [select(s, bonded(n, [3 * of])), select(s, bonded(n + 1, [3 * of]))];
    assert.equal(less.length, 3 * Math.min(12, 2 * n + 1));
    assert.ok(less.every((i) => more.includes(i)));
  });
  fc.assert(property, { numRuns: 40 });
});
