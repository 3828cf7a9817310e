/**
 * G4 and G5 of one centre: what every triangle with two neighbours j and k adds to them and to their derivatives.
 *   G = P(c) Q,  P = 2^(1-ζ) (1 + γ c)^ζ,  Q = A_j A_k T,  c = cos θ = (u + v - w)/(2 r_j r_k) of the squared sides u, v, w
 * with A the radial function of a neighbour and T that of the third side; functions with one η share everything but P. A triangle is three
 * numbers for each function: what changes G along x_j, along x_k, and along x_j - x_k.
 * Triangles are taken in batches, in which those of one neighbour j are a row. Two triangles are the lanes of what functions share; two
 * functions with one ζ are the lanes of the rest, two such pairs at a time.
 */
// biome-ignore lint/style/useImportType: AssemblyScript knows no imports of types alone.
import { Around } from "./neighbours";
import { bytes, integer, number } from "./numbers";
// biome-ignore lint/style/useImportType: as above.
import { addPlaced, Group, groupAt, Pair, Plan, pairAt, polynomialOf, power, RADIAL, SUMS, U, X } from "./plan";
import { gaussian, storeCutoff } from "./radial";

/** Of 1 + γ cos θ: below is rounding. */
const STRAIGHT: f64 = 1e-15;
/** Triangles in a batch at most and when it is worth its while, and fields of a batch: bytes from one to the next. */
const BATCH: i32 = 120;
const ENOUGH: i32 = 64;
const FIELD: usize = 960;
/** Fields: the neighbours k and j, 32 bits each, and w; T and 2 dT/dw; what functions share; then P and dP/dc of two functions and of two more. */
const J: usize = 4;
const W: usize = FIELD;
const T: usize = 2 * FIELD;
const T_SLOPE: usize = 3 * FIELD;
const COSINE: usize = 4 * FIELD;
const Q: usize = 5 * FIELD;
const Q_J: usize = 6 * FIELD;
const Q_K: usize = 7 * FIELD;
const Q_W: usize = 8 * FIELD;
const C_J: usize = 9 * FIELD;
const C_K: usize = 10 * FIELD;
const C_W: usize = 11 * FIELD;
const POWER: usize = 12 * FIELD;
const NEXT_POWER: usize = 4 * FIELD;
/** Numbers of a batch. */
export const BATCH_SIZE: i32 = 20 * BATCH;
/** Bytes of scratch before the batch. */
export const CORNER: usize = 64;

/** All triangles of the centre with two neighbours, for G4 (those whose third side is within the cutoff) or G5. */
export function addTriangles(p: Plan, s: Around, third: i32, records: usize, scratch: usize, values: usize): void {
  const batch = scratch + CORNER;
  const functions = third ? p.g4 : p.g5;
  let sums = values + bytes(p.elements * p.g2 + (third ? 0 : ((p.elements * (p.elements + 1)) / 2) * p.g4));
  for (let kindK = 0; kindK < p.elements; kindK++) {
    for (let kindJ = kindK; kindJ < p.elements; kindJ++, sums += bytes(functions)) {
      let end = batch;
      for (let j = integer(s.kind, kindJ), last = integer(s.kind, kindJ + 1); j < last; j++) {
        const most = min(j, integer(s.kind, kindK + 1));
        for (let k = integer(s.kind, kindK); k < most; ) {
          const stop = min(most, k + BATCH - 4 - <i32>((end - batch) >> 3));
          end = fillRow(p, s, third, j, k, stop, records, end);
          k = stop;
          if (end < batch + bytes(ENOUGH)) continue;
          addBatch(p, third, kindJ, kindK, batch, end, scratch, sums);
          end = batch;
        }
      }
      if (end > batch) addBatch(p, third, kindJ, kindK, batch, end, scratch, sums);
    }
  }
}

