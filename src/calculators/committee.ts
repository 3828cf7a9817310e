/**
 * A committee: the mean of several energy surfaces, and how far they disagree,
 *   E = Σ E_m / n,   σ² = Σ (E_m - E)² / (n - 1),
 * for energy and each force component. Seung, Opper and Sompolinsky, Proc. COLT 1992, 287 (query by committee). The spread is no error bar:
 * nothing here calibrates it.
 */
import type { Calculator, Result } from "./calculator.ts";

/** A result's arrays. */
type ArrayProperty = "energies" | "forces" | "stress" | "charges" | "qmForces" | "mlForces";
const ARRAYS: readonly ArrayProperty[] = ["energies", "forces", "stress", "charges", "qmForces", "mlForces"];

/**
 * The mean of `members` as one calculator, with `energySigma` and, where forces are asked, `forcesSigma`; a member alone has no spread. It
 * answers what all its members answer. They are asked side by side, and their results taken in their order, whichever comes first.
 * @throws RangeError without members.
 */
export function committee(members: readonly Calculator[]): Calculator {
  if (members.length === 0) throw new RangeError("a committee of 0 members has no mean; give at least one calculator");
  return {
    name: `committee of ${members.length}`,
    properties: members[0].properties.filter((p) => members.every((m) => m.properties.includes(p))),
    async calculate(structure, properties, signal) {
      return meanResult(await Promise.all(members.map((m) => m.calculate(structure, properties, signal))));
    },
  };
}

/** Mean and standard deviation of results for one structure, at least one: of each property that all of them have. Their `seconds` are left out. */
export function meanResult(results: readonly Result[]): Result {
  const arraysOf = (property: ArrayProperty): Float64Array[] => results.flatMap((r) => r[property] ?? []);
  const complete = ARRAYS.filter((property) => results.every((r) => r[property]));
  const energies = results.map((r) => Float64Array.of(r.energy));
  return {
    energy: mean(energies)[0],
    ...Object.fromEntries(complete.map((property) => [property, mean(arraysOf(property))])),
    ...(results.length > 1 && {
      energySigma: deviation(energies)[0],
      ...(complete.includes("forces") && { forcesSigma: deviation(arraysOf("forces")) }),
    }),
  };
}

function mean(rows: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(rows[0].length);
  for (const row of rows) for (let k = 0; k < sum.length; k++) sum[k] += row[k];
  return sum.map((x) => x / rows.length);
}

function deviation(rows: readonly Float64Array[]): Float64Array {
  const middle = mean(rows);
  const sum = new Float64Array(middle.length);
  for (const row of rows) for (let k = 0; k < sum.length; k++) sum[k] += (row[k] - middle[k]) ** 2;
  return sum.map((x) => Math.sqrt(x / (rows.length - 1)));
}
