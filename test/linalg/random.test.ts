import assert from "node:assert/strict";
import { test } from "node:test";
import { random, xoshiro128 } from "../../src/linalg/random.ts";

test("xoshiro128** gives the numbers of its authors' program", () => {
  const next = xoshiro128(Uint32Array.of(1, 2, 3, 4));
  const first = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
  assert.deepEqual(Array.from(first, next), first);
});

test("seeding by SplitMix64 stays as it is", () => {
  const { uniform, gaussian } = random(1, 2);
  // The same formulas in Python; models saved with a seed must be made again by it.
  assert.deepEqual([uniform(), gaussian()], [0.14769489024658344, 0.7589219854792129]);
});

test("same seed and stream, same numbers; others differ", () => {
  const numbers = (seed: number, stream?: number): number[] => {
    const { uniform, gaussian } = random(seed, stream);
    return [uniform(), gaussian(), gaussian(), uniform()];
  };
  assert.deepEqual(numbers(7, 3), numbers(7, 3));
  assert.deepEqual(numbers(7), numbers(7, 0));
  const distinct = new Set([numbers(7), numbers(7, 1), numbers(8), numbers(1, 7), numbers(0), numbers(2 ** 53 - 1)].map((x) => x[0]));
  assert.equal(distinct.size, 6);
});

test("moments of the uniform and of the normal distribution", () => {
  const { uniform, gaussian } = random(42);
  const n = 200000;
  const moments = (draw: () => number): number[] => {
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const x = draw();
      for (let k = 0; k < 4; k++) sums[k] += x ** (k + 1) / n;
    }
    return sums;
  };
  const within = (actual: number[], expected: number[], spread: number[]): void =>
    expected.forEach((x, k) => {
      // Four standard errors of the mean of n draws.
      assert.ok(Math.abs(actual[k] - x) < (4 * spread[k]) / Math.sqrt(n), `moment ${k + 1}: ${actual[k]}`);
    });
  within(moments(gaussian), [0, 1, 0, 3], [1, Math.sqrt(2), Math.sqrt(15), Math.sqrt(96)]);
  within(moments(uniform), [1 / 2, 1 / 3, 1 / 4, 1 / 5], [0.289, 0.298, 0.283, 0.267]);
});

test("consecutive numbers and neighbouring streams are not correlated", () => {
  const n = 100000;
  const [a, b] = [random(5, 0), random(5, 1)];
  let [lag, cross, last] = [0, 0, a.uniform() - 0.5];
  for (let i = 0; i < n; i++) {
    const x = a.uniform() - 0.5;
    lag += (x * last) / n;
    cross += (x * (b.uniform() - 0.5)) / n;
    last = x;
  }
  // The product of two uniform numbers has the spread 1/12; four standard errors.
  for (const c of [lag, cross]) assert.ok(Math.abs(c) < 4 / 12 / Math.sqrt(n));
});

test("numbers are in [0, 1) and use all 53 bits", () => {
  const { uniform } = random(3);
  const drawn = Array.from({ length: 1000 }, uniform);
  assert.ok(drawn.every((x) => x >= 0 && x < 1));
  assert.ok(drawn.some((x) => (x * 2 ** 53) % 2 === 1));
});

test("seeds that are no integers are refused", () => {
  assert.throws(() => random(-1), /seed is -1; give an integer from 0 to 2\^53 - 1/);
  assert.throws(() => random(1, 0.5), /stream is 0.5/);
});
