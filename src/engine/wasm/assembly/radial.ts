/**
 * The radial part of symmetry functions two lanes at a time: the cutoff functions of `descriptors/cutoffs.ts`, and the Gaussian of a triangle's
 * third side as one polynomial.
 *   cosine      fc = cos²(πx/2) = sin²(π(1-x)/2), x = r/Rc, which keeps its digits next to the cutoff; 1 - x = (1 - x²)/(1 + x)
 *   third side  fc(√w) exp(-η w/Rc²) = (1-t)² R(t), t = w/Rc²
 * With the cosine R is an entire function of t, so that a short Chebyshev sum has all digits: no root, cosine or exponential for a triangle.
 */
import { cosPi, exp, expLanes, powLanes, sinPiLanes, smallCosPi, smallSinPi } from "./elementary";
import { bytes, number, setNumber } from "./numbers";

/** Nodes at which R is fitted, and the highest degree that is still cheaper than the functions themselves. */
const NODES: i32 = 32;
const MOST_DEGREE: i32 = 16;
/** Of R's mean: what coefficients left out may be. */
const ROUNDING: f64 = 1e-14;

/** Numbers that the polynomial of a third side takes. */
export const POLYNOMIAL: i32 = NODES;

/**
 * fc and (dfc/dr)/r at r < Rc, stored at `out` and 16 bytes on.
 * @param rest 1 - r²/Rc²
 * @param exponent γ of the polynomial cutoff; 0 for the cosine
 */
export function storeCutoff(exponent: f64, r: v128, rest: v128, cutoff: f64, out: usize): void {
  const x = f64x2.div(r, f64x2.splat(cutoff));
  if (exponent === 0) {
    // Sine and cosine of the angle from those of its half.
    const half = f64x2.div(f64x2.mul(rest, f64x2.splat(0.25)), f64x2.add(x, f64x2.splat(1)));
    const sineOfHalf = smallSinPi(half);
    const twice = f64x2.add(sineOfHalf, sineOfHalf);
    const sine = f64x2.mul(twice, smallCosPi(half));
    const cosine = f64x2.sub(f64x2.splat(1), f64x2.mul(twice, sineOfHalf));
    v128.store(out, f64x2.mul(sine, sine));
    const slope = f64x2.mul(f64x2.mul(sine, cosine), f64x2.splat(-Math.PI / cutoff));
    v128.store(out, f64x2.div(slope, r), 16);
    return;
  }
  const power = exponent === Math.floor(exponent) ? wholePower(x, <i32>exponent - 1) : powLanes(x, f64x2.splat(exponent - 1));
  const next = f64x2.mul(power, x);
  const value = f64x2.mul(next, f64x2.sub(f64x2.mul(f64x2.splat(exponent), x), f64x2.splat(exponent + 1)));
  v128.store(out, f64x2.add(f64x2.splat(1), value));
  const slope = f64x2.mul(f64x2.sub(next, power), f64x2.splat((exponent * (exponent + 1)) / cutoff));
  v128.store(out, f64x2.div(slope, r), 16);
}

/** x^n for n >= 0. */
export function wholePower(x: v128, n: i32): v128 {
  let result = f64x2.splat(1);
  for (; n > 0; n >>= 1) {
    if (n & 1) result = f64x2.mul(result, x);
    x = f64x2.mul(x, x);
  }
  return result;
}

/**
 * Coefficients of R in powers of 1 - 2(1-t), highest first, at `out`; their count, which is odd, or 0 where no
 * short polynomial has all digits.
 * @param eta in units of Rc⁻²
 */
export function fitThirdSide(exponent: f64, eta: f64, out: usize): i32 {
  if (exponent !== 0) return 0;
  for (let m = 0; m < NODES; m++) {
    // The node's 1 - t and √t, without cancellation.
    const half = (<f64>m + 0.5) / <f64>(2 * NODES);
    const sine = f64x2.extract_lane(sinPiLanes(f64x2.splat(half)), 0);
    const rest = sine * sine;
    const x = cosPi(half);
    const angle = (0.5 * rest) / (1 + x);
    const root = f64x2.extract_lane(sinPiLanes(f64x2.splat(angle)), 0) / rest;
    setNumber(out, m, root * root * exp(-eta * x * x));
  }
  return chebyshev(out);
}

/** Values at the nodes to the coefficients of their polynomial. */
function chebyshev(at: usize): i32 {
  const coefficients = at + bytes(NODES);
  let count = 0;
  for (let k = 0; k < NODES; k++) {
    let sum: f64 = 0;
    for (let m = 0; m < NODES; m++) sum += number(at, m) * cosPi((<f64>k * (<f64>m + 0.5)) / <f64>NODES);
    setNumber(coefficients, k, (sum * (k === 0 ? 1 : 2)) / <f64>NODES);
    if (abs(number(coefficients, k)) > ROUNDING * number(coefficients, 0)) count = k + 1;
  }
  count |= 1;
  if (count > MOST_DEGREE + 1) return 0;
  // Clenshaw's recurrence b_k = c_k + 2s b_(k+1) - b_(k+2) on polynomials, their powers ascending.
  const b1 = coefficients + bytes(NODES);
  const b2 = b1 + bytes(NODES);
  memory.fill(b1, 0, bytes(2 * NODES));
  for (let k = count - 1; k >= 0; k--) {
    const factor: f64 = k === 0 ? 1 : 2;
    for (let p = NODES - 1; p >= 0; p--) {
      const lower = p > 0 ? number(b1, p - 1) : 0;
      setNumber(at, p, factor * lower - number(b2, p) + (p === 0 ? number(coefficients, k) : 0));
    }
    memory.copy(b2, b1, bytes(NODES));
    memory.copy(b1, at, bytes(NODES));
  }
  for (let p = 0; p < count; p++) setNumber(at, p, number(b1, count - 1 - p));
  return count;
}

/** Numbers of scratch behind the polynomial while it is fitted. */
export const FITTING: i32 = 3 * NODES;

/** e^(-η (r - rs)²) for η in Å⁻². */
export function gaussian(eta: f64, away: v128): v128 {
  return expLanes(f64x2.mul(f64x2.mul(away, away), f64x2.splat(-eta)));
}
