/** Plain TypeScript (`descriptors/fingerprints.ts`, `descriptors/symmetryFunctions.ts`) is the oracle. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CutoffFunction } from "../../src/descriptors/cutoffs.ts";
import { type Fingerprints, fingerprints as oracle } from "../../src/descriptors/fingerprints.ts";
import { type DescriptorSettings, fingerprintSize, liveFunctions } from "../../src/descriptors/settings.ts";
import { describer } from "../../src/descriptors/symmetryFunctions.ts";
import { fingerprints } from "../../src/engine/wasm/fingerprints.ts";
import { machine } from "../../src/engine/wasm/machine.ts";
import { describeCentres, layAtoms, layBench, layPlan } from "../../src/engine/wasm/surroundings.ts";
import { determinant } from "../../src/linalg/cell.ts";
import { neighbourList } from "../../src/linalg/neighbours.ts";
import { random } from "../../src/linalg/random.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";
import { CLUSTER, CRYSTAL, SETTINGS } from "../descriptors/surroundings.ts";
import { cells } from "../linalg/cells.ts";
import { fc } from "../properties.ts";

/** Of the largest value of a function: sums of some thousand terms in different orders, each with some roundings. */
const ROUNDING = 1e-12;
/** The oracle's cutoff function is a difference from one, so that next to the cutoff it has the digits of one. */
const ABSOLUTE = 1e-14;

/** Numbers that belong to `count` functions in turn, `of` telling which. */
function assertClose(actual: Float64Array, expected: Float64Array, count: number, of: (k: number) => number): void {
  assert.equal(actual.length, expected.length);
  const most = new Float64Array(count);
  expected.forEach((x, k) => {
    most[of(k)] = Math.max(most[of(k)], Math.abs(x));
  });
  actual.forEach((x, k) => {
    const apart = Math.abs(x - expected[k]);
    assert.ok(apart <= ROUNDING * most[of(k)] + ABSOLUTE, `${k}, function ${of(k)}: ${x} against ${expected[k]}`);
  });
}

function assertEqualsOracle(s: Structure, settings: DescriptorSettings): Fingerprints {
  const [actual, expected] = [fingerprints(s, settings), oracle(s, settings)];
  assert.equal(actual.size, expected.size);
  assert.equal(actual.live, expected.live);
  for (const part of ["kinds", "start", "atom"] as const) assert.deepEqual(actual[part], expected[part]);
  assertClose(actual.values, expected.values, actual.size, (k) => k % actual.size);
  assertClose(actual.steepest, expected.steepest, actual.size, (k) => k % actual.size);
  assertClose(actual.slopes, expected.slopes, actual.live, (k) => k % actual.live);
  for (const numbers of [actual.values, actual.slopes]) assert.ok(numbers.buffer instanceof SharedArrayBuffer);
  return actual;
}

const eta = fc.constantFrom(0, 0.005, 0.4, 3, 8, 60);
const angular = fc.record({ eta, zeta: fc.constantFrom(1, 2, 2.5, 4, 7, 16.5), gamma: fc.constantFrom(1, -1, 0.6) });
const settings: fc.Arbitrary<DescriptorSettings> = fc.record({
  cutoff: fc.double({ min: 2, max: 5, noNaN: true }),
  cutoffFunction: fc.oneof(
    fc.constant<CutoffFunction>("cosine"),
    fc.constantFrom(2, 3, 6, 2.7).map((polynomial): CutoffFunction => ({ polynomial })),
  ),
  elements: fc.subarray([1, 8, 29], { minLength: 1 }),
  g2: fc.array(fc.record({ eta, rs: fc.constantFrom(0, 1.3, 2.2) }), { maxLength: 4 }),
  g4: fc.array(angular, { maxLength: 5 }),
  g5: fc.array(angular, { maxLength: 3 }),
});

