import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { denseKernels } from "../../src/engine/wasm/dense.ts";
import { type Machine, machine } from "../../src/engine/wasm/machine.ts";
import { addGram, cholesky, dot, product, solveLower, solveUpper } from "../../src/linalg/dense.ts";
import { random } from "../../src/linalg/random.ts";
import { fc } from "../properties.ts";

/** Of the largest result: both sides round sums of up to 150 terms, in different orders. */
const ROUNDING = 1e-12;

/** Sizes around the strides of the kernels (4 and 8), and some beyond their strips (48) and depths (128). */
const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 90, max: 150 }));
const options = { numRuns: 30 };

/** Numbers in a machine's memory; some blocks of some rows are zero. */
function jacobian({ floats }: Machine, m: number, blocks: number, block: number, seed: number): Float64Array {
  const { gaussian, uniform } = random(seed);
  const j = floats(m * blocks * block);
  for (let b = 0; b < m * blocks; b++) {
    const zero = uniform() < 0.4;
    for (let i = 0; i < block; i++) j[b * block + i] = zero ? 0 : gaussian();
  }
  return j;
}

function assertClose(actual: Float64Array, expected: Float64Array): void {
  const most = expected.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  for (let i = 0; i < expected.length; i++)
    assert.ok(Math.abs(actual[i] - expected[i]) <= ROUNDING * most, `${i}: ${actual[i]} against ${expected[i]}`);
}

function transposed(a: Float64Array, columns: number): Float64Array {
  const rows = a.length / columns;
  return a.map((_, at) => a[(at % rows) * columns + Math.floor(at / rows)]);
}

/** J Jᵀ + m for a J of m rows, lower triangle; well conditioned. */
function positive(m: number, seed: number): Float64Array {
  const { gaussian } = random(seed);
  const c = new Float64Array(m * m);
  const j = Float64Array.from(c, gaussian);
  addGram(j, m, m, c);
  for (let i = 0; i < m; i++) c[i * m + i] += m;
  return c;
}

