/**
 * The equation of state of Birch and Murnaghan for the energies of a cubic crystal at a few lattice constants: in third order the energy is a cubic
 * polynomial in x = a^-2 (F. Birch, Phys. Rev. 71, 809 (1947)), here fitted by least squares. Four energies determine it; from more it smooths
 * what an engine's convergence leaves. For surfaces that are too dear for `lattice`; true near the energies that it was made from.
 */
import { cholesky, solveLower, solveUpper } from "../linalg/dense.ts";
import { GPA_PER_EV_A3 } from "../units.ts";
import type { CubicCrystal, Lattice } from "./lattice.ts";

/** An energy of the crystal. */
export interface LatticePoint {
  /** Edge of the cubic cell, Å. */
  readonly a: number;
  /** eV. */
  readonly energyPerAtom: number;
}

/** The fitted curve and its minimum. */
export interface EquationOfState extends Lattice {
  /** eV/atom at a lattice constant in Å. */
  energyAt(a: number): number;
}

/** Coefficients of the polynomial. */
const TERMS = 4;
/** Atoms in the cubic cell. */
const ATOMS: Readonly<Record<CubicCrystal, number>> = { sc: 1, bcc: 2, fcc: 4, diamond: 8 };

/**
 * The equation of state through points.
 * @throws RangeError if there are fewer than four different lattice constants, or the curve has no minimum between the smallest and the largest.
 */
export function equationOfState(points: readonly LatticePoint[], crystal: CubicCrystal): EquationOfState {
  const edges = points.map((p) => p.a);
  const [low, high] = [Math.min(...edges), Math.max(...edges)];
  if (new Set(edges).size < TERMS)
    throw new RangeError(`${new Set(edges).size} lattice constants were given for an equation of state; give ${TERMS} or more`);
  // Of order 1 and small near the middle: the polynomial's terms then differ little in size.
  const middle = (low + high) / 2;
  const width = (middle / low) ** 2 - 1;
  const reduced = (a: number): number => ((middle / a) ** 2 - 1) / width;
  const base = points[0].energyPerAtom;
  const c = fitted(
    edges.map(reduced),
    points.map((p) => p.energyPerAtom - base),
  );
  const energyAt = (a: number): number => {
    const u = reduced(a);
    return base + c[0] + u * (c[1] + u * (c[2] + u * c[3]));
  };
  // E' = 0 where E'' = 2 root; in this form nothing cancels as the cubic term vanishes.
  const root = Math.sqrt(c[2] * c[2] - 3 * c[1] * c[3]);
  const a = middle / Math.sqrt(1 - (width * c[1]) / (c[2] + root));
  if (!(root > 0 && a >= low && a <= high))
    throw new RangeError(
      `there is no energy minimum between ${low.toFixed(3)} and ${high.toFixed(3)} Å; give energies on both sides of it`,
    );
  const curvature = (2 * root) / (width * width);
  const volume = a ** 3 / ATOMS[crystal];
  // With x = (middle/a)²: d²E/dV² = E''(x) (dx/dV)² at the minimum, dx/dV = -2x / 3V.
  const slope = (-2 * (middle / a) ** 2) / (3 * volume);
  return { a, energyPerAtom: energyAt(a), bulkModulus: GPA_PER_EV_A3 * volume * curvature * slope * slope, energyAt };
}

/** Least squares by the normal equations. */
function fitted(u: readonly number[], e: readonly number[]): Float64Array {
  const normal = new Float64Array(TERMS * TERMS);
  const right = new Float64Array(TERMS);
  u.forEach((x, k) => {
    for (let i = 0; i < TERMS; i++) {
      right[i] += x ** i * e[k];
      for (let j = 0; j < TERMS; j++) normal[TERMS * i + j] += x ** (i + j);
    }
  });
  cholesky(normal, TERMS);
  solveLower(normal, TERMS, right, 1);
  solveUpper(normal, TERMS, right);
  return right;
}
