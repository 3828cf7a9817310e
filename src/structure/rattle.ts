/** Random displacements. */
import { random } from "../linalg/random.ts";
import { type Structure, size, withPositions } from "./structure.ts";

/**
 * Every atom that is not fixed displaced along x, y and z by normal random numbers.
 * @param options.stdev standard deviation of each component, Å
 * @param options.seed same seed, same displacements; an atom's do not depend on which others are fixed
 * @throws RangeError if stdev is negative or the seed is not an integer from 0 to 2^53 - 1.
 */
export function rattle(s: Structure, options: { readonly stdev: number; readonly seed: number }): Structure {
  const { stdev, seed } = options;
  if (!(stdev >= 0 && stdev < Infinity)) throw new RangeError(`the standard deviation is ${stdev} Å; give 0 or more`);
  const { gaussian } = random(seed);
  const positions = s.positions.slice();
  for (let i = 0; i < size(s); i++) {
    for (let k = 3 * i; k < 3 * i + 3; k++) {
      const step = stdev * gaussian();
      if (!s.fixed?.[i]) positions[k] += step;
    }
  }
  return withPositions(s, positions);
}
