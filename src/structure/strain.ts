/** Homogeneous strain: x becomes (1 + ε) x, for lattice vectors and atoms alike. */
import { times } from "../linalg/cell.ts";
import type { Structure } from "./structure.ts";

/**
 * The strained structure, fixed atoms included.
 * @param epsilon one number for all directions, or the tensor as [9] by rows (rotations are not taken out)
 * @throws RangeError if it has another length or is not finite.
 */
export function strain(s: Structure, epsilon: number | ArrayLike<number>): Structure {
  const e = typeof epsilon === "number" ? [epsilon, 0, 0, 0, epsilon, 0, 0, 0, epsilon] : Array.from(epsilon);
  if (e.length !== 9 || !e.every(Number.isFinite)) throw new RangeError(`a strain is one finite number or nine, not ${e.join(" ")}`);
  // Rows multiply from the left, hence the transpose.
  const m = [1 + e[0], e[3], e[6], e[1], 1 + e[4], e[7], e[2], e[5], 1 + e[8]];
  const strained = (rows: Float64Array): Float64Array => {
    const out = new Float64Array(rows.length);
    for (let at = 0; at < rows.length; at += 3) out.set(times(rows, m, at), at);
    return out;
  };
  const { sites } = s;
  return {
    ...s,
    positions: strained(s.positions),
    cell: strained(s.cell),
    ...(sites && { sites: { ...sites, cell: inPlane(sites.cell, m) } }),
  };
}

/** Two rows of x and y, strained. */
function inPlane(c: Float64Array, m: ArrayLike<number>): Float64Array {
  return Float64Array.of(c[0] * m[0] + c[1] * m[3], c[0] * m[1] + c[1] * m[4], c[2] * m[0] + c[3] * m[3], c[2] * m[1] + c[3] * m[4]);
}
