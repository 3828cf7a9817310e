import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { CutoffFunction } from "../../src/descriptors/cutoffs.ts";
import { type Fingerprints, fingerprints } from "../../src/descriptors/fingerprints.ts";
import { type DescriptorSettings, defaultDescriptors, fingerprintSize } from "../../src/descriptors/settings.ts";
import { describer } from "../../src/descriptors/symmetryFunctions.ts";
import { times } from "../../src/linalg/cell.ts";
import { numberOf } from "../../src/structure/elements.ts";
import { type Structure, structure, subset } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";
import { CLUSTER, CRYSTAL, derivative, derivatives, moved, SETTINGS } from "./surroundings.ts";

interface Case {
  readonly name: string;
  readonly symbols: string[];
  readonly positions: number[][];
  readonly cell: number[][] | null;
  readonly pbc: [boolean, boolean, boolean];
  readonly cosine: number[][];
  readonly polynomial: number[][];
}

const reference: Pick<DescriptorSettings, "cutoff" | "g2" | "g4" | "g5"> & { polynomial: number; cases: Case[] } = JSON.parse(
  readFileSync(new URL("../reference/descriptors.json", import.meta.url), "utf8"),
);

/** All fingerprints of a structure, [N][D]. */
function values(s: Structure, settings: DescriptorSettings): Float64Array {
  return fingerprints(s, settings).values;
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, bound: number): void {
  assert.equal(actual.length, expected.length);
  for (let k = 0; k < expected.length; k++)
    assert.ok(Math.abs(actual[k] - expected[k]) <= bound, `${k}: ${actual[k]} against ${expected[k]}`);
}

