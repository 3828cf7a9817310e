import assert from "node:assert/strict";
import { test } from "node:test";
import { covalentRadius, numberOf, symbolOf } from "../../src/structure/elements.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { strain } from "../../src/structure/strain.ts";
import { formula, joined, structure, subset, symbols, withPositions } from "../../src/structure/structure.ts";

const skewed = structure({
  symbols: ["Cu", "O", "H"],
  positions: [
    [0.1, 0.2, 0.3],
    [1.5, -0.4, 2.2],
    [3.1, 0.7, -1],
  ],
  cell: [4, 0.5, 0, -0.3, 5, 0.2, 0.1, 0.4, 6],
  pbc: [true, true, false],
  fixed: [0],
  tags: [2, 1, 0],
});

test("symbols or numbers, rows or flat arrays, indices or masks make the same structure", () => {
  const other = structure({
    symbols: [29, 8, 1],
    positions: skewed.positions,
    cell: [
      [4, 0.5, 0],
      [-0.3, 5, 0.2],
      [0.1, 0.4, 6],
    ],
    pbc: [true, true, false],
    fixed: [true, false, false],
    tags: Int32Array.of(2, 1, 0),
  });
  assert.deepEqual(other, skewed);
  assert.deepEqual([...structure({ symbols: ["H"], positions: [0, 0, 0], cell: [1, 2, 3], pbc: true }).cell], [1, 0, 0, 0, 2, 0, 0, 0, 3]);
});

test("subset and joined take masks and tags along", () => {
  const part = subset(skewed, [2, 0]);
  assert.deepEqual(symbols(part), ["H", "Cu"]);
  assert.deepEqual([...part.positions], [3.1, 0.7, -1, 0.1, 0.2, 0.3]);
  assert.deepEqual([...(part.fixed ?? [])], [0, 1]);
  const free = structure({ symbols: ["N"], positions: [9, 9, 9] });
  const both = joined([free, skewed]);
  assert.deepEqual([...(both.fixed ?? [])], [0, 1, 0, 0]);
  assert.deepEqual([...(both.tags ?? [])], [0, 2, 1, 0]);
  assert.deepEqual(both.cell, free.cell);
  assert.equal(joined([free, free]).fixed, undefined);
});

test("formulas are in Hill's order", () => {
  const of = (...names: string[]): string => formula(structure({ symbols: names, positions: new Float64Array(3 * names.length) }));
  assert.equal(of("N", "Cu", "Cu"), "Cu2N");
  assert.equal(of("O", "H", "Br", "C", "H"), "CH2BrO");
  assert.equal(of(), "");
});

test("the periodic table", () => {
  for (let z = 1; z <= 118; z++) assert.equal(numberOf(symbolOf(z)), z);
  assert.equal(symbolOf(79), "Au");
  assert.equal(covalentRadius(6), 0.76);
  assert.equal(covalentRadius(29), 1.32);
  assert.equal(covalentRadius(96), 1.69);
  assert.throws(() => covalentRadius(97), /no covalent radius of element 97 is known/);
  assert.throws(() => symbolOf(0), /0 is not an atomic number/);
  assert.throws(() => numberOf("X"), /"X" is not a chemical symbol/);
});

test("rattling follows the seed, leaves fixed atoms, and has the asked spread", () => {
  const slab = fcc100("Cu", { size: [8, 8, 4], vacuum: 8, fixedLayers: 1 });
  const free = { ...slab, fixed: undefined };
  const [a, b] = [rattle(slab, { stdev: 0.1, seed: 3 }), rattle(free, { stdev: 0.1, seed: 3 })];
  assert.deepEqual(a.positions, rattle(slab, { stdev: 0.1, seed: 3 }).positions);
  assert.notDeepEqual(a.positions, rattle(slab, { stdev: 0.1, seed: 4 }).positions);
  assert.deepEqual(a.positions.subarray(0, 192), slab.positions.subarray(0, 192));
  assert.deepEqual(a.positions.subarray(192), b.positions.subarray(192));
  const square = b.positions.reduce((sum, x, k) => sum + (x - slab.positions[k]) ** 2, 0) / b.positions.length;
  // 768 squares of normal numbers: a relative standard error of sqrt(2/768) = 5 %, four of them.
  assert.ok(Math.abs(square / 0.01 - 1) < 0.2);
  assert.throws(() => rattle(slab, { stdev: -1, seed: 0 }), /standard deviation is -1 Å/);
});

test("strain takes cell and atoms by x' = (1 + e) x", () => {
  const e = [0.01, 0.02, -0.03, 0.04, 0.05, 0.06, -0.07, 0.08, 0.09];
  const strained = strain(skewed, e);
  for (const [before, after] of [
    [skewed.positions, strained.positions],
    [skewed.cell, strained.cell],
  ])
    for (let at = 0; at < 9; at += 3)
      for (let k = 0; k < 3; k++) {
        const x = before.subarray(at, at + 3);
        const expected = x[k] + e[3 * k] * x[0] + e[3 * k + 1] * x[1] + e[3 * k + 2] * x[2];
        assert.ok(Math.abs(after[at + k] - expected) < 1e-14); // the order of a sum of four terms below 10
      }
  const slab = strain(fcc100("Cu", { size: [1, 2, 1], a: 2, vacuum: 1 }), 0.5);
  assert.ok(Math.abs(slab.cell[4] - 3 * Math.SQRT2) < 1e-14);
  assert.ok(Math.abs((slab.sites?.cell[3] ?? 0) - 1.5 * Math.SQRT2) < 1e-14);
  assert.throws(() => strain(skewed, [1, 2, 3]), /a strain is one finite number or nine, not 1 2 3/);
});

test("positions are replaced without touching the original", () => {
  const before = skewed.positions.slice();
  assert.equal(withPositions(skewed, new Float64Array(9)).positions[0], 0);
  assert.deepEqual(skewed.positions, before);
});

test("wrong input is refused", () => {
  const one = { symbols: ["Cu"], positions: [0, 0, 0] };
  assert.throws(() => structure({ symbols: ["Cu"], positions: [0, 0] }), /2 coordinates were given for 1 atoms/);
  assert.throws(() => structure({ symbols: ["Cu"], positions: [0, Infinity, 0] }), /coordinate 1 of atom 0 is Infinity/);
  assert.throws(() => structure({ ...one, symbols: [0] }), /0 is not an atomic number/);
  assert.throws(() => structure({ ...one, symbols: [256 + 29] }), /285 is not an atomic number/);
  assert.throws(() => structure({ ...one, cell: [1, 2] }), /3 edge lengths or 9 components, not 2/);
  assert.throws(() => structure({ ...one, cell: [1, 2, Number.NaN] }), /the cell is 1 2 NaN/);
  assert.throws(() => structure({ ...one, cell: [1, 2, 0], pbc: true }), /direction c is periodic but its lattice vector is zero/);
  assert.throws(() => structure({ ...one, cell: [1, 0, 0, 1, 0, 0, 0, 0, 1] }), /lattice vectors must be independent/);
  assert.throws(() => structure({ ...one, fixed: [1] }), /fixed atom 1 is outside 0..0/);
  assert.throws(() => structure({ ...one, fixed: [true, false] }), /mask has 2 entries for 1 atoms/);
  assert.throws(() => structure({ ...one, tags: [1, 2] }), /2 tags were given for 1 atoms/);
});
