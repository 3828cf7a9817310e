/** Arithmetic of arrays with an even number of numbers, one by one. */
import { bytes } from "./numbers";

/** out = x y. */
export function multiply(x: usize, y: usize, count: i32, out: usize): void {
  for (const end = x + bytes(count); x < end; x += 16, y += 16, out += 16) v128.store(out, f64x2.mul(v128.load(x), v128.load(y)));
}

/** out += x. */
export function add(out: usize, x: usize, count: i32): void {
  for (const end = x + bytes(count); x < end; x += 16, out += 16) v128.store(out, f64x2.add(v128.load(out), v128.load(x)));
}

/** out -= x. */
export function subtract(out: usize, x: usize, count: i32): void {
  for (const end = x + bytes(count); x < end; x += 16, out += 16) v128.store(out, f64x2.sub(v128.load(out), v128.load(x)));
}

/** out = -x. */
export function negate(x: usize, out: usize, count: i32): void {
  for (const end = x + bytes(count); x < end; x += 16, out += 16) v128.store(out, f64x2.neg(v128.load(x)));
}
