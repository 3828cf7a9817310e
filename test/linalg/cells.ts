import { determinant, inverse, planeDistances } from "../../src/linalg/cell.ts";
import { fc } from "../properties.ts";

const component = fc.double({ min: -4, max: 4, noNaN: true });

/** Skewed and left-handed cells of lattice vectors to 7 Å, as flat as real ones may be: flatter ones are refused as crowded, rightly. */
export const cells: fc.Arbitrary<number[]> = fc
  .array(component, { minLength: 9, maxLength: 9 })
  .filter((c) => Math.abs(determinant(c)) > 4 && Math.min(...planeDistances(inverse(c))) > 0.9);
