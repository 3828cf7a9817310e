/** The axes along which a molecule is long, broad and flat. */
import { symmetricEigen } from "../linalg/eigen.ts";

/**
 * Unit vectors by falling spread of the atoms (eigenvectors of Σ (r - r̄) ⊗ (r - r̄)), right-handed, so that a drawing is no mirror image.
 * The chosen atoms lie at the beginning of the first and at the end of the second: whichever way the molecule came, it is shown alike.
 * @param positions [3N] Å
 * @param chosen atoms, at least one
 */
export function principalAxes(positions: Float64Array, chosen: readonly number[]): readonly (readonly number[])[] {
  const n = positions.length / 3;
  const atoms = Array.from({ length: n }, (_, i) => i);
  const mean = (of: readonly number[], k: number): number => of.reduce((sum, i) => sum + positions[3 * i + k], 0) / of.length;
  const centre = [0, 1, 2].map((k) => mean(atoms, k));
  const spread = Float64Array.from({ length: 9 }, (_, rc) => {
    const [r, c] = [Math.floor(rc / 3), rc % 3];
    return atoms.reduce((sum, i) => sum + (positions[3 * i + r] - centre[r]) * (positions[3 * i + c] - centre[c]), 0);
  });
  const { vectors } = symmetricEigen(spread);
  const towards = [0, 1, 2].map((k) => mean(chosen, k) - centre[k]);
  const along = (axis: ArrayLike<number>): number => axis[0] * towards[0] + axis[1] * towards[1] + axis[2] * towards[2];
  const [long, broad] = [vectors.subarray(6, 9), vectors.subarray(3, 6)];
  const a = Array.from(long, (x) => (along(long) > 0 ? -x : x));
  const b = Array.from(broad, (x) => (along(broad) < 0 ? -x : x));
  return [a, b, [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]];
}