/** Puts the triangles of j with neighbours k .. stop behind the others of a batch; returns where they end. */
function fillRow(p: Plan, s: Around, third: i32, j: i32, k: i32, stop: i32, records: usize, out: usize): usize {
  const x = v128.load_splat<f64>(s.x + bytes(j));
  const y = v128.load_splat<f64>(s.y + bytes(j));
  const z = v128.load_splat<f64>(s.z + bytes(j));
  const most = v128.load_splat<f64>(changetype<usize>(p) + (third ? offsetof<Plan>("cutoff2") : offsetof<Plan>("infinity")));
  const toY = s.y - s.x;
  const toZ = s.z - s.x;
  const next = p.record;
  const own = (<u64>(records + <usize>j * next)) << 32;
  const first = out;
  let record = records + <usize>k * next;
  let at = s.x + bytes(k);
  for (const last = s.x + bytes(stop); at < last; at += 16, record += 2 * next) {
    const dx = f64x2.sub(x, v128.load(at));
    const dy = f64x2.sub(y, v128.load(at + toY));
    const dz = f64x2.sub(z, v128.load(at + toZ));
    const w = f64x2.add(f64x2.add(f64x2.mul(dx, dx), f64x2.mul(dy, dy)), f64x2.mul(dz, dz));
    const near = i64x2.bitmask(f64x2.lt(w, most));
    // Written in any case, kept by counting: whether it is near is not to be guessed.
    store<u64>(out, own | <u64>record);
    v128.store_lane<f64>(out, w, 0, W);
    out += (near & 1) << 3;
    store<u64>(out, own | <u64>(record + next));
    v128.store_lane<f64>(out, w, 1, W);
    out += (near & 2) << 2;
  }
  // Of an odd number the last had one beside it that is none of them.
  return (stop - k) & 1 && out > first && load<usize>(out - 8) === record - next ? out - 8 : out;
}

/** Adds the triangles of a batch to the sums of their functions and to the derivatives of their neighbours. */
function addBatch(p: Plan, third: i32, kindJ: i32, kindK: i32, batch: usize, end: usize, scratch: usize, sums: usize): void {
  // The last one fills the lanes behind it.
  for (let k: usize = 0; k < 24; k += 8) {
    store<u64>(end + k, load<u64>(end - 8));
    store<f64>(end + k, load<f64>(end - 8, W), W);
  }
  for (let g = 0; g < p.groups; g++) {
    const group = groupAt(p, g);
    if (group.third !== third) continue;
    if (group.coefficients > 0) fitSides(p, group, batch, end);
    else if (third) calculateSides(p, number(p.radial, 2 * (p.g2 + g)), batch, end, scratch);
    else ignoreSides(batch, end);
    share(p, RADIAL + bytes(2 * (p.g2 + g)), batch, end);
    for (let f = group.first; f < group.end; f += 2) {
      const a = pairAt(p, f);
      const b = pairAt(p, f + 1);
      addPlaced(sums, a, raise(a, batch, end, batch + POWER));
      addPlaced(sums, b, raise(b, batch, end, batch + POWER + NEXT_POWER));
      const quad = (p.elements * f) >> 1;
      accumulate(batch, end, p.blocks + <usize>(quad + kindK) * SUMS, p.blocks + <usize>(quad + kindJ) * SUMS);
    }
  }
}

