/**
 * Distances, angles and dihedrals between atoms, each step from atom to atom along the shortest periodic image, and how far a group of atoms
 * is from where another run has it. The sign of a dihedral is IUPAC's: positive if, seen along the middle bond, the far end is reached
 * clockwise.
 */
import { minimumImage } from "../linalg/cell.ts";
import { norm } from "../linalg/elementary.ts";
import { superposedRmsd } from "../structure/superpose.ts";

/** A path from atom to atom. */
export interface Chain {
  /** From each atom to the next along the shortest image, [3] Å each. */
  readonly steps: readonly Float64Array[];
  /** Number with its unit: Å for two atoms, degrees for three (0 to 180) and four (-180 to 180); null for any other number of atoms. */
  readonly value: number | null;
  readonly unit: "Å" | "°";
}

/**
 * Measures along two, three or four atoms.
 * @param positions [3N] Å
 * @param atoms in their order along the chain
 * @param cell [9] Å, rows
 * @param pbc `TTF`
 */
export function chain(positions: Float64Array, atoms: readonly number[], cell: ArrayLike<number>, pbc: string): Chain {
  const shorten = minimumImage(
    cell,
    [0, 1, 2].map((k) => pbc[k] === "T"),
  );
  const steps = atoms.slice(1).map((j, k) => {
    const i = atoms[k];
    const step = Float64Array.from([0, 1, 2], (c) => positions[3 * j + c] - positions[3 * i + c]);
    shorten(step);
    return step;
  });
  const [a, b, c] = steps;
  switch (steps.length) {
    case 1:
      return { steps, value: norm(a[0], a[1], a[2]), unit: "Å" };
    case 2:
      return { steps, value: angle(a, b), unit: "°" };
    case 3:
      return { steps, value: dihedral(a, b, c), unit: "°" };
    default:
      return { steps, value: null, unit: "Å" };
  }
}

/** How far atoms are from where another run has them. */
export interface Displacement {
  /** After the best superposition of these atoms, Å. */
  readonly rmsd: number;
  /** The atom that is farthest away, without superposition, and how far, Å. */
  readonly farthest: number;
  readonly distance: number;
}

/**
 * Compares two geometries of the same atoms.
 * @param a [3N] Å
 * @param b [3N] Å
 * @param chosen atoms, at least one
 */
export function displacement(a: Float64Array, b: Float64Array, chosen: readonly number[]): Displacement {
  const of = (p: Float64Array): Float64Array => Float64Array.from(chosen.flatMap((i) => [p[3 * i], p[3 * i + 1], p[3 * i + 2]]));
  const away = chosen.map((i) => norm(a[3 * i] - b[3 * i], a[3 * i + 1] - b[3 * i + 1], a[3 * i + 2] - b[3 * i + 2]));
  const at = away.reduce((best, d, k) => (d > away[best] ? k : best), 0);
  return { rmsd: superposedRmsd(of(a), of(b)), farthest: chosen[at], distance: away[at] };
}

function angle(a: Float64Array, b: Float64Array): number {
  // By the tangent: exact also near 0 and 180 degrees, where the cosine is flat.
  const n = cross(a, b);
  return degrees(Math.atan2(norm(n[0], n[1], n[2]), -dot(a, b)));
}

function dihedral(a: Float64Array, b: Float64Array, c: Float64Array): number {
  const [m, n] = [cross(a, b), cross(b, c)];
  return degrees(Math.atan2(norm(b[0], b[1], b[2]) * dot(a, n), dot(m, n)));
}

function degrees(radians: number): number {
  return (180 / Math.PI) * radians;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: ArrayLike<number>, b: ArrayLike<number>): readonly [number, number, number] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
