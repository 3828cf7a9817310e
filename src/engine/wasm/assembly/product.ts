/**
 * Products of small matrices, C = S + A B in f64: all that networks and forces ask for. A tile of two rows and up to eight columns of C
 * is one pass over the depth, its sums in registers; each sum is taken in the order of the depth whatever the tile, so that a column is
 * the same whichever others there are. Strides are in bytes; A may so be read transposed, and S be one row for all, C itself or nothing.
 */

/** Pairs of columns in the widest tile: V8 loads all of a step before it multiplies, and wider ones overflow its 15 registers. */
const WIDEST: i32 = 4;

/** A pair of columns, and what its multiples are as wide as: the compiler makes a tile of each. */
class One {
  x: v128;
}
class Two extends One {
  y: v128;
}
class Three extends Two {
  z: v128;
}
class Four extends Three {
  v: v128;
}

/**
 * c[i][j] = start[i][j] + Σ_k a[i][k] b[k][j], with zeros for a start at address 0; the depth is at least 1. Columns come in pairs. Of an
 * odd number of rows a is read one further.
 * @param rowA bytes between rows of a; `stepA` between its numbers along the depth
 */
export function product(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  start: usize,
  rowStart: usize,
  c: usize,
  rowC: usize,
): void {
  let left = columns >> 1;
  for (let tiles = (left + WIDEST - 1) / WIDEST; tiles > 0; tiles--) {
    const width = (left + tiles - 1) / tiles;
    if (width === 4) strip<Four>(rows, depth, a, rowA, stepA, b, rowB, start, rowStart, c, rowC);
    else if (width === 3) strip<Three>(rows, depth, a, rowA, stepA, b, rowB, start, rowStart, c, rowC);
    else if (width === 2) strip<Two>(rows, depth, a, rowA, stepA, b, rowB, start, rowStart, c, rowC);
    else strip<One>(rows, depth, a, rowA, stepA, b, rowB, start, rowStart, c, rowC);
    left -= width;
    const done = (<usize>width) << 4;
    b += done;
    if (start !== 0) start += done;
    c += done;
  }
}

/** The columns of tiles that are as wide as T. */
function strip<T>(
  rows: i32,
  depth: i32,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  start: usize,
  rowStart: usize,
  c: usize,
  rowC: usize,
): void {
  const width = offsetof<T>() / offsetof<One>(); // known to the compiler: what lies beyond drops out
  const zero = f64x2.splat(0);
  const length = stepA * depth;
  for (let i = 0; i < rows; i += 2) {
    let p = zero;
    let p1 = zero;
    let p2 = zero;
    let p3 = zero;
    let q = zero;
    let q1 = zero;
    let q2 = zero;
    let q3 = zero;
    if (start !== 0) {
      const lower = start + rowStart;
      p = v128.load(start);
      q = v128.load(lower);
      if (width > 1) p1 = v128.load(start, 16);
      if (width > 1) q1 = v128.load(lower, 16);
      if (width > 2) p2 = v128.load(start, 32);
      if (width > 2) q2 = v128.load(lower, 32);
      if (width > 3) p3 = v128.load(start, 48);
      if (width > 3) q3 = v128.load(lower, 48);
      start = lower + rowStart;
    }
    let x = a;
    let y = a + rowA;
    let at = b;
    const end = x + length;
    do {
      const f = v128.load_splat<f64>(x);
      const g = v128.load_splat<f64>(y);
      const z = v128.load(at);
      p = f64x2.add(p, f64x2.mul(f, z));
      q = f64x2.add(q, f64x2.mul(g, z));
      if (width > 1) {
        const z1 = v128.load(at, 16);
        p1 = f64x2.add(p1, f64x2.mul(f, z1));
        q1 = f64x2.add(q1, f64x2.mul(g, z1));
      }
      if (width > 2) {
        const z2 = v128.load(at, 32);
        p2 = f64x2.add(p2, f64x2.mul(f, z2));
        q2 = f64x2.add(q2, f64x2.mul(g, z2));
      }
      if (width > 3) {
        const z3 = v128.load(at, 48);
        p3 = f64x2.add(p3, f64x2.mul(f, z3));
        q3 = f64x2.add(q3, f64x2.mul(g, z3));
      }
      x += stepA;
      y += stepA;
      at += rowB;
    } while (x !== end);
    v128.store(c, p);
    if (width > 1) v128.store(c, p1, 16);
    if (width > 2) v128.store(c, p2, 32);
    if (width > 3) v128.store(c, p3, 48);
    c += rowC;
    if (i + 1 < rows) {
      v128.store(c, q);
      if (width > 1) v128.store(c, q1, 16);
      if (width > 2) v128.store(c, q2, 32);
      if (width > 3) v128.store(c, q3, 48);
    }
    c += rowC;
    a += rowA << 1;
  }
}
