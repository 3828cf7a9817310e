/** Rank correlation: against another program, by its invariances, and its chance against all rearrangements. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rankCorrelation } from "../../src/linalg/rankCorrelation.ts";
import { fc } from "../properties.ts";

const near = (a: number, b: number, tolerance: number): void => assert.ok(Math.abs(a - b) < tolerance, `${a}, not ${b}`);

test("with ties it is SciPy's", () => {
  // scipy.stats.spearmanr of SciPy, in doubles; a handful of roundings.
  near(rankCorrelation([3, 1, 4, 1, 5, 9, 2, 6, 5, 3], [2, 7, 1, 8, 2, 8, 1, 8, 2, 8]).rho, 0.13471506281091267, 1e-14);
});

test("only the order counts, and reversing it reverses the sign", () => {
  const list = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), { minLength: 3, maxLength: 20 });
  fc.assert(
    fc.property(list, (pairs) => {
      const [x, y] = [pairs.map((p) => p[0]), pairs.map((p) => p[1])];
      const of = (b: readonly number[]): number => rankCorrelation(x, b, { permutations: 0 }).rho;
      const rho = of(y);
      assert.ok(Number.isNaN(rho) || Math.abs(rho) <= 1 + 1e-12);
      assert.ok(Object.is(of(y.map(Math.exp)), rho));
      // Sums of halves of small whole numbers are exact.
      assert.ok(Number.isNaN(rho) || of(y.map((v) => -v)) === -rho);
      assert.ok(Number.isNaN(rho) || rankCorrelation(y, x, { permutations: 0 }).rho === rho);
    }),
  );
});

test("the largest correlations are one, infinite values have a rank, and a single value has none", () => {
  const up = rankCorrelation([1, 2, 3, 40], [0.1, 0.2, 7, Number.POSITIVE_INFINITY], { permutations: 100 });
  near(up.rho, 1, 1e-12);
  assert.equal(up.n, 4);
  const flat = rankCorrelation([1, 1, 1], [1, 2, 3]);
  assert.ok(Number.isNaN(flat.rho) && Number.isNaN(flat.p));
  assert.throws(() => rankCorrelation([1, 2], [1]), /there are 2, 1 and 2 blocks/);
});

test("its chance is the share of all rearrangements, from a seed", () => {
  const [x, y] = [
    [1, 2, 3, 4, 5],
    [2, 1, 4, 3, 5],
  ];
  // All 120 rearrangements, counted.
  const exact = permuted(y).filter((z) => Math.abs(rankCorrelation(x, z, { permutations: 0 }).rho) >= 0.8 - 1e-9).length / 120;
  const { rho, p } = rankCorrelation(x, y, { permutations: 20_000 });
  near(rho, 0.8, 1e-12);
  // Four standard deviations of a share of 0.13 in 20 000.
  near(p, exact, 4 * Math.sqrt((exact * (1 - exact)) / 20_000));
  assert.equal(rankCorrelation(x, y, { permutations: 20_000 }).p, p);
  assert.notEqual(rankCorrelation(x, y, { permutations: 20_000, seed: 2 }).p, p);
});

test("within blocks a trend between them is no surprise", () => {
  const blocks = [0, 0, 0, 0, 1, 1, 1, 1];
  const [x, y] = [
    [1, 2, 3, 4, 11, 12, 13, 14],
    [2, 4, 1, 3, 12, 14, 11, 13],
  ];
  const free = rankCorrelation(x, y);
  const held = rankCorrelation(x, y, { blocks });
  assert.equal(free.rho, held.rho);
  assert.ok(free.p < 0.05 && held.p > 0.3, `${free.p} ${held.p}`);
});

function permuted(values: readonly number[]): number[][] {
  if (values.length < 2) return [[...values]];
  return values.flatMap((v, k) => permuted(values.filter((_, j) => j !== k)).map((rest) => [v, ...rest]));
}
