/**
 * Between the networks and the forces, by the derivatives S of fingerprints, for several models at a time in pairs of lanes:
 *   forces_mover -= S g,  forces_centre += own g,   g = do/dG     and back     t = own · b_centre - Σ_movers S · b_mover.
 * `own` is the sum of a centre's S. Movers that follow one another are one product of matrices. Lanes beyond the last model hold zeros.
 * The derivatives' form is a table of integers: elements E, live functions L, and which these are, [E][L]; rows of S are padded to even
 * lengths.
 */
import { bytes, integer } from "./numbers";
import { product } from "./product";
import { negate, subtract } from "./vectors";

export function live(form: usize): i32 {
  return integer(form, 1);
}

/** L, padded. */
export function liveWidth(form: usize): i32 {
  return (live(form) + 1) & ~1;
}

/** Function of the fingerprint that stands at l for an element. */
export function functionAt(form: usize, element: i32, l: i32): i32 {
  return integer(form, 2 + element * live(form) + l);
}

/** Numbers that the passes work in, for fingerprints of `inputs` and up to so many lanes. */
export function slopesWork(form: usize, inputs: i32, lanes: i32): i32 {
  return (inputs + 2 * liveWidth(form)) * lanes;
}

/** End of the movers from e on that follow one another; movers ascend. */
export function runEnd(atom: usize, e: i32, end: i32): i32 {
  const ahead = integer(atom, e) - e;
  let next = e + 1;
  while (next < end) {
    const middle = (next + end) >> 1;
    if (integer(atom, middle) - middle === ahead) next = middle + 1;
    else end = middle;
  }
  return next;
}

/** The sums of the derivatives of each of the centres first .. end, own [rows][3][inputs], which must be zero. */
export function sumSlopes(form: usize, first: i32, end: i32, start: usize, slopes: usize, inputs: i32, own: usize): void {
  const elements = integer(form, 0);
  const many = live(form);
  const wide = liveWidth(form);
  for (let i = first; i < end; i++) {
    for (let z = 0; z < elements; z++) {
      const last = integer(start, i * elements + z + 1);
      for (let e = integer(start, i * elements + z); e < last; e++) {
        for (let c = 0; c < 3; c++) {
          const from = slopes + bytes((3 * e + c) * wide);
          const to = own + bytes((3 * i + c) * inputs);
          for (let l = 0; l < many; l++) {
            const at = to + bytes(functionAt(form, z, l));
            store<f64>(at, load<f64>(at) + load<f64>(from + bytes(l)));
          }
        }
      }
    }
  }
}

/**
 * Adds what the centres first .. first + count, of one element, do to the forces, [3 rows][lanes].
 * @param start first entry of each centre and element; `own` [rows][3][inputs]
 * @param g do/dx of model 0, [rows][inputs], of others `stepG` bytes apart; `factors` dx/dG likewise
 */
export function addForces(
  form: usize,
  models: i32,
  first: i32,
  count: i32,
  start: usize,
  atom: usize,
  slopes: usize,
  own: usize,
  g: usize,
  stepG: usize,
  factors: usize,
  stepFactors: usize,
  inputs: i32,
  forces: usize,
  work: usize,
): void {
  const elements = integer(form, 0);
  const many = live(form);
  const wide = liveWidth(form);
  const lanes = (models + 1) & ~1;
  const row = bytes(lanes);
  const minus = work + row * inputs;
  for (let i = first; i < first + count; i++) {
    gather(models, g + bytes(i * inputs), stepG, factors, stepFactors, inputs, work);
    const mine = forces + 3 * row * i;
    product(3, lanes, inputs, own + bytes(3 * i * inputs), bytes(inputs), 8, work, row, mine, row, mine, row);
    for (let z = 0; z < elements; z++) {
      const begin = integer(start, i * elements + z);
      const end = integer(start, i * elements + z + 1);
      if (begin === end) continue;
      for (let l = 0; l < many; l++) negate(work + row * functionAt(form, z, l), minus + row * l, lanes);
      for (let e = begin, next = 0; e < end; e = next) {
        next = runEnd(atom, e, end);
        const to = forces + 3 * row * integer(atom, e);
        product(3 * (next - e), lanes, many, slopes + bytes(3 * e * wide), bytes(wide), 8, minus, row, to, row, to, row);
      }
    }
  }
}

