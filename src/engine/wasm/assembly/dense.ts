/**
 * Dense kernels in AssemblyScript: Gram matrices, the Cholesky factor and its triangular solves, in f64 by SIMD of two lanes.
 * All that is large is a product of panels. A panel holds four rows (or columns) of a matrix side by side, [depth][4], so that a tile of
 * 4 x 4 results is one pass over two panels with the sums in eight registers; Goto, van de Geijn, ACM Trans. Math. Softw. 34, 12 (2008).
 * No relaxed SIMD and no fused multiply-add, and sums in an order of their own: the same bits on every machine.
 * Addresses in bytes, sizes in numbers, matrices by rows. `work` is scratch of `workSize` numbers.
 */
import { product } from "./product";

/** Depth to which rows are packed: five panels of it stay in the first cache. */
const DEPTH: i32 = 128;
/** Columns of L that are finished before the rest of the triangle hears of them. */
const STRIP: i32 = 48;
/** Panels that meet another panel while it is in the first cache. */
const GROUP: i32 = 4;
/** Numbers in a tile, whose sums lie at the start of `work`. */
const TILE: i32 = 16;

/** Numbers of scratch for up to `lanes` rows or columns of a result, and `depth` rows of J in a call of `addGram`. */
export function workSize(lanes: i32, depth: i32): i32 {
  const panels = (lanes + 3) / 4;
  return TILE + depth + 2 * panels * (4 * max(depth, DEPTH) + 1);
}

/** c += JᵀJ, lower triangle, for J [m][n]: columns come in blocks, and rows that are zero in a block are passed over there. */
export function addGram(j: usize, m: i32, n: i32, block: i32, c: usize, work: usize): void {
  const most = (block + 3) / 4;
  const live = work + bytes(TILE);
  const a = live + bytes(m);
  const b = a + bytes(4 * most * m);
  const atA = b + bytes(4 * most * m);
  const atB = atA + bytes(most);
  for (let from = 0; from < n; from += block) {
    for (let other = 0; other <= from; other += block) {
      let depth = 0;
      for (let r = 0; r < m; r++) {
        const row = j + bytes(r * n);
        if (isZero(row, from, from + block) || isZero(row, other, other + block)) continue;
        store<usize>(live + ((<usize>depth) << 2), row);
        depth++;
      }
      if (depth === 0) continue;
      packColumns(live, depth, from, from + block, a, atA);
      if (other === from) {
        addProduct(a, atA, most, from + block, a, atA, most, depth, c, n, 1, work);
      } else {
        packColumns(live, depth, other, other + block, b, atB);
        addProduct(a, atA, most, from + block, b, atB, most, depth, c, n, 1, work);
      }
    }
  }
}

/** c += JJᵀ, lower triangle of [m][m], for J [m][n]: four rows that are zero in a block of columns are passed over there. */
export function addRowGram(j: usize, m: i32, n: i32, block: i32, c: usize, work: usize): void {
  const a = work + bytes(TILE);
  const at = a + bytes(((m + 3) & ~3) * DEPTH);
  for (let from = 0; from < n; from += block) {
    for (let k = from; k < from + block; k += DEPTH) {
      const depth = min(DEPTH, from + block - k);
      let panels = 0;
      for (let r = 0; r < m; r += 4) {
        let zero = true;
        for (let i = r; i < min(r + 4, m); i++) zero = zero && isZero(j + bytes(i * n), from, from + block);
        if (zero) continue;
        packRows(j + bytes(k), n, r, m, depth, a + bytes(4 * depth * panels));
        store<i32>(at + ((<usize>panels) << 2), r);
        panels++;
      }
      addProduct(a, at, panels, m, a, at, panels, depth, c, m, 1, work);
    }
  }
}

