/**
 * How steeply each function changes around the atoms of each element with the one atom that changes it most: max |dG_centre/dr_atom|². What
 * the atoms of one element do is gathered with functions as lanes, and put in the functions' places afterwards.
 */
import { bytes, integer } from "./numbers";
import { functionAt, live, liveWidth } from "./slopes";

/** Numbers that it works in. */
export function steepestWork(form: usize, size: i32): i32 {
  return 3 * size + 4 * liveWidth(form);
}

/**
 * Raises `out` to what is found around so many centres.
 * @param kinds of the centres, u32 [count]
 * @param start u32 [count elements + 1], of which the first is where the first centre's entries begin; the derivatives do there
 * @param slopes [entries][3][live] 1/Å, one number more may be read
 * @param out [elements][size] 1/Å²
 */
export function addSteepest(form: usize, size: i32, count: i32, kinds: usize, start: usize, slopes: usize, work: usize, out: usize): void {
  const elements = integer(form, 0);
  const many = live(form);
  const row = bytes(many);
  const wide = bytes(liveWidth(form));
  const own = work + (wide << 2);
  let at = slopes;
  for (let i = 0; i < count; i++) {
    const to = out + bytes(integer(kinds, i) * size);
    memory.fill(own, 0, bytes(3 * size));
    for (let z = 0; z < elements; z++) {
      const movers = integer(start, i * elements + z + 1) - integer(start, i * elements + z);
      if (movers === 0) continue;
      gather(form, z, own, size, work, wide);
      for (let e = 0; e < movers; e++, at += 3 * row) addMover(at, row, work, wide);
      for (let l = 0; l < many; l++) {
        const k = bytes(functionAt(form, z, l));
        store<f64>(to + k, max(load<f64>(to + k), load<f64>(work + bytes(l))));
        for (let c = 0; c < 3; c++) store<f64>(own + bytes(c * size) + k, load<f64>(work + <usize>(c + 1) * wide + bytes(l)));
      }
    }
    for (let k: usize = 0; k < bytes(size); k += 8) {
      const x = load<f64>(own + k);
      const y = load<f64>(own + bytes(size) + k);
      const z = load<f64>(own + bytes(2 * size) + k);
      store<f64>(to + k, max(load<f64>(to + k), x * x + y * y + z * z));
    }
  }
}

/** Zeros, and the sums so far of the functions that live for an element. */
function gather(form: usize, element: i32, own: usize, size: i32, work: usize, wide: usize): void {
  memory.fill(work, 0, wide << 2);
  for (let l = 0, many = live(form); l < many; l++) {
    const k = bytes(functionAt(form, element, l));
    for (let c = 0; c < 3; c++) store<f64>(work + <usize>(c + 1) * wide + bytes(l), load<f64>(own + bytes(c * size) + k));
  }
}

/** Squares and sums of one atom's derivatives to [4][live]: the largest square of each function, and the sums along x, y and z. */
function addMover(at: usize, row: usize, work: usize, wide: usize): void {
  for (let k: usize = 0; k < row; k += 16) {
    const x = v128.load(at + k);
    const y = v128.load(at + row + k);
    const z = v128.load(at + 2 * row + k);
    const square = f64x2.add(f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)), f64x2.mul(z, z));
    let to = work + k;
    v128.store(to, f64x2.max(v128.load(to), square));
    to += wide;
    v128.store(to, f64x2.add(v128.load(to), x));
    to += wide;
    v128.store(to, f64x2.add(v128.load(to), y));
    to += wide;
    v128.store(to, f64x2.add(v128.load(to), z));
  }
}
