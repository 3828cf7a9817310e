/**
 * Where a periodic structure is cut for a picture: at its middle stands the core, or nothing stands before the core. Whole lattice vectors
 * are added to atoms, so that nothing but the choice of the cell changes.
 */
import { completed, inverse, times } from "../linalg/cell.ts";

/** Of a lattice vector: atoms on the cell's edge stay together when they are this far apart. */
const EDGE = 0.02;

/**
 * Displacements that bring the core's middle into the middle of the cell along each periodic lattice vector, and every atom into it.
 * @param positions [3N] Å
 * @param core its atoms; none: everything is taken as the core
 * @param cell [9] Å, rows
 * @param pbc `TTF`
 * @param front a lattice vector at whose beginning the core shall stand instead: what is seen along it has the core in front
 * @returns [3N] Å; the cell itself stays
 */
export function framing(
  positions: Float64Array,
  core: readonly number[],
  cell: ArrayLike<number>,
  pbc: string,
  front?: number,
): Float64Array {
  const lattice = completed(cell);
  const toFraction = inverse(lattice);
  const fractions = Array.from({ length: positions.length / 3 }, (_, i) => times(positions, toFraction, 3 * i));
  const chosen = core.length > 0 ? core : [...fractions.keys()];
  const starts = [0, 1, 2].map((k) => {
    const first = fractions[chosen[0]][k];
    const whole = chosen.map((i) => fractions[i][k] - Math.round(fractions[i][k] - first));
    const [low, high] = [Math.min(...whole), Math.max(...whole)];
    return k === front ? low : (low + high) / 2 - 0.5;
  });
  return Float64Array.from(
    fractions.flatMap((f) => {
      const shift = f.map((v, k) => (pbc[k] === "T" ? -starts[k] - Math.floor(v - starts[k] + EDGE) : 0));
      return times(shift, lattice);
    }),
  );
}
