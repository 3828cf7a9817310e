/**
 * Feed-forward networks of one element for many atoms at a time, in the three sweeps of `ensemble/network.ts`: forward and back to the
 * inputs, whose results are kept, and the gradient by the weights of Σ (c o + t·∇o). All but tanh are products of matrices with a row for
 * each atom. Widths of layers are padded to even numbers by zeros. A network's form is a table of integers: layers after the inputs, then
 * the nodes of the inputs and of each layer, the last of one node without tanh.
 *
 * Weights, prepared: factors and middles of the inputs' scaling, then of each layer its matrix, biases, transposed matrix.
 * Sweep: scaled inputs x, then of each layer a, do/da, do/dz (z enters a node, a leaves it), then do/dx, each [rows][width].
 * Gradient: of each layer the matrix and the biases.
 */
import { squash } from "./elementary";
import { bytes, integer } from "./numbers";
import { product } from "./product";

/** Layers after the inputs. */
export function layers(net: usize): i32 {
  return integer(net, 0);
}

/** Nodes of a layer, padded. */
export function width(net: usize, layer: i32): i32 {
  return (nodes(net, layer) + 1) & ~1;
}

/** Numbers of prepared weights. */
export function preparedSize(net: usize): i32 {
  return matrixAt(net, layers(net) + 1);
}

/** Numbers of a sweep. */
export function sweepSize(net: usize, rows: i32): i32 {
  return nodesAt(net, rows, layers(net) + 1) + rows * width(net, 0);
}

/** Numbers of a padded gradient. */
export function gradientSize(net: usize): i32 {
  let size = 0;
  for (let l = 1; l <= layers(net); l++) size += (width(net, l - 1) + 1) * width(net, l);
  return size;
}

/** Numbers that `addNetworkGradient` works in. */
export function networkWork(net: usize, rows: i32): i32 {
  let sum = 0;
  for (let l = 1; l <= layers(net); l++) sum += width(net, l);
  return 2 * rows * sum;
}

/** Prepares the weights of one element's network, [in + 1][out] layer by layer, and the range of its inputs. */
export function prepare(net: usize, weights: usize, low: usize, high: usize, prepared: usize): void {
  memory.fill(prepared, 0, bytes(preparedSize(net)));
  const inputs = width(net, 0);
  for (let k = 0; k < nodes(net, 0); k++) {
    const l = load<f64>(low + bytes(k));
    const h = load<f64>(high + bytes(k));
    store<f64>(prepared + bytes(k), h > l ? 2 / (h - l) : 0);
    store<f64>(prepared + bytes(inputs + k), (l + h) / 2);
  }
  for (let l = 1; l <= layers(net); l++) {
    const p = width(net, l - 1);
    const q = width(net, l);
    const many = nodes(net, l);
    const matrix = prepared + bytes(matrixAt(net, l));
    const transposed = matrix + bytes((p + 1) * q);
    for (let i = 0; i < nodes(net, l - 1); i++) {
      for (let o = 0; o < many; o++, weights += 8) {
        const w = load<f64>(weights);
        store<f64>(matrix + bytes(i * q + o), w);
        store<f64>(transposed + bytes(o * p + i), w);
      }
    }
    for (let o = 0; o < many; o++, weights += 8) store<f64>(matrix + bytes(p * q + o), load<f64>(weights));
  }
}

/** Sweeps forward and back for the atoms first .. first + count of `rows`; the sum of their outputs. */
export function sweep(net: usize, prepared: usize, values: usize, to: usize, rows: i32, first: i32, count: i32): f64 {
  const last = layers(net);
  const inputs = width(net, 0);
  scale(values + bytes(first * inputs), prepared, inputs, count, to + bytes(first * inputs));
  for (let l = 1; l <= last; l++) {
    const p = width(net, l - 1);
    const q = width(net, l);
    const matrix = prepared + bytes(matrixAt(net, l));
    const below = to + bytes(nodesAt(net, rows, l - 1) + first * p);
    const a = to + bytes(nodesAt(net, rows, l) + first * q);
    product(count, q, nodes(net, l - 1), below, bytes(p), 8, matrix, bytes(q), matrix + bytes(p * q), 0, a, bytes(q));
    if (l < last) squash(a, count * q);
  }
  const q = width(net, last);
  const outputs = to + bytes(nodesAt(net, rows, last) + first * q);
  const ones = outputs + bytes(2 * rows * q);
  let sum: f64 = 0;
  for (let r = 0; r < count; r++) {
    sum += load<f64>(outputs + bytes(r * q));
    v128.store(ones + bytes(r * q), f64x2(1, 0));
  }
  for (let l = last; l >= 1; l--) {
    const p = width(net, l - 1);
    const q = width(net, l);
    const transposed = prepared + bytes(matrixAt(net, l) + (p + 1) * q);
    const byZ = to + bytes(nodesAt(net, rows, l) + (2 * rows + first) * q);
    const below = to + bytes((l > 1 ? nodesAt(net, rows, l - 1) + rows * p : inputsAt(net, rows)) + first * p);
    product(count, p, nodes(net, l), byZ, bytes(q), 8, transposed, bytes(p), 0, 0, below, bytes(p));
    if (l > 1) bend(below - bytes(rows * p), below, count * p, below + bytes(rows * p));
  }
  return sum;
}

/**
 * Adds to a padded gradient that of Σ (c o + t·∇o) over the atoms first .. first + count of a sweep, c the same for all, t [rows][inputs]
 * where the sweep had do/dx, for scaled inputs.
 */