/** Replaces the lower triangle of a symmetric A, [n][n], by its Cholesky factor L, A = L Lᵀ; false if A is not positive definite. */
export function cholesky(a: usize, n: i32, work: usize): bool {
  const packed = work + bytes(TILE);
  const at = packed + bytes(((n + 3) & ~3) * STRIP);
  for (let from = 0; from < n; from += STRIP) {
    const depth = min(STRIP, n - from);
    const end = from + depth;
    const corner = a + bytes(from * n + from);
    if (!factorCorner(corner, depth, n)) return false;
    let panels = 0;
    for (let r = end; r < n; r += 4) {
      const panel = packed + bytes(4 * depth * panels);
      packRows(a + bytes(from), n, r, n, depth, panel);
      solvePanel(corner, depth, n, panel);
      unpackRows(panel, depth, a + bytes(from), n, r, n);
      store<i32>(at + ((<usize>panels) << 2), r);
      panels++;
    }
    addProduct(packed, at, panels, n, packed, at, panels, depth, a, n, -1, work);
  }
  return true;
}

/** Solves L x = b in place. */
export function solveLower(l: usize, n: i32, b: usize): void {
  for (let i = 0; i < n; i++) {
    const row = l + bytes(i * n);
    const at = b + bytes(i);
    store<f64>(at, (load<f64>(at) - dot(row, b, i)) / load<f64>(row + bytes(i)));
  }
}

/** Solves Lᵀ x = b in place. */
export function solveUpper(l: usize, n: i32, b: usize): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = l + bytes(i * n);
    const at = b + bytes(i);
    const x = load<f64>(at) / load<f64>(row + bytes(i));
    store<f64>(at, x);
    addScaled(b, row, -x, i);
  }
}

/** Solves L X = B in place for B [n][columns]. */
export function solveLowerRows(l: usize, n: i32, b: usize, columns: i32): void {
  for (let i = 0; i < n; i++) {
    const row = b + bytes(i * columns);
    for (let j = 0; j < i; j++) addScaled(row, b + bytes(j * columns), -load<f64>(l + bytes(i * n + j)), columns);
    const pivot = load<f64>(l + bytes(i * n + i));
    for (let c = 0; c < columns; c++) store<f64>(row + bytes(c), load<f64>(row + bytes(c)) / pivot);
  }
}

/** Copies the lower triangle of c, [n][n], to the upper. */
export function mirror(c: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) store<f64>(c + bytes(j * n + i), load<f64>(c + bytes(i * n + j)));
  }
}

/** c = A B for A [p][k] and B [k][n]; of an odd number of rows a is read one further. */
export function multiplyRows(a: usize, p: i32, k: i32, b: usize, n: i32, c: usize): void {
  const row = bytes(n);
  product(p, n, k, a, bytes(k), 8, b, row, 0, 0, c, row);
  if ((n & 1) === 0) return;
  const last = bytes(n - 1);
  for (let i = 0; i < p; i++, a += bytes(k), c += row) {
    let sum: f64 = 0;
    for (let l = 0; l < k; l++) sum += load<f64>(a + bytes(l)) * load<f64>(b + bytes(l * n) + last);
    store<f64>(c + last, sum);
  }
}

/** out = J x for J [m][n]. */
export function multiply(j: usize, m: i32, n: i32, x: usize, out: usize): void {
  for (let r = 0; r < m; r++) store<f64>(out + bytes(r), dot(j + bytes(r * n), x, n));
}

/** out += Jᵀ y for J [m][n]. */
export function addTransposed(j: usize, m: i32, n: i32, y: usize, out: usize): void {
  for (let r = 0; r < m; r++) addScaled(out, j + bytes(r * n), load<f64>(y + bytes(r)), n);
}

/**
 * q = H q for the inverse Hessian of BFGS that k pairs of a move s and a change of gradient y have made of scale times the identity, [k][n] each, oldest
 * first, `curvature` their products s·y. Nocedal and Wright, algorithm 7.4, of all pairs. `work` is scratch of k numbers.
 */
export function inverseHessian(s: usize, y: usize, curvature: usize, k: i32, n: i32, scale: f64, q: usize, work: usize): void {
  for (let p = k - 1; p >= 0; p--) {
    const a = dot(s + bytes(p * n), q, n) / load<f64>(curvature + bytes(p));
    store<f64>(work + bytes(p), a);
    addScaled(q, y + bytes(p * n), -a, n);
  }
  for (let i = 0; i < n; i++) store<f64>(q + bytes(i), scale * load<f64>(q + bytes(i)));
  for (let p = 0; p < k; p++) {
    const b = dot(y + bytes(p * n), q, n) / load<f64>(curvature + bytes(p));
    addScaled(q, s + bytes(p * n), load<f64>(work + bytes(p)) - b, n);
  }
}

