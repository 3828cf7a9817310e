/**
 * The passes of `slopes.ts` for one model, with coordinates as lanes on the way to the forces and functions as lanes on the way back.
 * Sums are taken in the same order as there, so that a model gets the same bits alone and in company.
 */
import { bytes, integer } from "./numbers";
import { functionAt, live, liveWidth, runEnd } from "./slopes";
import { multiply } from "./vectors";

/** Adds what the centres first .. first + count, of one element, do to the forces, [3 rows]; g [rows][inputs]. */
export function addForcesOfOne(
  form: usize,
  first: i32,
  count: i32,
  start: usize,
  atom: usize,
  slopes: usize,
  own: usize,
  g: usize,
  factors: usize,
  inputs: i32,
  forces: usize,
  work: usize,
): void {
  const elements = integer(form, 0);
  const many = live(form);
  const wide = liveWidth(form);
  const minus = work + bytes(inputs);
  for (let i = first; i < first + count; i++) {
    multiply(factors, g + bytes(i * inputs), inputs, work);
    addProduct(own + bytes(3 * i * inputs), inputs, 3, work, forces + bytes(3 * i));
    for (let z = 0; z < elements; z++) {
      const begin = integer(start, i * elements + z);
      const end = integer(start, i * elements + z + 1);
      if (begin === end) continue;
      for (let l = 0; l < many; l++) store<f64>(minus + bytes(l), -load<f64>(work + bytes(functionAt(form, z, l))));
      if (many < wide) store<f64>(minus + bytes(many), 0);
      for (let e = begin, next = 0; e < end; e = next) {
        next = runEnd(atom, e, end);
        addProduct(slopes + bytes(3 * e * wide), wide, 3 * (next - e), minus, forces + bytes(3 * integer(atom, e)));
      }
    }
  }
}

/** t of centres of one element, for scaled inputs, into the places of g; b [3 rows]. */
export function pullForcesOfOne(
  form: usize,
  first: i32,
  count: i32,
  start: usize,
  atom: usize,
  slopes: usize,
  own: usize,
  b: usize,
  t: usize,
  factors: usize,
  inputs: i32,
  work: usize,
): void {
  const elements = integer(form, 0);
  const many = live(form);
  const wide = liveWidth(form);
  const sums = work + bytes(inputs);
  for (let i = first; i < first + count; i++) {
    addTransposed(own + bytes(3 * i * inputs), inputs, 3, b + bytes(3 * i), 0, work);
    for (let z = 0; z < elements; z++) {
      const begin = integer(start, i * elements + z);
      const end = integer(start, i * elements + z + 1);
      if (begin === end) continue;
      for (let e = begin, next = 0; e < end; e = next) {
        next = runEnd(atom, e, end);
        const from = b + bytes(3 * integer(atom, e));
        const before: usize = e === begin ? 0 : sums;
        addTransposed(slopes + bytes(3 * e * wide), wide, 3 * (next - e), from, before, sums);
      }
      for (let l = 0; l < many; l++) {
        const to = work + bytes(functionAt(form, z, l));
        store<f64>(to, load<f64>(to) - load<f64>(sums + bytes(l)));
      }
    }
    multiply(factors, work, inputs, t + bytes(i * inputs));
  }
}

/** out[r] += Σ_k a[r][k] x[k] for even columns, by fours of rows. */
function addProduct(a: usize, columns: i32, rows: i32, x: usize, out: usize): void {
  const row = bytes(columns);
  const end = x + row;
  let r = 0;
  for (; r + 3 < rows; r += 4, a += 3 * row, out += 32) {
    let sum = v128.load(out);
    let other = v128.load(out, 16);
    const below = row << 1;
    let at = x;
    do {
      const f = v128.load_splat<f64>(at);
      const g = v128.load_splat<f64>(at, 8);
      let upper = v128.load(a);
      let lower = v128.load(a + row);
      sum = f64x2.add(sum, f64x2.mul(v128.shuffle<f64>(upper, lower, 0, 2), f));
      sum = f64x2.add(sum, f64x2.mul(v128.shuffle<f64>(upper, lower, 1, 3), g));
      upper = v128.load(a + below);
      lower = v128.load(a + row + below);
      other = f64x2.add(other, f64x2.mul(v128.shuffle<f64>(upper, lower, 0, 2), f));
      other = f64x2.add(other, f64x2.mul(v128.shuffle<f64>(upper, lower, 1, 3), g));
      at += 16;
      a += 16;
    } while (at !== end);
    v128.store(out, sum);
    v128.store(out, other, 16);
  }
  for (; r < rows; r++, out += 8) {
    let sum = load<f64>(out);
    for (let at = x; at !== end; at += 8, a += 8) sum += load<f64>(a) * load<f64>(at);
    store<f64>(out, sum);
  }
}

/** out[k] = start[k] + Σ_r y[r] a[r][k] for even columns, from zeros for a start at address 0. */
function addTransposed(a: usize, columns: i32, rows: i32, y: usize, start: usize, out: usize): void {
  const row = bytes(columns);
  const end = y + bytes(rows);
  let k = 0;
  for (; k + 7 < columns; k += 8, out += 64) {
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let s2 = f64x2.splat(0);
    let s3 = f64x2.splat(0);
    if (start !== 0) {
      const from = start + bytes(k);
      s0 = v128.load(from);
      s1 = v128.load(from, 16);
      s2 = v128.load(from, 32);
      s3 = v128.load(from, 48);
    }
    let at = a + bytes(k);
    let factor = y;
    do {
      const f = v128.load_splat<f64>(factor);
      s0 = f64x2.add(s0, f64x2.mul(f, v128.load(at)));
      s1 = f64x2.add(s1, f64x2.mul(f, v128.load(at, 16)));
      s2 = f64x2.add(s2, f64x2.mul(f, v128.load(at, 32)));
      s3 = f64x2.add(s3, f64x2.mul(f, v128.load(at, 48)));
      at += row;
      factor += 8;
    } while (factor !== end);
    v128.store(out, s0);
    v128.store(out, s1, 16);
    v128.store(out, s2, 32);
    v128.store(out, s3, 48);
  }
  for (; k < columns; k += 2, out += 16) {
    let sum = start === 0 ? f64x2.splat(0) : v128.load(start + bytes(k));
    let at = a + bytes(k);
    for (let factor = y; factor !== end; factor += 8, at += row) {
      sum = f64x2.add(sum, f64x2.mul(v128.load_splat<f64>(factor), v128.load(at)));
    }
    v128.store(out, sum);
  }
}
