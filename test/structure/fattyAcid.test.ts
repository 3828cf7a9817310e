import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bondPartners, bonds } from "../../src/structure/bonds.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { type Point, placed } from "../../src/structure/placed.ts";
import { formula, type Structure, structure, symbols, withPositions } from "../../src/structure/structure.ts";
import { superposedRmsd } from "../../src/structure/superpose.ts";
import { turned } from "../../src/structure/turned.ts";
import { fc } from "../properties.ts";

// Coordinates are sums of a few dozen terms of at most 15 Å: rounding stays far below these.
const LENGTH = 1e-12;
const ANGLE = 1e-9;

const at = (s: Structure, i: number): Point => [s.positions[3 * i], s.positions[3 * i + 1], s.positions[3 * i + 2]];
const minus = (p: Point, q: Point): Point => [p[0] - q[0], p[1] - q[1], p[2] - q[2]];
const dot = (p: Point, q: Point): number => p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
const cross = (p: Point, q: Point): Point => [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
const distance = (s: Structure, i: number, j: number): number => Math.hypot(...minus(at(s, i), at(s, j)));

function angle(s: Structure, i: number, j: number, k: number): number {
  const [p, q] = [minus(at(s, i), at(s, j)), minus(at(s, k), at(s, j))];
  return (Math.acos(dot(p, q) / Math.hypot(...p) / Math.hypot(...q)) * 180) / Math.PI;
}

/** IUPAC's, from -180 to 180, by another formula than the builder's. */
function dihedral(a: Point, b: Point, c: Point, d: Point): number {
  const [u, v, w] = [minus(b, a), minus(c, b), minus(d, c)];
  const [n, m] = [cross(u, v), cross(v, w)];
  return (Math.atan2(Math.hypot(...v) * dot(u, m), dot(n, m)) * 180) / Math.PI;
}

function assertNear(actual: number, expected: number, bound: number): void {
  assert.ok(Math.abs(actual - expected) <= bound, `${actual} against ${expected}`);
}

const between = (low: number, high: number): fc.Arbitrary<number> => fc.double({ min: low, max: high, noNaN: true });
const point = fc.tuple(between(-5, 5), between(-5, 5), between(-5, 5));

describe("an atom placed by bond, angle and dihedral", () => {
  it("has them", () => {
    fc.assert(
      fc.property(point, point, point, between(0.5, 3), between(20, 160), between(-179, 179), (a, b, c, length, theta, phi) => {
        fc.pre(Math.hypot(...minus(b, a)) > 0.1 && Math.hypot(...minus(c, b)) > 0.1);
        const bend = Math.hypot(...cross(minus(b, a), minus(c, b))) / Math.hypot(...minus(b, a)) / Math.hypot(...minus(c, b));
        fc.pre(bend > 0.1); // a, b and c not nearly on a line
        const d = placed(a, b, c, length, theta, phi);
        const s = structure({ symbols: ["C", "C", "C", "C"], positions: [a, b, c, d] });
        // Directions of vectors as short as 0.1 Å between numbers of 5 Å, and the arc cosine's loss near a straight angle.
        assertNear(distance(s, 2, 3), length, 1e-9);
        assertNear(angle(s, 1, 2, 3), theta, 1e-6);
        assertNear(dihedral(a, b, c, d), phi, 1e-6);
      }),
    );
  });
});

describe("a fatty acid", () => {
  it("is C_n H_2n O_2, its atoms in the order that is said", () => {
    assert.equal(formula(fattyAcid(12)), "C12H24O2");
    assert.deepEqual(symbols(fattyAcid(2)).join(""), "COOHCHHH");
    assert.deepEqual(symbols(fattyAcid(4)).join(""), "COOHCHHCHHCHHH");
  });

  it("has the bonds of the chain and no others, at any length and torsion", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), between(-180, 180), (n, torsion) => {
        const expected: [number, number][] = [
          [0, 1],
          [0, 2],
          [2, 3],
        ];
        for (let k = 2; k <= n; k++) {
          const c = 3 * k - 2;
          expected.push([k === 2 ? 0 : c - 3, c]);
          for (let h = 1; h <= (k === n ? 3 : 2); h++) expected.push([c, c + h]);
        }
        const sorted = (list: [number, number][]): [number, number][] => list.sort(([a, b], [c, d]) => a - c || b - d);
        assert.deepEqual(bonds(fattyAcid(n, { torsion })), sorted(expected));
      }),
      { numRuns: 30 },
    );
  });

  it("has the lengths and angles that are stated", () => {
    const s = fattyAcid(6);
    const [last, methyl] = [16, [17, 18, 19]];
    for (const [i, j, expected] of [
      [0, 1, 1.214],
      [0, 2, 1.364],
      [2, 3, 0.972],
      [0, 4, 1.52],
      [4, 7, 1.533],
      [13, last, 1.533],
      [4, 5, 1.1],
      [last, 19, 1.1],
    ])
      assertNear(distance(s, i, j), expected, LENGTH);
    for (const [i, j, k, expected] of [
      [1, 0, 2, 122.8],
      [1, 0, 4, 126.6],
      [2, 0, 4, 110.6],
      [0, 2, 3, 106.3],
      [0, 4, 7, 112.7],
      [10, 13, last, 112.7],
      [5, 4, 0, 109.3],
      [5, 4, 7, 109.3],
      [11, 10, 7, 109.3],
      [12, 10, 13, 109.3],
      ...methyl.map((h) => [13, last, h, 111]),
    ])
      assertNear(angle(s, i, j, k), expected, ANGLE);
  });

  it("is a planar zigzag with the H's of a carbon as mirror images, its OH syn to the C=O", () => {
    const s = fattyAcid(7);
    s.numbers.forEach((z, i) => {
      if (z !== 1) assertNear(s.positions[3 * i + 2], 0, LENGTH);
    });
    assertNear(dihedral(at(s, 1), at(s, 0), at(s, 2), at(s, 3)), 0, ANGLE);
    const chain = [2, 0, 4, 7, 10, 13, 16, 19];
    for (let k = 0; k + 3 < chain.length; k++) {
      const [a, b, c, d] = chain.slice(k, k + 4).map((i) => at(s, i));
      assertNear(Math.abs(dihedral(a, b, c, d)), 180, ANGLE);
    }
    const mirrored = Float64Array.from(s.positions, (x, k) => (k % 3 === 2 ? -x : x));
    // A molecule with a mirror plane is its own image. The root of a difference of sums loses half the digits.
    const partners = bondPartners(s);
    const swapped = mirrored.slice();
    for (const c of chain.slice(2)) {
      const [p, q] = partners[c].filter((i) => s.numbers[i] === 1).slice(-2);
      swapped.set(mirrored.subarray(3 * p, 3 * p + 3), 3 * q);
      swapped.set(mirrored.subarray(3 * q, 3 * q + 3), 3 * p);
    }
    assertNear(superposedRmsd(swapped, s.positions), 0, 1e-6);
  });

  it("turned by a torsion moves its acidic H alone", () => {
    const [plain, bent] = [fattyAcid(12), fattyAcid(12, { torsion: 60 })];
    assertNear(dihedral(at(bent, 1), at(bent, 0), at(bent, 2), at(bent, 3)), 60, ANGLE);
    assertNear(angle(bent, 0, 2, 3), 106.3, ANGLE);
    const moved = plain.positions.findIndex((x, k) => x !== bent.positions[k]);
    assert.equal(Math.floor(moved / 3), 3);
    assert.deepEqual(bent.positions.subarray(12), plain.positions.subarray(12));
    assert.deepEqual(bent.positions.subarray(0, 9), plain.positions.subarray(0, 9));
  });

  it("is refused with fewer than two carbons", () => {
    assert.throws(() => fattyAcid(1), /^RangeError: 1 carbon atoms were asked for; a fatty acid has an integer of at least 2$/);
    assert.throws(() => fattyAcid(4.5), /4.5 carbon atoms/);
    assert.throws(() => fattyAcid(4, { torsion: Number.NaN }), /torsion is NaN; give a number of degrees/);
  });
});

