import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { symmetricEigen } from "../../src/linalg/eigen.ts";
import { fc } from "../properties.ts";

describe("symmetric eigenvalues", () => {
  it("vectors are orthonormal rows, in ascending order of their values, and give the matrix back", () => {
    const n = 7;
    const entry = fc.double({ min: -50, max: 50, noNaN: true });
    fc.assert(
      fc.property(fc.array(entry, { minLength: n * n, maxLength: n * n }), (given) => {
        const a = Float64Array.from(given, (_, at) => given[at] + given[n * (at % n) + Math.floor(at / n)]);
        const { values, vectors } = symmetricEigen(a);
        for (let i = 0; i < n; i++) {
          if (i > 0) assert.ok(values[i] >= values[i - 1]);
          for (let j = 0; j < n; j++) {
            let [overlap, rebuilt] = [0, 0];
            for (let k = 0; k < n; k++) {
              overlap += vectors[n * i + k] * vectors[n * j + k];
              rebuilt += values[k] * vectors[n * k + i] * vectors[n * k + j];
            }
            // Rounding of a few operations on numbers up to 1, and up to 700.
            assert.ok(Math.abs(overlap - (i === j ? 1 : 0)) < 1e-12);
            assert.ok(Math.abs(rebuilt - a[n * i + j]) < 1e-10);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("knows the values of a matrix solved by hand, and the empty one", () => {
    // Rounding only.
    const { values } = symmetricEigen(Float64Array.of(2, 1, 1, 2));
    assert.ok(Math.abs(values[0] - 1) < 1e-14 && Math.abs(values[1] - 3) < 1e-14);
    assert.equal(symmetricEigen(new Float64Array(0)).values.length, 0);
  });

  it("refuses what it would not end on", () => {
    assert.throws(() => symmetricEigen(Float64Array.of(1, 0, 0, Number.NaN)), /entry \(1, 1\) of the matrix is NaN; all must be finite/);
    assert.throws(() => symmetricEigen(new Float64Array(3)), /a square matrix has n² entries, not 3/);
  });
});
