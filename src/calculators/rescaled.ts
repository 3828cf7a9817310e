/**
 * A surface that sees all lengths multiplied by a factor λ, so that its crystals have lattice constants 1/λ times as large:
 *
 *     E'(x) = E(λx),   F' = λ F(λx),   σ' = λ³ σ(λx),   hence a' = a/λ,   B' = λ³ B
 *
 * With λ = a_MM / a_QM a low level fits the lattice of the high one at the boundary of a hybrid, as ASE's RescaledCalculator does (J. R. Kermode et
 * al., Nature 455, 1224 (2008)). Bonds of molecules are scaled alike. Energies are left as they are: the bulk modulus is not fitted.
 */
import { type Structure, withPositions } from "../structure/structure.ts";
import type { Calculator, Result } from "./calculator.ts";

/**
 * The calculator seen through lengths multiplied by `factor`; of factor 1 the calculator itself.
 * @throws RangeError if the factor is not a positive number.
 */
export function rescaled(calculator: Calculator, factor: number): Calculator {
  if (!(factor > 0 && factor < Infinity)) throw new RangeError(`the factor for lengths is ${factor}; give a positive number, such as 1.02`);
  if (factor === 1) return calculator;
  return {
    ...calculator,
    name: `${calculator.name} rescaled by ${factor}`,
    calculate: async (s, properties, signal) => back(await calculator.calculate(larger(s, factor), properties, signal), factor),
  };
}

function larger(s: Structure, factor: number): Structure {
  return { ...withPositions(s, times(s.positions, factor)), cell: times(s.cell, factor) };
}

/** Derivatives with respect to the lengths that were given, by the chain rule. */
function back(result: Result, factor: number): Result {
  const { forces, stress, forcesSigma, qmForces, mlForces } = result;
  return {
    ...result,
    ...(forces && { forces: times(forces, factor) }),
    ...(stress && { stress: times(stress, factor ** 3) }),
    ...(forcesSigma && { forcesSigma: times(forcesSigma, factor) }),
    ...(qmForces && { qmForces: times(qmForces, factor) }),
    ...(mlForces && { mlForces: times(mlForces, factor) }),
  };
}

function times(values: Float64Array, factor: number): Float64Array {
  return values.map((x) => x * factor);
}
