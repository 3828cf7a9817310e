import assert from "node:assert/strict";
import { test } from "node:test";
import { completed, inverse } from "../../src/linalg/cell.ts";
import { neighbourList } from "../../src/linalg/neighbours.ts";
import { fc } from "../properties.ts";
import { cells } from "./cells.ts";

interface Case {
  readonly positions: number[];
  readonly cell: number[];
  readonly pbc: [boolean, boolean, boolean];
  readonly cutoff: number;
}

const coordinate = fc.double({ min: -8, max: 8, noNaN: true });
/** Cells smaller and larger than the cutoff, some with vectors missing, atoms inside and out. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    positions: fc.nat({ max: 9 }).chain((n) => fc.array(coordinate, { minLength: 3 * n, maxLength: 3 * n })),
    cell: cells,
    pbc: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    missing: fc.subarray([0, 1, 2]),
    cutoff: fc.double({ min: 0.5, max: 5, noNaN: true }),
  })
  .map(({ positions, cell, pbc, missing, cutoff }) => ({
    positions,
    cell: cell.map((x, k) => (missing.includes(Math.floor(k / 3)) ? 0 : x)),
    pbc: [0, 1, 2].map((k) => pbc[k] && !missing.includes(k)) as Case["pbc"],
    cutoff,
  }));

/** Every pair of every image that could be near enough, by trying. */
function tried({ positions, cell, pbc, cutoff }: Case): [number, number, number][] {
  const n = positions.length / 3;
  const c = completed(cell);
  const m = inverse(c);
  const extent = Math.hypot(...[0, 1, 2].map((k) => span(positions.filter((_, i) => i % 3 === k)))) + cutoff;
  const range = [0, 1, 2].map((k) => (pbc[k] ? Math.ceil(extent * Math.hypot(m[k], m[3 + k], m[6 + k])) : 0));
  const pairs: [number, number, number][] = [];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let p = -range[0]; p <= range[0]; p++)
        for (let q = -range[1]; q <= range[1]; q++)
          for (let r = -range[2]; r <= range[2]; r++) {
            if (i === j && p === 0 && q === 0 && r === 0) continue;
            const d = [0, 1, 2].map((k) => positions[3 * j + k] - positions[3 * i + k] + p * c[k] + q * c[3 + k] + r * c[6 + k]);
            if (Math.hypot(...d) < cutoff) pairs.push([i, j, Math.hypot(...d)]);
          }
  return pairs;
}

function span(x: readonly number[]): number {
  return x.length === 0 ? 0 : Math.max(...x) - Math.min(...x);
}

const order = (a: readonly number[], b: readonly number[]): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

test("the list holds exactly the pairs that trying all images finds", () => {
  fc.assert(
    fc.property(cases, (c) => {
      const expected = tried(c).sort(order);
      const list = neighbourList(Float64Array.from(c.positions), c.cell, c.pbc, c.cutoff);
      const found: [number, number, number][] = [];
      for (let i = 0; i + 1 < list.start.length; i++)
        for (let p = list.start[i]; p < list.start[i + 1]; p++) {
          found.push([i, list.index[p], list.distance[p]]);
          // The same squares, summed in another order.
          assert.ok(Math.abs(Math.hypot(...list.vector.subarray(3 * p, 3 * p + 3)) - list.distance[p]) < 1e-12);
        }
      found.sort(order);
      assert.equal(found.length, expected.length);
      found.forEach(([i, j, r], k) => {
        assert.deepEqual([i, j], expected[k].slice(0, 2));
        // Lattice vectors of up to 7 Å, subtracted some tens of times, rounded each time.
        assert.ok(Math.abs(r - expected[k][2]) < 1e-12);
      });
    }),
    { numRuns: 500 },
  );
});

