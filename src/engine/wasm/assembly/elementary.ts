/**
 * exp, log, tanh, cos(πx), sin(πx) and powers of two f64 lanes at a time, from the four operations alone: the same bits on every machine.
 * Arguments are reduced to where a short polynomial in r represents the function (Muller, Elementary Functions, 2016, chapters 4 and 11):
 *   exp  x = k ln2 + r, |r| <= ln2/2, in two parts of ln2            e^r = 1 + r + r² q(r)
 *   tanh from e^y - 1 of y = -2|x|, which is exact near zero         tanh|x| = -t/(2 + t)
 *   log  x = 2^k (1 + f), 1 + f between √½ and √2, s = f/(2 + f)     log(1 + f) = f - (f²/2 - s (f²/2 + s² L(s²)))
 *   cos and sin  x = n/2 + r, |r| <= 1/4                             sin πr = r (π + r² S(r²)), cos πr = 1 + r² C(r²)
 * The coefficients are Chebyshev fits of q, L, S and C in 60 digits, whose errors are below a tenth of the rounding. Results are within 2.5
 * units in the last place, powers within 2 + 2 |y log x|. Arguments that are not numbers give results that are not numbers.
 */

/** Added to a number below 2^51 and taken away it leaves the nearest integer; its low bits hold that integer. */
const ROUNDER: f64 = 6755399441055744;
/** ln2 in two parts; products of the first with integers below 2^20 are exact. */
const LN2_HIGH: f64 = 0.6931467056274414;
const LN2_LOW: f64 = 4.7493250390316726e-7;
/** Below, e^x is taken to be 0; it would be under 5e-308. */
const EXP_LEAST: f64 = -707;
/** Above, e^x is infinite. */
const EXP_MOST: f64 = 710;
/** Below, tanh(-y/2) is 1. */
const TANH_LEAST: f64 = -44;
/** Bits of √½ and of 1. */
const ROOT_HALF: i64 = (0x3fe6a09e << 32) | 0x667f3bcd;
const ONE: i64 = 0x3ff << 52;

/** e^x. */
export function expLanes(x: v128): v128 {
  const t = f64x2.add(f64x2.mul(f64x2.pmin(x, f64x2.splat(EXP_MOST)), f64x2.splat(Math.LOG2E)), f64x2.splat(ROUNDER));
  const p = f64x2.add(f64x2.splat(1), reducedExp(f64x2.pmin(x, f64x2.splat(EXP_MOST)), f64x2.sub(t, f64x2.splat(ROUNDER))));
  // Twice half the power, since 2^1024 is no number but the result may be one.
  const value = f64x2.mul(f64x2.add(p, p), powerOfTwo(i64x2.sub(t, i64x2.splat(1))));
  return v128.andnot(value, f64x2.lt(x, f64x2.splat(EXP_LEAST)));
}

/** tanh x. */
export function tanhLanes(x: v128): v128 {
  const y = tanhExponent(x);
  const t = f64x2.add(f64x2.mul(y, f64x2.splat(Math.LOG2E)), f64x2.splat(ROUNDER));
  return tanhFromExp(x, t, reducedExp(y, f64x2.sub(t, f64x2.splat(ROUNDER))));
}

/** a = tanh a for n numbers, n even: four at a time, which share the constants. */
export function squash(a: usize, n: i32): void {
  for (const end = a + ((<usize>n & ~3) << 3); a < end; a += 32) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    const y0 = tanhExponent(x0);
    const y1 = tanhExponent(x1);
    const t0 = f64x2.add(f64x2.mul(y0, f64x2.splat(Math.LOG2E)), f64x2.splat(ROUNDER));
    const t1 = f64x2.add(f64x2.mul(y1, f64x2.splat(Math.LOG2E)), f64x2.splat(ROUNDER));
    const p0 = reducedExp(y0, f64x2.sub(t0, f64x2.splat(ROUNDER)));
    const p1 = reducedExp(y1, f64x2.sub(t1, f64x2.splat(ROUNDER)));
    v128.store(a, tanhFromExp(x0, t0, p0));
    v128.store(a, tanhFromExp(x1, t1, p1), 16);
  }
  if (n & 2) v128.store(a, tanhLanes(v128.load(a)));
}

/** log x of normal x > 0; a large negative number for x = 0. */
export function logLanes(x: v128): v128 {
  const bits = i64x2.add(x, i64x2.splat(ONE - ROOT_HALF));
  const k = f64x2.sub(i64x2.add(i64x2.sub(i64x2.shr_u(bits, 52), i64x2.splat(1023)), f64x2.splat(ROUNDER)), f64x2.splat(ROUNDER));
  const m = i64x2.add(v128.and(bits, i64x2.splat(0xfffffffffffff)), i64x2.splat(ROOT_HALF));
  const f = f64x2.sub(m, f64x2.splat(1));
  const s = f64x2.div(f, f64x2.add(f, f64x2.splat(2)));
  const z = f64x2.mul(s, s);
  let l = step(f64x2.splat(0.14616585424888623), z, 0.15331710618210773);
  l = step(l, z, 0.18182889455674947);
  l = step(l, z, 0.22222211130259878);
  l = step(l, z, 0.2857142862600327);
  l = step(l, z, 0.39999999999899444);
  l = step(l, z, 0.666666666666667);
  const half = f64x2.mul(f64x2.mul(f, f64x2.splat(0.5)), f);
  const rest = f64x2.sub(half, f64x2.add(f64x2.mul(s, f64x2.add(half, f64x2.mul(z, l))), f64x2.mul(k, f64x2.splat(LN2_LOW))));
  return f64x2.add(f64x2.mul(k, f64x2.splat(LN2_HIGH)), f64x2.sub(f, rest));
}

