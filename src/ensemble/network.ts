/**
 * A feed-forward network with tanh nodes and one linear output, with the three sweeps that energies, forces and training need:
 * forward, backward to the inputs, and the gradient with respect to the weights of
 *   c o(x) + t·∇o(x),
 * one tangent and one reverse sweep for a derivative of second order (Pearlmutter, Neural Comput. 6, 147 (1994)). With t the derivative of a
 * force component by the fingerprint this is a row of the force's Jacobian; with t summed over a loss it is the loss's gradient.
 * Weight matrices are [in + 1][out] by rows, the last row the bias (Amp's layout), one after another.
 */
import type { Random } from "../linalg/random.ts";

/** Nodes of each layer: inputs, hidden layers, and one output. */
export type Layers = readonly number[];

/** Number of weights of a network. */
export function weightCount(layers: Layers): number {
  let count = 0;
  for (let l = 0; l + 1 < layers.length; l++) count += (layers[l] + 1) * layers[l + 1];
  return count;
}

/** Random weights: normal with standard deviation 1/√in, biases likewise a tenth; keeps tanh in its bent but unsaturated part. */
export function initialWeights(layers: Layers, random: Random): Float64Array {
  const weights = new Float64Array(weightCount(layers));
  let at = 0;
  for (let l = 0; l + 1 < layers.length; l++) {
    const [inputs, outputs] = [layers[l], layers[l + 1]];
    for (let i = 0; i <= inputs; i++) {
      for (let o = 0; o < outputs; o++) weights[at++] = (random.gaussian() / Math.sqrt(inputs)) * (i === inputs ? 0.1 : 1);
    }
  }
  return weights;
}

/** A network's working memory: `forward` comes first, then any number of `inputGradient` and `addWeightGradient` for the same input. */
export interface Network {
  /** Output for the inputs x[at ..], with the weights from `from` on. */
  forward(weights: Float64Array, from: number, x: Float64Array, at: number): number;
  /** do/dx into `out`, [inputs]. */
  inputGradient(out: Float64Array): void;
  /** out[to ..] += d/dw (c o + t·∇o). */
  addWeightGradient(c: number, t: Float64Array, out: Float64Array, to: number): void;
}

/** Working memory for networks of one shape. */
export function network(layers: Layers): Network {
  const last = layers.length - 1;
  const zeros = (): Float64Array[] => layers.map((n) => new Float64Array(n));
  const a = zeros(); // outputs of the nodes
  const slope = zeros(); // tanh'
  const byA = zeros(); // do/da
  const byZ = zeros(); // do/dz, z the sum that enters a node
  const da = zeros(); // t·∇a
  const dz = zeros(); // t·∇z
  const zBar = zeros(); // d/dz (c o + t·∇o)
  let weights: Float64Array = new Float64Array(0);
  const base = new Int32Array(layers.length);
  byZ[last][0] = 1;

  const forward: Network["forward"] = (w, from, x, at) => {
    weights = w;
    const first = a[0];
    for (let i = 0; i < first.length; i++) first[i] = x[at + i];
    let p = from;
    for (let l = 1; l <= last; l++) {
      base[l] = p;
      const input = a[l - 1];
      const output = a[l];
      const inputs = input.length;
      const outputs = output.length;
      for (let o = 0; o < outputs; o++) output[o] = w[p + inputs * outputs + o];
      for (let i = 0; i < inputs; i++) {
        const value = input[i];
        for (let o = 0; o < outputs; o++) output[o] += value * w[p++];
      }
      p += outputs;
      if (l === last) break;
      for (let o = 0; o < outputs; o++) {
        output[o] = Math.tanh(output[o]);
        slope[l][o] = 1 - output[o] * output[o];
      }
    }
    for (let l = last; l > 1; l--) {
      multiply(weights, base[l], byZ[l], byA[l - 1]);
      for (let i = 0; i < layers[l - 1]; i++) byZ[l - 1][i] = slope[l - 1][i] * byA[l - 1][i];
    }
    return a[last][0];
  };

  const inputGradient: Network["inputGradient"] = (out) => multiply(weights, base[1], byZ[1], out);

  const addWeightGradient: Network["addWeightGradient"] = (c, t, out, to) => {
    da[0].set(t);
    for (let l = 1; l <= last; l++) {
      const input = da[l - 1];
      const sum = dz[l];
      const outputs = sum.length;
      sum.fill(0);
      let p = base[l];
      for (let i = 0; i < input.length; i++, p += outputs) {
        const value = input[i];
        if (value === 0) continue; // a fingerprint that knows nothing of the moving atom's element
        for (let o = 0; o < outputs; o++) sum[o] += value * weights[p + o];
      }
      if (l < last) for (let o = 0; o < outputs; o++) da[l][o] = slope[l][o] * sum[o];
    }
    zBar[last][0] = c;
    for (let l = last; l >= 1; l--) {
      const z = zBar[l];
      const d = byZ[l];
      const value = a[l - 1];
      const tangent = da[l - 1];
      const outputs = z.length;
      let q = to + base[l] - base[1];
      for (let i = 0; i < value.length; i++, q += outputs) {
        const x = value[i];
        const y = tangent[i];
        for (let o = 0; o < outputs; o++) out[q + o] += z[o] * x + d[o] * y;
      }
      for (let o = 0; o < outputs; o++) out[q + o] += z[o];
      if (l === 1) break;
      const below = zBar[l - 1];
      multiply(weights, base[l], z, below);
      // The slope of tanh changes along t too: tanh'' = -2 tanh tanh'.
      for (let i = 0; i < below.length; i++) below[i] = slope[l - 1][i] * (below[i] - 2 * value[i] * dz[l - 1][i] * byA[l - 1][i]);
    }
  };
  return { forward, inputGradient, addWeightGradient };
}

/** out = W z for the matrix from `p` on, without its bias row. */
function multiply(weights: Float64Array, p: number, z: Float64Array, out: Float64Array): void {
  const outputs = z.length;
  for (let i = 0; i < out.length; i++, p += outputs) {
    let sum = 0;
    for (let o = 0; o < outputs; o++) sum += weights[p + o] * z[o];
    out[i] = sum;
  }
}
