import assert from "node:assert/strict";
import { test } from "node:test";
import { completed, determinant, hasVector, inverse, latticeOf, minimumImage, rank, times } from "../../src/linalg/cell.ts";
import { norm } from "../../src/linalg/elementary.ts";
import { fc } from "../properties.ts";

const component = fc.double({ min: -5, max: 5, noNaN: true });
/** Any cell that is not flat: skewed and left-handed ones among them. */
const cell = fc.array(component, { minLength: 9, maxLength: 9 }).filter((c) => Math.abs(determinant(c)) > 1);

test("inverse times cell is one", () => {
  fc.assert(
    fc.property(cell, (c) => {
      const m = inverse(c);
      for (let k = 0; k < 3; k++)
        times(c, m, 3 * k).forEach((x, l) => {
          // Volumes from 1 Å³ and edges to 9 Å: a condition number of some hundreds times the rounding of doubles.
          assert.ok(Math.abs(x - (k === l ? 1 : 0)) < 1e-12);
        });
    }),
  );
});

test("the determinant has the sign of the cell's hand", () => {
  assert.equal(determinant([2, 0, 0, 0, 3, 0, 0, 0, 4]), 24);
  assert.equal(determinant([0, 2, 0, 3, 0, 0, 0, 0, 4]), -24);
});

test("dependent vectors have no inverse", () => {
  assert.throws(() => inverse([1, 0, 0, 2, 0, 0, 0, 0, 1]), /volume 0 Å³; its lattice vectors must be independent/);
});

test("missing vectors are counted and completed by unit vectors across the others", () => {
  fc.assert(
    fc.property(cell, fc.subarray([0, 1, 2]), (c, missing) => {
      const holed = c.map((x, k) => (missing.includes(Math.floor(k / 3)) ? 0 : x));
      assert.equal(rank(holed), 3 - missing.length);
      const full = completed(holed);
      for (const k of missing) {
        assert.ok(!hasVector(holed, k));
        const row = full.subarray(3 * k, 3 * k + 3);
        assert.ok(Math.abs(Math.hypot(...row) - 1) < 1e-12);
        for (let l = 0; l < 3; l++) {
          const other = full.subarray(3 * l, 3 * l + 3);
          const product = row[0] * other[0] + row[1] * other[1] + row[2] * other[2];
          // Rounding of a product with an edge of at most 9 Å.
          if (l !== k) assert.ok(Math.abs(product) < 1e-12);
        }
      }
    }),
  );
});

test("a periodic direction needs its vector", () => {
  assert.throws(
    () => latticeOf([1, 0, 0, 0, 0, 0, 0, 0, 1], [true, true, false]),
    /direction b is periodic but its lattice vector is zero/,
  );
});

test("the minimum image is the shortest of all images", () => {
  fc.assert(
    fc.property(cell, fc.tuple(component, component, component), fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (c, v, pbc) => {
      const vector = Float64Array.from(v);
      const length = minimumImage(c, pbc)(vector);
      assert.equal(length, norm(vector[0], vector[1], vector[2]));
      // |fraction| <= length / height for any image, so these ranges hold every image as short as the vector itself.
      const m = inverse(c);
      const f = times(v, m);
      const range = [0, 1, 2].map((k) =>
        pbc[k] ? Math.ceil(Math.abs(f[k]) + Math.hypot(...v) * Math.hypot(m[k], m[3 + k], m[6 + k])) : 0,
      );
      let shortest = Infinity;
      for (let a = -range[0]; a <= range[0]; a++)
        for (let b = -range[1]; b <= range[1]; b++)
          for (let d = -range[2]; d <= range[2]; d++)
            shortest = Math.min(shortest, Math.hypot(...v.map((x, k) => x + a * c[k] + b * c[3 + k] + d * c[6 + k])));
      assert.ok(Math.abs(length - shortest) < 1e-10, `${length} against ${shortest}`);
      times(
        Float64Array.from(v, (x, k) => vector[k] - x),
        m,
      ).forEach((n, k) => {
        // A whole number of lattice vectors along periodic directions, none along others.
        assert.ok(Math.abs(n - (pbc[k] ? Math.round(n) : 0)) < 1e-9);
      });
    }),
    { numRuns: 300 },
  );
});

test("wrapping fractions is not enough in a very skewed cell", () => {
  const vector = Float64Array.of(0.855, 0.135, 7); // fractions 0.45 and 0.45
  minimumImage([1, 0, 0, 0.9, 0.3, 0, 0, 0, 5], [true, true, false])(vector);
  // Minus b; one rounding of a subtraction.
  [-0.045, -0.165, 7].forEach((x, k) => {
    assert.ok(Math.abs(vector[k] - x) < 1e-15);
  });
});
