/**
 * The dense kernels of `assembly/dense.ts`, over arrays of a machine. `linalg/dense.ts` says the same in plain TypeScript and is their oracle.
 * Sums are taken in another order there: results agree to rounding, not to the bit.
 */
import type { Machine } from "./machine.ts";

/** Kernels over arrays of one machine. Matrices by rows, [rows][columns]. */
export interface DenseKernels {
  /** c += JᵀJ, lower triangle of [n][n], for J [m][n]. Columns come in blocks; a row that is zero in a block is passed over there. */
  addGram(j: Float64Array, m: number, n: number, block: number, c: Float64Array): void;
  /** c += JJᵀ, lower triangle of [m][m], for J [m][n], likewise by fours of rows. */
  addRowGram(j: Float64Array, m: number, n: number, block: number, c: Float64Array): void;
  /** Replaces the lower triangle of a symmetric A, [n][n], by its Cholesky factor L (A = L Lᵀ); false if A is not positive definite. */
  cholesky(a: Float64Array, n: number): boolean;
  /** Solves L Lᵀ x = b in place, with L from `cholesky`. */
  solve(l: Float64Array, n: number, b: Float64Array): void;
  /** out = J x for J [m][n]. */
  multiply(j: Float64Array, m: number, n: number, x: Float64Array, out: Float64Array): void;
  /** out += Jᵀ y for J [m][n]. */
  addTransposed(j: Float64Array, m: number, n: number, y: Float64Array, out: Float64Array): void;
  /** Solves L X = B in place for B [n][columns], with L from `cholesky`. */
  solveLowerRows(l: Float64Array, n: number, b: Float64Array, columns: number): void;
  /** Copies the lower triangle of c, [n][n], to the upper. */
  mirror(c: Float64Array, n: number): void;
  /** c = A B for A [p][k], followed by a row more if p is odd, and B [k][n]. */
  multiplyRows(a: Float64Array, p: number, k: number, b: Float64Array, n: number, c: Float64Array): void;
  /** q = H q for the inverse Hessian of BFGS that k pairs s and y, [k][n], with their products s·y, [k], have made of `scale` times the identity. */
  inverseHessian(s: Float64Array, y: Float64Array, curvature: Float64Array, k: number, n: number, scale: number, q: Float64Array): void;
}

/**
 * Dense kernels in a machine.
 * @param lanes most rows or columns of a result
 * @param depth most rows of J in a call of `addGram`
 */
export function denseKernels({ kernels, floats }: Machine, lanes: number, depth: number): DenseKernels {
  const work = floats(kernels.workSize(lanes, depth)).byteOffset;
  return {
    addGram: (j, m, n, block, c) => kernels.addGram(j.byteOffset, m, n, block, c.byteOffset, work),
    addRowGram: (j, m, n, block, c) => kernels.addRowGram(j.byteOffset, m, n, block, c.byteOffset, work),
    cholesky: (a, n) => kernels.cholesky(a.byteOffset, n, work) !== 0,
    solve: (l, n, b) => {
      kernels.solveLower(l.byteOffset, n, b.byteOffset);
      kernels.solveUpper(l.byteOffset, n, b.byteOffset);
    },
    multiply: (j, m, n, x, out) => kernels.multiply(j.byteOffset, m, n, x.byteOffset, out.byteOffset),
    solveLowerRows: (l, n, b, columns) => kernels.solveLowerRows(l.byteOffset, n, b.byteOffset, columns),
    mirror: (c, n) => kernels.mirror(c.byteOffset, n),
    multiplyRows: (a, p, k, b, n, c) => kernels.multiplyRows(a.byteOffset, p, k, b.byteOffset, n, c.byteOffset),
    inverseHessian: (s, y, curvature, k, n, scale, q) =>
      kernels.inverseHessian(s.byteOffset, y.byteOffset, curvature.byteOffset, k, n, scale, q.byteOffset, work),
    addTransposed: (j, m, n, y, out) => kernels.addTransposed(j.byteOffset, m, n, y.byteOffset, out.byteOffset),
  };
}
