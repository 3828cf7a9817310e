/** An atom from a bond, an angle and a dihedral: a row of a Z-matrix. Parsons et al., J. Comput. Chem. 26, 1063 (2005). */

import { cosPi, norm, sinPi } from "../linalg/elementary.ts";

/** A point or a vector, Å. */
export type Point = readonly [number, number, number];

/**
 * Where an atom d stands that is bonded to c.
 * @param length of the bond c-d, Å
 * @param angle b-c-d, degrees
 * @param dihedral a-b-c-d, degrees: clockwise from a to d, looking from b to c (IUPAC); a, b and c do not lie on a line
 */
export function placed(a: Point, b: Point, c: Point, length: number, angle: number, dihedral: number): Point {
  const along = unit(minus(c, b));
  const normal = unit(cross(minus(b, a), along));
  const inward = cross(normal, along);
  const [theta, phi] = [angle / 180, dihedral / 180];
  const [x, y, z] = [-cosPi(theta), sinPi(theta) * cosPi(phi), sinPi(theta) * sinPi(phi)].map((part) => length * part);
  return [0, 1, 2].map((k) => c[k] + x * along[k] + y * inward[k] + z * normal[k]) as unknown as Point;
}

/** The vector product. */
export function cross(p: ArrayLike<number>, q: ArrayLike<number>): Point {
  return [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
}

/** A vector's direction. */
export function unit(p: ArrayLike<number>): Point {
  const length = norm(p[0], p[1], p[2]);
  return [p[0] / length, p[1] / length, p[2] / length];
}

function minus(p: Point, q: Point): Point {
  return [p[0] - q[0], p[1] - q[1], p[2] - q[2]];
}