function bytes(numbers: i32): usize {
  return (<usize>numbers) << 3;
}

function isZero(row: usize, from: i32, end: i32): bool {
  for (let k = from; k < end; k++) if (load<f64>(row + bytes(k)) !== 0) return false;
  return true;
}

/** a·b over n entries. */
function dot(a: usize, b: usize, n: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  let k = 0;
  for (; k + 7 < n; k += 8, a += 64, b += 64) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(a), v128.load(b)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
    s2 = f64x2.add(s2, f64x2.mul(v128.load(a, 32), v128.load(b, 32)));
    s3 = f64x2.add(s3, f64x2.mul(v128.load(a, 48), v128.load(b, 48)));
  }
  const sums = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; k < n; k++, a += 8, b += 8) sum += load<f64>(a) * load<f64>(b);
  return sum;
}

/** out += factor x over n entries. */
function addScaled(out: usize, x: usize, factor: f64, n: i32): void {
  const f = f64x2.splat(factor);
  let k = 0;
  for (; k + 3 < n; k += 4, out += 32, x += 32) {
    v128.store(out, f64x2.add(v128.load(out), f64x2.mul(f, v128.load(x))));
    v128.store(out, f64x2.add(v128.load(out, 16), f64x2.mul(f, v128.load(x, 16))), 16);
  }
  for (; k < n; k++, out += 8, x += 8) store<f64>(out, load<f64>(out) + factor * load<f64>(x));
}

/** Packs the columns from .. end of rows at the addresses `live` into panels, with zeros beyond the end; `at`: where panels start. */
function packColumns(live: usize, depth: i32, from: i32, end: i32, out: usize, at: usize): void {
  for (let column = from; column < end; column += 4, at += 4) {
    store<i32>(at, column);
    const width = min(4, end - column);
    for (let k = 0; k < depth; k++, out += 32) {
      const source = load<usize>(live + ((<usize>k) << 2)) + bytes(column);
      if (width === 4) {
        v128.store(out, v128.load(source));
        v128.store(out, v128.load(source, 16), 16);
      } else {
        for (let lane = 0; lane < 4; lane++) store<f64>(out + bytes(lane), lane < width ? load<f64>(source + bytes(lane)) : 0);
      }
    }
  }
}

/** Packs the first `depth` entries of the rows r .. r + 3, those before `end`, into a panel, with zeros for the others. */
function packRows(rows: usize, stride: i32, r: i32, end: i32, depth: i32, out: usize): void {
  for (let lane = 0; lane < 4; lane++) {
    const source = rows + bytes((r + lane) * stride);
    for (let k = 0; k < depth; k++) store<f64>(out + bytes(4 * k + lane), r + lane < end ? load<f64>(source + bytes(k)) : 0);
  }
}

/** The way back. */
function unpackRows(panel: usize, depth: i32, rows: usize, stride: i32, r: i32, end: i32): void {
  for (let lane = 0; lane < min(4, end - r); lane++) {
    const target = rows + bytes((r + lane) * stride);
    for (let k = 0; k < depth; k++) store<f64>(target + bytes(k), load<f64>(panel + bytes(4 * k + lane)));
  }
}

/** The Cholesky factor of a small matrix in place; false if it is not positive definite. */
function factorCorner(a: usize, n: i32, stride: i32): bool {
  for (let i = 0; i < n; i++) {
    const row = a + bytes(i * stride);
    for (let j = 0; j <= i; j++) {
      const rest = load<f64>(row + bytes(j)) - dot(row, a + bytes(j * stride), j);
      if (j < i) store<f64>(row + bytes(j), rest / load<f64>(a + bytes(j * stride + j)));
      else if (rest > 0) store<f64>(row + bytes(j), Math.sqrt(rest));
      else return false;
    }
  }
  return true;
}

