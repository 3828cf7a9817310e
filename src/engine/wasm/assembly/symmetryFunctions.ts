/**
 * Behler's symmetry functions G2, G4 and G5 of one atom after another, and their derivatives by the vectors to its neighbours;
 * `descriptors/symmetryFunctions.ts` says the same in plain TypeScript and is the oracle. Angular functions with one η make a group, which
 * share everything but the angle's power:
 *   G = P(c) Q,  P = 2^(1-ζ) (1 + γ c)^ζ,  Q = A_j A_k T,  c = cos θ = (u + v - w)/(2 r_j r_k) of the squared sides u, v, w
 * with A the radial function of a neighbour and T that of the third side. A triangle is three numbers for each function: what changes G
 * along x_j, along x_k, and along x_j - x_k.
 * Triangles are taken in batches, in which those of one neighbour j are a row. Two triangles are the lanes of what functions share; two functions with one ζ are the
 * lanes of the rest, two such pairs at a time.
 */
import { powLanes } from "./elementary";
// biome-ignore lint/style/useImportType: AssemblyScript knows no imports of types alone.
import { Around } from "./neighbours";
import { bytes, integer, number, setNumber } from "./numbers";
import { FITTING, fitThirdSide, gaussian, POLYNOMIAL, storeCutoff, wholePower } from "./radial";

/** Å. Atoms closer than this are the same atom twice, and have no direction from one to the other. */
const CLOSEST: f64 = 1e-6;
/** Of 1 + γ cos θ: below is rounding. */
const STRAIGHT: f64 = 1e-15;
/** Largest ζ whose powers are multiplied. */
const WHOLE: f64 = 64;

/** Which functions describe an atom, ready to be calculated. */
@unmanaged
export class Plan {
  elements: i32;
  /** Functions of each kind for one element or pair of elements. */
  g2: i32;
  g4: i32;
  g5: i32;
  /** Functions in all, and those that one neighbour changes. */
  size: i32;
  live: i32;
  /** Radial functions: G2, then one for each group. */
  radials: i32;
  groups: i32;
  pairs: i32;
  /** γ of the polynomial cutoff; 0 for the cosine. */
  exponent: f64;
  cutoff: f64;
  /** Numbers that loops read: a compiler that finds them calculated would do it again in every turn. */
  cutoff2: f64;
  /** 1/Rc² and -4/Rc². */
  inverse2: f64;
  slopeScale: f64;
  one: f64;
  half: f64;
  infinity: f64;
  /** η in Å⁻² and rs, [radials][2]. */
  radial: usize;
  group: usize;
  pair: usize;
  /** Bytes of a neighbour's record, and where in it derivatives begin. */
  record: usize;
  blocks: usize;
}

/** Angular functions with one η. */
@unmanaged
class Group {
  /** Whether the third side counts: G4, not G5. */
  third: i32;
  first: i32;
  end: i32;
  /** Of the third side's polynomial; 0 where there is none. */
  coefficients: i32;
}

/** Two angular functions with one η and ζ; one or both may be missing. */
@unmanaged
class Pair {
  gamma0: f64;
  gamma1: f64;
  /** 2^(1-ζ), and ζ γ times this. */
  factor0: f64;
  factor1: f64;
  slope0: f64;
  slope1: f64;
  one0: f64;
  one1: f64;
  zeta: f64;
  /** Their places among functions of the kind; -1 for a missing one. */
  place0: i32;
  place1: i32;
}

/**
 * A neighbour's record: its vector, squared distance u and 1/r; values of G2, their slopes by r over r, and one of either for each group; for
 * each element of the partner and every four functions the derivatives along the vector and along x, y and z, of two functions and two
 * functions.
 */
const X: usize = 0;
const U: usize = 32;
const INVERSE: usize = 40;
const RADIAL: usize = 48;
/** Numbers of a pair of functions. */
const PAIR: i32 = 10;
/** Bytes of the derivatives of four functions. */
const SUMS: usize = 128;

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
const BATCH_SIZE: i32 = 20 * BATCH;
/** Bytes of scratch before the batch. */
const CORNER: usize = 64;

/** Numbers (8 bytes) that a plan takes. */
export function planSize(radials: i32, groups: i32, pairs: i32): i32 {
  return 32 + 2 * radials + groups * (4 + POLYNOMIAL) + FITTING + pairs * PAIR;
}

/** Numbers of scratch for describing an atom with up to `most` neighbours. */
export function describingSize(plan: usize, most: i32): i32 {
  return <i32>(CORNER >> 3) + BATCH_SIZE + (most + 2) * <i32>(changetype<Plan>(plan).record >> 3);
}

/**
 * Lays a plan.
 * @param radials [radials][2]: η in units of Rc⁻² and rs, of G2 and then of each group
 * @param group [groups][3]: 1 for G4 or 0 for G5, first pair, end
 * @param pair [pairs][5]: ζ, the two γ, and the places of the two functions among their kind, -1 for none; an even number in each group
 */
