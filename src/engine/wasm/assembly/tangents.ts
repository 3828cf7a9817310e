/**
 * Three rows of a Jacobian, those of one atom that moves, in the block of the weights of one element, whose centres i feel it:
 *   Σ_i [ a_i zBar_i + da_i d_i ]   for each layer,
 * with a and d = do/dz of the centre's sweep, da its tangent along t = dx_i/dr and zBar = d(t·∇o)/dz; see `ensemble/network.ts`. The
 * tangents of all these centres are calculated together and each sum is a product of matrices whose depth is the centres.
 *
 * In `work`: factors, later the gradient of the live inputs; the tangents of the centre that moves itself, a padded gradient; then for n
 * centres the tangents [3][n][L], inputs x and of each layer ten times [n][width]: a, tanh', -2 a do/da, d, da of x, y, z, and zBar of x,
 * y, z.
 */
import { addRows, addUnpadded, gradientSize, layers, matrixAt, nodes, nodesAt, width } from "./network";
import { bytes, integer } from "./numbers";
import { product } from "./product";
import { functionAt, live, liveWidth } from "./slopes";
import { add, multiply } from "./vectors";

/** Numbers that `addRowsOfMover` works in, for up to so many centres. */
export function tangentWork(net: usize, form: usize, centres: i32): i32 {
  return tangentsAt(net, form) + layerAt(net, form, centres, layers(net) + 1);
}

/**
 * Adds the rows. Centres are `count` pairs of row and entry, and `itself` if it is not -1, by way of all others.
 * @param prepared weights of the centres' element; `matrix` the rows of its first matrix that movers of element z reach
 * @param from sweep at all rows
 */
export function addRowsOfMover(
  net: usize,
  form: usize,
  prepared: usize,
  matrix: usize,
  z: i32,
  from: usize,
  rows: i32,
  pairs: usize,
  count: i32,
  itself: i32,
  slopes: usize,
  own: usize,
  scale: f64,
  out: usize,
  size: i32,
  work: usize,
): void {
  const centres = itself < 0 ? count : count + 1;
  const at = work + bytes(tangentsAt(net, form));
  const wide = liveWidth(form);
  const inputs = width(net, 0);
  for (let l = 0; l < live(form); l++) store<f64>(work + bytes(l), -scale * load<f64>(prepared + bytes(functionAt(form, z, l))));
  if (live(form) < wide) store<f64>(work + bytes(live(form)), 0);
  for (let i = 0; i < centres; i++) {
    const row = i < count ? integer(pairs, 2 * i) : itself;
    gather(net, form, from, rows, row, centres, i, at);
    for (let c = 0; c < 3; c++) {
      const t = at + bytes((c * centres + i) * wide);
      if (i < count) multiply(work, slopes + bytes((3 * integer(pairs, 2 * i + 1) + c) * wide), wide, t);
      else memory.fill(t, 0, bytes(wide));
    }
  }
  const turned = work + bytes(wide * width(net, 1)); // tangents of itself
  if (itself >= 0)
    for (let c = 0; c < 3; c++) ownTangent(prepared, own + bytes((3 * itself + c) * inputs), inputs, scale, turned + bytes(c * inputs));
  sweepTangents(net, form, prepared, matrix, centres, itself >= 0, turned, at);
  for (let c = 0; c < 3; c++) sumRow(net, form, z, c, centres, itself >= 0, turned, at, work, out + bytes(c * size));
}

/** da of all layers, then zBar. */
function sweepTangents(net: usize, form: usize, prepared: usize, matrix: usize, n: i32, moves: bool, turned: usize, at: usize): void {
  const last = layers(net);
  for (let l = 1; l < last; l++) {
    const p = width(net, l - 1);
    const q = width(net, l);
    const layer = at + bytes(layerAt(net, form, n, l));
    const da = layer + bytes(4 * n * q);
    const full = prepared + bytes(matrixAt(net, l));
    if (l === 1) {
      product(3 * n, q, live(form), at, bytes(liveWidth(form)), 8, matrix, bytes(q), 0, 0, da, bytes(q));
      for (let c = 0; c < 3 && moves; c++) {
        product(1, q, nodes(net, 0), turned + bytes(c * p), 0, 8, full, bytes(q), 0, 0, da + bytes(((c + 1) * n - 1) * q), 0);
      }
    } else {
      const below = at + bytes(layerAt(net, form, n, l - 1) + 4 * n * p);
      product(3 * n, q, nodes(net, l - 1), below, bytes(p), 8, full, bytes(q), 0, 0, da, bytes(q));
    }
    for (let c = 0; c < 3; c++) multiply(layer + bytes(n * q), da + bytes(c * n * q), n * q, da + bytes(c * n * q));
  }
  for (let l = last - 1; l >= 1; l--) {
    const q = width(net, l);
    const above = width(net, l + 1);
    const layer = at + bytes(layerAt(net, form, n, l));
    const zBar = layer + bytes(7 * n * q);
    if (l === last - 1) memory.fill(zBar, 0, bytes(3 * n * q));
    else {
      const upper = at + bytes(layerAt(net, form, n, l + 1) + 7 * n * above);
      const transposed = prepared + bytes(matrixAt(net, l + 1) + (q + 1) * above);
      product(3 * n, q, nodes(net, l + 1), upper, bytes(above), 8, transposed, bytes(q), 0, 0, zBar, bytes(q));
    }
    for (let c = 0; c < 3; c++) bendAlong(layer + bytes(n * q), layer + bytes((4 + c) * n * q), zBar + bytes(c * n * q), n * q);
  }
}

