/**
 * Tests whether a calculator keeps the contract: forces and stress against four-point finite differences of the energy,
 *   dE/dx = [8 (E(x+h) - E(x-h)) - (E(x+2h) - E(x-2h))] / 12h + O(h⁴),
 * the symmetries of space, sums, repeatability, and abort. It measures and reports; what fails is for the caller to judge.
 * A calculator in an outer field fails translation and rotation rightly; one on a grid needs wider bounds.
 */
import { determinant, rank, times, VOIGT } from "../linalg/cell.ts";
import { random } from "../linalg/random.ts";
import { strain } from "../structure/strain.ts";
import { formula, type Structure, size, structure, subset, withPositions } from "../structure/structure.ts";
import type { Calculator, Property, Result } from "./calculator.ts";

/** One measurement. */
export interface Check {
  /** What was checked, e.g. `forces are the derivative of the energy`. */
  readonly name: string;
  /** Number and formula of the structure, e.g. `0: Cu4N`. */
  readonly structure: string;
  /** Largest deviation, in the bound's unit; NaN if it could not be measured. */
  readonly measured: number;
  readonly bound: number;
  /** `eV`, `eV/Å`, `eV/Å³`, or empty for a count. */
  readonly unit: string;
  readonly ok: boolean;
  /** Why it could not be measured. */
  readonly error?: string;
}

/** What `checkCalculator` found. */
export interface CheckReport {
  readonly calculator: string;
  readonly checks: readonly Check[];
  /** Whether all checks are. */
  readonly ok: boolean;
}

/** Steps and bounds. */
export interface CheckOptions {
  /** Step of the finite differences, Å (and of the strain, without unit). Default 1e-3. */
  readonly step?: number;
  /** Deviation of energies allowed, eV. Default 1e-9. */
  readonly energy?: number;
  /** Deviation of forces allowed, eV/Å: from differences, and of sums and symmetries. Default 1e-6. */
  readonly force?: number;
  /** Deviation of the stress allowed, eV/Å³. Default 1e-7. */
  readonly stress?: number;
  /** How many coordinates of a structure are moved at most, drawn at random with seed 0. Default 24. */
  readonly coordinates?: number;
  /** Ends the checking; passed on to the calculator. */
  readonly signal?: AbortSignal;
}

/** Deviation, bound and unit. */
type Measure = readonly [number, number, string];

/** Cu4N as a crooked cluster and in a crooked periodic cell: no symmetry that could hide a wrong sign. */
function crooked(): Structure[] {
  const symbols = ["Cu", "Cu", "Cu", "N", "Cu"];
  const positions = [0, 0, 0, 2.4, 0.3, -0.2, 0.9, 2.3, 0.4, 1.1, 0.8, 1.6, 1.3, -0.7, 3.3];
  return [
    structure({ symbols, positions }),
    structure({ symbols, positions, cell: [4.6, 0.4, -0.3, 0.7, 4.9, 0.5, -0.6, 0.2, 5.3], pbc: [true, true, true] }),
  ];
}

/**
 * Checks a calculator on structures (default: Cu4N, a cluster and a periodic one; give others where it does not know these elements).
 * A structure costs about 4 evaluations a coordinate, and 24 for the stress. Never throws for what the calculator does.
 * @throws the signal's reason if it is aborted.
 */
export async function checkCalculator(
  calculator: Calculator,
  structures: readonly Structure[] = crooked(),
  options: CheckOptions = {},
): Promise<CheckReport> {
  const checks: Check[] = [];
  for (const [k, s] of structures.entries()) {
    for (const [name, measure] of measures(calculator, s, options)) {
      const of = { name, structure: `${k}: ${formula(s)}` };
      try {
        const [measured, bound, unit] = await measure();
        checks.push({ ...of, measured, bound, unit, ok: measured <= bound });
      } catch (error) {
        options.signal?.throwIfAborted();
        const message = error instanceof Error ? error.message : String(error);
        checks.push({ ...of, measured: Number.NaN, bound: 0, unit: "", ok: false, error: message });
      }
    }
  }
  return { calculator: calculator.name, checks, ok: checks.every((c) => c.ok) };
}

