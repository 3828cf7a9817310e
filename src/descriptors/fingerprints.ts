/**
 * The fingerprints of all atoms of an image with their derivatives, kept compact: for each centre the atoms that move it, and for each of
 * these the functions that know its element. The centre's own derivative is minus the sum of the others', so it is not kept; periodic
 * images of one atom are merged, and those of the centre, which move with it, drop out. Calculated once for a training image and kept; in shared
 * memory, so that worker threads read them without a copy.
 */
import { shared } from "../linalg/dense.ts";
import type { NeighbourList } from "../linalg/neighbours.ts";
import type { Structure } from "../structure/structure.ts";
import { type DescriptorSettings, liveFunctions } from "./settings.ts";
import { describer } from "./symmetryFunctions.ts";

/** Fingerprints of N atoms; E elements. */
export interface FingerprintValues {
  /** D. */
  readonly size: number;
  /** L, the functions that one neighbour changes. */
  readonly live: number;
  /** Position of each atom's element in the settings' list, [N]. */
  readonly kinds: Uint8Array;
  /** Unscaled, [N][D]. */
  readonly values: Float64Array;
  /** The largest |dG_centre/dr_atom| over the atoms of an element as centres and all atoms that move, themselves among them, [E][D] 1/Å. */
  readonly steepest: Float64Array;
}

/** Fingerprints of N atoms and all their derivatives. */
export interface Fingerprints extends FingerprintValues {
  /** The atoms of element z that move centre i are the entries `start[i E + z] .. start[i E + z + 1]`, [N E + 1]. */
  readonly start: Uint32Array;
  /** The atom that moves, [P]; ascending for each centre and element. */
  readonly atom: Uint32Array;
  /** dG_centre/dr_atom of the functions that `liveFunctions` names for the atom's element, [P][3][L] 1/Å. */
  readonly slopes: Float64Array;
}

/**
 * Fingerprints of a structure.
 * @throws RangeError if it has an element that the settings do not name.
 */
export function fingerprints(structure: Structure, settings: DescriptorSettings): Fingerprints {
  const n = structure.numbers.length;
  const elements = settings.elements.length;
  const { size, neighbours, describe } = describer(structure, settings);
  const functions = liveFunctions(settings);
  const live = functions.length / elements;
  const kinds = Uint8Array.from(structure.numbers, (z) => settings.elements.indexOf(z));
  const { start, atom } = movers(neighbours, kinds, elements);
  const values = shared(n * size);
  const slopes = shared(atom.length * 3 * live);
  const slot = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    const surroundings = describe(i);
    values.set(surroundings.values, i * size);
    for (let e = start[i * elements]; e < start[(i + 1) * elements]; e++) slot[atom[e]] = e;
    for (let p = neighbours.start[i]; p < neighbours.start[i + 1]; p++) {
      const j = neighbours.index[p];
      if (j === i) continue;
      const from = 3 * size * (p - neighbours.start[i]);
      const to = 3 * live * slot[j];
      for (let c = 0; c < 3; c++) {
        for (let k = 0; k < live; k++) slopes[to + c * live + k] += surroundings.slopes[from + c * size + functions[kinds[j] * live + k]];
      }
    }
  }
  const steepest = steepestOf({ size, live, kinds, start, slopes }, elements, functions);
  return { size, live, kinds, values, steepest, start, atom, slopes };
}

/** The largest derivatives, [E][D] 1/Å. */
function steepestOf(
  { size, live, kinds, start, slopes }: Omit<Fingerprints, "values" | "steepest" | "atom">,
  elements: number,
  functions: Int32Array,
): Float64Array {
  const squares = new Float64Array(elements * size);
  const own = new Float64Array(3 * size); // minus the derivative by the centre itself
  kinds.forEach((centre, i) => {
    const meet = (k: number, x: number, y: number, z: number): void => {
      squares[centre * size + k] = Math.max(squares[centre * size + k], x ** 2 + y ** 2 + z ** 2);
    };
    own.fill(0);
    for (let kind = 0; kind < elements; kind++) {
      for (let e = start[i * elements + kind]; e < start[i * elements + kind + 1]; e++) {
        for (let l = 0, at = 3 * live * e; l < live; l++, at++) {
          const k = functions[kind * live + l];
          const [x, y, z] = [slopes[at], slopes[at + live], slopes[at + 2 * live]];
          meet(k, x, y, z);
          own[k] += x;
          own[size + k] += y;
          own[2 * size + k] += z;
        }
      }
    }
    for (let k = 0; k < size; k++) meet(k, own[k], own[size + k], own[2 * size + k]);
  });
  return squares.map(Math.sqrt);
}

/** Who moves whom: the neighbours of each centre but itself, each once, by element and then by index. */
function movers(
  { start: first, index }: Pick<NeighbourList, "start" | "index">,
  kinds: Uint8Array,
  elements: number,
): Pick<Fingerprints, "start" | "atom"> {
  const n = kinds.length;
  const start = new Uint32Array(n * elements + 1);
  const atoms: number[] = [];
  for (let i = 0; i < n; i++) {
    const near = [...new Set(index.subarray(first[i], first[i + 1]))].filter((j) => j !== i);
    near.sort((a, b) => kinds[a] - kinds[b] || a - b);
    for (const j of near) start[i * elements + kinds[j] + 1]++;
    atoms.push(...near);
  }
  for (let k = 0; k < n * elements; k++) start[k + 1] += start[k];
  return { start, atom: Uint32Array.from(atoms) };
}
