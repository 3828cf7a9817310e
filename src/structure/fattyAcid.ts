/**
 * Saturated straight-chain carboxylic acids, C_n H_2n O_2, all-trans: a starting geometry, not a minimum. Bond lengths and angles of free
 * molecules: the carboxyl group of acetic acid (Derissen, J. Mol. Struct. 7, 67 (1971)) with the hydroxyl of formic acid (Kwei and Curl,
 * J. Chem. Phys. 32, 1592 (1960)), the chain of n-alkanes (Bonham, Bartell and Kohl, J. Am. Chem. Soc. 81, 4765 (1959)), rounded.
 */
import { type Point, placed } from "./placed.ts";
import { type Structure, structure } from "./structure.ts";

/** Å. */
const LENGTHS = { "C=O": 1.214, "C-O": 1.364, "O-H": 0.972, "C-COOH": 1.52, "C-C": 1.533, "C-H": 1.1 } as const;

/** Degrees. The H's of CH2 stand alike to both neighbours, which leaves 107.0 between them. */
const ANGLES = { "O=C-O": 122.8, "C-C=O": 126.6, "C-O-H": 106.3, "C-C-C": 112.7, "C-CH2": 109.3, "C-CH3": 111 } as const;

/**
 * Dihedral, degrees, between the chain's next C and an H of CH2 that makes the same angle with both its neighbours: by the law of cosines on the
 * sphere arccos(cos h (1 - cos c) / (sin h sin c)), h being C-CH2 and c C-C-C.
 */
const METHYLENE = 121.74160161973347;

/** How an acid is built. */
export interface FattyAcidOptions {
  /** Angle by which the OH is turned about the C-O bond, away from the Z form in which H eclipses the C=O, degrees. Default 0. */
  readonly torsion?: number;
}

/**
 * The acid with `carbons` carbon atoms: C, =O, -O and H of the carboxyl group, then each further C followed by its H's. The heavy atoms lie in
 * the plane z = 0, and the chain goes on anti to the OH.
 * @throws RangeError if `carbons` is not an integer of at least 2, or the torsion is not finite.
 */
export function fattyAcid(carbons: number, options: FattyAcidOptions = {}): Structure {
  const { torsion = 0 } = options;
  if (!Number.isInteger(carbons) || carbons < 2)
    throw new RangeError(`${carbons} carbon atoms were asked for; a fatty acid has an integer of at least 2`);
  if (!Number.isFinite(torsion)) throw new RangeError(`the torsion is ${torsion}; give a number of degrees`);
  const carboxyl: Point = [0, 0, 0];
  const oxo: Point = [LENGTHS["C=O"], 0, 0];
  const aside: Point = [0, -1, 0];
  const hydroxyl = placed(aside, oxo, carboxyl, LENGTHS["C-O"], ANGLES["O=C-O"], 0);
  const acidic = placed(oxo, carboxyl, hydroxyl, LENGTHS["O-H"], ANGLES["C-O-H"], torsion);
  const symbols = ["C", "O", "O", "H"];
  const positions = [carboxyl, oxo, hydroxyl, acidic];
  let [before, last, next] = [oxo, carboxyl, placed(aside, oxo, carboxyl, LENGTHS["C-COOH"], ANGLES["C-C=O"], 180)];
  for (let k = 2; k <= carbons; k++) {
    // Beside the carboxyl group the chain eclipses the C=O, further on it is trans.
    const onward = k === 2 ? 0 : 180;
    const at = (length: number, angle: number, turn: number): Point => placed(before, last, next, length, angle, onward + turn);
    const hydrogens =
      k === carbons
        ? [0, 120, -120].map((turn) => at(LENGTHS["C-H"], ANGLES["C-CH3"], turn))
        : [METHYLENE, -METHYLENE].map((turn) => at(LENGTHS["C-H"], ANGLES["C-CH2"], turn));
    symbols.push("C", ...hydrogens.map(() => "H"));
    positions.push(next, ...hydrogens);
    [before, last, next] = [last, next, at(LENGTHS["C-C"], ANGLES["C-C-C"], 0)];
  }
  return structure({ symbols, positions });
}
