/**
 * Whether atoms, cell and frames fit each other, and are such as can be drawn: what a table's columns alone do not say. A cell in other units
 * or atoms on top of each other would have a view search for bonds and images without end.
 */
import { completed, inverse } from "../linalg/cell.ts";
import { norm } from "../linalg/elementary.ts";
import type { AboutRow } from "./about.ts";
import type { AtomRow } from "./atoms.ts";
import type { FrameRow } from "./trajectory.ts";

/** Å: nothing is farther away, and no cell longer. */
const FARTHEST = 1e5;
/** Atoms in a cube of 1 Å. */
const MOST_CROWDED = 50;
/** Images of the cell that the shortest way between two atoms may have to be searched among. */
const MOST_IMAGES = 1e6;

/** What a frame must hold to be drawn. */
type Shape = Pick<FrameRow, "positions"> & {
  readonly [K in "forces" | "qmForces" | "mlForces" | "forcesSigma"]?: Float64Array | null;
};

/**
 * Checks frames against their atoms.
 * @param table where the frames stand, for messages
 * @throws RangeError in one sentence with table and column
 */
export function checkShape(
  { cell, pbc }: Pick<AboutRow, "cell" | "pbc">,
  atoms: readonly AtomRow[],
  table: string,
  frames: readonly Shape[],
): void {
  checkCell(cell, pbc);
  for (const [k, frame] of frames.entries()) {
    const of = (column: string): string => `table ${table} cannot be read: its column ${column} in row ${k}`;
    if (atoms.length === 0) throw new RangeError(`table atoms has no row, table ${table} has ${frames.length}`);
    for (const column of ["positions", "forces", "qmForces", "mlForces", "forcesSigma"] as const) {
      const length = frame[column]?.length ?? 3 * atoms.length;
      if (length !== 3 * atoms.length)
        throw new RangeError(`${of(column)} has ${length} numbers, ${atoms.length} atoms have ${3 * atoms.length}`);
    }
    const far = frame.positions.find((x) => Math.abs(x) > FARTHEST);
    if (far !== undefined) throw new RangeError(`${of("positions")} has ${far} Å, farther than ${FARTHEST} Å`);
    const crowd = crowded(frame.positions);
    if (crowd > MOST_CROWDED) throw new RangeError(`${of("positions")} has ${crowd} atoms within 1 Å³`);
  }
}

function checkCell(cell: Float64Array, pbc: string): void {
  const refuse = (why: string): never => {
    throw new RangeError(`the cell ${why}`);
  };
  if (cell.length !== 9) refuse(`has ${cell.length} numbers, not 9`);
  if (cell.some((x) => Math.abs(x) > FARTHEST)) refuse(`is longer than ${FARTHEST} Å`);
  const repeating = [0, 1, 2].filter((k) => pbc[k] === "T");
  if (repeating.length === 0) return;
  const lengths = repeating.map((k) => norm(cell[3 * k], cell[3 * k + 1], cell[3 * k + 2]));
  if (lengths.some((length) => length < 0.5)) refuse(`repeats every ${Math.min(...lengths)} Å`);
  const toFraction = inverse(completed(cell));
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  const images = repeating.reduce((count, k) => count * (1 + whole * norm(toFraction[k], toFraction[3 + k], toFraction[6 + k])), 1);
  if (images > MOST_IMAGES) refuse("is too flat to find the shortest way between two atoms in");
}

/** Atoms in the fullest cube of 1 Å. */
function crowded(positions: Float64Array): number {
  const cubes = new Map<number, number>();
  let most = 0;
  for (let i = 0; i < positions.length; i += 3) {
    // One number a cube: 18, 18 and 17 bits.
    const [x, y, z] = [0x3ffff, 0x3ffff, 0x1ffff].map((bits, k) => Math.floor(positions[i + k]) & bits);
    const cube = (x * 0x40000 + y) * 0x20000 + z;
    const count = (cubes.get(cube) ?? 0) + 1;
    cubes.set(cube, count);
    if (count > most) most = count;
  }
  return most;
}
