/**
 * The passes of `slopes.ts` for one model, with coordinates as lanes on the way to the forces and functions as lanes on the way back. Sums are
 * taken in the same order as there, so that a model gets the same bits alone and in company.
 */
import { bytes, integer } from "./numbers";
import { product } from "./product";
import { functionAt, live, liveWidth, runEnd } from "./slopes";

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
    addPairs(own + bytes(3 * i * inputs), inputs, 3, work, forces + bytes(3 * i));
    for (let z = 0; z < elements; z++) {
      const begin = integer(start, i * elements + z);
      const end = integer(start, i * elements + z + 1);
      if (begin === end) continue;
      for (let l = 0; l < many; l++) store<f64>(minus + bytes(l), -load<f64>(work + bytes(functionAt(form, z, l))));
      if (many < wide) store<f64>(minus + bytes(many), 0);
      for (let e = begin, next = 0; e < end; e = next) {
        next = runEnd(atom, e, end);
        addPairs(slopes + bytes(3 * e * wide), wide, 3 * (next - e), minus, forces + bytes(3 * integer(atom, e)));
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
    product(1, inputs, 3, b + bytes(3 * i), 0, 8, own + bytes(3 * i * inputs), bytes(inputs), 0, 0, work, 0);
    for (let z = 0; z < elements; z++) {
      const begin = integer(start, i * elements + z);
      const end = integer(start, i * elements + z + 1);
      if (begin === end) continue;
      for (let e = begin, next = 0; e < end; e = next) {
        next = runEnd(atom, e, end);
        const from = b + bytes(3 * integer(atom, e));
        const before: usize = e === begin ? 0 : sums;
        product(1, wide, 3 * (next - e), from, 0, 8, slopes + bytes(3 * e * wide), bytes(wide), before, 0, sums, 0);
      }
      for (let l = 0; l < many; l++) {
        const to = work + bytes(functionAt(form, z, l));
        store<f64>(to, load<f64>(to) - load<f64>(sums + bytes(l)));
      }
    }
    multiply(factors, work, inputs, t + bytes(i * inputs));
  }
}

/** out[r] += Σ_k a[r][k] x[k] for even columns, two rows at a time. */
function addPairs(a: usize, columns: i32, rows: i32, x: usize, out: usize): void {
  const row = bytes(columns);
  let r = 0;
  for (; r + 1 < rows; r += 2, a += 2 * row, out += 16) {
    let sum = v128.load(out);
    for (let k: usize = 0; k < row; k += 16) {
      const upper = v128.load(a + k);
      const lower = v128.load(a + row + k);
      sum = f64x2.add(sum, f64x2.mul(v128.shuffle<f64>(upper, lower, 0, 2), v128.load_splat<f64>(x + k)));
      sum = f64x2.add(sum, f64x2.mul(v128.shuffle<f64>(upper, lower, 1, 3), v128.load_splat<f64>(x + k, 8)));
    }
    v128.store(out, sum);
  }
  if (r === rows) return;
  let sum = load<f64>(out);
  for (let k: usize = 0; k < row; k += 8) sum += load<f64>(a + k) * load<f64>(x + k);
  store<f64>(out, sum);
}

/** out = x y, one by one. */
function multiply(x: usize, y: usize, count: i32, out: usize): void {
  for (const end = x + bytes(count); x < end; x += 16, y += 16, out += 16) v128.store(out, f64x2.mul(v128.load(x), v128.load(y)));
}
