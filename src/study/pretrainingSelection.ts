/**
 * Farthest-point selection, kind by kind: image after image, of the kind that is most in arrears the one with the atom furthest from all atoms
 * chosen so far. A kind has the share of the set that it has of the candidates.
 * Distances are those of `descriptors/distance.ts`, over all candidates. Scaled by their range instead of their slopes, the fingerprints of an
 * adsorbate, which vary little, outweigh all others.
 * Gonzalez, Theor. Comput. Sci. 38, 293 (1985), has one kind. Without kinds the sets would be the most distorted candidates: clusters rattled by
 * the larger of two displacements, say, and none that is near to where a relaxation ends.
 */
import { approach, atomPoints } from "../descriptors/distance.ts";
import type { FingerprintValues } from "../descriptors/fingerprints.ts";

/** What can be chosen. */
export interface Candidate {
  readonly kind: string;
  /** All of the same settings. */
  readonly prints: FingerprintValues;
}

/**
 * Places of the candidates that are chosen, in order; the first candidate is the first, and of equals it is the earlier.
 * @param candidates at least one
 * @param enough asked before each choice but the first: how many are chosen, and how far the furthest atom of all candidates is from them, Å
 */
export function farthestPoints(candidates: readonly Candidate[], enough: (chosen: number, distance: number) => boolean): number[] {
  const images = atomPoints(candidates.map((c) => c.prints));
  /** d² of each atom to the nearest one chosen, [candidates][N] Å². */
  const squares = images.map(({ kinds }) => new Float64Array(kinds.length).fill(Number.POSITIVE_INFINITY));
  const left = new Set(candidates.keys());
  const chosen: number[] = [];
  for (let next = 0; ; ) {
    chosen.push(next);
    left.delete(next);
    for (const c of left) approach(squares[c], images[c], images[next]);
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
