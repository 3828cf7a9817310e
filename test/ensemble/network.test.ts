import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { initialWeights, type Layers, network, weightCount } from "../../src/ensemble/network.ts";
import { random } from "../../src/linalg/random.ts";
import { derivative } from "../descriptors/surroundings.ts";
import { fc } from "../properties.ts";

/** The network as it is drawn in a book. */
function output(layers: Layers, weights: Float64Array, x: ArrayLike<number>): number {
  let values = Array.from(x);
  let at = 0;
  for (let l = 0; l + 1 < layers.length; l++) {
    const [inputs, outputs] = [layers[l], layers[l + 1]];
    const from = at;
    values = Array.from({ length: outputs }, (_, o) => {
      const z = values.reduce((sum, v, i) => sum + v * weights[from + i * outputs + o], weights[from + inputs * outputs + o]);
      return l + 2 < layers.length ? Math.tanh(z) : z;
    });
    at += (inputs + 1) * outputs;
  }
  return values[0];
}

const shapes: Layers[] = [
  [3, 1],
  [4, 3, 1],
  [5, 4, 3, 1],
  [2, 3, 2, 4, 1],
];

/** Of the finite differences: small, because four layers of large weights bend sharply. */
const STEP = 2e-4;

/** A network in the middle of an array of weights, an input in the middle of an array of inputs, and a direction; some of it zero. */
function drawn(layers: Layers, seed: number): { w: Float64Array; x: Float64Array; t: Float64Array } {
  const { gaussian } = random(seed);
  const some = (n: number): Float64Array => Float64Array.from({ length: n }, gaussian);
  const t = some(layers[0]);
  t[seed % layers[0]] = 0;
  return { w: some(weightCount(layers) + 5), x: some(layers[0] + 3), t };
}

describe("a network", () => {
  const shape = fc.constantFrom(...shapes);
  it("is tanh of tanh, linear at the end, from any place of the weights and inputs", () => {
    fc.assert(
      fc.property(shape, fc.nat(), (layers, seed) => {
        const { w, x } = drawn(layers, seed);
        const expected = output(layers, w.subarray(2), x.subarray(1, 1 + layers[0]));
        assert.ok(Math.abs(network(layers).forward(w, 2, x, 1) - expected) < 1e-13); // another order of the sums
      }),
    );
  });

  it("has the slopes by its inputs that finite differences give", () => {
    fc.assert(
      fc.property(shape, fc.nat(), (layers, seed) => {
        const { w, x } = drawn(layers, seed);
        const net = network(layers);
        net.forward(w, 2, x, 1);
        const gradient = new Float64Array(layers[0]);
        net.inputGradient(gradient);
        gradient.forEach((g, i) => {
          const expected = derivative((h) => net.forward(w, 2, x.with(1 + i, x[1 + i] + h), 1), STEP);
          assert.ok(Math.abs(g - expected) < 1e-8); // h⁴ times a fifth derivative of up to 1e4
        });
      }),
      { numRuns: 50 },
    );
  });

  it("has the slopes by its weights, of its value and of its slope along t, that finite differences give", () => {
    fc.assert(
      fc.property(shape, fc.nat(), fc.constantFrom(0, 1.3), (layers, seed, c) => {
        const { w, x, t } = drawn(layers, seed);
        const net = network(layers);
        const slope = new Float64Array(layers[0]);
        const value = (at: Float64Array): number => {
          const o = net.forward(at, 2, x, 1);
          net.inputGradient(slope);
          return c * o + slope.reduce((sum, s, i) => sum + s * t[i], 0);
        };
        value(w);
        const count = weightCount(layers);
        const out = new Float64Array(count + 4).fill(0.5);
        net.addWeightGradient(c, t, out, 3);
        assert.deepEqual([out[0], out[2], out[count + 3]], [0.5, 0.5, 0.5]);
        for (let k = 0; k < count; k++) {
          const expected = derivative((h) => value(w.with(2 + k, w[2 + k] + h)), STEP);
          assert.ok(Math.abs(out[3 + k] - 0.5 - expected) < 1e-7, `weight ${k}: ${out[3 + k] - 0.5} against ${expected}`); // h⁴ again
        }
      }),
      { numRuns: 50 },
    );
  });

  it("answers about the last input only", () => {
    const layers = [3, 4, 1];
    const net = network(layers);
    const [one, other] = [drawn(layers, 1), drawn(layers, 2)];
    const gradientOf = ({ w, x, t }: typeof one): Float64Array => {
      net.forward(w, 0, x, 0);
      const out = new Float64Array(weightCount(layers));
      net.addWeightGradient(0.7, t, out, 0);
      return out;
    };
    const first = gradientOf(one);
    gradientOf(other);
    assert.deepEqual(gradientOf(one), first);
  });

  it("starts with weights that neither vanish nor saturate", () => {
    const layers = [20, 10, 10, 1];
    const { uniform, gaussian } = random(3);
    const w = initialWeights(layers, { uniform, gaussian });
    assert.equal(w.length, 21 * 10 + 11 * 10 + 11);
    const first = w.subarray(0, 200);
    const deviation = Math.sqrt(first.reduce((sum, x) => sum + x * x, 0) / 200);
    assert.ok(Math.abs(deviation * Math.sqrt(20) - 1) < 0.2); // 200 draws: 5 % at one sigma
  });
});