/** T and 2 dT/dw of the third sides in a batch by the group's polynomial. */
function fitSides(p: Plan, g: Group, at: usize, end: usize): void {
  const constants = changetype<usize>(p);
  const cutoff2 = v128.load_splat<f64>(constants, offsetof<Plan>("cutoff2"));
  const inverse2 = v128.load_splat<f64>(constants, offsetof<Plan>("inverse2"));
  const slopeScale = v128.load_splat<f64>(constants, offsetof<Plan>("slopeScale"));
  const one = v128.load_splat<f64>(constants, offsetof<Plan>("one"));
  const first = polynomialOf(g);
  const last = first + bytes(g.coefficients - 1);
  // Two pairs at a time: while the processor waits for one it takes the other.
  for (; at < end; at += 32) {
    const rest0 = f64x2.mul(f64x2.sub(cutoff2, v128.load(at, W)), inverse2);
    const rest1 = f64x2.mul(f64x2.sub(cutoff2, v128.load(at, W + 16)), inverse2);
    const x0 = f64x2.sub(one, f64x2.add(rest0, rest0));
    const x1 = f64x2.sub(one, f64x2.add(rest1, rest1));
    let value0 = v128.load_splat<f64>(first);
    let value1 = value0;
    let slope0 = f64x2.splat(0);
    let slope1 = slope0;
    for (let c = first; c < last; c += 16) {
      let next = v128.load_splat<f64>(c, 8);
      slope0 = f64x2.add(f64x2.mul(slope0, x0), value0);
      slope1 = f64x2.add(f64x2.mul(slope1, x1), value1);
      value0 = f64x2.add(f64x2.mul(value0, x0), next);
      value1 = f64x2.add(f64x2.mul(value1, x1), next);
      next = v128.load_splat<f64>(c, 16);
      slope0 = f64x2.add(f64x2.mul(slope0, x0), value0);
      slope1 = f64x2.add(f64x2.mul(slope1, x1), value1);
      value0 = f64x2.add(f64x2.mul(value0, x0), next);
      value1 = f64x2.add(f64x2.mul(value1, x1), next);
    }
    v128.store(at, f64x2.mul(f64x2.mul(rest0, rest0), value0), T);
    v128.store(at, f64x2.mul(f64x2.mul(rest1, rest1), value1), T + 16);
    v128.store(at, f64x2.mul(f64x2.mul(slopeScale, rest0), f64x2.sub(value0, f64x2.mul(rest0, slope0))), T_SLOPE);
    v128.store(at, f64x2.mul(f64x2.mul(slopeScale, rest1), f64x2.sub(value1, f64x2.mul(rest1, slope1))), T_SLOPE + 16);
  }
}

/** The same from the functions themselves. */
function calculateSides(p: Plan, eta: f64, at: usize, end: usize, scratch: usize): void {
  for (; at < end; at += 16) {
    const w = v128.load(at, W);
    const r = f64x2.sqrt(w);
    const rest = f64x2.mul(f64x2.sub(f64x2.splat(p.cutoff2), w), f64x2.splat(p.inverse2));
    storeCutoff(p.exponent, r, rest, p.cutoff, scratch);
    const fc = v128.load(scratch);
    const e = gaussian(eta, r);
    v128.store(at, f64x2.mul(e, fc), T);
    v128.store(at, f64x2.mul(e, f64x2.sub(v128.load(scratch, 16), f64x2.mul(f64x2.splat(2 * eta), fc))), T_SLOPE);
  }
}

/** T = 1 for functions that do not know the third side. */
function ignoreSides(at: usize, end: usize): void {
  for (; at < end; at += 16) {
    v128.store(at, f64x2.splat(1), T);
    v128.store(at, f64x2.splat(0), T_SLOPE);
  }
}

/** What the functions of a group share, for each triangle of a batch. `radial`: where records have the group's radial function. */
function share(p: Plan, radial: usize, at: usize, end: usize): void {
  const half = v128.load_splat<f64>(changetype<usize>(p), offsetof<Plan>("half"));
  for (; at < end; at += 16) {
    const k0 = load<usize>(at);
    const j0 = load<usize>(at, J);
    const k1 = load<usize>(at, 8);
    const j1 = load<usize>(at, J + 8);
    // Of each neighbour two numbers that stand side by side; the lanes are the triangles.
    let first = v128.load(j0, U);
    let second = v128.load(j1, U);
    const u = v128.shuffle<f64>(first, second, 0, 2);
    const inverseJ = v128.shuffle<f64>(first, second, 1, 3);
    first = v128.load(k0, U);
    second = v128.load(k1, U);
    const v = v128.shuffle<f64>(first, second, 0, 2);
    const inverseK = v128.shuffle<f64>(first, second, 1, 3);
    first = v128.load(j0 + radial);
    second = v128.load(j1 + radial);
    const a = v128.shuffle<f64>(first, second, 0, 2);
    const aSlope = v128.shuffle<f64>(first, second, 1, 3);
    first = v128.load(k0 + radial);
    second = v128.load(k1 + radial);
    const b = v128.shuffle<f64>(first, second, 0, 2);
    const bSlope = v128.shuffle<f64>(first, second, 1, 3);
    const product = f64x2.mul(inverseJ, inverseK);
    const cosine = f64x2.mul(f64x2.mul(f64x2.sub(f64x2.add(u, v), v128.load(at, W)), half), product);
    const t = v128.load(at, T);
    const aT = f64x2.mul(a, t);
    const q = f64x2.mul(aT, b);
    const bend = f64x2.mul(product, q);
    const turn = f64x2.mul(cosine, q);
    v128.store(at, cosine, COSINE);
    v128.store(at, q, Q);
    v128.store(at, f64x2.mul(f64x2.mul(aSlope, b), t), Q_J);
    v128.store(at, f64x2.mul(aT, bSlope), Q_K);
    v128.store(at, f64x2.mul(f64x2.mul(a, b), v128.load(at, T_SLOPE)), Q_W);
    v128.store(at, f64x2.sub(bend, f64x2.mul(turn, f64x2.mul(inverseJ, inverseJ))), C_J);
    v128.store(at, f64x2.sub(bend, f64x2.mul(turn, f64x2.mul(inverseK, inverseK))), C_K);
    v128.store(at, bend, C_W);
  }
}

