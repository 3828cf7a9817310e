import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { carve, cut, cutBonds, imageGap, roles } from "../../src/hybrid/carve.ts";
import { minimumImage } from "../../src/linalg/cell.ts";
import { random } from "../../src/linalg/random.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { select, within } from "../../src/structure/regions.ts";
import { repeat } from "../../src/structure/repeat.ts";
import { type Structure, size, structure, withPositions } from "../../src/structure/structure.ts";

const studyA = addAdsorbate(fcc100("Cu", { size: [6, 6, 4], a: 3.5898, vacuum: 8, fixedLayers: 1 }), "N", { site: "hollow", height: 1.4 });

/** Distance between atoms a and b of a structure in vacuum. */
function apart(s: Structure, a: number, b: number): number {
  return Math.hypot(...[0, 1, 2].map((k) => s.positions[3 * a + k] - s.positions[3 * b + k]));
}

/** The structure moved by a vector and wrapped into its orthorhombic cell. */
function wrapped(s: Structure, by: readonly number[]): Structure {
  return withPositions(
    s,
    s.positions.map((x, k) => {
      const edge = s.cell[4 * (k % 3)];
      return s.pbc[k % 3] ? x + by[k % 3] - edge * Math.floor((x + by[k % 3]) / edge) : x + by[k % 3];
    }),
  );
}

/** All distances of a cluster, sorted: its shape, wherever it stands. */
function shape(q: Structure): number[] {
  const n = size(q);
  return Array.from({ length: n * n }, (_, k) => apart(q, k % n, Math.floor(k / n))).sort((a, b) => a - b);
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  // Rounding of positions up to 20 Å.
  actual.forEach((x, k) => {
    assert.ok(Math.abs(x - expected[k]) < 1e-11);
  });
}

describe("carving", () => {
  it("takes the atoms within the buffer of any core atom, each once, at its image nearest the core", () => {
    const { uniform } = random(5);
    const s = structure({
      symbols: Array.from({ length: 60 }, (_, k) => (k % 4 === 0 ? "N" : "Cu")),
      positions: Array.from({ length: 180 }, (_, k) => (5 + 2 * (k % 3)) * uniform()),
      cell: [5, 0.4, -0.3, 1.7, 7, 0.5, -0.6, 2.2, 9],
      pbc: [true, true, false],
    });
    const core = Uint32Array.of(3, 17);
    const cluster = carve(s, core, { buffer: 2.4 });
    const q = cut(s, cluster);
    const shortest = minimumImage(s.cell, s.pbc);
    const distance = (i: number, j: number): number =>
      shortest(Float64Array.from([0, 1, 2], (k) => s.positions[3 * i + k] - s.positions[3 * j + k]));
    const expected = Array.from({ length: 60 }, (_, i) => i).filter((i) => distance(i, 3) <= 2.4 || distance(i, 17) <= 2.4);
    assert.deepEqual([...cluster.atoms], expected);
    assert.ok(expected.length > 3 && expected.length < 50);
    assert.deepEqual([q.pbc, [...q.cell]], [[false, false, false], new Array(9).fill(0)]);
    const [a, b] = [expected.indexOf(3), expected.indexOf(17)];
    assertClose([apart(q, a, b)], [distance(3, 17)]);
    expected.forEach((i, m) => {
      assert.equal(q.numbers[m], s.numbers[i]);
      assertClose([Math.min(apart(q, m, a), apart(q, m, b))], [Math.min(distance(i, 3), distance(i, 17))]);
    });
    assert.deepEqual(
      [...roles(s, cluster)],
      Array.from({ length: 60 }, (_, i) => (i === 3 || i === 17 ? 2 : expected.includes(i) ? 1 : 0)),
    );
  });

  it("of study A gives 62 atoms, the same wherever the cell's boundary runs, and sees their own image 2.54 Å away", () => {
    const expected = cut(studyA, carve(studyA, select(studyA, within(2.6, "N")), { buffer: 5.2 }));
    assert.equal(size(expected), 62);
    const gap = imageGap(studyA, carve(studyA, select(studyA, within(2.6, "N")), { buffer: 5.2 }));
    assert.ok(Math.abs((gap as number) - 3.5898 / Math.SQRT2) < 1e-9); // one nearest-neighbour distance
    for (const by of [
      [7.6, 0, 0],
      [7.6, 7.6, 0],
      [3.3, 11, 0],
    ]) {
      const s = wrapped(studyA, by);
      const cluster = carve(s, select(s, within(2.6, "N")), { buffer: 5.2 });
      assertClose(shape(cut(s, cluster)), shape(expected));
    }
    assert.equal(imageGap(studyA, carve(studyA, select(studyA, within(2.6, "N")), { buffer: 3.7 })), undefined);
    assert.equal(imageGap({ ...studyA, pbc: [false, false, false] }, carve(studyA, Uint32Array.of(144), { buffer: 5.2 })), undefined);
  });

  it("keeps a core in one piece that reaches further than half the cell", () => {
    // Five atoms in a row across the boundary of a cell of 9 Å: the ends are nearer to each other's images.
    const row = structure({
      symbols: new Array(5).fill("Cu"),
      positions: [6, 7.5, 0, 1.5, 3].flatMap((x) => [x, 0, 0]),
      cell: [9, 20, 20],
      pbc: true,
    });
    const q = cut(row, carve(row, Uint32Array.of(0, 1, 2, 3, 4), { buffer: 1 }));
    assertClose(
      Array.from({ length: 4 }, (_, k) => q.positions[3 * k + 3] - q.positions[3 * k]),
      [1.5, 1.5, 1.5, 1.5],
    );
  });

  it("follows its atoms as they move, however far, without deciding again", () => {
    const cluster = carve(studyA, select(studyA, within(2.6, "N")), { buffer: 5.2 });
    const before = cut(studyA, cluster);
    const later = withPositions(
      studyA,
      studyA.positions.map((x, k) => x + 4 * Math.sin(k)),
    );
    const after = cut(later, cluster);
    cluster.atoms.forEach((i, m) => {
      for (let k = 0; k < 3; k++) assertClose([after.positions[3 * m + k] - before.positions[3 * m + k]], [4 * Math.sin(3 * i + k)]);
    });
  });

  it("is quick for thousands of atoms", () => {
    const large = rattle(repeat(bulk("Cu", { a: 3.6, cubic: true }), [8, 8, 8]), { stdev: 0.1, seed: 1 });
    const began = performance.now();
    assert.equal(carve(large, select(large, within(5, [7])), { buffer: 5 }).atoms.includes(7), true);
    assert.ok(performance.now() - began < 20_000);
  });

  it("refuses a core or buffer that cannot be", () => {
    assert.throws(() => carve(studyA, Uint32Array.of(), { buffer: 3 }), { name: "RangeError", message: /no atoms/ });
    assert.throws(() => carve(studyA, Uint32Array.of(145), { buffer: 3 }), {
      name: "RangeError",
      message: /atom 145 of the core is outside 0..144/,
    });
    assert.throws(() => carve(studyA, Uint32Array.of(1), { buffer: Number.NaN }), { name: "RangeError", message: /buffer is NaN/ });
  });
});