export function layPlan(
  at: usize,
  cutoff: f64,
  exponent: f64,
  elements: i32,
  g2: i32,
  g4: i32,
  g5: i32,
  radials: i32,
  radial: usize,
  groups: i32,
  group: usize,
  pairs: i32,
  pair: usize,
): void {
  const p = changetype<Plan>(at);
  p.elements = elements;
  p.g2 = g2;
  p.g4 = g4;
  p.g5 = g5;
  p.size = elements * g2 + ((elements * (elements + 1)) / 2) * (g4 + g5);
  p.live = g2 + elements * (g4 + g5);
  p.radials = radials;
  p.groups = groups;
  p.pairs = pairs;
  p.exponent = exponent;
  p.cutoff = cutoff;
  p.cutoff2 = cutoff * cutoff;
  p.inverse2 = 1 / p.cutoff2;
  p.slopeScale = -4 / p.cutoff2;
  p.one = 1;
  p.half = 0.5;
  p.infinity = Infinity;
  p.blocks = RADIAL + 2 * bytes(radials);
  p.record = p.blocks + <usize>(elements * (pairs >> 1)) * SUMS;
  p.radial = at + bytes(32);
  p.pair = p.radial + bytes(2 * radials);
  p.group = p.pair + bytes(PAIR * pairs);
  for (let k = 0; k < radials; k++) {
    setNumber(p.radial, 2 * k, number(radial, 2 * k) / p.cutoff2);
    setNumber(p.radial, 2 * k + 1, number(radial, 2 * k + 1));
  }
  for (let k = 0; k < pairs; k++) {
    const f = pairAt(p, k);
    f.zeta = number(pair, 5 * k);
    f.gamma0 = number(pair, 5 * k + 1);
    f.gamma1 = number(pair, 5 * k + 2);
    f.place0 = <i32>number(pair, 5 * k + 3);
    f.place1 = <i32>number(pair, 5 * k + 4);
    f.factor0 = 2 * f64x2.extract_lane(power(f64x2.splat(0.5), f.zeta), 0);
    f.factor1 = f.factor0;
    f.slope0 = f.zeta * f.gamma0 * f.factor0;
    f.slope1 = f.zeta * f.gamma1 * f.factor1;
    f.one0 = 1;
    f.one1 = 1;
  }
  for (let k = 0; k < groups; k++) {
    const g = groupAt(p, k);
    g.third = <i32>number(group, 3 * k);
    g.first = <i32>number(group, 3 * k + 1);
    g.end = <i32>number(group, 3 * k + 2);
    g.coefficients = g.third ? fitThirdSide(exponent, number(radial, 2 * (g2 + k)), polynomialOf(g)) : 0;
  }
}

/**
 * The fingerprint of the atom whose neighbours were found last, at `values` [size], and its derivatives at `slopes` [entries][3][live] 1/Å,
 * an entry for each neighbour, or where `merged` for each atom that moves. False if two atoms are in one place.
 * @param scratch of `describingSize` numbers
 */
export function describe(plan: usize, around: usize, scratch: usize, merged: bool, values: usize, slopes: usize): bool {
  const p = changetype<Plan>(plan);
  const s = changetype<Around>(around);
  const records = scratch + CORNER + bytes(BATCH_SIZE);
  memory.fill(values, 0, bytes(p.size));
  memory.fill(slopes, 0, bytes(3 * p.live * (merged ? s.movers : s.count)));
  if (!fillRecords(p, s, records, scratch)) return false;
  for (let kind = 0; kind < p.elements; kind++) {
    for (let k = integer(s.kind, kind), end = integer(s.kind, kind + 1); k < end; k++) {
      addTo(values + bytes(kind * p.g2), records + <usize>k * p.record + RADIAL, 1, p.g2);
    }
  }
  if (p.g4 > 0) addTriangles(p, s, 1, records, scratch, values);
  if (p.g5 > 0) addTriangles(p, s, 0, records, scratch, values);
  for (let k = 0; k < s.count; k++) {
    const entry = merged ? integer(s.mover, k) : k;
    if (entry >= 0) addSlopes(p, records + <usize>k * p.record, slopes + bytes(3 * p.live * entry));
  }
  return true;
}

