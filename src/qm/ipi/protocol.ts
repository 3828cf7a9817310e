/**
 * Messages of the i-PI protocol (Ceriotti, More, Manolopoulos, Comput. Phys. Commun. 185, 1019 (2014)), seen from the server. A header is a word
 * padded to 12 bytes; numbers are little-endian, integers of 4 and reals of 8 bytes, in Hartree and Bohr. No message says which elements the
 * atoms are: the code that connects was started with the same structure.
 *
 *   we send    STATUS  |  INIT int n, bytes  |  POSDATA h, h⁻¹, N, positions  |  GETFORCE  |  EXIT
 *   it answers READY, NEEDINIT or HAVEDATA to STATUS; FORCEREADY energy, N, forces, virial, n, bytes to GETFORCE; h has lattice vectors as columns
 */
import { completed, hasVector, inverse, rank } from "../../linalg/cell.ts";
import type { Structure } from "../../structure/structure.ts";
import { BOHR, HARTREE } from "../../units.ts";

/** Bytes of a header. */
export const HEADER = 12;

/** Bytes between the forces' header and the forces: energy and N. */
export const BEFORE_FORCES = 12;

/** Bytes of the virial and the length of what follows it. */
export const AFTER_FORCES = 76;

const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

/** What the code answered. */
export interface Answer {
  /** eV. */
  readonly energy: number;
  /** [3N] eV/Å. */
  readonly forces: Float64Array;
  /** -dE/dε as xx, yy, zz, yz, xz, xy, [6] eV; of codes that know none, zeros. */
  readonly virial: Float64Array;
}

/** A word as a header. */
export function header(word: "STATUS" | "POSDATA" | "GETFORCE" | "EXIT"): Buffer {
  return Buffer.from(word.padEnd(HEADER), "latin1");
}

/** INIT for the first replica; codes ignore the text, and some wait for a byte of it. */
export function init(): Buffer {
  const numbers = Buffer.alloc(9);
  numbers.writeInt32LE(1, 4);
  return Buffer.concat([Buffer.from("INIT".padEnd(HEADER), "latin1"), numbers]);
}

/**
 * POSDATA of a structure.
 * @param box edge of the box, Å, in directions without a lattice vector: codes that need a cell are given the same one each time
 */
export function posdata({ positions, cell }: Structure, box: number): Buffer {
  const vectors = boxed(cell, box);
  // Rows of the inverse are what h⁻¹ has as columns.
  const reciprocal = inverse(vectors);
  const atoms = positions.length / 3;
  const message = Buffer.alloc(HEADER + 8 * 18 + 4 + 8 * positions.length);
  message.write("POSDATA".padEnd(HEADER), "latin1");
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      const at = HEADER + 8 * (3 * i + j);
      message.writeDoubleLE(vectors[3 * j + i] / BOHR, at);
      message.writeDoubleLE(reciprocal[3 * j + i] * BOHR, at + 72);
    }
  message.writeInt32LE(atoms, HEADER + 144);
  for (const [k, x] of positions.entries()) message.writeDoubleLE(x / BOHR, HEADER + 148 + 8 * k);
  return message;
}

/** The cell with vectors of this length, orthogonal to each other, where it has none. */
function boxed(cell: Float64Array, box: number): Float64Array {
  const full = rank(cell) === 0 ? IDENTITY : completed(cell);
  return full.map((x, k) => (hasVector(cell, Math.floor(k / 3)) ? x : box * x));
}

/** Energy and number of atoms. */
export function energyOf(bytes: Buffer): { readonly energy: number; readonly atoms: number } {
  return { energy: bytes.readDoubleLE(0) * HARTREE, atoms: bytes.readInt32LE(8) };
}

/** Forces, [3N] eV/Å. */
export function forcesOf(bytes: Buffer): Float64Array {
  return Float64Array.from({ length: bytes.length / 8 }, (_, k) => (bytes.readDoubleLE(8 * k) * HARTREE) / BOHR);
}

/** The virial, and how many bytes follow. Some codes fill the upper triangle alone. */
export function virialOf(bytes: Buffer): { readonly virial: Float64Array; readonly more: number } {
  const virial = Float64Array.of(0, 4, 8, 5, 2, 1).map((k) => bytes.readDoubleLE(8 * k) * HARTREE);
  return { virial, more: bytes.readInt32LE(72) };
}
