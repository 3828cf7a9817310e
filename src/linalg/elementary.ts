/**
 * exp, log, cos πx, sin πx and the length of a vector from the four operations and square roots alone, which IEEE 754 defines to the last bit: the
 * same numbers on every machine and in every Node. Those of `Math` belong to the platform (x ** 3 of Node 22 and of Node 24 differ in one case
 * of ten). Arguments are reduced to where a short polynomial represents the function (Muller, Elementary Functions, 2016, chapters 4 and 11):
 *   exp  x = k ln2 + r, |r| <= ln2/2, in two parts of ln2            e^r = 1 + r + r² q(r)
 *   log  x = 2^k (1 + f), 1 + f between √½ and √2, s = f/(2 + f)     log(1 + f) = f - (f²/2 - s (f²/2 + s² L(s²)))
 *   cos and sin  x = n/2 + r, |r| <= 1/4                             sin πr = r (π + r² S(r²)), cos πr = 1 + r² C(r²)
 * The coefficients are Chebyshev fits of q, L, S and C in 60 digits, those of the kernels, whose errors are below a tenth of the rounding.
 * Results are within 2.5 units in the last place.
 */

/** Added to a number below 2^51 and taken away it leaves the nearest integer. */
const ROUNDER = 6755399441055744;
/** ln2 in two parts; products of the first with integers below 2^20 are exact. */
const [LN2_HIGH, LN2_LOW] = [0.6931467056274414, 4.7493250390316726e-7];
/** Below, e^x is taken to be 0; it would be under 5e-308. */
const EXP_LEAST = -707;
/** Above, e^x is infinite. */
const EXP_MOST = 709.782712893384;
/** Bits of a number's upper half: of √½ and 1, and those below the exponent. */
const [ROOT_HALF, ONE, FRACTION] = [0x3fe6a09e, 0x3ff00000, 0xfffff];

/** Exponent of the least of `POWERS`. */
const LEAST = -1022;

/** 2^k from 2^-1022 to 2^1023. */
const POWERS = new Float64Array(2046);
POWERS[-LEAST] = 1;
for (let k = 1; k <= 1023; k++) POWERS[k - LEAST] = 2 * POWERS[k - 1 - LEAST];
for (let k = -1; k >= LEAST; k--) POWERS[k - LEAST] = POWERS[k + 1 - LEAST] / 2;

/** e^x. */
export function exp(x: number): number {
  if (x > EXP_MOST) return Number.POSITIVE_INFINITY;
  if (x < EXP_LEAST) return 0;
  const k = x * Math.LOG2E + ROUNDER - ROUNDER;
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  const r2 = r * r;
  const r4 = r2 * r2;
  // In pairs rather than one by one, so that the processor need not wait for each.
  const a = 0.16666666666666669 * r + 0.5000000000000001;
  const b = 0.008333333333330062 * r + 0.04166666666662413;
  const c = 0.00019841269863053618 * r + 0.0013888888917213717;
  const d = 2.7557268459997064e-6 * r + 2.4801521295954376e-5;
  const e = 2.510038549551032e-8 * r + 2.7620088445409746e-7;
  const p = 1 + (r + r2 * ((e * r4 + (d * r2 + c)) * r4 + (b * r2 + a)));
  // Twice half the power, since 2^1024 is no number but the result may be one.
  return 2 * p * POWERS[k - 1 - LEAST];
}

const view = new DataView(new ArrayBuffer(8));

/** log x; -Infinity for all that is smaller than normal numbers are, and not a number below 0. */
export function log(x: number): number {
  if (!(x >= 0)) return Number.NaN;
  if (x < POWERS[0]) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  view.setFloat64(0, x);
  const bits = view.getUint32(0) + (ONE - ROOT_HALF);
  const k = (bits >>> 20) - 1023;
  view.setUint32(0, (bits & FRACTION) + ROOT_HALF);
  const f = view.getFloat64(0) - 1;
  const s = f / (f + 2);
  const z = s * s;
  let l = 0.14616585424888623 * z + 0.15331710618210773;
  l = l * z + 0.18182889455674947;
  l = l * z + 0.22222211130259878;
  l = l * z + 0.2857142862600327;
  l = l * z + 0.39999999999899444;
  l = l * z + 0.666666666666667;
  const half = f * 0.5 * f;
  return k * LN2_HIGH + (f - (half - (s * (half + z * l) + k * LN2_LOW)));
}

/** cos πx for |x| < 2^50; exact where it is 0, 1 or -1. */
export function cosPi(x: number): number {
  return turned(x, 0);
}

/** sin πx for |x| < 2^50; exact where it is 0, 1 or -1. */
export function sinPi(x: number): number {
  return turned(x, 3);
}

/** √(x² + y² + z²), for lengths between 1e-150 and 1e150. */
export function norm(x: number, y: number, z: number): number {
  return Math.sqrt(x * x + y * y + z * z);
}

/** cos(πx + quarters π/2). */
function turned(x: number, quarters: number): number {
  const n = 2 * x + ROUNDER - ROUNDER;
  const r = x - n * 0.5;
  const z = r * r;
  const quadrant = (((n + quarters) % 4) + 4) % 4;
  const sign = quadrant === 1 || quadrant === 2 ? -1 : 1;
  if (quadrant % 2 === 1) {
    let s = 0.00046221110224187623 * z - 0.0073701436435937495;
    s = s * z + 0.08214587730641625;
    s = s * z - 0.5992645291845385;
    s = s * z + 2.5501640398766154;
    s = s * z - 5.167712780049969;
    return sign * (r * (s * z + Math.PI));
  }
  let c = -0.00010370082971594627 * z + 0.001929493874894941;
  c = c * z - 0.025806887964701878;
  c = c * z + 0.23533063028399223;
  c = c * z - 1.3352627688538095;
  c = c * z + 4.058712126416765;
  c = c * z - 4.934802200544679;
  return sign * (c * z + 1);
}