/** Distances and radial functions; false if a neighbour is in the centre's place. */
function fillRecords(p: Plan, s: Around, records: usize, scratch: usize): bool {
  // The last of an odd number has a partner somewhere within the cutoff.
  setNumber(s.x, s.count, p.cutoff / 2);
  setNumber(s.y, s.count, 0);
  setNumber(s.z, s.count, 0);
  const zero = f64x2.splat(0);
  let near = 0;
  for (let k = 0; k < s.count; k += 2) {
    const at = records + <usize>k * p.record;
    const next = at + p.record;
    const x = v128.load(s.x + bytes(k));
    const y = v128.load(s.y + bytes(k));
    const z = v128.load(s.z + bytes(k));
    const u = f64x2.add(f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)), f64x2.mul(z, z));
    const r = f64x2.sqrt(u);
    near |= i64x2.bitmask(f64x2.lt(r, f64x2.splat(CLOSEST)));
    const inverse = f64x2.div(f64x2.splat(1), r);
    storeBoth(x, at + X, next + X);
    storeBoth(y, at + X + 8, next + X + 8);
    storeBoth(z, at + X + 16, next + X + 16);
    storeBoth(u, at + U, next + U);
    storeBoth(inverse, at + INVERSE, next + INVERSE);
    storeCutoff(p.exponent, r, f64x2.mul(f64x2.sub(f64x2.splat(p.cutoff2), u), f64x2.splat(p.inverse2)), p.cutoff, scratch);
    const fc = v128.load(scratch);
    const fcSlope = v128.load(scratch, 16);
    for (let block = p.blocks; block < p.record; block += 16) {
      v128.store(at + block, zero);
      v128.store(next + block, zero);
    }
    for (let f = 0; f < p.radials; f++) {
      const eta = number(p.radial, 2 * f);
      const away = f64x2.sub(r, f64x2.splat(number(p.radial, 2 * f + 1)));
      const e = gaussian(eta, away);
      const lower = f64x2.mul(f64x2.mul(f64x2.mul(away, inverse), f64x2.splat(2 * eta)), fc);
      const to = RADIAL + bytes(f < p.g2 ? f : 2 * f);
      const toSlope = to + bytes(f < p.g2 ? p.g2 : 1);
      storeBoth(f64x2.mul(e, fc), at + to, next + to);
      storeBoth(f64x2.mul(e, f64x2.sub(fcSlope, lower)), at + toSlope, next + toSlope);
    }
  }
  return near === 0;
}

/** All triangles of the centre with two neighbours, for G4 (those whose third side is within the cutoff) or G5. */
function addTriangles(p: Plan, s: Around, third: i32, records: usize, scratch: usize, values: usize): void {
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

/** Adds a neighbour's derivatives to an entry, [3][live]. */
function addSlopes(p: Plan, record: usize, entry: usize): void {
  const x = v128.load_splat<f64>(record, X);
  const y = v128.load_splat<f64>(record, X + 8);
  const z = v128.load_splat<f64>(record, X + 16);
  const toY = bytes(p.live);
  const toZ = toY + toY;
  const slopes = record + RADIAL + bytes(p.g2);
  addTo(entry, slopes, load<f64>(record, X), p.g2);
  addTo(entry + toY, slopes, load<f64>(record, X + 8), p.g2);
  addTo(entry + toZ, slopes, load<f64>(record, X + 16), p.g2);
  for (let g = 0; g < p.groups; g++) {
    const group = groupAt(p, g);
    const functions = bytes(group.third ? p.g4 : p.g5);
    const base = entry + bytes(group.third ? p.g2 : p.g2 + p.elements * p.g4);
    for (let f = group.first; f < group.end; f++) {
      const pair = pairAt(p, f);
      let sums = record + p.blocks + <usize>(p.elements * (f >> 1)) * SUMS + <usize>((f & 1) << 4);
      for (let to = base, end = base + <usize>p.elements * functions; to < end; to += functions, sums += SUMS) {
        const along = v128.load(sums);
        addPlaced(to, pair, f64x2.add(f64x2.mul(x, along), v128.load(sums, 32)));
        addPlaced(to + toY, pair, f64x2.add(f64x2.mul(y, along), v128.load(sums, 64)));
        addPlaced(to + toZ, pair, f64x2.add(f64x2.mul(z, along), v128.load(sums, 96)));
      }
    }
  }
}

/** Adds the numbers of a pair of functions where these stand. */
function addPlaced(to: usize, f: Pair, numbers: v128): void {
  if (f.place0 < 0) return;
  const first = to + bytes(f.place0);
  if (f.place1 === f.place0 + 1) {
    v128.store(first, f64x2.add(v128.load(first), numbers));
    return;
  }
  store<f64>(first, load<f64>(first) + f64x2.extract_lane(numbers, 0));
  if (f.place1 < 0) return;
  const second = to + bytes(f.place1);
  store<f64>(second, load<f64>(second) + f64x2.extract_lane(numbers, 1));
}

/** out += factor x over n numbers. */
function addTo(out: usize, x: usize, factor: f64, n: i32): void {
  const both = f64x2.splat(factor);
  let k = 0;
  for (; k + 1 < n; k += 2, out += 16, x += 16) v128.store(out, f64x2.add(v128.load(out), f64x2.mul(both, v128.load(x))));
  if (k < n) store<f64>(out, load<f64>(out) + factor * load<f64>(x));
}

/** x^y for x >= 0; 0 for x = 0 with a broken y. */
function power(x: v128, y: f64): v128 {
  if (y >= 0 && y <= WHOLE && y === Math.floor(y)) return wholePower(x, <i32>y);
  return powLanes(x, f64x2.splat(y));
}

function storeBoth(x: v128, first: usize, second: usize): void {
  v128.store_lane<f64>(first, x, 0);
  v128.store_lane<f64>(second, x, 1);
}

function groupAt(p: Plan, k: i32): Group {
  return changetype<Group>(p.group + <usize>k * bytes(4 + POLYNOMIAL));
}

function polynomialOf(g: Group): usize {
  return changetype<usize>(g) + bytes(4);
}

function pairAt(p: Plan, k: i32): Pair {
  return changetype<Pair>(p.pair + <usize>k * bytes(PAIR));
}
