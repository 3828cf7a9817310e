/** Larger cells from smaller ones. */
import { hasVector } from "../linalg/cell.ts";
import { joined, type Structure, withPositions } from "./structure.ts";

/**
 * The structure repeated along its lattice vectors: copy after copy, the third direction fastest, as ASE orders them.
 * @throws RangeError if a count is not an integer from 1, or a direction without lattice vector is repeated.
 */
export function repeat(s: Structure, counts: readonly [number, number, number]): Structure {
  const { cell } = s;
  counts.forEach((count, k) => {
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError(`a structure cannot stand ${count} times along ${"abc"[k]}; give integers from 1`);
    if (count > 1 && !hasVector(cell, k))
      throw new RangeError(`the structure has no lattice vector ${"abc"[k]} to be repeated along; give it a cell`);
  });
  const copies = Array.from({ length: counts[0] * counts[1] * counts[2] }, (_, copy) => {
    const [a, b, c] = [Math.floor(copy / (counts[1] * counts[2])), Math.floor(copy / counts[2]) % counts[1], copy % counts[2]];
    return withPositions(
      s,
      s.positions.map((x, i) => x + a * cell[i % 3] + b * cell[3 + (i % 3)] + c * cell[6 + (i % 3)]),
    );
  });
  return { ...joined(copies), cell: cell.map((x, k) => x * counts[Math.floor(k / 3)]) };
}
