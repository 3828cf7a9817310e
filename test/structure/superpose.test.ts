import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { random } from "../../src/linalg/random.ts";
import { superposedRmsd } from "../../src/structure/superpose.ts";
import { fc } from "../properties.ts";

/** Rotation by the unit quaternion of four numbers. */
function rotated(points: Float64Array, quaternion: readonly number[]): Float64Array {
  const [w, x, y, z] = quaternion.map((q) => q / Math.hypot(...quaternion));
  const rows = [
    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
  ];
  return points.map((_, k) => rows[k % 3].reduce((sum, r, c) => sum + r * points[k - (k % 3) + c], 0));
}

const number = fc.double({ min: -5, max: 5, noNaN: true });
const points = (n: number): fc.Arbitrary<Float64Array> =>
  fc.array(number, { minLength: 3 * n, maxLength: 3 * n }).map((a) => Float64Array.from(a));
const quaternion = fc.tuple(number, number, number, number).filter((q) => Math.hypot(...q) > 0.1);

describe("superposedRmsd", () => {
  it("is zero for a rotated and moved copy", () => {
    fc.assert(
      fc.property(points(7), quaternion, fc.tuple(number, number, number), (a, q, shift) => {
        const b = rotated(a, q).map((x, k) => x + shift[k % 3]);
        // The square is a difference of numbers of up to 500 Å², rounded to 1e-13: its root 3e-7.
        assert.ok(superposedRmsd(a, b) < 1e-6);
      }),
    );
  });

  it("is at most that of any other superposition, also where these are near the best", () => {
    const { uniform } = random(3, 0);
    fc.assert(
      fc.property(points(5), points(5), quaternion, (a, b, q) => {
        const best = superposedRmsd(a, b);
        const centre = (p: Float64Array): Float64Array =>
          p.map((x, k) => x - [0, 1, 2, 3, 4].reduce((s, i) => s + p[3 * i + (k % 3)], 0) / 5);
        for (const turn of [q, [1, 0, 0, 0], [1, uniform() / 10, uniform() / 10, uniform() / 10]]) {
          const [p, r] = [rotated(centre(a), turn), centre(b)];
          const rmsd = Math.sqrt(p.reduce((s, x, k) => s + (x - r[k]) ** 2, 0) / 5);
          assert.ok(best <= rmsd + 1e-6);
        }
        assert.ok(Math.abs(best - superposedRmsd(b, a)) < 1e-6);
      }),
    );
  });

  it("does not mirror: of four points and their image the best stays apart", () => {
    const a = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3);
    const mirrored = a.map((x, k) => (k % 3 === 2 ? -x : x));
    assert.ok(superposedRmsd(a, mirrored) > 0.3);
  });

  it("of two pairs is half the difference of their lengths; one atom is always on the other", () => {
    const rmsd = superposedRmsd(Float64Array.of(0, 0, 0, 0, 0, 1), Float64Array.of(4, 4, 4, 4, 7, 4));
    assert.ok(Math.abs(rmsd - 1) < 1e-12);
    assert.equal(superposedRmsd(Float64Array.of(1, 2, 3), Float64Array.of(7, 8, 9)), 0);
  });
});
