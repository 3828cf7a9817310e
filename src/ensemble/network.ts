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
  /** Output for the inputs x[at ..]. */
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
  const [a, slope, da, dz, zBar, dzBar] = [zeros(), zeros(), zeros(), zeros(), zeros(), zeros()];
  let weights = new Float64Array(0);
  const base = new Int32Array(layers.length);

  const forward: Network["forward"] = (w, from, x, at) => {
    weights = w as Float64Array<ArrayBuffer>;
    for (let i = 0; i < layers[0]; i++) a[0][i] = x[at + i];
    let p = from;
    for (let l = 1; l <= last; l++) {
      base[l] = p;
      const [input, output, inputs, outputs] = [a[l - 1], a[l], layers[l - 1], layers[l]];
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
    return a[last][0];
  };

  const inputGradient: Network["inputGradient"] = (out) => {
    zBar[last][0] = 1;
    for (let l = last; l >= 1; l--) {
      const [inputs, outputs] = [layers[l - 1], layers[l]];
      let p = base[l];
      for (let i = 0; i < inputs; i++) {
        let sum = 0;
        for (let o = 0; o < outputs; o++) sum += weights[p++] * zBar[l][o];
        if (l > 1) zBar[l - 1][i] = sum * slope[l - 1][i];
        else out[i] = sum;
      }
    }
  };

  const addWeightGradient: Network["addWeightGradient"] = (c, t, out, to) => {
    for (let i = 0; i < layers[0]; i++) da[0][i] = t[i];
    for (let l = 1; l <= last; l++) {
      const [inputs, outputs] = [layers[l - 1], layers[l]];
      const tangent = dz[l];
      tangent.fill(0);
      let p = base[l];
      for (let i = 0; i < inputs; i++) {
        const value = da[l - 1][i];
        for (let o = 0; o < outputs; o++) tangent[o] += value * weights[p++];
      }
      if (l < last) for (let o = 0; o < outputs; o++) da[l][o] = slope[l][o] * tangent[o];
    }
    zBar[last][0] = c;
    dzBar[last][0] = 1;
    for (let l = last; l >= 1; l--) {
      const [inputs, outputs] = [layers[l - 1], layers[l]];
      const [z, d] = [zBar[l], dzBar[l]];
      let p = base[l];
      let q = to + base[l] - base[1];
      for (let i = 0; i < inputs; i++) {
        const [value, tangent] = [a[l - 1][i], da[l - 1][i]];
        let [aBar, daBar] = [0, 0];
        for (let o = 0; o < outputs; o++, p++, q++) {
          out[q] += z[o] * value + d[o] * tangent;
          aBar += weights[p] * z[o];
          daBar += weights[p] * d[o];
        }
        if (l > 1) {
          const s = slope[l - 1][i];
          zBar[l - 1][i] = s * (aBar - 2 * a[l - 1][i] * dz[l - 1][i] * daBar);
          dzBar[l - 1][i] = s * daBar;
        }
      }
      for (let o = 0; o < outputs; o++) out[q++] += z[o];
    }
  };
  return { forward, inputGradient, addWeightGradient };
}