/** t of centres of one element, for scaled inputs, into the places of g; b [3 rows][lanes]. */
export function pullForces(
  form: usize,
  models: i32,
  first: i32,
  count: i32,
  start: usize,
  atom: usize,
  slopes: usize,
  own: usize,
  b: usize,
  t: usize,
  stepT: usize,
  factors: usize,
  stepFactors: usize,
  inputs: i32,
  work: usize,
): void {
  const elements = integer(form, 0);
  const many = live(form);
  const wide = liveWidth(form);
  const lanes = (models + 1) & ~1;
  const row = bytes(lanes);
  const sums = work + row * inputs;
  for (let i = first; i < first + count; i++) {
    product(inputs, lanes, 3, own + bytes(3 * i * inputs), 8, bytes(inputs), b + 3 * row * i, row, 0, 0, work, row);
    for (let z = 0; z < elements; z++) {
      const begin = integer(start, i * elements + z);
      const end = integer(start, i * elements + z + 1);
      if (begin === end) continue;
      for (let e = begin, next = 0; e < end; e = next) {
        next = runEnd(atom, e, end);
        const from = b + 3 * row * integer(atom, e);
        const before: usize = e === begin ? 0 : sums;
        product(wide, lanes, 3 * (next - e), slopes + bytes(3 * e * wide), 8, bytes(wide), from, row, before, row, sums, row);
      }
      for (let l = 0; l < many; l++) subtract(work + row * functionAt(form, z, l), sums + row * l, lanes);
    }
    scatter(models, work, factors, stepFactors, inputs, t + bytes(i * inputs), stepT);
  }
}

/** to[k][m] = factors[m][k] g[m][k]. */
export function gather(models: i32, g: usize, stepG: usize, factors: usize, stepFactors: usize, inputs: i32, to: usize): void {
  const row = bytes((models + 1) & ~1);
  for (let m = 0; m < models; m += 2, g += 2 * stepG, factors += 2 * stepFactors, to += 16) {
    const paired = m + 1 < models;
    for (let k = 0; k < inputs; k += 2) {
      const x = f64x2.mul(v128.load(factors + bytes(k)), v128.load(g + bytes(k)));
      const y = paired ? f64x2.mul(v128.load(factors + stepFactors + bytes(k)), v128.load(g + stepG + bytes(k))) : f64x2.splat(0);
      v128.store(to + row * k, v128.shuffle<f64>(x, y, 0, 2));
      v128.store(to + row * (k + 1), v128.shuffle<f64>(x, y, 1, 3));
    }
  }
}

/** t[m][k] = factors[m][k] from[k][m]. */
function scatter(models: i32, from: usize, factors: usize, stepFactors: usize, inputs: i32, t: usize, stepT: usize): void {
  const row = bytes((models + 1) & ~1);
  for (let m = 0; m < models; m += 2, t += 2 * stepT, factors += 2 * stepFactors, from += 16) {
    for (let k = 0; k < inputs; k += 2) {
      const x = v128.load(from + row * k);
      const y = v128.load(from + row * (k + 1));
      v128.store(t + bytes(k), f64x2.mul(v128.load(factors + bytes(k)), v128.shuffle<f64>(x, y, 0, 2)));
      if (m + 1 === models) continue;
      v128.store(t + stepT + bytes(k), f64x2.mul(v128.load(factors + stepFactors + bytes(k)), v128.shuffle<f64>(x, y, 1, 3)));
    }
  }
}
