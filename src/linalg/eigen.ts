/** Eigenvalues and eigenvectors of small dense symmetric matrices: an adapter over ml-matrix (Householder, then QL). */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** A = Vᵀ diag(values) V with orthonormal rows of V. */
export interface Eigen {
  /** In ascending order, [n]. */
  readonly values: Float64Array;
  /** Row k belongs to `values[k]`, [n, n]. */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix.
 * @param matrix [n, n] by rows; only its symmetric half is meant
 * @throws RangeError if it is not square or holds a number that is not finite, on which the iteration would never end.
 */
export function symmetricEigen(matrix: Float64Array): Eigen {
  const n = Math.round(Math.sqrt(matrix.length));
  if (n * n !== matrix.length) throw new RangeError(`a square matrix has n² entries, not ${matrix.length}`);
  const bad = matrix.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw new RangeError(`entry (${Math.floor(bad / n)}, ${bad % n}) of the matrix is ${matrix[bad]}; all must be finite`);
  if (n === 0) return { values: new Float64Array(0), vectors: new Float64Array(0) };
  const solved = new EigenvalueDecomposition(Matrix.from1DArray(n, n, matrix), { assumeSymmetric: true });
  const order = solved.realEigenvalues.map((value, k): [number, number] => [value, k]).sort(([a], [b]) => a - b);
  return {
    values: Float64Array.from(order, ([value]) => value),
    vectors: Float64Array.from({ length: n * n }, (_, at) => solved.eigenvectorMatrix.get(at % n, order[Math.floor(at / n)][1])),
  };
}
