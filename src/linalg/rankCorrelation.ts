/**
 * Spearman's rank correlation, Pearson's of the ranks; equal values share the mean of their ranks. Its chance: the share of random
 * rearrangements of the second list, the given one counted, with a |ρ| at least as large; no distribution is assumed. Values that hang
 * together are rearranged only within their blocks, or every trend they share would count as a correlation.
 * Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd ed., Springer 2005.
 */
import { random } from "./random.ts";

/** A rank correlation. */
export interface RankCorrelation {
  /** -1 to 1; NaN where one list has a single value. */
  readonly rho: number;
  /** Probability of such a one by chance; NaN with rho. */
  readonly p: number;
  /** Pairs. */
  readonly n: number;
}

export interface RankOptions {
  /** Random rearrangements. Default: 10 000. */
  readonly permutations?: number;
  /** Default: 1. */
  readonly seed?: number;
  /** Of each pair; rearranged within them alone. Default: all are one. */
  readonly blocks?: readonly (number | string)[];
}

/** Rounding of sums of ranks, relative. */
const SLACK = 1e-12;

/**
 * The rank correlation of pairs.
 * @throws RangeError if the lists differ in length
 */
export function rankCorrelation(
  x: readonly number[],
  y: readonly number[],
  { permutations = 10_000, seed = 1, blocks = x.map(() => 0) }: RankOptions = {},
): RankCorrelation {
  const n = x.length;
  if (y.length !== n || blocks.length !== n)
    throw new RangeError(`pairs need lists of one length; there are ${n}, ${y.length} and ${blocks.length} blocks`);
  const [a, b] = [centredRanks(x), centredRanks(y)];
  const scale = Math.sqrt(product(a, a) * product(b, b));
  if (!(scale > 0)) return { rho: Number.NaN, p: Number.NaN, n };
  const observed = product(a, b);
  const places = [...new Set(blocks)].map((block) => [...blocks.keys()].filter((k) => blocks[k] === block));
  const { uniform } = random(seed);
  let asMuch = 1;
  for (let round = 0; round < permutations; round++) {
    for (const own of places) {
      for (let k = own.length - 1; k > 0; k--) {
        const other = Math.floor(uniform() * (k + 1));
        [b[own[k]], b[own[other]]] = [b[own[other]], b[own[k]]];
      }
    }
    if (Math.abs(product(a, b)) >= Math.abs(observed) - SLACK * scale) asMuch += 1;
  }
  return { rho: observed / scale, p: asMuch / (permutations + 1), n };
}

/** Ranks minus their mean. */
function centredRanks(values: readonly number[]): Float64Array {
  const order = Array.from(values.keys()).sort((i, j) => values[i] - values[j] || 0);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let k = from; k < to; k++) ranks[order[k]] = (from + to - 1) / 2 - (order.length - 1) / 2;
    from = to;
  }
  return ranks;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
