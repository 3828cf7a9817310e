/**
 * Symmetry functions laid out for the kernels: angular functions with one η are a group, and in a group functions with one ζ are pairs.
 * What a loop needs is a number in memory here: a compiler that finds it calculated would do it again in every turn.
 */
import { powLanes } from "./elementary";
import { bytes, number, setNumber } from "./numbers";
import { FITTING, fitThirdSide, POLYNOMIAL, wholePower } from "./radial";

/** Largest ζ whose powers are multiplied. */
const WHOLE: f64 = 64;

/** Numbers of a pair of functions. */
const PAIR: i32 = 10;

/**
 * A neighbour's record: its vector, squared distance u and 1/r; values of G2, their slopes by r over r, and one of either for each group; for
 * each element of the partner and every four functions the derivatives along the vector and along x, y and z, of two functions and two
 * functions.
 */
export const X: usize = 0;
export const U: usize = 32;
export const INVERSE: usize = 40;
export const RADIAL: usize = 48;
/** Bytes of the derivatives of four functions. */
export const SUMS: usize = 128;

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
export class Group {
  /** Whether the third side counts: G4, not G5. */
  third: i32;
  first: i32;
  end: i32;
  /** Of the third side's polynomial; 0 where there is none. */
  coefficients: i32;
}

/** Two angular functions with one η and ζ; one or both may be missing. */
@unmanaged
export class Pair {
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

/** Numbers (8 bytes) that a plan takes. */
export function planSize(radials: i32, groups: i32, pairs: i32): i32 {
  return 32 + 2 * radials + groups * (4 + POLYNOMIAL) + FITTING + pairs * PAIR;
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

/** Adds the numbers of a pair of functions where these stand. */
export function addPlaced(to: usize, f: Pair, numbers: v128): void {
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

/** x^y for x >= 0; 0 for x = 0 with a broken y. */
export function power(x: v128, y: f64): v128 {
  if (y >= 0 && y <= WHOLE && y === Math.floor(y)) return wholePower(x, <i32>y);
  return powLanes(x, f64x2.splat(y));
}

export function groupAt(p: Plan, k: i32): Group {
  return changetype<Group>(p.group + <usize>k * bytes(4 + POLYNOMIAL));
}

export function polynomialOf(g: Group): usize {
  return changetype<usize>(g) + bytes(4);
}

export function pairAt(p: Plan, k: i32): Pair {
  return changetype<Pair>(p.pair + <usize>k * bytes(PAIR));
}
