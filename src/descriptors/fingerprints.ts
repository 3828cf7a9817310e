/**
 * The fingerprints of all atoms of an image with their sparse derivatives: for each centre the atoms that move it (itself first, periodic
 * images of one atom merged), 3 x D numbers for each. Calculated once for a training image and kept; in shared memory, so that
 * worker threads read them without a copy.
 */
import { shared } from "../linalg/dense.ts";
import type { Structure } from "../structure/structure.ts";
import type { DescriptorSettings } from "./settings.ts";
import { describer } from "./symmetryFunctions.ts";

/** Fingerprints and derivatives of N atoms. */
export interface Fingerprints {
  /** D. */
  readonly size: number;
  /** Position of each atom's element in the settings' list, [N]. */
  readonly kinds: Uint8Array;
  /** Unscaled, [N][D]. */
  readonly values: Float64Array;
  /** Entries of centre i are `start[i] .. start[i + 1]`, [N + 1]. */
  readonly start: Uint32Array;
  /** The atom that moves, [P]. */
  readonly atom: Uint32Array;
  /** dG_centre/dr_atom, [P][3][D] 1/Å. */
  readonly slopes: Float64Array;
}

/**
 * Fingerprints of a structure.
 * @throws RangeError if it has an element that the settings do not name.
 */
export function fingerprints(structure: Structure, settings: DescriptorSettings): Fingerprints {
  const n = structure.numbers.length;
  const { size, neighbours, describe } = describer(structure, settings);
  const start = new Uint32Array(n + 1);
  const slot = new Int32Array(n).fill(-1);
  const atoms: number[] = [];
  for (let i = 0; i < n; i++) {
    start[i] = atoms.length;
    slot[i] = atoms.push(i) - 1;
    for (let p = neighbours.start[i]; p < neighbours.start[i + 1]; p++) {
      const j = neighbours.index[p];
      if (slot[j] < start[i]) slot[j] = atoms.push(j) - 1;
    }
  }
  start[n] = atoms.length;
  const values = shared(n * size);
  const slopes = shared(atoms.length * 3 * size);
  for (let i = 0; i < n; i++) {
    const surroundings = describe(i);
    values.set(surroundings.values, i * size);
    const own = start[i] * 3 * size;
    for (let e = start[i]; e < start[i + 1]; e++) slot[atoms[e]] = e;
    for (let p = neighbours.start[i]; p < neighbours.start[i + 1]; p++) {
      const from = 3 * size * (p - neighbours.start[i]);
      const to = slot[neighbours.index[p]] * 3 * size;
      for (let k = 0; k < 3 * size; k++) {
        slopes[to + k] += surroundings.slopes[from + k];
        slopes[own + k] -= surroundings.slopes[from + k];
      }
    }
  }
  const kinds = Uint8Array.from(structure.numbers, (z) => settings.elements.indexOf(z));
  return { size, kinds, values, start, atom: Uint32Array.from(atoms), slopes };
}
