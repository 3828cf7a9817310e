import assert from "node:assert/strict";
import { test } from "node:test";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { bonds, molecules } from "../../src/structure/bonds.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { atoms, type Region, select, within } from "../../src/structure/regions.ts";
import { structure } from "../../src/structure/structure.ts";

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
  assert.throws(() => select(slab, atoms([145])), /atom 145 of the region is outside 0..144/);
  assert.throws(() => select(slab, atoms([])), /has no atoms in this structure/);
  assert.throws(() => select(slab, { layer: 9 }), /\{"layer":9\} has no atoms/);
  assert.throws(() => select({ ...slab, tags: undefined }, { layer: 1 }), /no tags, so no layers/);
  assert.throws(() => select(slab, { near: 1 } as unknown as Region), /a region is \{within, of\}.* not \{"near":1\}/);
});

/** Methanol, and water across the wall of the cell. */
const box = structure({
  symbols: ["C", "O", "H", "H", "H", "H", "O", "H", "H"],
  positions: [
    [4, 4, 4],
    [5.42, 4, 4],
    [3.64, 5.03, 4],
    [3.64, 3.49, 4.89],
    [3.64, 3.49, 3.11],
    [5.74, 4.91, 4],
    [0.3, 1, 1],
    [9.34, 1, 1],
    [0.54, 1.93, 1],
  ],
  cell: [10, 10, 10],
  pbc: true,
});

test("bonds make molecules, through the cell's walls", () => {
  assert.deepEqual(bonds(box), [
    [0, 1],
    [0, 2],
    [0, 3],
    [0, 4],
    [1, 5],
    [6, 7],
    [6, 8],
  ]);
  assert.deepEqual([...molecules(box)], [0, 0, 0, 0, 0, 0, 1, 1, 1]);
  assert.deepEqual([...molecules({ ...box, pbc: [false, true, true] })], [0, 0, 0, 0, 0, 0, 1, 2, 1]);
  assert.deepEqual([...molecules(box, 0.5)], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(bonds(structure({ symbols: [], positions: [] })), []);
});

test("a pair bonded through two images counts once, an atom with its own image not", () => {
  const s = structure({ symbols: ["Cu", "Cu"], positions: [0, 0, 0, 1.25, 0, 0], cell: [2.5, 9, 9], pbc: true });
  assert.deepEqual(bonds(s), [[0, 1]]);
});