describe("a group turned about a bond", () => {
  it("is what the builder makes of a torsion", () => {
    const other = turned(fattyAcid(5), 0, 2, 60);
    other.positions.forEach((x, k) => {
      assertNear(x, fattyAcid(5, { torsion: 60 }).positions[k], LENGTH);
    });
  });

  it("adds the angle to the dihedral, keeps every distance within both sides, and turns back", () => {
    fc.assert(
      fc.property(between(-170, 170), (degrees) => {
        const s = fattyAcid(6, { torsion: 25 });
        const t = turned(s, 7, 10, degrees);
        const before = dihedral(at(s, 4), at(s, 7), at(s, 10), at(s, 13));
        const after = dihedral(at(t, 4), at(t, 7), at(t, 10), at(t, 13));
        const round = (x: number): number => ((((x + 180) % 360) + 360) % 360) - 180;
        assertNear(Math.abs(round(after - before - degrees)), 0, ANGLE);
        for (let i = 0; i < 20; i++)
          for (let j = 0; j < i; j++) if (i < 10 === j < 10) assertNear(distance(t, i, j), distance(s, i, j), LENGTH);
        assert.deepEqual(t.positions.subarray(0, 30), s.positions.subarray(0, 30));
        turned(t, 7, 10, -degrees).positions.forEach((x, k) => {
          assertNear(x, s.positions[k], LENGTH);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("is followed across a periodic boundary", () => {
    const s = fattyAcid(4);
    const box = { ...s, cell: Float64Array.of(20, 0, 0, 0, 20, 0, 0, 0, 20), pbc: [true, true, true] as const };
    const wrapped = withPositions(
      box,
      s.positions.map((x) => x - 20 * Math.floor(x / 20)),
    );
    const expected = turned(s, 4, 7, 40).positions;
    turned(wrapped, 4, 7, 40).positions.forEach((x, k) => {
      assertNear(x - expected[k] - 20 * Math.round((x - expected[k]) / 20), 0, LENGTH);
    });
  });

  it("needs a bond that has two sides", () => {
    assert.throws(() => turned(fattyAcid(4), 0, 7, 10), /atoms 0 and 7 of 14 are not bonded; name the two atoms of one bond/);
    assert.throws(() => turned(fattyAcid(4), 99, 0, 10), /atoms 99 and 0 of 14 are not bonded/);
    assert.throws(() => turned(fattyAcid(4), 0, 2, Infinity), /the angle is Infinity; give a number of degrees/);
    const ring = structure({ symbols: ["C", "C", "C"], positions: [0, 0, 0, 1.5, 0, 0, 0.75, 1.3, 0] });
    assert.throws(() => turned(ring, 0, 1, 10), /the bond 0-1 is part of a ring/);
  });
});