/** P and dP/dc of a pair of functions for each triangle of a batch, at `out`; returns the sums of the functions. */
function raise(f: Pair, at: usize, end: usize, out: usize): v128 {
  if (f.zeta === 1) return keepAngles(f, at, end, out);
  if (f.zeta === 4) return raiseToFourth(f, at, end, out);
  return raiseToAny(f, at, end, out);
}

function keepAngles(f: Pair, at: usize, end: usize, out: usize): v128 {
  const pair = changetype<usize>(f);
  const gamma = v128.load(pair, offsetof<Pair>("gamma0"));
  const one = v128.load(pair, offsetof<Pair>("factor0"));
  let sum = f64x2.splat(0);
  for (; at < end; at += 8, out += 32) {
    const base = f64x2.pmax(f64x2.splat(0), f64x2.add(one, f64x2.mul(gamma, v128.load_splat<f64>(at, COSINE))));
    v128.store(out, base);
    v128.store(out, gamma, 16);
    sum = f64x2.add(sum, f64x2.mul(base, v128.load_splat<f64>(at, Q)));
  }
  return sum;
}

function raiseToFourth(f: Pair, at: usize, end: usize, out: usize): v128 {
  const pair = changetype<usize>(f);
  const gamma = v128.load(pair, offsetof<Pair>("gamma0"));
  const factor = v128.load(pair, offsetof<Pair>("factor0"));
  const slope = v128.load(pair, offsetof<Pair>("slope0"));
  const one = v128.load(pair, offsetof<Pair>("one0"));
  let sum = f64x2.splat(0);
  for (; at < end; at += 8, out += 32) {
    const base = f64x2.pmax(f64x2.splat(0), f64x2.add(one, f64x2.mul(gamma, v128.load_splat<f64>(at, COSINE))));
    const square = f64x2.mul(base, base);
    const p = f64x2.mul(f64x2.mul(square, square), factor);
    v128.store(out, p);
    v128.store(out, f64x2.mul(f64x2.mul(square, base), slope), 16);
    sum = f64x2.add(sum, f64x2.mul(p, v128.load_splat<f64>(at, Q)));
  }
  return sum;
}

function raiseToAny(f: Pair, at: usize, end: usize, out: usize): v128 {
  const pair = changetype<usize>(f);
  let sum = f64x2.splat(0);
  for (; at < end; at += 8, out += 32) {
    const change = f64x2.mul(v128.load(pair, offsetof<Pair>("gamma0")), v128.load_splat<f64>(at, COSINE));
    let base = f64x2.pmax(f64x2.splat(0), f64x2.add(f64x2.splat(1), change));
    // In a straight line the angle has no first-order change, but rounding would have one if ζ < 1 makes this power infinite.
    if (f.zeta < 1) base = v128.and(base, f64x2.gt(base, f64x2.splat(STRAIGHT)));
    const lower = power(base, f.zeta - 1);
    const p = f64x2.mul(f64x2.mul(lower, base), v128.load(pair, offsetof<Pair>("factor0")));
    v128.store(out, p);
    v128.store(out, f64x2.mul(lower, v128.load(pair, offsetof<Pair>("slope0"))), 16);
    sum = f64x2.add(sum, f64x2.mul(p, v128.load_splat<f64>(at, Q)));
  }
  return sum;
}

