/**
 * Dense matrices by rows in Float64Array: the few products and the Cholesky factor that training needs, in place and without copies
 * (a library's matrix would be filled and emptied at every step).
 */

/** A Float64Array that worker threads can read without a copy, where the platform has shared memory. */
export function shared(length: number): Float64Array {
  return typeof SharedArrayBuffer === "undefined" ? new Float64Array(length) : new Float64Array(new SharedArrayBuffer(8 * length));
}

/** a·b over `n` entries from the given offsets, in four partial sums. */
export function dot(a: Float64Array, b: Float64Array, n: number, atA = 0, atB = 0): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < n; k += 4) {
    s0 += a[atA + k] * b[atB + k];
    s1 += a[atA + k + 1] * b[atB + k + 1];
    s2 += a[atA + k + 2] * b[atB + k + 2];
    s3 += a[atA + k + 3] * b[atB + k + 3];
  }
  for (; k < n; k++) s0 += a[atA + k] * b[atB + k];
  return s0 + s1 + (s2 + s3);
}

/**
 * c += sign JᵀJ for the lower triangle, four rows of J at a time; columns where all four are zero are passed over.
 * @param rows J, [m][n]
 * @param c [n][n]; only entries with column <= row are touched
 */
export function addGram(rows: Float64Array, m: number, n: number, c: Float64Array, sign = 1): void {
  for (let r = 0; r < m; r += 4) {
    const [p, q, s, t] = [r, r + 1, r + 2, r + 3].map((k) => Math.min(k, m - 1) * n);
    const [hasQ, hasS, hasT] = [r + 1 < m ? sign : 0, r + 2 < m ? sign : 0, r + 3 < m ? sign : 0];
    for (let i = 0; i < n; i++) {
      const a = sign * rows[p + i];
      const b = hasQ * rows[q + i];
      const d = hasS * rows[s + i];
      const e = hasT * rows[t + i];
      if (a === 0 && b === 0 && d === 0 && e === 0) continue;
      const at = i * n;
      for (let j = 0; j <= i; j++) c[at + j] += a * rows[p + j] + b * rows[q + j] + (d * rows[s + j] + e * rows[t + j]);
    }
  }
}

/** Copies the lower triangle of c, [n][n], to the upper. */
export function mirror(c: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) c[j * n + i] = c[i * n + j];
}

/** A Bᵀ into out, [p][q], for A [p][k] and B [q][k]; two by two, so that each row is read half as often. */
export function timesTransposed(a: Float64Array, p: number, b: Float64Array, q: number, k: number, out: Float64Array): void {
  for (let i = 0; i < p; i += 2) {
    const [i0, i1] = [i * k, Math.min(i + 1, p - 1) * k];
    for (let j = 0; j < q; j += 2) {
      const [j0, j1] = [j * k, Math.min(j + 1, q - 1) * k];
      let [s00, s01, s10, s11] = [0, 0, 0, 0];
      for (let l = 0; l < k; l++) {
        const [x, y, u, v] = [a[i0 + l], a[i1 + l], b[j0 + l], b[j1 + l]];
        s00 += x * u;
        s01 += x * v;
        s10 += y * u;
        s11 += y * v;
      }
      out[i * q + j] = s00;
      if (j + 1 < q) out[i * q + j + 1] = s01;
      if (i + 1 < p) out[(i + 1) * q + j] = s10;
      if (i + 1 < p && j + 1 < q) out[(i + 1) * q + j + 1] = s11;
    }
  }
}

/** Replaces the lower triangle of a symmetric A, [n][n], by its Cholesky factor L (A = L Lᵀ); false if A is not positive definite. */
export function cholesky(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const rest = a[i * n + j] - dot(a, a, j, i * n, j * n);
      if (i > j) a[i * n + j] = rest / a[j * n + j];
      else if (rest > 0) a[i * n + i] = Math.sqrt(rest);
      else return false;
    }
  }
  return true;
}

/** Solves L X = B in place for B [n][columns], with L from `cholesky`. */
export function solveLower(l: Float64Array, n: number, b: Float64Array, columns: number): void {
  for (let i = 0; i < n; i++) {
    const row = i * columns;
    for (let j = 0; j < i; j++) {
      const factor = l[i * n + j];
      for (let c = 0; c < columns; c++) b[row + c] -= factor * b[j * columns + c];
    }
    for (let c = 0; c < columns; c++) b[row + c] /= l[i * n + i];
  }
}

/** Solves Lᵀ x = b in place, with L from `cholesky`. */
export function solveUpper(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    b[i] /= l[i * n + i];
    for (let j = 0; j < i; j++) b[j] -= l[i * n + j] * b[i];
  }
}
