/** Arrays of numbers (f64) and of integers (32 bits) at addresses. */

/** Bytes of so many numbers. */
export function bytes(numbers: i32): usize {
  return (<usize>numbers) << 3;
}

/** Numbers that take as many bytes as so many integers, rounded up. */
export function halves(integers: i32): i32 {
  return (integers + 1) >> 1;
}

export function number(at: usize, k: i32): f64 {
  return load<f64>(at + ((<usize>k) << 3));
}

export function setNumber(at: usize, k: i32, value: f64): void {
  store<f64>(at + ((<usize>k) << 3), value);
}

export function integer(at: usize, k: i32): i32 {
  return load<i32>(at + ((<usize>k) << 2));
}

export function setInteger(at: usize, k: i32, value: i32): void {
  store<i32>(at + ((<usize>k) << 2), value);
}