/** Adds what a batch of triangles changes in four functions to the derivatives of every j, row by row, and of every k. */
function accumulate(at: usize, end: usize, blockJ: usize, blockK: usize): void {
  for (let powers = at + POWER; at < end; ) {
    const from = at;
    at = accumulateRow(at, end, powers, blockJ, blockK);
    powers += (at - from) << 2;
  }
}

/** Likewise the row that begins here; returns where it ends. */
function accumulateRow(row: usize, end: usize, powers: usize, blockJ: usize, blockK: usize): usize {
  const j = load<usize>(row, J);
  const x = v128.load_splat<f64>(j + X);
  const y = v128.load_splat<f64>(j + X + 8);
  const z = v128.load_splat<f64>(j + X + 16);
  const to = j + blockJ;
  let along0 = v128.load(to);
  let along1 = v128.load(to, 16);
  let x0 = v128.load(to, 32);
  let x1 = v128.load(to, 48);
  let y0 = v128.load(to, 64);
  let y1 = v128.load(to, 80);
  let z0 = v128.load(to, 96);
  let z1 = v128.load(to, 112);
  for (; row < end && load<usize>(row, J) === j; row += 8, powers += 32) {
    const k = load<usize>(row);
    const at = k + blockK;
    const p0 = v128.load(powers);
    const d0 = v128.load(powers, 16);
    const p1 = v128.load(powers, NEXT_POWER);
    const d1 = v128.load(powers, NEXT_POWER + 16);
    let c = v128.load_splat<f64>(row, C_J);
    let q = v128.load_splat<f64>(row, Q_J);
    along0 = f64x2.add(along0, f64x2.add(f64x2.mul(d0, c), f64x2.mul(p0, q)));
    along1 = f64x2.add(along1, f64x2.add(f64x2.mul(d1, c), f64x2.mul(p1, q)));
    c = v128.load_splat<f64>(row, C_K);
    q = v128.load_splat<f64>(row, Q_K);
    v128.store(at, f64x2.add(v128.load(at), f64x2.add(f64x2.mul(d0, c), f64x2.mul(p0, q))));
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.add(f64x2.mul(d1, c), f64x2.mul(p1, q))), 16);
    c = v128.load_splat<f64>(row, C_W);
    q = v128.load_splat<f64>(row, Q_W);
    const w0 = f64x2.sub(f64x2.mul(p0, q), f64x2.mul(d0, c));
    const w1 = f64x2.sub(f64x2.mul(p1, q), f64x2.mul(d1, c));
    let side = f64x2.sub(x, v128.load_splat<f64>(k + X));
    let change = f64x2.mul(w0, side);
    x0 = f64x2.add(x0, change);
    v128.store(at, f64x2.sub(v128.load(at, 32), change), 32);
    change = f64x2.mul(w1, side);
    x1 = f64x2.add(x1, change);
    v128.store(at, f64x2.sub(v128.load(at, 48), change), 48);
    side = f64x2.sub(y, v128.load_splat<f64>(k + X + 8));
    change = f64x2.mul(w0, side);
    y0 = f64x2.add(y0, change);
    v128.store(at, f64x2.sub(v128.load(at, 64), change), 64);
    change = f64x2.mul(w1, side);
    y1 = f64x2.add(y1, change);
    v128.store(at, f64x2.sub(v128.load(at, 80), change), 80);
    side = f64x2.sub(z, v128.load_splat<f64>(k + X + 16));
    change = f64x2.mul(w0, side);
    z0 = f64x2.add(z0, change);
    v128.store(at, f64x2.sub(v128.load(at, 96), change), 96);
    change = f64x2.mul(w1, side);
    z1 = f64x2.add(z1, change);
    v128.store(at, f64x2.sub(v128.load(at, 112), change), 112);
  }
  v128.store(to, along0);
  v128.store(to, along1, 16);
  v128.store(to, x0, 32);
  v128.store(to, x1, 48);
  v128.store(to, y0, 64);
  v128.store(to, y1, 80);
  v128.store(to, z0, 96);
  v128.store(to, z1, 112);
  return row;
}