/** Solves L x = b in place for the four right-hand sides of a panel. */
function solvePanel(l: usize, n: i32, stride: i32, panel: usize): void {
  for (let i = 0; i < n; i++) {
    const row = l + bytes(i * stride);
    const at = panel + bytes(4 * i);
    let x0 = v128.load(at);
    let x1 = v128.load(at, 16);
    for (let k = 0; k < i; k++) {
      const f = v128.load_splat<f64>(row + bytes(k));
      x0 = f64x2.sub(x0, f64x2.mul(f, v128.load(panel + bytes(4 * k))));
      x1 = f64x2.sub(x1, f64x2.mul(f, v128.load(panel + bytes(4 * k), 16)));
    }
    const pivot = v128.load_splat<f64>(row + bytes(i));
    v128.store(at, f64x2.div(x0, pivot));
    v128.store(at, f64x2.div(x1, pivot), 16);
  }
}

/**
 * out[at of A + i][at of B + j] += sign Σ_k A[k][i] B[k][j] on and below the diagonal, for panels in rising order of where they start.
 * Rows of the result end at `end`.
 */
function addProduct(
  a: usize,
  atA: usize,
  countA: i32,
  end: i32,
  b: usize,
  atB: usize,
  countB: i32,
  depth: i32,
  out: usize,
  stride: i32,
  sign: f64,
  sums: usize,
): void {
  const size = bytes(4 * depth);
  for (let first = 0; first < countA; first += GROUP) {
    const last = min(first + GROUP, countA);
    for (let q = 0; q < countB; q++) {
      const column = load<i32>(atB + ((<usize>q) << 2));
      for (let p = first; p < last; p++) {
        const row = load<i32>(atA + ((<usize>p) << 2));
        if (column > row + 3) continue;
        sumTile(a + size * p, b + size * q, depth, sums);
        addTile(sums, out + bytes(row * stride + column), stride, min(4, end - row), row - column, sign);
      }
    }
  }
}

/** Σ_k a[k][i] b[k][j], [4][4]. */
function sumTile(a: usize, b: usize, depth: i32, sums: usize): void {
  let s00 = f64x2.splat(0);
  let s01 = f64x2.splat(0);
  let s10 = f64x2.splat(0);
  let s11 = f64x2.splat(0);
  let s20 = f64x2.splat(0);
  let s21 = f64x2.splat(0);
  let s30 = f64x2.splat(0);
  let s31 = f64x2.splat(0);
  for (const end = a + bytes(4 * depth); a < end; a += 32, b += 32) {
    const y0 = v128.load(b);
    const y1 = v128.load(b, 16);
    let x = v128.load_splat<f64>(a);
    s00 = f64x2.add(s00, f64x2.mul(x, y0));
    s01 = f64x2.add(s01, f64x2.mul(x, y1));
    x = v128.load_splat<f64>(a, 8);
    s10 = f64x2.add(s10, f64x2.mul(x, y0));
    s11 = f64x2.add(s11, f64x2.mul(x, y1));
    x = v128.load_splat<f64>(a, 16);
    s20 = f64x2.add(s20, f64x2.mul(x, y0));
    s21 = f64x2.add(s21, f64x2.mul(x, y1));
    x = v128.load_splat<f64>(a, 24);
    s30 = f64x2.add(s30, f64x2.mul(x, y0));
    s31 = f64x2.add(s31, f64x2.mul(x, y1));
  }
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(sums, s10, 32);
  v128.store(sums, s11, 48);
  v128.store(sums, s20, 64);
  v128.store(sums, s21, 80);
  v128.store(sums, s30, 96);
  v128.store(sums, s31, 112);
}

/** out[i][j] += sign sums[i][j] for i < height and j <= i + below. */
function addTile(sums: usize, out: usize, stride: i32, height: i32, below: i32, sign: f64): void {
  const s = f64x2.splat(sign);
  for (let i = 0; i < height; i++, sums += 32, out += bytes(stride)) {
    if (i + below >= 3) {
      v128.store(out, f64x2.add(v128.load(out), f64x2.mul(s, v128.load(sums))));
      v128.store(out, f64x2.add(v128.load(out, 16), f64x2.mul(s, v128.load(sums, 16))), 16);
    } else {
      for (let j = 0; j <= i + below; j++) {
        const to = out + bytes(j);
        store<f64>(to, load<f64>(to) + sign * load<f64>(sums + bytes(j)));
      }
    }
  }
}