/** The checks that apply to a calculator and a structure, by name. */
function measures(calculator: Calculator, s: Structure, options: CheckOptions): Map<string, () => Promise<Measure>> {
  const { step = 1e-3, energy = 1e-9, force = 1e-6, stress = 1e-7, coordinates = 24, signal } = options;
  const n = size(s);
  const properties = calculator.properties.filter((p) => p !== "stress" || rank(s.cell) === 3);
  const has = (p: Property): boolean => properties.includes(p);
  const full = (of: Structure): Promise<Result> => calculator.calculate(of, properties, signal);
  const energyOf = async (of: Structure): Promise<number> => (await calculator.calculate(of, ["energy"], signal)).energy;
  /** Deviation of energy and forces from what they should be after a change: of the two the larger in units of its bound. */
  const same = async (changed: Structure, expectedForces: (f: Float64Array) => Float64Array): Promise<Measure> => {
    const [before, after] = [await full(s), await full(changed)];
    const dE = Math.abs(after.energy - before.energy);
    const dF = before.forces ? deviation(after.forces ?? [], expectedForces(before.forces)) : 0;
    return dF / force > dE / energy ? [dF, force, "eV/Å"] : [dE, energy, "eV"];
  };
  const checks = new Map<string, () => Promise<Measure>>();

  checks.set("answers what is asked, in numbers", async () => [wrongAnswers(await full(s), properties, n), 0, ""]);
  checks.set("same bits when asked again, after another structure", async () => {
    const before = await full(s);
    await full(
      withPositions(
        s,
        s.positions.map((x, k) => x + 0.05 * Math.sin(k)),
      ),
    );
    return [differentBits(before, await full(s)), 0, ""];
  });
  checks.set("leaves the structure as it was", async () => {
    const mine = structuredClone(s);
    await full(mine);
    return [deviation(mine.positions, s.positions) + deviation(mine.cell, s.cell) + deviation(mine.numbers, s.numbers), 0, ""];
  });
  checks.set("the energy does not depend on what else is asked", async () => {
    return [Math.abs((await full(s)).energy - (await energyOf(s))), energy, "eV"];
  });
  checks.set("an aborted signal is honoured", async () => {
    const reason = new Error("aborted by checkCalculator");
    const outcome = await calculator.calculate(s, ["energy"], AbortSignal.abort(reason)).catch((error: unknown) => error);
    return [outcome === reason ? 0 : 1, 0, ""];
  });
  checks.set("translation changes nothing", () => {
    const by = [0.37, -1.13, 0.71];
    return same(
      withPositions(
        s,
        s.positions.map((x, k) => x + by[k % 3]),
      ),
      (f) => f,
    );
  });
  checks.set("rotation turns the forces along", () => same({ ...s, positions: rotated(s.positions), cell: rotated(s.cell) }, rotated));
  checks.set("the order of the atoms does not matter", () => {
    const order = Array.from({ length: n }, (_, i) => i).reverse();
    return same({ ...s, ...subset(s, order) }, (f) => subset(withPositions(s, f), order).positions);
  });
  if (n > 0 && s.pbc.includes(true)) {
    checks.set("an atom moved by a lattice vector is the same atom", () => {
      const k = s.pbc.indexOf(true);
      return same(
        withPositions(
          s,
          s.positions.map((x, c) => (c < 3 ? x + s.cell[3 * k + c] : x)),
        ),
        (f) => f,
      );
    });
  }
  if (has("energies")) {
    checks.set("energies of the atoms add up to the energy", async () => {
      const { energies = new Float64Array(0), energy: whole } = await full(s);
      return [Math.abs(energies.reduce((sum, e) => sum + e, 0) - whole), energy, "eV"];
    });
  }
  if (has("forces")) {
    checks.set("forces add up to zero", async () => {
      const { forces = new Float64Array(0) } = await full(s);
      const sums = [0, 0, 0];
      forces.forEach((f, k) => {
        sums[k % 3] += f;
      });
      return [deviation(sums, [0, 0, 0]), force, "eV/Å"];
    });
    checks.set("forces are the derivative of the energy", async () => {
      const { forces = new Float64Array(0) } = await full(s);
      const chosen = drawn(3 * n, coordinates);
      const differences: number[] = [];
      for (const k of chosen) {
        const at = (h: number): Promise<number> => energyOf(withPositions(s, s.positions.with(k, s.positions[k] + h)));
        differences.push(-(await derivative(at, step)));
      }
      return [
        deviation(
          chosen.map((k) => forces[k]),
          differences,
        ),
        force,
        "eV/Å",
      ];
    });
  }
  if (has("stress")) {
    checks.set("stress is the derivative of the energy", async () => {
      const { stress: given = new Float64Array(0) } = await full(s);
      const volume = Math.abs(determinant(s.cell));
      const differences: number[] = [];
      for (const pair of VOIGT) {
        // Half on either side of the diagonal, so that nothing turns.
        const tensor = (h: number): number[] => Array.from({ length: 9 }, (_, k) => half(pair, Math.floor(k / 3), k % 3) * h);
        differences.push((await derivative((h) => energyOf(strain(s, tensor(h))), step)) / volume);
      }
      return [deviation(given, differences), stress, "eV/Å³"];
    });
  }
  return checks;
}

