/** Lattice arithmetic. A cell is [9]: three lattice vectors as rows, Å; a row of zeros where there is none. */

import { norm } from "./elementary.ts";

/** a × b of two rows. */
function cross(a: ArrayLike<number>, b: ArrayLike<number>): [number, number, number] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function lengthOf(v: ArrayLike<number>): number {
  return norm(v[0], v[1], v[2]);
}

/** Signed volume of the parallelepiped, Å³. */
export function determinant(c: ArrayLike<number>): number {
  return c[0] * (c[4] * c[8] - c[5] * c[7]) - c[1] * (c[3] * c[8] - c[5] * c[6]) + c[2] * (c[3] * c[7] - c[4] * c[6]);
}

/**
 * Inverse of a [3,3] matrix stored by rows.
 * @throws RangeError if it is singular.
 */
export function inverse(c: ArrayLike<number>): Float64Array {
  const det = determinant(c);
  if (Math.abs(det) < 1e-12) throw new RangeError(`the cell has volume ${Math.abs(det)} Å³; its lattice vectors must be independent`);
  const m = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const [p, q, r, s] = [(j + 1) % 3, (j + 2) % 3, (i + 1) % 3, (i + 2) % 3];
      m[3 * i + j] = (c[3 * p + r] * c[3 * q + s] - c[3 * p + s] * c[3 * q + r]) / det;
    }
  }
  return m;
}

/** Distances between the lattice planes along each vector, Å, from the inverse of a cell, whose columns are the reciprocal vectors. */
export function planeDistances(toFraction: ArrayLike<number>): [number, number, number] {
  const distance = (k: number): number => 1 / norm(toFraction[k], toFraction[3 + k], toFraction[6 + k]);
  return [distance(0), distance(1), distance(2)];
}

/** Whether lattice vector `k` is there. */
export function hasVector(c: ArrayLike<number>, k: number): boolean {
  return norm(c[3 * k], c[3 * k + 1], c[3 * k + 2]) > 1e-8;
}

/** Number of lattice vectors that are not zero. */
export function rank(c: ArrayLike<number>): number {
  return [0, 1, 2].filter((k) => hasVector(c, k)).length;
}

/** The cell with unit vectors, orthogonal to the others, in place of the missing rows. */
export function completed(cell: ArrayLike<number>): Float64Array {
  const c = Float64Array.from(cell);
  const row = (k: number): Float64Array => c.subarray(3 * k, 3 * k + 3);
  const missing = [0, 1, 2].filter((k) => !hasVector(c, k));
  for (const k of missing) {
    const [a, b] = [row((k + 1) % 3), row((k + 2) % 3)];
    let n: number[] = cross(a, b);
    if (lengthOf(n) < 1e-8) {
      const one = lengthOf(a) > 1e-8 ? a : b;
      const axis = [0, 0, 0];
      if (lengthOf(one) < 1e-8) axis[k] = 1;
      else {
        let least = 0;
        for (let i = 1; i < 3; i++) if (Math.abs(one[i]) < Math.abs(one[least])) least = i;
        axis[least] = 1;
      }
      n = lengthOf(one) < 1e-8 ? axis : cross(one, axis);
    }
    const length = lengthOf(n);
    row(k).set(n.map((x) => x / length));
  }
  return c;
}

/**
 * The completed cell of a structure.
 * @throws RangeError if a periodic direction has no lattice vector.
 */
export function latticeOf(cell: ArrayLike<number>, pbc: readonly boolean[]): Float64Array {
  const k = [0, 1, 2].find((direction) => pbc[direction] && !hasVector(cell, direction));
  if (k !== undefined)
    throw new RangeError(`direction ${"abc"[k]} is periodic but its lattice vector is zero; give a cell or set pbc to false there`);
  return completed(cell);
}

/** v·M of a row vector and a [3,3] matrix, read from `v` at `at`. */
export function times(v: ArrayLike<number>, m: ArrayLike<number>, at = 0): [number, number, number] {
  const [x, y, z] = [v[at], v[at + 1], v[at + 2]];
  return [x * m[0] + y * m[3] + z * m[6], x * m[1] + y * m[4] + z * m[7], x * m[2] + y * m[5] + z * m[8]];
}

/**
 * A function that shortens a vector ([3] Å, in place) to its shortest periodic image and returns the length. It is exact for any cell:
 * an image no longer than d has |fraction_k| <= d / height_k, so only those are tried. Of images equally long the first found stays.
 * @param cell [9] Å, rows
 * @throws RangeError if a periodic direction has no independent lattice vector.
 */
export function minimumImage(cell: ArrayLike<number>, pbc: readonly boolean[]): (vector: Float64Array) => number {
  const lattice = latticeOf(cell, pbc);
  const toFraction = inverse(lattice);
  const height = planeDistances(toFraction);
  const safe = Math.min(...height.filter((_, k) => pbc[k])) / 2;
  const least = [0, 0, 0];
  const most = [0, 0, 0];
  return (v) => {
    const f = times(v, toFraction);
    for (let k = 0; k < 3; k++) {
      const n = pbc[k] ? Math.round(f[k]) : 0;
      f[k] -= n;
      if (n !== 0) for (let c = 0; c < 3; c++) v[c] -= n * lattice[3 * k + c];
    }
    let best = norm(v[0], v[1], v[2]);
    if (best <= safe) return best;
    for (let k = 0; k < 3; k++) {
      least[k] = pbc[k] ? Math.ceil(-best / height[k] - f[k]) : 0;
      most[k] = pbc[k] ? Math.floor(best / height[k] - f[k]) : 0;
    }
    const [x, y, z] = v;
    for (let a = least[0]; a <= most[0]; a++) {
      for (let b = least[1]; b <= most[1]; b++) {
        for (let c = least[2]; c <= most[2]; c++) {
          const p = x + a * lattice[0] + b * lattice[3] + c * lattice[6];
          const q = y + a * lattice[1] + b * lattice[4] + c * lattice[7];
          const r = z + a * lattice[2] + b * lattice[5] + c * lattice[8];
          const length = norm(p, q, r);
          // Rounding must not decide between images equally long.
          if (length >= best * (1 - 1e-12)) continue;
          best = length;
          v.set([p, q, r]);
        }
      }
    }
    return best;
  };
}

/** Row and column of the six components of a symmetric tensor in the order of a stress: xx, yy, zz, yz, xz, xy. */
export const VOIGT: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [2, 2],
  [1, 2],
  [0, 2],
  [0, 1],
];