/** x^y of x >= 0 and y > 0. */
export function powLanes(x: v128, y: v128): v128 {
  return v128.and(expLanes(f64x2.mul(y, logLanes(x))), f64x2.gt(x, f64x2.splat(0)));
}

/** cos πx for |x| < 2^50. */
export function cosPiLanes(x: v128): v128 {
  return turned(x, 0);
}

/** sin πx for |x| < 2^50. */
export function sinPiLanes(x: v128): v128 {
  return turned(x, 3);
}

/** sin πx for |x| <= 1/4. */
export function smallSinPi(x: v128): v128 {
  const z = f64x2.mul(x, x);
  let s = step(f64x2.splat(0.00046221110224187623), z, -0.0073701436435937495);
  s = step(s, z, 0.08214587730641625);
  s = step(s, z, -0.5992645291845385);
  s = step(s, z, 2.5501640398766154);
  s = step(s, z, -5.167712780049969);
  return f64x2.mul(x, step(s, z, Math.PI));
}

/** cos πx for |x| <= 1/4. */
export function smallCosPi(x: v128): v128 {
  const z = f64x2.mul(x, x);
  let c = step(f64x2.splat(-0.00010370082971594627), z, 0.001929493874894941);
  c = step(c, z, -0.025806887964701878);
  c = step(c, z, 0.23533063028399223);
  c = step(c, z, -1.3352627688538095);
  c = step(c, z, 4.058712126416765);
  c = step(c, z, -4.934802200544679);
  return step(c, z, 1);
}

/** exp of one number. */
export function exp(x: f64): f64 {
  return f64x2.extract_lane(expLanes(f64x2.splat(x)), 0);
}

/** tanh of one number. */
export function tanh(x: f64): f64 {
  return f64x2.extract_lane(tanhLanes(f64x2.splat(x)), 0);
}

/** cos πx of one number. */
export function cosPi(x: f64): f64 {
  return f64x2.extract_lane(cosPiLanes(f64x2.splat(x)), 0);
}

/** The functions of this file on n numbers, n even, for tests: 0 exp, 1 tanh, 2 log, 3 cos πx, 4 sin πx, 5 x^y. */
export function tabulate(which: i32, x: usize, y: usize, n: i32, out: usize): void {
  for (let k = 0; k < n; k += 2, x += 16, y += 16, out += 16) {
    const v = v128.load(x);
    if (which === 0) v128.store(out, expLanes(v));
    else if (which === 1) v128.store(out, tanhLanes(v));
    else if (which === 2) v128.store(out, logLanes(v));
    else if (which === 3) v128.store(out, cosPiLanes(v));
    else if (which === 4) v128.store(out, sinPiLanes(v));
    else v128.store(out, powLanes(v, v128.load(y)));
  }
}

/** p x + c. */
function step(p: v128, x: v128, c: f64): v128 {
  return f64x2.add(f64x2.mul(p, x), f64x2.splat(c));
}

/** e^r - 1 for r = x - k ln2. */
function reducedExp(x: v128, k: v128): v128 {
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH))), f64x2.mul(k, f64x2.splat(LN2_LOW)));
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  // In pairs rather than one by one, so that the processor need not wait for each.
  const a = step(f64x2.splat(0.16666666666666669), r, 0.5000000000000001);
  const b = step(f64x2.splat(0.008333333333330062), r, 0.04166666666662413);
  const c = step(f64x2.splat(0.00019841269863053618), r, 0.0013888888917213717);
  const d = step(f64x2.splat(2.7557268459997064e-6), r, 2.4801521295954376e-5);
  const e = step(f64x2.splat(2.510038549551032e-8), r, 2.7620088445409746e-7);
  const low = f64x2.add(f64x2.mul(b, r2), a);
  const high = f64x2.add(f64x2.mul(f64x2.add(f64x2.mul(e, r4), f64x2.add(f64x2.mul(d, r2), c)), r4), low);
  return f64x2.add(r, f64x2.mul(r2, high));
}

/** -2|x|, but no less than where tanh is 1. */
function tanhExponent(x: v128): v128 {
  return f64x2.pmax(f64x2.mul(f64x2.abs(x), f64x2.splat(-2)), f64x2.splat(TANH_LEAST));
}

/** tanh x from the power of two in the low bits of t and e^r - 1. */
function tanhFromExp(x: v128, t: v128, p: v128): v128 {
  const power = powerOfTwo(t);
  const e = f64x2.add(f64x2.mul(power, p), f64x2.sub(power, f64x2.splat(1)));
  const value = f64x2.div(f64x2.sub(f64x2.splat(0), e), f64x2.add(f64x2.splat(2), e));
  return v128.or(value, v128.xor(x, f64x2.abs(x)));
}

/** 2^k of the integer in the low bits, -1022 to 1023. */
function powerOfTwo(bits: v128): v128 {
  return i64x2.shl(i64x2.add(bits, i64x2.splat(1023)), 52);
}

/** cos(πx + quarters π/2): the cosine for 0, the sine for 3. */
function turned(x: v128, quarters: i64): v128 {
  const t = f64x2.add(f64x2.add(x, x), f64x2.splat(ROUNDER));
  const r = f64x2.sub(x, f64x2.mul(f64x2.sub(t, f64x2.splat(ROUNDER)), f64x2.splat(0.5)));
  const n = i64x2.add(t, i64x2.splat(quarters));
  const odd = i64x2.sub(i64x2.splat(0), v128.and(n, i64x2.splat(1)));
  const sign = i64x2.shl(v128.and(i64x2.add(n, i64x2.splat(1)), i64x2.splat(2)), 62);
  return v128.xor(v128.bitselect(smallSinPi(r), smallCosPi(r), odd), sign);
}
