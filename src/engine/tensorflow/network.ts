/**
 * The networks of many members for one element, all atoms of a set at once: the sweeps of `ensemble/network.ts` as products of batches of
 * matrices, member by member. Derivatives by hand, for nested `tf.grad` gives wrong ones of second order. M members, n atoms, D inputs.
 */
import type { Tensor, TensorFlow } from "./tfjs.ts";

/** Weights of a layer of all members. */
export interface Layer {
  /** [M][in][out]. */
  readonly matrix: Tensor;
  /** [M][1][out]. */
  readonly bias: Tensor;
}

/** A forward sweep and the one back to the inputs; all that the gradient needs later. */
export interface Sweep {
  readonly layers: readonly Layer[];
  /** Outputs of each layer but the last, inputs first, [M][n][nodes]. */
  readonly values: readonly Tensor[];
  /** tanh' of hidden layer l at l - 1. */
  readonly slopes: readonly Tensor[];
  /** do/da of hidden layer l at l - 1, a the outputs of its nodes. */
  readonly byValue: readonly Tensor[];
  /** do/dz of hidden layer l at l - 1, z the sums that enter its nodes. */
  readonly bySum: readonly Tensor[];
  /** o, [M][n][1]. */
  readonly output: Tensor;
  /** do/dx, [M][n][D]. */
  readonly inputGradient: Tensor;
}

/** Sweeps forward and back for the inputs x, [M][n][D]. */
export function sweep(tf: TensorFlow, layers: readonly Layer[], x: Tensor): Sweep {
  const hidden = layers.slice(0, -1);
  const last = layers[hidden.length];
  const one = tf.scalar(1);
  const values = [x];
  for (const { matrix, bias } of hidden) values.push(values[values.length - 1].matMul(matrix).add(bias).tanh());
  const slopes = values.slice(1).map((a) => one.sub(a.square()));
  const output = values[hidden.length].matMul(last.matrix).add(last.bias);
  const byValue: Tensor[] = [];
  const bySum: Tensor[] = [];
  let down = tf.ones([1, x.shape[1], 1]).mul(last.matrix.transpose([0, 2, 1]));
  for (let l = hidden.length - 1; l >= 0; l--) {
    byValue[l] = down;
    bySum[l] = slopes[l].mul(down);
    down = bySum[l].matMul(hidden[l].matrix, false, true);
  }
  return { layers, values, slopes, byValue, bySum, output, inputGradient: down };
}

/**
 * d/dw Σ_atoms [ c o + t·∇o ], one tangent sweep and one in reverse.
 * @param c [M][n][1]
 * @param t [M][n][D]
 * @returns [M][weights of the network], in the order of `ensemble/network.ts`
 */
export function weightGradient(tf: TensorFlow, { layers, values, slopes, byValue, bySum }: Sweep, c: Tensor, t: Tensor): Tensor {
  const last = layers.length - 1;
  const minusTwo = tf.scalar(-2);
  const sums: Tensor[] = []; // t·∇z
  const tangents = [t]; // t·∇a
  for (let l = 0; l < last; l++) {
    sums.push(tangents[l].matMul(layers[l].matrix));
    tangents.push(slopes[l].mul(sums[l]));
  }
  const members = c.shape[0];
  const parts: Tensor[] = [];
  let bar = c; // d/dz of the sum
  for (let l = last; l >= 0; l--) {
    const second = l < last ? tangents[l].matMul(bySum[l], true) : tangents[l].sum(1).reshape([members, -1, 1]);
    const matrix = values[l].matMul(bar, true).add(second);
    parts.unshift(tf.concat([matrix, bar.sum(1, true)], 1).reshape([members, -1]));
    if (l === 0) break;
    const below = l - 1;
    // The slope of tanh changes along t too: tanh'' = -2 tanh tanh'.
    const bend = minusTwo.mul(values[l]).mul(sums[below]).mul(byValue[below]);
    bar = slopes[below].mul(bar.matMul(layers[l].matrix, false, true).add(bend));
  }
  return tf.concat(parts, 1);
}
