/**
 * Electrons of a structure, and which spin multiplicities they allow: an even number an odd multiplicity 2S + 1, an odd number an even one.
 * A part that is cut out of a structure gets its state from it here; nothing is known of where charge and spin really sit.
 */
import { formula, type Structure } from "./structure.ts";

/** Number of electrons: the atomic numbers minus the charge. */
export function electrons(s: Structure): number {
  return s.numbers.reduce((sum, z) => sum + z, 0) - (s.charge ?? 0);
}

/**
 * The multiplicity that a calculation of closed shells needs no word about.
 * @returns the structure's own, or 1 if none is said
 * @throws RangeError if the charge is no whole number, or the number of electrons is odd and nothing is said, or does not allow what is said
 */
export function statedMultiplicity(s: Structure): number {
  const many = electrons(s);
  const { charge = 0, multiplicity = 1 } = s;
  if (!Number.isInteger(charge)) throw new RangeError(`the charge of ${formula(s)} is ${charge}; give a whole number of e`);
  if (many >= 0 && allows(many, multiplicity)) return multiplicity;
  const state = `${formula(s)} with charge ${charge} has ${many} electrons`;
  if (many < 0) throw new RangeError(`${state}; give a charge that leaves it some`);
  if (s.multiplicity === undefined) throw new RangeError(`${state}, an odd number; state the multiplicity, 2 for one unpaired electron`);
  throw new RangeError(
    `${state}, which do not allow a multiplicity of ${multiplicity}; give ${many % 2 === 0 ? "1, 3, 5" : "2, 4, 6"}, ...`,
  );
}

/** Of a part: the whole's multiplicity if its electrons allow it, else one less if that is possible, else one more. */
export function inheritedMultiplicity(part: Structure, whole: number): number {
  const many = electrons(part);
  if (allows(many, whole)) return whole;
  return whole > 1 && allows(many, whole - 1) ? whole - 1 : whole + 1;
}

function allows(many: number, multiplicity: number): boolean {
  return Number.isInteger(multiplicity) && multiplicity >= 1 && multiplicity <= many + 1 && (many - multiplicity) % 2 !== 0;
}
