import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { machine } from "../../src/engine/wasm/machine.ts";
import { fc } from "../properties.ts";

const FUNCTIONS = ["exp", "tanh", "log", "cosPi", "sinPi", "pow"] as const;

const { kernels, floats } = machine();
const [x, y, out] = [floats(2), floats(2), floats(2)];

/** A function of the kernels at one number, in the second lane. */
function at(name: (typeof FUNCTIONS)[number], argument: number, power = 1): number {
  x.set([0.3, argument]);
  y.set([1.7, power]);
  kernels.tabulate(FUNCTIONS.indexOf(name), x.byteOffset, y.byteOffset, 2, out.byteOffset);
  return out[1];
}

/** Distance of two neighbouring numbers of this size. */
const unit = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 52);

function assertUnits(actual: number, expected: number, units: number, of: unknown): void {
  assert.ok(Math.abs(actual - expected) <= units * unit(expected), `of ${of}: ${actual} against ${expected}`);
}

/** Units in the last place: two and a half of ours and one of the platform's. */
const UNITS = 3.5;
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const runs = { numRuns: 20000 };

describe("elementary functions of the kernels", () => {
  it("exp", () => {
    fc.assert(
      fc.property(between(-707, 709.7), (a) => assertUnits(at("exp", a), Math.exp(a), UNITS, a)),
      runs,
    );
    assert.deepEqual(
      [0, -708, -1e300, -Infinity, 711, Infinity].map((a) => at("exp", a)),
      [1, 0, 0, 0, Infinity, Infinity],
    );
    assert.ok(Number.isNaN(at("exp", Number.NaN)));
  });

  it("tanh, also where it is nearly its argument", () => {
    fc.assert(
      fc.property(fc.oneof(between(-25, 25), between(-1e-3, 1e-3)), (a) => assertUnits(at("tanh", a), Math.tanh(a), UNITS, a)),
      runs,
    );
    assert.deepEqual(
      [0, -0, 30, -1e300, Infinity].map((a) => at("tanh", a)),
      [0, -0, 1, -1, 1],
    );
    assert.ok(Number.isNaN(at("tanh", Number.NaN)));
  });

  it("log, also where it is nearly zero", () => {
    const argument = fc.oneof(
      between(1e-300, 1e300),
      between(0.4, 2.5),
      between(-300, 300).map((p) => 10 ** p),
    );
    fc.assert(
      fc.property(argument, (a) => assertUnits(at("log", a), Math.log(a), UNITS, a)),
      runs,
    );
    assert.equal(at("log", 1), 0);
  });

  it("cos πx and sin πx", () => {
    fc.assert(
      fc.property(between(-4, 4), (a) => {
        // The platform's argument πx is rounded before its functions see it.
        const rounded = 2 * unit(Math.PI * a || 1);
        assert.ok(Math.abs(at("cosPi", a) - Math.cos(Math.PI * a)) <= rounded + 2 ** -52);
        assert.ok(Math.abs(at("sinPi", a) - Math.sin(Math.PI * a)) <= rounded + 2 ** -52);
      }),
      runs,
    );
    const eighths = [0, 0.5, 1, 1.5, 2, -0.5, -1];
    assert.deepEqual(
      eighths.map((a) => at("cosPi", a) + 0),
      [1, 0, -1, 0, 1, 0, -1],
    );
    assert.deepEqual(
      eighths.map((a) => at("sinPi", a) + 0),
      [0, 1, 0, -1, 0, -1, 0],
    );
    // Near its zero the cosine is its distance from it, times π.
    for (const h of [1e-3, 1e-6, 1e-9]) assertUnits(at("cosPi", 0.5 - h), Math.sin(Math.PI * (0.5 - (0.5 - h))), UNITS, h);
  });

  it("powers, with their error in proportion to their logarithm", () => {
    fc.assert(
      fc.property(between(1e-6, 2), between(0.01, 40), (a, b) => {
        assertUnits(at("pow", a, b), a ** b, UNITS + 4 * Math.abs(b * Math.log(a)), [a, b]);
      }),
      runs,
    );
    assert.equal(at("pow", 0, 0.3), 0);
    assert.equal(at("pow", 1, 17.3), 1);
  });
});
