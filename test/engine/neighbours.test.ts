import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DescriptorSettings } from "../../src/descriptors/settings.ts";
import { machine } from "../../src/engine/wasm/machine.ts";
import { describeCentres, layAtoms, layBench, layPlan } from "../../src/engine/wasm/surroundings.ts";
import { neighbourList } from "../../src/linalg/neighbours.ts";
import { random } from "../../src/linalg/random.ts";
import type { Structure } from "../../src/structure/structure.ts";
import { structure } from "../../src/structure/structure.ts";
import { cells } from "../linalg/cells.ts";
import { fc } from "../properties.ts";

const on = machine();
const bottom = on.mark();

interface Neighbour {
  readonly atom: number;
  readonly vector: readonly number[];
}

/** Neighbours of every atom in the kernels' order. */
function found(s: Structure, cutoff: number): Neighbour[][] {
  on.release(bottom);
  const settings: DescriptorSettings = { cutoff, cutoffFunction: "cosine", elements: [8, 29], g2: [], g4: [], g5: [] };
  const plan = layPlan(on, settings);
  const atoms = layAtoms(on, s, settings);
  const bench = layBench(on, plan, atoms.count, atoms.mostNeighbours);
  const n = atoms.count;
  const room = n * atoms.mostNeighbours;
  const [atom, vectors, start] = [on.integers(room), on.floats(3 * room), on.integers(2 * n + 1)];
  assert.equal(describeCentres(on, plan, atoms, bench, 0, n, { values: on.floats(0), slopes: on.floats(0), start, atom, vectors }), n);
  return Array.from({ length: n }, (_, i) => {
    const neighbours: Neighbour[] = [];
    for (const kind of [0, 1]) {
      for (let p = start[2 * i + kind]; p < start[2 * i + kind + 1]; p++) {
        assert.equal(s.numbers[atom[p]], [8, 29][kind]);
        neighbours.push({ atom: atom[p], vector: [...vectors.subarray(3 * p, 3 * p + 3)] });
      }
    }
    return neighbours;
  });
}

/** The same by the oracle, in its own order. */
function expected(s: Structure, cutoff: number): Neighbour[][] {
  const { start, index, vector } = neighbourList(s.positions, s.cell, s.pbc, cutoff);
  return Array.from({ length: s.numbers.length }, (_, i) =>
    Array.from({ length: start[i + 1] - start[i] }, (_, k) => {
      const p = start[i] + k;
      return { atom: index[p], vector: [...vector.subarray(3 * p, 3 * p + 3)] };
    }),
  );
}

/** In an order of their own; the vectors are compared to the bit. */
const sorted = (list: Neighbour[][]): Neighbour[][] =>
  list.map((neighbours) =>
    neighbours.toSorted((a, b) => a.atom - b.atom || a.vector[0] - b.vector[0] || a.vector[1] - b.vector[1] || a.vector[2] - b.vector[2]),
  );

const coordinate = fc.double({ min: -8, max: 8, noNaN: true });
/** Cells smaller and larger than the cutoff, some with vectors missing, atoms inside and out, none too near. */
const structures: fc.Arbitrary<Structure> = fc
  .record({
    positions: fc.integer({ min: 1, max: 9 }).chain((n) => fc.array(coordinate, { minLength: 3 * n, maxLength: 3 * n })),
    cell: cells,
    pbc: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    missing: fc.subarray([0, 1, 2]),
  })
  .map(({ positions, cell, pbc, missing }) => ({
    ...structure({ symbols: Array.from({ length: positions.length / 3 }, (_, i) => (i % 3 === 1 ? "O" : "Cu")), positions }),
    cell: Float64Array.from(cell, (x, k) => (missing.includes(Math.floor(k / 3)) ? 0 : x)),
    pbc: [0, 1, 2].map((k) => pbc[k] && !missing.includes(k)) as [boolean, boolean, boolean],
  }))
  .filter((s) => neighbourList(s.positions, s.cell, s.pbc, 5).distance.every((r) => r > 1e-3));

/** Atoms strewn over a box, Å. */
function strewn(n: number, box: readonly number[], seed: number): Structure {
  const { uniform } = random(seed);
  const positions = Array.from({ length: 3 * n }, (_, k) => box[k % 3] * uniform());
  return structure({ symbols: Array.from({ length: n }, (_, i) => (i % 2 ? "Cu" : "O")), positions });
}

describe("neighbours by the kernels", () => {
  it("are those of plain TypeScript, to the bit, for any cell", () => {
    fc.assert(
      fc.property(structures, fc.double({ min: 0.5, max: 5, noNaN: true }), (s, cutoff) => {
        assert.deepEqual(sorted(found(s, cutoff)), sorted(expected(s, cutoff)));
      }),
      { numRuns: 100 },
    );
  });

  it("come by element, then by atom, images of one atom side by side", () => {
    fc.assert(
      fc.property(structures, (s) => {
        for (const neighbours of found(s, 4)) {
          const atoms = neighbours.map((n) => n.atom);
          assert.deepEqual(
            atoms,
            atoms.toSorted((a, b) => s.numbers[a] - s.numbers[b] || a - b),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  for (const [name, box] of Object.entries({ box: [22, 24, 20], chain: [9000, 1, 1], sheet: [100, 110, 0.5] })) {
    it(`more ranks than a word of words has bits: ${name}`, () => {
      const s = strewn(5000, box, 3);
      assert.deepEqual(sorted(found(s, 2)), sorted(expected(s, 2)));
    });
  }

  it("few atoms far apart do not ask for many bins", () => {
    const s = structure({ symbols: ["Cu", "O", "Cu"], positions: [0, 0, 0, 1e6, 2e6, -3e6, 1e6, 2e6, 1 - 3e6] });
    assert.deepEqual(sorted(found(s, 3)), sorted(expected(s, 3)));
  });

  it("refuse a cell that cannot be meant in the same words, at once", () => {
    const s = structure({ symbols: ["Cu"], positions: [0, 0, 0], pbc: true, cell: [0.05, 0, 0, 0, 0.05, 0, 0, 0, 0.05] });
    const message = /^RangeError: an atom would have about 2\.1e\+6 neighbours within the cutoff of 4 Å, and 10000 are the most/;
    for (const search of [found, expected]) assert.throws(() => search(s, 4), message);
  });
});
