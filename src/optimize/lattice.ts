/**
 * Lattice constant and bulk modulus of a cubic crystal of one element from energies alone, so that any surface can be asked:
 *
 *     E(a) minimal;   B = V d²E/dV² = E''(a) / (9 v a),  V = v a³
 *
 * A walk downhill brackets the minimum, halvings narrow it, and Newton's method on five-point differences (error of fourth order)
 * ends it. Static lattice: no zero-point motion, no temperature. Not for hcp, which has two constants.
 */
import type { Calculator } from "../calculators/calculator.ts";
import { determinant } from "../linalg/cell.ts";
import { bulk } from "../structure/bulk.ts";
import { covalentRadius, numberOf } from "../structure/elements.ts";
import { type Crystal, referenceState } from "../structure/reference-states.ts";
import { repeat } from "../structure/repeat.ts";
import { type Structure, size } from "../structure/structure.ts";
import { GPA_PER_EV_A3 } from "../units.ts";

/** Crystals with one lattice constant. */
export type CubicCrystal = Exclude<Crystal, "hcp">;

export interface LatticeOptions {
  /** Chemical symbol. */
  readonly element: string;
  readonly crystal: CubicCrystal;
  /**
   * Guess of the lattice constant, Å; the search then stays within 5 % of it, for surfaces that are true only near their minimum.
   * Default: the experimental one or, in other crystals, the one at which atoms touch by their covalent radii; the search is wide.
   */
  readonly a?: number;
  /**
   * Å. The cubic cell is repeated until its edges are so long at the guess: for surfaces that sample a periodic cell at the Gamma point
   * alone. Default: the primitive cell.
   */
  readonly leastEdge?: number;
  readonly signal?: AbortSignal;
}

export interface Lattice {
  /** Edge of the cubic cell, Å. */
  readonly a: number;
  /** eV. */
  readonly energyPerAtom: number;
  /** GPa. */
  readonly bulkModulus: number;
}

/** Distance of nearest neighbours in units of a. */
const NEAREST: Readonly<Record<CubicCrystal, number>> = { sc: 1, fcc: Math.SQRT1_2, bcc: Math.sqrt(3) / 2, diamond: Math.sqrt(3) / 4 };
/** First step and farthest reach of the walk in units of the guess; the reach below is smaller, since energies rise fast there. */
const WIDE = { step: 0.02, below: 0.3, above: 0.6 };
const NARROW = { step: 0.005, below: 0.05, above: 0.05 };
/** Spacing of the five points in units of a: their error is then below 1e-7 Å, and rounding of the energies does not matter yet. */
const SPACING = 0.002;
/** Newton's method squares the error: from the bracket's 4e-3 Å to 1e-5, 1e-9 and rounding. */
const NEWTON_STEPS = 3;

/**
 * The minimum of E(a).
 * @throws RangeError if there is no minimum within reach of the guess, the energy there is not smooth, or the crystal is not cubic.
 * @throws what the calculator throws.
 */
export async function lattice(calculator: Calculator, options: LatticeOptions): Promise<Lattice> {
  const { element, crystal, a: given, leastEdge, signal } = options;
  if (!Object.hasOwn(NEAREST, crystal))
    throw new RangeError(`"${crystal}" is not a cubic crystal with one lattice constant; give one of ${Object.keys(NEAREST).join(", ")}`);
  const guess = given ?? touching(element, crystal);
  const times = leastEdge === undefined ? undefined : Math.ceil(leastEdge / guess);
  const cellOf = (a: number): Structure =>
    times === undefined ? bulk(element, { crystal, a }) : repeat(bulk(element, { crystal, a, cubic: true }), [times, times, times]);
  const energy = async (a: number): Promise<number> => {
    signal?.throwIfAborted();
    const cell = cellOf(a);
    const result = await calculator.calculate(cell, ["energy"], signal);
    if (!Number.isFinite(result.energy))
      throw new RangeError(
        `${calculator.name} gave the energy ${result.energy} for ${crystal} ${element} at a = ${a.toFixed(4)} Å; give a better guess`,
      );
    return result.energy / size(cell);
  };
  const reach = given === undefined ? WIDE : NARROW;
  let a = await bracketed(energy, guess, reach, `${calculator.name} for ${crystal} ${element}`);
  let point = await fivePoint(energy, a);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const move = -point.slope / point.curvature;
    if (!(point.curvature > 0 && Math.abs(move) < 2 * SPACING * a))
      throw new RangeError(
        `the energy of ${calculator.name} for ${crystal} ${element} is not smooth around its least value at a = ${a.toFixed(4)} Å`,
      );
    a += move;
    point = await fivePoint(energy, a);
  }
  const cell = cellOf(a);
  const v = Math.abs(determinant(cell.cell)) / size(cell) / (a * a * a);
  return { a, energyPerAtom: point.value, bulkModulus: (GPA_PER_EV_A3 * point.curvature) / (9 * v * a) };
}

/** The lattice constant within `SPACING` of the least energy: downhill until it rises again, then both intervals halved. */
async function bracketed(energy: (a: number) => Promise<number>, guess: number, reach: typeof WIDE, what: string): Promise<number> {
  const [low, high] = [guess * (1 - reach.below), guess * (1 + reach.above)];
  let step = guess * reach.step;
  let centre = { a: guess, e: await energy(guess) };
  const at = async (a: number): Promise<{ a: number; e: number }> => ({ a, e: await energy(a) });
  let [below, above] = [await at(guess - step), await at(guess + step)];
  while (below.e < centre.e || above.e < centre.e) {
    if (below.e < above.e) [above, centre, below] = [centre, below, await at(below.a - step)];
    else [below, centre, above] = [centre, above, await at(above.a + step)];
    if (below.a < low || above.a > high)
      throw new RangeError(`no energy minimum of ${what} between ${low.toFixed(2)} and ${high.toFixed(2)} Å; give a better guess of a`);
  }
  while (step > SPACING * centre.a) {
    step /= 2;
    for (const side of [await at(centre.a - step), await at(centre.a + step)]) if (side.e < centre.e) centre = side;
  }
  return centre.a;
}

/** E, E' and E'' at `a`. */
async function fivePoint(energy: (a: number) => Promise<number>, a: number): Promise<{ value: number; slope: number; curvature: number }> {
  const h = SPACING * a;
  const e: number[] = [];
  for (let k = -2; k <= 2; k++) e.push(await energy(a + k * h));
  return {
    value: e[2],
    slope: (e[0] - 8 * e[1] + 8 * e[3] - e[4]) / (12 * h),
    curvature: (-e[0] + 16 * e[1] - 30 * e[2] + 16 * e[3] - e[4]) / (12 * h * h),
  };
}

function touching(element: string, crystal: CubicCrystal): number {
  const known = referenceState(element);
  return known?.crystal === crystal ? known.a : (2 * covalentRadius(numberOf(element))) / NEAREST[crystal];
}
