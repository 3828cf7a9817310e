/** Lattice arithmetic. A cell is [9]: three lattice vectors as rows, Å; a row of zeros where there is none. */

/** a × b of two rows. */
export function cross(a: ArrayLike<number>, b: ArrayLike<number>): [number, number, number] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
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

/** Number of lattice vectors that are not zero. */
export function rank(c: ArrayLike<number>): number {
  let count = 0;
  for (let k = 0; k < 3; k++) if (Math.hypot(c[3 * k], c[3 * k + 1], c[3 * k + 2]) > 1e-8) count++;
  return count;
}

/** The cell with unit vectors, orthogonal to the others, in place of the missing rows. */
export function completed(cell: ArrayLike<number>): Float64Array {
  const c = Float64Array.from(cell);
  const row = (k: number): Float64Array => c.subarray(3 * k, 3 * k + 3);
  const missing = [0, 1, 2].filter((k) => Math.hypot(...row(k)) < 1e-8);
  for (const k of missing) {
    const [a, b] = [row((k + 1) % 3), row((k + 2) % 3)];
    let n: number[] = cross(a, b);
    if (Math.hypot(...n) < 1e-8) {
      const one = Math.hypot(...a) > 1e-8 ? a : b;
      const axis = [0, 0, 0];
      if (Math.hypot(...one) < 1e-8) axis[k] = 1;
      else {
        let least = 0;
        for (let i = 1; i < 3; i++) if (Math.abs(one[i]) < Math.abs(one[least])) least = i;
        axis[least] = 1;
      }
      n = Math.hypot(...one) < 1e-8 ? axis : cross(one, axis);
    }
    const length = Math.hypot(...n);
    row(k).set(n.map((x) => x / length));
  }
  return c;
}

/** v·M of a row vector and a [3,3] matrix, read from `v` at `at`. */
export function times(v: ArrayLike<number>, m: ArrayLike<number>, at = 0): [number, number, number] {
  const [x, y, z] = [v[at], v[at + 1], v[at + 2]];
  return [x * m[0] + y * m[3] + z * m[6], x * m[1] + y * m[4] + z * m[7], x * m[2] + y * m[5] + z * m[8]];
}