const component = fc.double({ min: -4, max: 4, noNaN: true });
/** Atoms in a cell of any shape, which may be smaller than the cutoff, none nearer to another than half an Å. */
const geometry = fc
  .record({
    positions: fc.integer({ min: 1, max: 8 }).chain((n) => fc.array(component, { minLength: 3 * n, maxLength: 3 * n })),
    cell: cells.filter((c) => Math.abs(determinant(c)) > 15),
    pbc: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    turn: fc.nat(),
  })
  .filter(({ positions, cell, pbc }) => neighbourList(Float64Array.from(positions), cell, pbc, 0.5).index.length === 0);

const cases = fc.record({ geometry, settings }).map(({ geometry: { positions, cell, pbc, turn }, settings }) => ({
  settings,
  s: {
    numbers: Uint8Array.from({ length: positions.length / 3 }, (_, i) => settings.elements[(i * i + turn) % settings.elements.length]),
    positions: Float64Array.from(positions),
    cell: Float64Array.from(cell),
    pbc,
  } satisfies Structure,
}));

describe("fingerprints by the kernels", () => {
  it("equal plain TypeScript: cluster, and crystal smaller than the cutoff", () => {
    for (const s of [CLUSTER, CRYSTAL]) assertEqualsOracle(s, SETTINGS);
  });

  it("equal it for any cell and settings", () => {
    fc.assert(
      fc.property(cases, ({ s, settings }) => void assertEqualsOracle(s, settings)),
      { numRuns: 150 },
    );
  });

  it("equal it in several blocks and in batches that rows do not fill", () => {
    const { uniform } = random(5);
    // A simple cubic lattice, shaken, of two elements.
    const positions = Array.from({ length: 3 * 216 }, (_, k) => 2.3 * (Math.floor(Math.floor(k / 3) / 6 ** (k % 3)) % 6) + 0.4 * uniform());
    const s = structure({ symbols: Array.from({ length: 216 }, (_, i) => (i % 5 === 2 ? "O" : "Cu")), positions });
    const { atom, live } = assertEqualsOracle(s, SETTINGS);
    assert.ok(atom.length * 3 * live > 2 * 65536);
  });

  it("equal it for straight lines, where small exponents have no slope", () => {
    const straight: DescriptorSettings = { ...SETTINGS, g4: [], g5: [{ eta: 0, zeta: 0.5, gamma: 1 }] };
    assertEqualsOracle(structure({ symbols: ["Cu", "O", "Cu"], positions: [-1.1, 0, 0, 0, 0, 0, 1.1, 0, 0] }), straight);
    const { slopes } = fingerprints(structure({ symbols: ["Cu", "O", "Cu"], positions: [-1.3, -0.7, 2, 0, 0, 0, 1.3, 0.7, -2] }), straight);
    assert.ok(slopes.every((x) => Math.abs(x) < 10));
  });

  it("are the same bits whatever was described before, and stay what they are", () => {
    const first = fingerprints(CRYSTAL, SETTINGS);
    const copy = structuredClone(first);
    const larger = structure({ symbols: Array(90).fill("Cu"), positions: Array.from({ length: 270 }, (_, k) => (k % 3 === 0 ? k : 0)) });
    fingerprints(larger, SETTINGS);
    fingerprints(CLUSTER, { ...SETTINGS, cutoff: 3 });
    assert.deepEqual(first, copy);
    assert.deepEqual(fingerprints(CRYSTAL, SETTINGS), first);
  });

  it("are right after settings for which there was too little memory", () => {
    fingerprints(CLUSTER, SETTINGS);
    const endless = { ...SETTINGS, g2: Array.from({ length: 8e5 }, (_, k) => ({ eta: k, rs: 0 })) };
    assert.throws(() => fingerprints(CLUSTER, endless), /^RangeError: .* GiB are needed at once/);
    assertEqualsOracle(CLUSTER, SETTINGS);
  });

  it("know structures without atoms, atoms without neighbours, and settings without functions", () => {
    assertEqualsOracle(structure({ symbols: [], positions: [] }), SETTINGS);
    assertEqualsOracle(structure({ symbols: ["Cu", "N"], positions: [0, 0, 0, 9, 0, 0] }), SETTINGS);
    assertEqualsOracle(CLUSTER, { ...SETTINGS, g2: [], g4: [], g5: [] });
  });

  const at = (positions: number[], symbols = ["Cu", "N", "N"]): Structure => structure({ symbols, positions });
  for (const [name, s] of Object.entries({
    "an unknown element": at([0, 0, 0, 2, 0, 0, 4, 0, 0], ["Cu", "N", "Au"]),
    "two atoms in one place": at([0, 0, 0, 1, 1, 1, 1, 1, 1]),
    "two atoms nearly in one place": at([0, 0, 0, 1, 1, 1, 1, 1, 1 + 3e-7]),
    "a position that is no number": { ...at([0, 0, 0, 2, 0, 0, 4, 0, 0]), positions: Float64Array.of(0, 0, 0, 2, Number.NaN, 0, 4, 0, 0) },
    "a position without end": { ...at([0, 0, 0, 2, 0, 0, 4, 0, 0]), positions: Float64Array.of(0, 0, 0, 2, Infinity, 0, 4, 0, 0) },
    "a periodic direction without vector": { ...CRYSTAL, cell: Float64Array.of(4, 0, 0, 0, 4, 0, 0, 0, 0) },
    "a flat cell": { ...CRYSTAL, cell: Float64Array.of(4, 0, 0, 0, 4, 0, 4, 4, 0) },
  })) {
    it(`refuse in the oracle's words: ${name}`, () => {
      let message = "";
      assert.throws(
        () => oracle(s, SETTINGS),
        (error: Error) => {
          message = error.message;
          return error instanceof RangeError;
        },
      );
      assert.throws(() => fingerprints(s, SETTINGS), { name: "RangeError", message });
      assertEqualsOracle(CLUSTER, SETTINGS);
    });
  }

  it("neighbour by neighbour they are the oracle's slopes by each periodic image, in blocks of centres", () => {
    const on = machine();
    const plan = layPlan(on, SETTINGS);
    const atoms = layAtoms(on, CRYSTAL, SETTINGS);
    const bench = layBench(on, plan, atoms.count, atoms.mostNeighbours);
    const { neighbours, describe: of } = describer(CRYSTAL, SETTINGS);
    const [size, functions, elements] = [fingerprintSize(SETTINGS), liveFunctions(SETTINGS), SETTINGS.elements.length];
    const room = 2 * Math.max(...neighbours.start.subarray(1).map((end, i) => end - neighbours.start[i]));
    const [values, start, atom] = [on.floats(atoms.count * size), on.integers(atoms.count * elements + 1), on.integers(room)];
    const [vectors, slopes] = [on.floats(3 * room), on.floats(3 * room * plan.live)];
    let blocks = 0;
    for (let from = 0; from < atoms.count; blocks++) {
      start[0] = 0;
      const end = describeCentres(on, plan, atoms, bench, from, atoms.count, { values, start, atom, vectors, slopes });
      for (let i = from; i < end; i++) {
        const surroundings = of(i);
        assertClose(values.slice((i - from) * size, (i - from + 1) * size), surroundings.values, size, (k) => k);
        const first = neighbours.start[i];
        assert.equal(start[(i - from + 1) * elements] - start[(i - from) * elements], neighbours.start[i + 1] - first);
        for (let kind = 0; kind < elements; kind++) {
          for (let e = start[(i - from) * elements + kind]; e < start[(i - from) * elements + kind + 1]; e++) {
            const vector = [...vectors.subarray(3 * e, 3 * e + 3)];
            const p = neighbours.index.findIndex(
              (j, p) => p >= first && j === atom[e] && vector.every((x, c) => x === neighbours.vector[3 * p + c]),
            );
            assert.ok(p >= first && p < neighbours.start[i + 1]);
            const [entry, own] = [plan.live * 3 * e, 3 * size * (p - first)];
            const expected = Float64Array.from({ length: 3 * plan.live }, (_, k) => {
              return surroundings.slopes[own + Math.floor(k / plan.live) * size + functions[kind * plan.live + (k % plan.live)]];
            });
            // Of the largest slope of all functions: that of one function by one neighbour may be all rounding.
            assertClose(slopes.slice(entry, entry + 3 * plan.live), expected, 1, () => 0);
          }
        }
      }
      from = end;
    }
    assert.ok(blocks > 1);
  });
});
