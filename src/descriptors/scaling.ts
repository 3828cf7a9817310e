/**
 * Scaling of fingerprints to [-1, 1] over the range seen in training, element by element, and how far a new image leaves that range.
 * A nearly constant fingerprint would be blown up without bound by its own tiny range, so every range is at least what its steepest
 * training atom would cover in a move of `FLOOR_MOVE`.
 */
import type { FingerprintValues } from "./fingerprints.ts";
import type { DescriptorSettings } from "./settings.ts";

/** Lower and upper ends of the range of each fingerprint, [elements][D] each. */
export interface Scaling {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Å. A displacement that any relaxation makes; ranges are never narrower than what it causes. */
const FLOOR_MOVE = 0.1;

/**
 * The range of a training set. A fingerprint that the set never saw change, not even by its derivatives, has low = high: no neighbour of
 * that kind has come near yet, and the model does not depend on it.
 * @param images of the set, at least one
 */
export function rangeOf(images: readonly FingerprintValues[], settings: DescriptorSettings): Scaling {
  const elements = settings.elements.length;
  const d = images[0].size;
  const low = new Float64Array(elements * d).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(elements * d).fill(Number.NEGATIVE_INFINITY);
  const steepest = new Float64Array(elements * d);
  for (const f of images) {
    for (let i = 0; i < f.kinds.length; i++) {
      const to = f.kinds[i] * d;
      for (let k = 0; k < d; k++) {
        const value = f.values[i * d + k];
        if (value < low[to + k]) low[to + k] = value;
        if (value > high[to + k]) high[to + k] = value;
      }
    }
    for (let k = 0; k < steepest.length; k++) steepest[k] = Math.max(steepest[k], f.steepest[k]);
  }
  for (let k = 0; k < low.length; k++) {
    if (low[k] > high[k]) low[k] = high[k] = 0;
    const short = FLOOR_MOVE * steepest[k] - (high[k] - low[k]);
    if (short > 0) {
      low[k] -= short / 2;
      high[k] += short / 2;
    }
  }
  return { low, high };
}

/** The old range, with that of the images where the old set had never seen a change. */
export function extendedRange(old: Scaling, images: readonly FingerprintValues[], settings: DescriptorSettings): Scaling {
  const seen = rangeOf(images, settings);
  const choose = (was: Float64Array, now: Float64Array): Float64Array => was.map((x, k) => (old.high[k] > old.low[k] ? x : now[k]));
  return { low: choose(old.low, seen.low), high: choose(old.high, seen.high) };
}

/** d(scaled)/d(fingerprint): 2/range, 0 for a fingerprint never seen to change. */
export function scaleFactors({ low, high }: Scaling): Float64Array {
  return low.map((l, k) => (high[k] > l ? 2 / (high[k] - l) : 0));
}

/**
 * How far the furthest fingerprint of an image lies outside the range, in half-ranges; 0 inside.
 * For a fingerprint never seen to change, in its own units.
 */
export function novelty(f: Pick<FingerprintValues, "size" | "kinds" | "values">, { low, high }: Scaling): number {
  let furthest = 0;
  for (let i = 0; i < f.kinds.length; i++) {
    for (let k = 0; k < f.size; k++) {
      const at = f.kinds[i] * f.size + k;
      const half = (high[at] - low[at]) / 2;
      const away = Math.abs(f.values[i * f.size + k] - (high[at] + low[at]) / 2) - half;
      furthest = Math.max(furthest, half > 0 ? away / half : away);
    }
  }
  return furthest;
}
