/**
 * Root mean square distance of two sets of points after the best translation and proper rotation, by the largest eigenvalue of the
 * quaternion matrix. Horn, J. Opt. Soc. Am. A 4, 629 (1987).
 */
import { symmetricEigen } from "../linalg/eigen.ts";

/**
 * RMSD after superposition.
 * @param a [3N]
 * @param b [3N], in the same order
 */
export function superposedRmsd(a: Float64Array, b: Float64Array): number {
  const n = a.length / 3;
  const [p, q] = [centred(a), centred(b)];
  const m = new Float64Array(9);
  let squares = 0;
  for (let i = 0; i < 3 * n; i++) squares += p[i] * p[i] + q[i] * q[i];
  for (let i = 0; i < n; i++) for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) m[3 * r + c] += p[3 * i + r] * q[3 * i + c];
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = m;
  const { values } = symmetricEigen(
    Float64Array.of(
      ...[xx + yy + zz, yz - zy, zx - xz, xy - yx],
      ...[yz - zy, xx - yy - zz, xy + yx, zx + xz],
      ...[zx - xz, xy + yx, yy - xx - zz, yz + zy],
      ...[xy - yx, zx + xz, yz + zy, zz - xx - yy],
    ),
  );
  // Rounding can leave a tiny negative number for equal sets.
  return Math.sqrt(Math.max(0, squares - 2 * values[3]) / n);
}

function centred(a: Float64Array): Float64Array {
  const n = a.length / 3;
  const mean = [0, 0, 0];
  a.forEach((x, k) => {
    mean[k % 3] += x / n;
  });
  return a.map((x, k) => x - mean[k % 3]);
}