describe("carving molecules", () => {
  /** Three waters in a cell of 8 Å: the first at the origin, the second across the boundary in x and y, the third out of reach. */
  const water = (x: number, y: number, z: number): number[] => [x, y, z, x + 0.76, y + 0.1, z + 0.58, x - 0.76, y + 0.1, z + 0.58];
  const whole = structure({
    symbols: ["O", "H", "H", "O", "H", "H", "O", "H", "H"],
    positions: [...water(0.1, 0.2, 0.3), ...water(-2.6, -0.1, 0.1), ...water(4.1, 4.1, 4.1)],
    cell: [8, 8, 8],
    pbc: true,
  });
  const inCell = wrapped(whole, [0, 0, 0]);

  it("keeps each in one piece across the boundary, and takes those whole that it takes in part", () => {
    // 2.0 Å from the oxygen reach one hydrogen of the second water, at 1.99 Å, and no other atom of it.
    const cluster = carve(inCell, Uint32Array.of(0), { buffer: 2, wholeMolecules: true });
    assert.deepEqual([...cluster.atoms], [0, 1, 2, 3, 4, 5]);
    const reference = structure({ symbols: ["O", "H", "H", "O", "H", "H"], positions: whole.positions.subarray(0, 18) });
    assertClose(shape(cut(inCell, cluster)), shape(reference));
    assert.deepEqual([...carve(inCell, Uint32Array.of(0), { buffer: 2 }).atoms], [0, 1, 2, 4]);
  });

  it("lets no atom of a chain jump to the other side of the core", () => {
    // Eight carbons in a row through a cell of 13 Å: the last is nearer to the image of the core than to the core.
    const x = Array.from({ length: 8 }, (_, k) => 11 + 1.5 * k);
    const chain = structure({
      symbols: new Array(8).fill("C"),
      positions: x.flatMap((p) => [p % 13, 0.1 * p, 0]),
      cell: [13, 30, 30],
      pbc: true,
    });
    const cluster = carve(chain, Uint32Array.of(0), { buffer: 2, wholeMolecules: true });
    const q = cut(chain, cluster);
    assert.equal(size(q), 8);
    for (let k = 0; k < 7; k++) assertClose([q.positions[3 * k + 3] - q.positions[3 * k]], [1.5]);
  });

  it("lists the bonds that the boundary cuts, those of metals not", () => {
    const propane = structure({ symbols: ["C", "C", "C", "Cu"], positions: [0, 0, 0, 1.5, 0.1, 0, 2.1, 1.5, 0, -1.9, 0, 0.2] });
    assert.deepEqual(cutBonds(propane, carve(propane, Uint32Array.of(0), { buffer: 0.5 })), [[0, 1]]);
    assert.deepEqual(cutBonds(propane, carve(propane, Uint32Array.of(2), { buffer: 0.5 })), [[2, 1]]);
    assert.deepEqual(cutBonds(propane, carve(propane, Uint32Array.of(3), { buffer: 0.5 })), []);
    assert.deepEqual(cutBonds(inCell, carve(inCell, Uint32Array.of(0), { buffer: 2, wholeMolecules: true })), []);
  });
});
