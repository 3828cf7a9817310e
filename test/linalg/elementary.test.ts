import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cosPi, exp, log, norm, sinPi } from "../../src/linalg/elementary.ts";
import { fc } from "../properties.ts";

/** Units in the last place: two and a half of ours and one of the platform's. */
const UNITS = 3.5;

/** Distance of two neighbouring numbers of this size. */
const unit = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 52);

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const agree = (ours: (x: number) => number, platform: (x: number) => number, argument: fc.Arbitrary<number>): void =>
  fc.assert(
    fc.property(argument, (x) => {
      const expected = platform(x);
      assert.ok(Math.abs(ours(x) - expected) <= UNITS * unit(expected), `of ${x}: ${ours(x)} against ${expected}`);
    }),
    { numRuns: 5000 },
  );

describe("elementary functions", () => {
  it("exp, and its ends", () => {
    agree(exp, Math.exp, between(-707, 709.78));
    assert.deepEqual([0, -708, -Infinity, 710, Infinity].map(exp), [1, 0, 0, Infinity, Infinity]);
    assert.ok(Number.isNaN(exp(Number.NaN)));
  });

  it("log, also where it is nearly zero, and its ends", () => {
    agree(
      log,
      Math.log,
      fc
        .oneof(
          between(1e-300, 1e300),
          between(0.4, 2.5),
          between(-300, 300).map((p) => 10 ** p),
        )
        .filter((x) => x !== 1),
    );
    assert.deepEqual([1, 0, Infinity].map(log), [0, -Infinity, Infinity]);
    for (const x of [-1, -Infinity, Number.NaN]) assert.ok(Number.isNaN(log(x)));
  });

  it("cosPi and sinPi, where the platform's need no reduction, and from turn to turn", () => {
    // π x is rounded before the platform's function is taken: below 1/4 that costs less than half a unit of the result.
    agree(cosPi, (x) => Math.cos(Math.PI * x), between(-0.25, 0.25));
    agree(sinPi, (x) => Math.sin(Math.PI * x), between(1e-300, 0.25));
    // k/1024 and whole numbers added to it are exact, so that the results are the same bits.
    fc.assert(
      fc.property(fc.integer({ min: -2048, max: 2048 }), fc.integer({ min: -1000, max: 1000 }), (k, turns) => {
        const x = k / 1024;
        assert.ok(cosPi(x + 2 * turns) === cosPi(x) && sinPi(x + 2 * turns) === sinPi(x));
        assert.ok(cosPi(x + 1) === -cosPi(x) && sinPi(x + 1) === -sinPi(x) && sinPi(x + 0.5) === cosPi(x));
        assert.ok(cosPi(-x) === cosPi(x) && sinPi(-x) === -sinPi(x));
      }),
    );
    const quarters = [-1, -0.5, 0, 0.5, 1, 1.5];
    assert.deepEqual(
      quarters.map((x) => cosPi(x) + 0),
      [-1, 0, 1, 0, -1, 0],
    );
    assert.deepEqual(
      quarters.map((x) => sinPi(x) + 0),
      [0, -1, 0, 1, 0, -1],
    );
  });

  it("norm", () => assert.deepEqual([norm(2, -3, 6), norm(0, 0, 0)], [7, 0]));
});
