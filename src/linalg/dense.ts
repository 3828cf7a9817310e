/**
 * Dense matrices by rows in Float64Array: the few products and the Cholesky factor that training needs, in place and without copies
 * (a library's matrix would be filled and emptied at every step). All of them rest on one kernel, `addFour`: two rows of the result take
 * four rows of a factor at a time, so that each number read is used twice and each result read and written once in four.
 */

/** A Float64Array that worker threads can read without a copy, where the platform has shared memory. */
export function shared(length: number): Float64Array {
  return typeof SharedArrayBuffer === "undefined" ? new Float64Array(length) : new Float64Array(new SharedArrayBuffer(8 * length));
}

/** a·b over `n` entries from the given offsets, in four partial sums. */
export function dot(a: Float64Array, b: Float64Array, n: number, atA = 0, atB = 0): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
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
 * c += sign JᵀJ for the lower triangle.
 * @param rows J, [m][n]
 * @param c [n][n]; only entries with column <= row are touched
 * @param block columns come in blocks of this length, and a block in which rows are zero is passed over
 */
export function addGram(rows: Float64Array, m: number, n: number, c: Float64Array, sign = 1, block: number = n): void {
  const source = new Int32Array(4);
  const factors = new Float64Array(8);
  const live: number[] = []; // where the blocks start that are not zero in all four rows
  for (let r = 0; r < m; r += 4) {
    const count = fourRows(source, r, m, n);
    live.length = 0;
    for (let from = 0; from < n; from += block) if (!isZero(rows, source, count, from, from + block)) live.push(from);
    for (const from of live) {
      const end = from + block;
      for (let i = from; i < end; i += 2) {
        const next = Math.min(i + 1, end - 1);
        for (let k = 0; k < 4; k++) {
          factors[k] = k < count ? sign * rows[source[k] + i] : 0;
          factors[4 + k] = k < count && next > i ? sign * rows[source[k] + next] : 0;
        }
        for (const other of live) {
          if (other > from) break;
          addFour(c, i * n, next * n, rows, source, factors, other, Math.min(other + block, i + 1));
        }
        if (next > i) for (let k = 0; k < 4; k++) c[next * n + next] += factors[4 + k] * rows[source[k] + next];
      }
    }
  }
}

/** A B into out, [p][n], for A [p][k] and B [k][n]. Where rows of A have zeros together nothing is done. */
export function product(a: Float64Array, p: number, b: Float64Array, k: number, n: number, out: Float64Array): void {
  out.fill(0, 0, p * n);
  const source = new Int32Array(4);
  const factors = new Float64Array(8);
  for (let l = 0; l < k; l += 4) {
    const count = fourRows(source, l, k, n);
    for (let i = 0; i < p; i += 2) {
      const next = Math.min(i + 1, p - 1);
      let any = false;
      for (let q = 0; q < 4; q++) {
        factors[q] = q < count ? a[i * k + l + q] : 0;
        factors[4 + q] = q < count && next > i ? a[next * k + l + q] : 0;
        any ||= factors[q] !== 0 || factors[4 + q] !== 0;
      }
      if (any) addFour(out, i * n, next * n, b, source, factors, 0, n);
    }
  }
}

/** Replaces the lower triangle of a symmetric A, [n][n], by its Cholesky factor L (A = L Lᵀ); false if A is not positive definite. */
export function cholesky(a: Float64Array, n: number): boolean {
  const panel = new Float64Array(4 * n); // four columns of L as rows
  const source = Int32Array.of(0, n, 2 * n, 3 * n);
  const factors = new Float64Array(8);
  for (let from = 0; from < n; from += 4) {
    const end = Math.min(from + 4, n);
    for (let j = from; j < end; j++) {
      for (let i = j; i < n; i++) {
        let rest = a[i * n + j];
        for (let k = from; k < j; k++) rest -= a[i * n + k] * a[j * n + k];
        if (i > j) a[i * n + j] = rest / a[j * n + j];
        else if (rest > 0) a[j * n + j] = Math.sqrt(rest);
        else return false;
        panel[(j - from) * n + i] = a[i * n + j];
      }
    }
    // What these columns contribute to the rest of the triangle.
    for (let i = end; i < n; i += 2) {
      const next = Math.min(i + 1, n - 1);
      for (let k = 0; k < 4; k++) {
        factors[k] = -panel[source[k] + i];
        factors[4 + k] = next > i ? -panel[source[k] + next] : 0;
      }
      addFour(a, i * n, next * n, panel, source, factors, end, i + 1);
      if (next > i) for (let k = 0; k < 4; k++) a[next * n + next] += factors[4 + k] * panel[source[k] + next];
    }
  }
  return true;
}

/** Solves L X = B in place for B [n][columns], with L from `cholesky`. */
export function solveLower(l: Float64Array, n: number, b: Float64Array, columns: number): void {
  const source = new Int32Array(4);
  const factors = new Float64Array(8);
  for (let from = 0; from < n; from += 4) {
    const count = fourRows(source, from, n, columns);
    for (let i = from; i < from + count; i++) {
      for (let j = from; j < i; j++) for (let c = 0; c < columns; c++) b[i * columns + c] -= l[i * n + j] * b[j * columns + c];
      for (let c = 0; c < columns; c++) b[i * columns + c] /= l[i * n + i];
    }
    for (let i = from + 4; i < n; i += 2) {
      const next = Math.min(i + 1, n - 1);
      for (let k = 0; k < 4; k++) {
        factors[k] = -l[i * n + from + k];
        factors[4 + k] = next > i ? -l[next * n + from + k] : 0;
      }
      addFour(b, i * columns, next * columns, b, source, factors, 0, columns);
    }
  }
}

/** Solves Lᵀ x = b in place, with L from `cholesky`. */
export function solveUpper(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    b[i] /= l[i * n + i];
    for (let j = 0; j < i; j++) b[j] -= l[i * n + j] * b[i];
  }
}

/**
 * out[at + j] += Σ_k factors[k] rows[source[k] + j] and out[next + j] += Σ_k factors[4 + k] rows[source[k] + j] for from <= j < end.
 * A lone last row has next = at and zeros for its second four factors.
 */
function addFour(
  out: Float64Array,
  at: number,
  next: number,
  rows: Float64Array,
  source: Int32Array,
  factors: Float64Array,
  from: number,
  end: number,
): void {
  const p = source[0];
  const q = source[1];
  const r = source[2];
  const s = source[3];
  const a0 = factors[0];
  const a1 = factors[1];
  const a2 = factors[2];
  const a3 = factors[3];
  const b0 = factors[4];
  const b1 = factors[5];
  const b2 = factors[6];
  const b3 = factors[7];
  for (let j = from; j < end; j++) {
    const x = rows[p + j];
    const y = rows[q + j];
    const z = rows[r + j];
    const w = rows[s + j];
    out[at + j] += a0 * x + a1 * y + (a2 * z + a3 * w);
    out[next + j] += b0 * x + b1 * y + (b2 * z + b3 * w);
  }
}

/** Offsets of four rows of n from row r, those beyond the last standing on it; returns how many there are. */
function fourRows(source: Int32Array, r: number, m: number, n: number): number {
  for (let k = 0; k < 4; k++) source[k] = Math.min(r + k, m - 1) * n;
  return Math.min(4, m - r);
}

/** Whether the columns from .. end are zero in all these rows. */
function isZero(rows: Float64Array, source: Int32Array, count: number, from: number, end: number): boolean {
  for (let k = 0; k < count; k++) for (let j = from; j < end; j++) if (rows[source[k] + j] !== 0) return false;
  return true;
}