describe("symmetry functions", () => {
  for (const c of reference.cases) {
    for (const [cutoffFunction, expected] of [
      ["cosine", c.cosine],
      [{ polynomial: reference.polynomial }, c.polynomial],
    ] as [CutoffFunction, number[][]][]) {
      it(`are those of independent programs: ${c.name}, ${JSON.stringify(cutoffFunction)}`, () => {
        const elements = [...new Set(c.symbols.map(numberOf))].sort((a, b) => a - b);
        const settings = { ...reference, cutoffFunction, elements };
        const s = structure({ symbols: c.symbols, positions: c.positions, pbc: c.pbc, ...(c.cell && { cell: c.cell }) });
        // Sums of up to thousands of terms in another order.
        assertClose(values(s, settings), expected.flat(), 1e-12);
      });
    }
  }

  for (const [name, s] of [
    ["cluster", CLUSTER],
    ["crystal smaller than the cutoff", CRYSTAL],
  ] as const) {
    for (const cutoffFunction of ["cosine", { polynomial: 4 }] as const) {
      it(`have the derivatives that finite differences give: ${name}, ${JSON.stringify(cutoffFunction)}`, () => {
        const settings = { ...SETTINGS, cutoffFunction };
        const f = fingerprints(s, settings);
        const [n, d, all] = [s.numbers.length, f.size, derivatives(f, settings)];
        for (let x = 0; x < 3 * n; x++) {
          const at = new Map([-2, -1, 1, 2].map((h) => [h * 1e-3, values(moved(s, x, h * 1e-3), settings)]));
          for (let k = 0; k < n * d; k++) {
            const expected = derivative((h) => (at.get(h) as Float64Array)[k]);
            // h⁴ times a fifth derivative near 1e2, and rounding over h: 1e-10; values are near 1.
            const message = `fingerprint ${k % d} of atom ${Math.floor(k / d)} by coordinate ${x}`;
            assert.ok(Math.abs(all[(Math.floor(k / d) * 3 * n + x) * d + (k % d)] - expected) < 1e-8, message);
          }
        }
      });
    }
  }

  it("of an atom do not change when everything is moved, turned, or named in another order", () => {
    const angle = fc.double({ min: -3, max: 3, noNaN: true });
    const by = fc.tuple(angle, angle, angle);
    fc.assert(
      fc.property(
        fc.constantFrom(CLUSTER, CRYSTAL),
        by,
        angle,
        angle,
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        (s, t, p, q, order) => {
          const [a, b, c, e] = [Math.cos(p), Math.sin(p), Math.cos(q), Math.sin(q)];
          const turn = [a, b * c, b * e, -b, a * c, a * e, 0, -e, c];
          const turned = (rows: Float64Array): Float64Array => rows.map((_, k) => times(rows, turn, k - (k % 3))[k % 3]);
          const other = subset({ ...s, positions: turned(s.positions).map((x, k) => x + t[k % 3]), cell: turned(s.cell) }, order);
          const [before, after] = [values(s, SETTINGS), values(other, SETTINGS)];
          const d = fingerprintSize(SETTINGS);
          const expected = Float64Array.from({ length: 5 * d }, (_, k) => before[order[Math.floor(k / d)] * d + (k % d)]);
          // Positions near 10 Å carry rounding of 1e-15, slopes are near 1, terms some hundreds.
          assertClose(after, expected, 1e-11);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("fade away smoothly at the cutoff, value and slope", () => {
    const at = (r: number, cutoffFunction: CutoffFunction): Structure & { settings: DescriptorSettings } => ({
      ...structure({ symbols: ["Cu", "N", "Cu"], positions: [0, 0, 0, 1.4, 0.3, 0.2, r, 0, 0] }),
      settings: { ...SETTINGS, cutoffFunction },
    });
    for (const cutoffFunction of ["cosine", { polynomial: 2 }] as const) {
      for (const away of [1e-3, 1e-5]) {
        const [near, beyond] = [at(SETTINGS.cutoff - away, cutoffFunction), at(SETTINGS.cutoff + away, cutoffFunction)];
        const [a, b] = [fingerprints(near, near.settings), fingerprints(beyond, beyond.settings)];
        // Near Rc the cutoff is (π²/4)(away/Rc)², or 3 times that square, and its slope that over away; the factors in front are below 2.
        assertClose(a.values.subarray(0, a.size), b.values.subarray(0, a.size), 4 * (away / SETTINGS.cutoff) ** 2);
        const own = (f: Fingerprints): Float64Array => derivatives(f, near.settings).subarray(0, 3 * f.size);
        assertClose(own(a), own(b), (8 * away) / SETTINGS.cutoff ** 2);
      }
    }
  });

  it("stand in the documented order: G2 by element, then G4 by pair of elements, then G5", () => {
    const d = fingerprintSize(SETTINGS);
    const [g2, g4] = [3 * SETTINGS.g2.length, 6 * SETTINGS.g4.length];
    assert.equal(d, g2 + g4 + 6);
    const pairs = [
      ["N", "N"],
      ["N", "O"],
      ["N", "Cu"],
      ["O", "O"],
      ["O", "Cu"],
      ["Cu", "Cu"],
    ];
    const elements = ["N", "O", "Cu"];
    pairs.forEach(([a, b], pair) => {
      const s = structure({ symbols: ["Cu", b, a], positions: [0, 0, 0, 1.5, 0, 0, 0.2, 1.6, 0] });
      const { values: v } = describer(s, SETTINGS).describe(0);
      const alive = new Set([
        ...[a, b].flatMap((e) => SETTINGS.g2.map((_, f) => elements.indexOf(e) * SETTINGS.g2.length + f)),
        ...SETTINGS.g4.map((_, f) => g2 + pair * SETTINGS.g4.length + f),
        g2 + g4 + pair,
      ]);
      v.forEach((x, k) => {
        assert.equal(x !== 0, alive.has(k), `${a}${b}: function ${k} is ${x}`);
      });
    });
  });

  it("are numbers where atoms stand in a line, nearly in one place, or alone", () => {
    const settings = { ...defaultDescriptors([29], 5), g5: [{ eta: 0.1, zeta: 0.6, gamma: 1 }], g4: [{ eta: 0.1, zeta: 0.75, gamma: -1 }] };
    for (const positions of [
      [0, 0, 0, 2, 0, 0, 4, 0, 0],
      [0, 0, 0, 2, 0, 0, -2, 0, 0],
      [0, 0, 0, 1e-5, 0, 0, 2, 1, 0],
      [0, 0, 0, 40, 0, 0, 80, 0, 0],
    ]) {
      const { values: v, slopes } = fingerprints(structure({ symbols: "CuCuCu".match(/../g) as string[], positions }), settings);
      assert.ok([...v, ...slopes].every(Number.isFinite), positions.join(" "));
    }
  });

  it("refuse two atoms in one place and elements that they do not know", () => {
    const twice = structure({ symbols: ["Cu", "N", "N"], positions: [0, 0, 0, 1, 1, 1, 1, 1, 1] });
    assert.throws(() => describer(twice, SETTINGS), { name: "RangeError", message: /atoms 1 and 2 are 0 Å apart/ });
    const foreign = structure({ symbols: ["Cu", "Au"], positions: [0, 0, 0, 2, 1, 1] });
    assert.throws(() => describer(foreign, SETTINGS), { name: "RangeError", message: /know N, O, Cu but not Au/ });
  });
});
