/** Calculators by name: the analytical ones, which need neither a model nor another program. */
import type { Calculator, EngineSpec } from "./calculator.ts";
import { emtCalculator } from "./emt.ts";

/**
 * The calculator that a specification names.
 * @throws RangeError if the engine is not an analytical one, or an option is unknown or of the wrong type.
 */
export function calculator(spec: EngineSpec): Calculator {
  const { engine, ...options } = spec;
  if (engine !== "emt") throw new RangeError(`there is no analytical engine "${engine}"; there is emt`);
  const { asap_cutoff, ...rest } = options;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new RangeError(`emt has no option "${unknown}"; it has asap_cutoff`);
  if (asap_cutoff !== undefined && typeof asap_cutoff !== "boolean")
    throw new RangeError(`emt's option asap_cutoff is ${JSON.stringify(asap_cutoff)}; give true or false`);
  return emtCalculator({ asapCutoff: asap_cutoff });
}