/** Adds one row: the sums over centres, layer by layer. */
function sumRow(net: usize, form: usize, z: i32, c: i32, n: i32, moves: bool, turned: usize, at: usize, work: usize, out: usize): void {
  const last = layers(net);
  const inputs = width(net, 0);
  const wide = liveWidth(form);
  const gradient = turned + bytes(3 * inputs);
  let to = gradient;
  for (let l = 1; l <= last; l++) {
    const p = width(net, l - 1);
    const q = width(net, l);
    const row = bytes(q);
    const below = at + bytes(layerAt(net, form, n, l - 1));
    const layer = at + bytes(layerAt(net, form, n, l));
    const d = layer + bytes(3 * n * q);
    memory.fill(to + row * p, 0, row);
    if (l < last) {
      const zBar = layer + bytes((7 + c) * n * q);
      product(p, q, n, below, 8, bytes(p), zBar, row, 0, 0, to, row);
      addRows(zBar, q, n, to + row * p);
    } else memory.fill(to, 0, row * p);
    if (l > 1) {
      product(p, q, n, below + bytes((4 + c) * n * p), 8, bytes(p), d, row, to, row, to, row);
    } else {
      product(wide, q, n, at + bytes(c * n * wide), 8, bytes(wide), d, row, 0, 0, work, row);
      for (let k = 0; k < live(form); k++) add(to + row * functionAt(form, z, k), work + row * k, q);
      if (moves) product(p, q, 1, turned + bytes(c * p), 8, 0, d + row * (n - 1), 0, to, row, to, row);
    }
    to += row * (p + 1);
  }
  addUnpadded(net, gradient, out);
}

/** Where the tangents begin. */
function tangentsAt(net: usize, form: usize): i32 {
  return liveWidth(form) * width(net, 1) + 3 * width(net, 0) + gradientSize(net);
}

/** Where the arrays of a layer begin after the tangents; those of layer 0 are the inputs. */
function layerAt(net: usize, form: usize, n: i32, layer: i32): i32 {
  if (layer === 0) return 3 * n * liveWidth(form);
  let at = 3 * liveWidth(form) + width(net, 0);
  for (let l = 1; l < layer; l++) at += 10 * width(net, l);
  return n * at;
}

/** What a sweep holds of one row, to place i of n. */
function gather(net: usize, form: usize, from: usize, rows: i32, row: i32, n: i32, i: i32, at: usize): void {
  const one = f64x2.splat(1);
  const inputs = bytes(width(net, 0));
  memory.copy(at + bytes(layerAt(net, form, n, 0)) + inputs * i, from + inputs * row, inputs);
  for (let l = 1; l <= layers(net); l++) {
    const q = width(net, l);
    const step = bytes(rows * q);
    const part = bytes(n * q);
    let a = from + bytes(nodesAt(net, rows, l) + row * q);
    let to = at + bytes(layerAt(net, form, n, l) + i * q);
    for (const end = a + bytes(q); a < end; a += 16, to += 16) {
      const t = v128.load(a);
      v128.store(to, t);
      v128.store(to + part, f64x2.sub(one, f64x2.mul(t, t)));
      v128.store(to + 2 * part, f64x2.mul(f64x2.mul(f64x2.splat(-2), t), v128.load(a + step)));
      v128.store(to + 3 * part, v128.load(a + 2 * step));
    }
  }
}

/** t = scale dx/dG dG/dr of all functions. */
function ownTangent(factors: usize, own: usize, inputs: i32, scale: f64, t: usize): void {
  for (let k = 0; k < inputs; k++) store<f64>(t + bytes(k), scale * load<f64>(factors + bytes(k)) * load<f64>(own + bytes(k)));
}

/** zBar = tanh' zBar + bend da; `slopes` are followed by the bends. */
function bendAlong(slopes: usize, da: usize, zBar: usize, count: i32): void {
  const bends = bytes(count);
  for (const end = zBar + bytes(count); zBar < end; slopes += 16, da += 16, zBar += 16) {
    const straight = f64x2.mul(v128.load(slopes), v128.load(zBar));
    v128.store(zBar, f64x2.add(straight, f64x2.mul(v128.load(slopes + bends), v128.load(da))));
  }
}
