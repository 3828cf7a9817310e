/**
 * How far the surroundings of atoms are from each other: with fingerprints G_k and the steepest slope s_k of each over all images (1/Å),
 *   d(i, j)² = mean over k of ((G_k(i) - G_k(j)) / s_k)²,  i and j of one element,
 * in Å: to first order, no more than the move of one neighbour that makes i of j. Of an image, the distance from a set is that of its furthest
 * atom from the nearest atom of the set. `novelty` asks for the range of each fingerprint alone, this for the points in it.
 */
import type { FingerprintValues } from "./fingerprints.ts";

/** Atoms of an image as points, scaled so that their distances are d. */
export interface AtomPoints {
  readonly kinds: Uint8Array;
  /** D. */
  readonly size: number;
  /** [N][D] Å. */
  readonly at: Float64Array;
}

/** Fingerprints of several images over their steepest slopes; those without a slope are left out. All are of one setting. */
export function atomPoints(images: readonly FingerprintValues[]): AtomPoints[] {
  if (images.length === 0) return [];
  const [{ size, steepest: first }] = images;
  const steepest = first.map((_, at) => images.reduce((most, c) => Math.max(most, c.steepest[at]), 0));
  const factors = steepest.map((slope, at) => {
    const element = Math.floor(at / size) * size;
    const sloping = steepest.subarray(element, element + size).filter((s) => s > 0).length;
    return slope > 0 ? 1 / (slope * Math.sqrt(sloping)) : 0;
  });
  return images.map(({ kinds, values }) => ({
    kinds,
    size,
    at: values.map((v, p) => v * factors[kinds[Math.floor(p / size)] * size + (p % size)]),
  }));
}

/** The distance of an image's furthest atom from a set, Å; infinite if the set has no atom of its element. */
export function furthestAtom(image: AtomPoints, set: readonly AtomPoints[]): number {
  const squares = new Float64Array(image.kinds.length).fill(Number.POSITIVE_INFINITY);
  for (const other of set) approach(squares, image, other);
  return Math.sqrt(squares.reduce((most, square) => Math.max(most, square), 0));
}

/** Brings the squares [N] Å² down to those of the distances to another image's atoms, where these are nearer. */
export function approach(squares: Float64Array, { kinds, size, at }: AtomPoints, other: AtomPoints): void {
  for (let i = 0; i < kinds.length; i++) {
    for (let j = 0; j < other.kinds.length; j++) {
      if (other.kinds[j] !== kinds[i]) continue;
      let square = 0;
      for (let k = 0; k < size && square < squares[i]; k++) square += (at[i * size + k] - other.at[j * size + k]) ** 2;
      if (square < squares[i]) squares[i] = square;
    }
  }
}
