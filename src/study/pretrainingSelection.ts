/**
 * Farthest-point selection, kind by kind: image after image, of the kind that is most in arrears the one with the atom furthest from all atoms
 * chosen so far. A kind has the share of the set that it has of the candidates.
 *   d(i, j)² = mean over k of ((G_k(i) - G_k(j)) / s_k)²,  i and j of one element
 *   s_k      the steepest slope of fingerprint k over all images, 1/Å; fingerprints without one are left out
 * d is in Å: to first order, no more than the move of one neighbour that makes i of j. Scaled by their range instead, the fingerprints of an
 * adsorbate, which vary little, outweigh all others.
 * Gonzalez, Theor. Comput. Sci. 38, 293 (1985), has one kind. Without kinds the sets would be the most distorted candidates: clusters rattled by
 * the larger of two displacements, say, and none that is near to where a relaxation ends.
 */
import type { FingerprintValues } from "../descriptors/fingerprints.ts";

/** What can be chosen. */
export interface Candidate {
  readonly kind: string;
  /** All of the same settings. */
  readonly prints: FingerprintValues;
}

/** Atoms of an image as points, scaled so that their distances are d. */
interface Points {
  readonly kinds: Uint8Array;
  /** [N][D] Å. */
  readonly at: Float64Array;
}

/**
 * Places of the candidates that are chosen, in order; the first candidate is the first, and of equals it is the earlier.
 * @param candidates at least one
 * @param enough asked before each choice but the first: how many are chosen, and how far the furthest atom of all candidates is from them, Å
 */
export function farthestPoints(candidates: readonly Candidate[], enough: (chosen: number, distance: number) => boolean): number[] {
  const { size } = candidates[0].prints;
  const images = scaled(candidates.map((c) => c.prints));
  /** d² of each atom to the nearest one chosen, [candidates][N] Å². */
  const squares = images.map(({ kinds }) => new Float64Array(kinds.length).fill(Number.POSITIVE_INFINITY));
  const left = new Set(candidates.keys());
  const chosen: number[] = [];
  for (let next = 0; ; ) {
    chosen.push(next);
    left.delete(next);
    for (const c of left) approach(squares[c], images[c], images[next], size);
    const far = new Map(Array.from(left, (c) => [c, squares[c].reduce((a, b) => Math.max(a, b), 0)]));
    if (left.size === 0 || enough(chosen.length, Math.sqrt(Math.max(...far.values())))) return chosen;
    const due = mostInArrears(candidates, chosen);
    [next] = [...far].filter(([c]) => candidates[c].kind === due).reduce((a, b) => (b[1] > a[1] ? b : a));
  }
}

/** The kind that lacks most of its share, if there were one image more; of equals, the first of the candidates'. */
function mostInArrears(candidates: readonly Candidate[], chosen: readonly number[]): string {
  const arrears = new Map<string, number>();
  const add = (kind: string, share: number): void => void arrears.set(kind, (arrears.get(kind) ?? 0) + share);
  for (const { kind } of candidates) add(kind, (chosen.length + 1) / candidates.length);
  for (const c of chosen) add(candidates[c].kind, -1);
  // Sums of shares that are equal differ by rounding.
  return [...arrears].reduce((a, b) => (b[1] > a[1] + 1e-9 ? b : a))[0];
}

/** Fingerprints over steepest slopes, so that a sum of squares is a mean over those that have a slope. */
function scaled(candidates: readonly FingerprintValues[]): Points[] {
  const [{ size, steepest: first }] = candidates;
  const steepest = first.map((_, at) => candidates.reduce((most, c) => Math.max(most, c.steepest[at]), 0));
  const factors = steepest.map((slope, at) => {
    const element = Math.floor(at / size) * size;
    const sloping = steepest.subarray(element, element + size).filter((s) => s > 0).length;
    return slope > 0 ? 1 / (slope * Math.sqrt(sloping)) : 0;
  });
  return candidates.map(({ kinds, values }) => ({
    kinds,
    at: values.map((v, p) => v * factors[kinds[Math.floor(p / size)] * size + (p % size)]),
  }));
}

/** Brings the squares down to those of the distances to another image's atoms, where these are nearer. */
function approach(squares: Float64Array, { kinds, at }: Points, other: Points, size: number): void {
  for (let i = 0; i < kinds.length; i++) {
    for (let j = 0; j < other.kinds.length; j++) {
      if (other.kinds[j] !== kinds[i]) continue;
      let square = 0;
      for (let k = 0; k < size && square < squares[i]; k++) square += (at[i * size + k] - other.at[j * size + k]) ** 2;
      if (square < squares[i]) squares[i] = square;
    }
  }
}