export function addNetworkGradient(
  net: usize,
  prepared: usize,
  from: usize,
  rows: i32,
  first: i32,
  count: i32,
  c: f64,
  gradient: usize,
  work: usize,
): void {
  const last = layers(net);
  const inputs = width(net, 0);
  const t = from + bytes(inputsAt(net, rows) + first * inputs);
  let tangent = t;
  let next = work;
  for (let l = 1; l < last; l++) {
    const p = width(net, l - 1);
    const q = width(net, l);
    const matrix = prepared + bytes(matrixAt(net, l));
    product(count, q, nodes(net, l - 1), tangent, bytes(p), 8, matrix, bytes(q), 0, 0, next, bytes(q));
    bend(from + bytes(nodesAt(net, rows, l) + first * q), next, count * q, next);
    tangent = next;
    next += bytes(count * q);
  }
  let byZ = next; // of c o + t·∇o
  for (let r = 0; r < count; r++) v128.store(byZ + bytes(r * width(net, last)), f64x2(c, 0));
  let to = gradient + bytes(gradientSize(net));
  for (let l = last; l >= 1; l--) {
    const p = width(net, l - 1);
    const q = width(net, l);
    const a = from + bytes(nodesAt(net, rows, l - 1) + first * p);
    const d = from + bytes(nodesAt(net, rows, l) + (2 * rows + first) * q);
    to -= bytes((p + 1) * q);
    product(p, q, count, a, 8, bytes(p), byZ, bytes(q), to, bytes(q), to, bytes(q));
    product(p, q, count, tangent, 8, bytes(p), d, bytes(q), to, bytes(q), to, bytes(q));
    addRows(byZ, q, count, to + bytes(p * q));
    if (l === 1) break;
    const transposed = prepared + bytes(matrixAt(net, l) + (p + 1) * q);
    const below = byZ + bytes(count * q);
    product(count, p, nodes(net, l), byZ, bytes(q), 8, transposed, bytes(p), 0, 0, below, bytes(p));
    bendFurther(a, below, tangent, a + bytes(rows * p), count * p);
    byZ = below;
    tangent = l > 2 ? tangent - bytes(count * width(net, l - 2)) : t;
  }
}

/** out += a padded gradient, in the order of weights. */
export function addUnpadded(net: usize, gradient: usize, out: usize): void {
  for (let l = 1; l <= layers(net); l++) {
    const p = width(net, l - 1);
    const q = width(net, l);
    const many = nodes(net, l);
    for (let i = 0; i <= p; i++, gradient += bytes(q)) {
      if (i >= nodes(net, l - 1) && i < p) continue;
      let o = 0;
      for (; o + 1 < many; o += 2, out += 16) v128.store(out, f64x2.add(v128.load(out), v128.load(gradient + bytes(o))));
      for (; o < many; o++, out += 8) store<f64>(out, load<f64>(out) + load<f64>(gradient + bytes(o)));
    }
  }
}

export function nodes(net: usize, layer: i32): i32 {
  return integer(net, 1 + layer);
}

/** Where a layer's matrix stands in prepared weights. */
export function matrixAt(net: usize, layer: i32): i32 {
  let at = 2 * width(net, 0);
  for (let l = 1; l < layer; l++) at += (2 * width(net, l - 1) + 1) * width(net, l);
  return at;
}

/** Where a layer's nodes stand in a sweep. */
export function nodesAt(net: usize, rows: i32, layer: i32): i32 {
  if (layer === 0) return 0;
  let at = width(net, 0);
  for (let l = 1; l < layer; l++) at += 3 * width(net, l);
  return rows * at;
}

/** Where do/dx stands in a sweep. */
export function inputsAt(net: usize, rows: i32): i32 {
  return nodesAt(net, rows, layers(net) + 1);
}

/** out[c] += Σ_r a[r][c] for even columns. */
export function addRows(a: usize, columns: i32, rows: i32, out: usize): void {
  for (let c = 0; c < columns; c += 2, out += 16) {
    let sum = v128.load(out);
    for (let r = 0, at = a + bytes(c); r < rows; r++, at += bytes(columns)) sum = f64x2.add(sum, v128.load(at));
    v128.store(out, sum);
  }
}

/** x = factor (v - middle), row by row. */
function scale(values: usize, factors: usize, columns: i32, rows: i32, out: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < columns; k += 2, values += 16, out += 16) {
      const middle = v128.load(factors + bytes(columns + k));
      v128.store(out, f64x2.mul(v128.load(factors + bytes(k)), f64x2.sub(v128.load(values), middle)));
    }
  }
}

/** out = tanh' x, with a = tanh. */
export function bend(a: usize, x: usize, count: i32, out: usize): void {
  const one = f64x2.splat(1);
  for (const end = a + bytes(count); a < end; a += 16, x += 16, out += 16) {
    const t = v128.load(a);
    v128.store(out, f64x2.mul(f64x2.sub(one, f64x2.mul(t, t)), v128.load(x)));
  }
}

/** x = tanh' x - 2 a byA da: the slope of tanh changes along t too, tanh'' = -2 tanh tanh'. */
function bendFurther(a: usize, x: usize, da: usize, byA: usize, count: i32): void {
  const one = f64x2.splat(1);
  for (const end = a + bytes(count); a < end; a += 16, x += 16, da += 16, byA += 16) {
    const t = v128.load(a);
    const change = f64x2.mul(f64x2.mul(f64x2.add(t, t), v128.load(byA)), v128.load(da));
    v128.store(x, f64x2.sub(f64x2.mul(f64x2.sub(one, f64x2.mul(t, t)), v128.load(x)), change));
  }
}