test("a pair's vectors from either side are opposite to the bit", () => {
  fc.assert(
    fc.property(cases, (c) => {
      const { start, index, vector } = neighbourList(Float64Array.from(c.positions), c.cell, c.pbc, c.cutoff);
      const keys = new Set<string>();
      const entries: [number, number, number[]][] = [];
      for (let i = 0; i + 1 < start.length; i++)
        for (let p = start[i]; p < start[i + 1]; p++) entries.push([i, index[p], [...vector.subarray(3 * p, 3 * p + 3)]]);
      for (const [i, j, v] of entries) keys.add([i, j, ...v.map((x) => x + 0)].join());
      for (const [i, j, v] of entries) assert.ok(keys.has([j, i, ...v.map((x) => 0 - x)].join()));
    }),
  );
});

test("a lone pair far apart asks for no huge grid", () => {
  const list = neighbourList(Float64Array.of(0, 0, 0, 1e7, -1e7, 1e7, 1e7, -1e7, 1e7 + 1), new Float64Array(9), [false, false, false], 2);
  assert.deepEqual([...list.index], [2, 1]);
});

test("all atoms in one plane, line or point", () => {
  const none: [boolean, boolean, boolean] = [false, false, false];
  const count = (positions: number[]): number => neighbourList(Float64Array.from(positions), new Float64Array(9), none, 1.5).index.length;
  assert.equal(count([0, 0, 0, 1, 0, 0, 0, 1, 0]), 6);
  assert.equal(count([0, 0, 0, 0, 0, 1, 0, 0, 2]), 4);
  assert.equal(count([1, 2, 3]), 0);
  assert.equal(count([]), 0);
});

test("wrong input is refused", () => {
  const at = Float64Array.of(0, 0, Number.NaN);
  const none: [boolean, boolean, boolean] = [false, false, false];
  assert.throws(() => neighbourList(at, new Float64Array(9), none, 1), /atom 0 is at 0 0 NaN/);
  assert.throws(() => neighbourList(new Float64Array(3), new Float64Array(9), none, 0), /the cutoff is 0 Å/);
  assert.throws(() => neighbourList(new Float64Array(3), new Float64Array(9), [true, false, false], 1), /direction a is periodic/);
});

test("a cell that cannot be meant is refused before it is searched, dense ones that can be are not", () => {
  const all: [boolean, boolean, boolean] = [true, true, true];
  const cube = (a: number): number[] => [a, 0, 0, 0, a, 0, 0, 0, a];
  const one = new Float64Array(3);
  assert.throws(() => neighbourList(one, cube(0.05), all, 4), {
    name: "RangeError",
    message:
      "an atom would have about 2.1e+6 neighbours within the cutoff of 4 Å, and 10000 are the most that make sense; give cell and positions in Å, or a smaller cutoff",
  });
  // 32 atoms of copper in nm, as a crystal and as a slab of it.
  const crystal = Float64Array.from({ length: 96 }, (_, k) => 0.722 * ((k * 0.37) % 1));
  assert.throws(() => neighbourList(crystal, cube(0.722), all, 4.2), /^RangeError: an atom would have about 2\.6e\+4 neighbours/);
  assert.throws(() => neighbourList(crystal, [0.1, 0, 0, 0, 0.1, 0, 0, 0, 0], [true, true, false], 4.2), /neighbours within the cutoff/);
  // The primitive cell of a crystal with 2 Å between neighbours, as far as anyone looks: 35 shells.
  const dense = [0, 1, 1, 1, 0, 1, 1, 1, 0].map((x) => x * Math.SQRT2);
  assert.equal(neighbourList(one, dense, all, 11.99).index.length, 1252);
  // A long wire and a thick film, each with a small period.
  const long = Float64Array.from({ length: 30_000 }, (_, k) => (k % 3 === 2 ? 0.8 * k : 0));
  assert.equal(neighbourList(long, [2.5, 0, 0, 0, 0, 0, 0, 0, 0], [true, false, false], 3).start.length, 10_001);
  assert.equal(neighbourList(long, [2.5, 0, 0, 0, 2.5, 0, 0, 0, 0], [true, true, false], 6).start.length, 10_001);
});