describe("the kernels in WebAssembly, against plain TypeScript", () => {
  it("JᵀJ and J Jᵀ, on and below the diagonal, added to what is there", () => {
    const property = fc.property(size, fc.integer({ min: 1, max: 3 }), size, fc.nat(), (m, blocks, block, seed) => {
      const n = blocks * block;
      const on = machine();
      const k = denseKernels(on, Math.max(m, n), m);
      const j = jacobian(on, m, blocks, block, seed);
      const [byColumns, byRows] = [on.floats(n * n).fill(1), on.floats(m * m).fill(1)];
      const [columns, rows] = [new Float64Array(byColumns), new Float64Array(byRows)];
      k.addGram(j, m, n, block, byColumns);
      addGram(j, m, n, columns, 1, block);
      assertClose(byColumns, columns);
      k.addRowGram(j, m, n, block, byRows);
      addGram(transposed(j, n), n, m, rows);
      assertClose(byRows, rows);
    });
    fc.assert(property, options);
  });

  it("the Cholesky factor, and solving with it", () => {
    const property = fc.property(size, fc.nat(), (n, seed) => {
      const on = machine();
      const k = denseKernels(on, n, 1);
      const [l, x] = [on.floats(n * n), on.floats(n)];
      const expected = positive(n, seed);
      l.set(expected);
      assert.ok(k.cholesky(l, n) && cholesky(expected, n));
      assertClose(l, expected);
      const b = Float64Array.from(x, random(seed).gaussian);
      x.set(b);
      k.solve(l, n, x);
      solveLower(expected, n, b, 1);
      solveUpper(expected, n, b);
      assertClose(x, b);
    });
    fc.assert(property, options);
  });

  it("products with a vector", () => {
    const property = fc.property(size, size, fc.nat(), (m, n, seed) => {
      const on = machine();
      const k = denseKernels(on, 1, 1);
      const j = jacobian(on, m, 1, n, seed);
      const { gaussian } = random(seed);
      const [x, y] = [n, m].map((length) => new Float64Array(length).map(gaussian));
      const [inX, inY, jx, jty] = [on.floats(n), on.floats(m), on.floats(m), on.floats(n)];
      inX.set(x);
      inY.set(y);
      k.multiply(j, m, n, inX, jx);
      assertClose(
        jx,
        y.map((_, r) => dot(j, x, n, r * n)),
      );
      jty.set(x);
      k.addTransposed(j, m, n, inY, jty);
      const jt = transposed(j, n);
      assertClose(
        jty,
        x.map((value, i) => value + dot(jt, y, m, i * m)),
      );
    });
    fc.assert(property, options);
  });

  it("the inverse Hessian of BFGS: the one that its update makes of a matrix, pair by pair", () => {
    const property = fc.property(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 12 }), fc.nat(), (pairs, n, seed) => {
      const on = machine();
      const k = denseKernels(on, 8, 1);
      const { gaussian } = random(seed);
      const [s, y, curvature, q] = [on.floats(pairs * n), on.floats(pairs * n), on.floats(pairs), on.floats(n)];
      const scale = 0.3;
      let h = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? scale : 0));
      for (let p = 0; p < pairs; p++) {
        const move = Float64Array.from({ length: n }, gaussian);
        // Near the move, so that the curvature is well above zero.
        const change = move.map((x) => 2 * x + 0.3 * gaussian());
        const sy = dot(move, change, n);
        s.set(move, p * n);
        y.set(change, p * n);
        curvature[p] = sy;
        const hy = change.map((_, i) => dot(h, change, n, i * n));
        const factor = (1 + dot(change, hy, n) / sy) / sy;
        h = h.map((x, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          return x + factor * move[i] * move[j] - (hy[i] * move[j] + move[i] * hy[j]) / sy;
        });
      }
      const x = Float64Array.from({ length: n }, gaussian);
      q.set(x);
      k.inverseHessian(s, y, curvature, pairs, n, scale, q);
      assertClose(
        q,
        x.map((_, i) => dot(h, x, n, i * n)),
      );
    });
    fc.assert(property, options);
  });

  it("what a Kalman filter does with its matrices", () => {
    const property = fc.property(size, size, fc.nat(), (m, n, seed) => {
      const on = machine();
      const k = denseKernels(on, Math.max(m, n), m);
      const [l, b, c, square] = [on.floats(m * m), on.floats((m + 1) * n), on.floats(m * n), on.floats(n * n)];
      const { gaussian } = random(seed);
      b.set(Float64Array.from({ length: m * n }, gaussian));
      square.set(Float64Array.from(square, gaussian));
      k.multiplyRows(b, m, n, square, n, c);
      const expected = new Float64Array(m * n);
      product(b, m, square, n, n, expected);
      assertClose(c, expected);
      l.set(positive(m, seed));
      assert.ok(k.cholesky(l, m));
      k.solveLowerRows(l, m, c, n);
      solveLower(l, m, expected, n);
      assertClose(c, expected);
      k.mirror(square, n);
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) assert.equal(square[j * n + i], square[i * n + j]);
    });
    fc.assert(property, options);
  });

  it("are the same to the bit in another instance, whatever its memory held", () => {
    const n = 101;
    const [first, second] = [0, 3].map((before) => {
      const on = machine();
      const k = denseKernels(on, n, 1);
      on.floats(before);
      const l = on.floats(n * n);
      l.set(positive(n, 7));
      k.cholesky(l, n);
      return l.slice();
    });
    assert.deepEqual(first, second);
  });

  it("say that a matrix is not positive definite", () => {
    const n = 60;
    for (const at of [0, 20, 59]) {
      const on = machine();
      const k = denseKernels(on, n, 1);
      const a = on.floats(n * n);
      for (let i = 0; i < n; i++) a[i * n + i] = i === at ? -1 : 1;
      assert.equal(k.cholesky(a, n), false);
    }
  });

  it("have memory that grows and is taken back, clean, and says what is too much", () => {
    const on = machine();
    const first = on.floats(3).fill(1);
    const mark = on.mark();
    on.floats(200_000).fill(2);
    assert.deepEqual(first, Float64Array.of(1, 1, 1));
    on.release(mark);
    assert.ok(on.floats(1000).every((x) => x === 0) && on.integers(1000).every((x) => x === 0));
    assert.throws(() => on.floats(2 ** 30), /8\.0 GiB are needed/);
    assert.equal(on.floats(1).length, 1);
  });
});
