import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addGram, cholesky, dot, product, solveLower, solveUpper } from "../../src/linalg/dense.ts";
import { random } from "../../src/linalg/random.ts";
import { fc } from "../properties.ts";

/** Sums of up to 40 products of numbers near 1: rounding is below 1e-14 of a result near 10. */
const ROUNDING = 1e-12;

/** Sizes around the strides of the kernels, 2, 3 and 4. */
const sizes = fc.record({
  m: fc.integer({ min: 1, max: 14 }),
  n: fc.integer({ min: 1, max: 14 }),
  k: fc.integer({ min: 1, max: 14 }),
  seed: fc.nat(),
});

function matrix(rows: number, columns: number, seed: number): Float64Array {
  const { gaussian } = random(seed);
  return Float64Array.from({ length: rows * columns }, gaussian);
}

/** A Bᵀ, [p][q], for A [p][k] and B [q][k], as it is written in a book. */
function timesTransposed(a: Float64Array, b: Float64Array, k: number): Float64Array {
  const [p, q] = [a.length / k, b.length / k];
  return Float64Array.from({ length: p * q }, (_, at) => {
    let sum = 0;
    for (let l = 0; l < k; l++) sum += a[Math.floor(at / q) * k + l] * b[(at % q) * k + l];
    return sum;
  });
}

function transposed(a: Float64Array, columns: number): Float64Array {
  const rows = a.length / columns;
  return a.map((_, at) => a[(at % rows) * columns + Math.floor(at / rows)]);
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, bound = ROUNDING): void {
  assert.equal(actual.length, expected.length);
  for (let k = 0; k < expected.length; k++)
    assert.ok(Math.abs(actual[k] - expected[k]) <= bound, `${k}: ${actual[k]} against ${expected[k]}`);
}

/** The lower triangle of one matrix and the upper of another. */
function lowerOf(lower: Float64Array, upper: Float64Array, n: number): Float64Array {
  return lower.map((x, at) => (at % n <= Math.floor(at / n) ? x : upper[at]));
}

/** A positive definite matrix: B Bᵀ + 1. */
function positive(n: number, seed: number): Float64Array {
  const b = matrix(n, n, seed);
  return timesTransposed(b, b, n).map((x, at) => (at % (n + 1) === 0 ? x + 1 : x));
}

describe("dense matrices", () => {
  it("a dot product starts at its offsets and ends after n", () => {
    const [a, b] = [matrix(1, 20, 1), matrix(1, 20, 2)];
    for (let n = 0; n < 12; n++) {
      let expected = 0;
      for (let k = 0; k < n; k++) expected += a[3 + k] * b[5 + k];
      assertClose([dot(a, b, n, 3, 5)], [expected]);
    }
  });

  it("addGram adds ± JᵀJ to the lower triangle and leaves the upper alone", () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(1, -1), ({ m, n, seed }, sign) => {
        const [j, c] = [matrix(m, n, seed), matrix(n, n, seed + 1)];
        const columns = transposed(j, n);
        const gram = timesTransposed(columns, columns, m);
        const expected = lowerOf(
          c.map((x, at) => x + sign * gram[at]),
          c,
          n,
        );
        addGram(j, m, n, c, sign);
        assertClose(c, expected);
      }),
    );
  });

  it("addGram with blocks, some of them zero in some rows, is addGram", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), sizes, (block, many, { m, seed }) => {
        const n = block * many;
        const j = matrix(m, n, seed);
        const { uniform } = random(seed, 1);
        for (let r = 0; r < m; r++)
          for (let b = 0; b < many; b++) if (uniform() < 0.6) j.fill(0, r * n + b * block, r * n + (b + 1) * block);
        const [whole, blocks] = [new Float64Array(n * n), new Float64Array(n * n)];
        addGram(j, m, n, whole);
        addGram(j, m, n, blocks, 1, block);
        assertClose(blocks, whole);
      }),
    );
  });

  it("product is A B, whatever stood in its place, zeros in A included", () => {
    fc.assert(
      fc.property(sizes, ({ m, n, k, seed }) => {
        const [a, b] = [matrix(m, k, seed), matrix(k, n, seed + 1)];
        const { uniform } = random(seed, 1);
        for (let i = 0; i < a.length; i++) if (uniform() < 0.5) a[i] = 0;
        const out = matrix(m, n, seed + 2);
        product(a, m, b, k, n, out);
        assertClose(out, timesTransposed(a, transposed(b, n), k));
      }),
    );
  });

  it("L Lᵀ is A, and the solves undo it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (n, columns, seed) => {
        const a = positive(n, seed);
        const factor = a.slice();
        assert.ok(cholesky(factor, n));
        assertClose(lowerOf(factor, a, n), lowerOf(factor, factor, n), 0); // the upper triangle is left alone
        const l = lowerOf(factor, new Float64Array(n * n), n);
        // Entries of A reach 100; its condition number stays below 1e3.
        assertClose(timesTransposed(l, l, n), a, 1e-11);
        const b = matrix(n, columns, seed + 1);
        const x = b.slice();
        solveLower(factor, n, x, columns);
        assertClose(timesTransposed(l, transposed(x, columns), n), b, 1e-11);
        const [right, solution] = [matrix(n, 1, seed + 2), matrix(n, 1, seed + 2)];
        solveLower(factor, n, solution, 1);
        solveUpper(factor, n, solution);
        assertClose(timesTransposed(a, solution, n), right, 1e-10);
      }),
    );
  });

  it("a matrix that is not positive definite has no factor, wherever its bad pivot is", () => {
    for (let n = 1; n < 11; n++) {
      for (let bad = 0; bad < n; bad++) {
        const a = positive(n, n);
        a[bad * n + bad] = -1;
        assert.equal(cholesky(a, n), false);
      }
    }
    assert.equal(cholesky(Float64Array.of(Number.NaN), 1), false);
  });
});