/** Derivative at zero by four points. */
async function derivative(f: (h: number) => Promise<number>, h: number): Promise<number> {
  return (8 * ((await f(h)) - (await f(-h))) - ((await f(2 * h)) - (await f(-2 * h)))) / (12 * h);
}

/** Component of the symmetric tensor that strains `pair`, ½ (δδ + δδ). */
function half([p, q]: readonly number[], row: number, column: number): number {
  return (row === p && column === q ? 0.5 : 0) + (row === q && column === p ? 0.5 : 0);
}

/** Largest difference; infinite if the lengths differ, NaN if a number is. */
function deviation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  return Array.from(a).reduce((most, x, k) => Math.max(most, Math.abs(x - b[k])), 0);
}

/** How many of the asked properties are missing, of the wrong length or not finite. */
function wrongAnswers(result: Result, properties: readonly Property[], n: number): number {
  const lengths = { energy: 1, energies: n, forces: 3 * n, stress: 6, charges: n };
  return properties.filter((property) => {
    const value = property === "energy" ? [result.energy] : (result[property] ?? []);
    return value.length !== lengths[property] || !Array.from(value).every(Number.isFinite);
  }).length;
}

/** How many numbers of two results differ, apart from what they took. */
function differentBits(a: Result, b: Result): number {
  const numbers = ({ seconds: _, peakMemory: _memory, node: _node, ...r }: Result): number[] =>
    Object.values(r).flatMap((v: number | Float64Array) => (typeof v === "number" ? [v] : [...v]));
  const [x, y] = [numbers(a), numbers(b)];
  return Math.abs(x.length - y.length) + x.filter((value, k) => !Object.is(value, y[k])).length;
}

/** Rows turned by 1.1 about z and then by 0.6 about x, rad. */
function rotated(rows: Float64Array): Float64Array {
  const [c, s, d, t] = [Math.cos(1.1), Math.sin(1.1), Math.cos(0.6), Math.sin(0.6)];
  const matrix = [c, s * d, s * t, -s, c * d, c * t, 0, -t, d];
  return rows.map((_, k) => times(rows, matrix, k - (k % 3))[k % 3]);
}

/** Up to `most` different integers below n, sorted. */
function drawn(n: number, most: number): number[] {
  const { uniform } = random(0);
  const keys = Array.from({ length: n }, () => uniform());
  return Array.from({ length: n }, (_, k) => k)
    .sort((a, b) => keys[a] - keys[b])
    .slice(0, most)
    .sort((a, b) => a - b);
}
