/** A group of a molecule turned about the bond that holds it. */
import { minimumImage } from "../linalg/cell.ts";
import { cosPi, sinPi } from "../linalg/elementary.ts";
import { bondPartners } from "./bonds.ts";
import { cross, unit } from "./placed.ts";
import { type Structure, size, withPositions } from "./structure.ts";

/**
 * The structure with everything on j's side of the bond i-j turned about it, clockwise when looking from i to j, so that every dihedral
 * a-i-j-b grows by `degrees`. Bonds come from covalent radii and are followed across periodic boundaries; fixed atoms turn as well.
 * @throws RangeError if there is no bond i-j, if it is part of a ring, or if the angle is not finite.
 */
export function turned(s: Structure, i: number, j: number, degrees: number): Structure {
  if (!Number.isFinite(degrees)) throw new RangeError(`the angle is ${degrees}; give a number of degrees`);
  const partners = bondPartners(s);
  if (!partners[i]?.includes(j)) throw new RangeError(`atoms ${i} and ${j} of ${size(s)} are not bonded; name the two atoms of one bond`);
  const shorten = minimumImage(s.cell, s.pbc);
  const bond = (from: number, to: number): Float64Array => {
    const vector = Float64Array.from({ length: 3 }, (_, k) => s.positions[3 * to + k] - s.positions[3 * from + k]);
    shorten(vector);
    return vector;
  };
  const axis = unit(bond(i, j));
  const [c, t] = [cosPi(degrees / 180), sinPi(degrees / 180)];
  const positions = s.positions.slice();
  // Vectors from j, along the bonds.
  const side = new Map([[j, new Float64Array(3)]]);
  for (const [atom, v] of side) {
    const [across, along] = [cross(axis, v), axis[0] * v[0] + axis[1] * v[1] + axis[2] * v[2]];
    for (let k = 0; k < 3; k++) positions[3 * atom + k] += (c - 1) * (v[k] - along * axis[k]) + t * across[k];
    for (const next of partners[atom]) {
      if (next === i && atom === j) continue;
      if (next === i)
        throw new RangeError(`the bond ${i}-${j} is part of a ring, so that it has no side to turn; open the ring or move the atoms`);
      const step = bond(atom, next);
      if (!side.has(next))
        side.set(
          next,
          v.map((x, k) => x + step[k]),
        );
    }
  }
  return withPositions(s, positions);
}
