/**
 * Neighbour lists by linked cells: all pairs closer than a cutoff, every periodic image counted, for any cell (triclinic,
 * smaller than the cutoff, missing lattice vectors) and any mixture of periodic directions. Linear in the atoms.
 */
import { completed, cross, determinant, inverse, times } from "./cell.ts";

/** Neighbours of atom i are the entries `start[i] .. start[i + 1]`. Each pair stands twice, once from either side. */
export interface NeighbourList {
  /** [N + 1]. */
  readonly start: Uint32Array;
  /** Index of the neighbour, [P]. */
  readonly index: Uint32Array;
  /** Vector from the atom to the neighbour's image, [3P] Å. */
  readonly vector: Float64Array;
  /** Its length, [P] Å. */
  readonly distance: Float64Array;
}

/**
 * All pairs closer than `cutoff` (Å), atom by atom; an atom's own periodic images are among its neighbours.
 * @param positions [3N] Å
 * @param cell [9] Å, rows
 * @throws RangeError if a periodic direction has no independent lattice vector.
 */
export function neighbourList(
  positions: Float64Array,
  cell: ArrayLike<number>,
  pbc: readonly boolean[],
  cutoff: number,
): NeighbourList {
  const n = positions.length / 3;
  const lattice = completed(cell);
  const toFraction = inverse(lattice);
  const volume = Math.abs(determinant(lattice));
  const { bins, reach, home, shift } = binned(positions, lattice, toFraction, pbc, cutoff, volume);

  // Linked cells: the atoms of one bin follow each other in `next`, lowest index first.
  const head = new Int32Array(bins[0] * bins[1] * bins[2]).fill(-1);
  const next = new Int32Array(n);
  for (let i = n - 1; i >= 0; i--) {
    const b = (home[3 * i] * bins[1] + home[3 * i + 1]) * bins[2] + home[3 * i + 2];
    next[i] = head[b];
    head[b] = i;
  }

  const start = new Uint32Array(n + 1);
  let capacity = Math.max(64, 32 * n);
  let index = new Uint32Array(capacity);
  let vector = new Float64Array(3 * capacity);
  let distance = new Float64Array(capacity);
  let count = 0;
  const cutoff2 = cutoff * cutoff;
  // The bin at offset (a, b, c) from home, and how many cells away it wrapped.
  for (let i = 0; i < n; i++) {
    start[i] = count;
    for (let a = -reach[0]; a <= reach[0]; a++) {
      const [ba, wa] = wrapped(home[3 * i] + a, bins[0]);
      if (wa !== 0 && !pbc[0]) continue;
      for (let b = -reach[1]; b <= reach[1]; b++) {
        const [bb, wb] = wrapped(home[3 * i + 1] + b, bins[1]);
        if (wb !== 0 && !pbc[1]) continue;
        for (let c = -reach[2]; c <= reach[2]; c++) {
          const [bc, wc] = wrapped(home[3 * i + 2] + c, bins[2]);
          if (wc !== 0 && !pbc[2]) continue;
          for (let j = head[(ba * bins[1] + bb) * bins[2] + bc]; j >= 0; j = next[j]) {
            const sa = wa + shift[3 * i] - shift[3 * j];
            const sb = wb + shift[3 * i + 1] - shift[3 * j + 1];
            const sc = wc + shift[3 * i + 2] - shift[3 * j + 2];
            if (i === j && sa === 0 && sb === 0 && sc === 0) continue;
            const x = positions[3 * j] - positions[3 * i] + sa * lattice[0] + sb * lattice[3] + sc * lattice[6];
            const y = positions[3 * j + 1] - positions[3 * i + 1] + sa * lattice[1] + sb * lattice[4] + sc * lattice[7];
            const z = positions[3 * j + 2] - positions[3 * i + 2] + sa * lattice[2] + sb * lattice[5] + sc * lattice[8];
            const r2 = x * x + y * y + z * z;
            if (r2 >= cutoff2) continue;
            if (count === capacity) {
              capacity *= 2;
              index = grown(index, new Uint32Array(capacity));
              vector = grown(vector, new Float64Array(3 * capacity));
              distance = grown(distance, new Float64Array(capacity));
            }
            index[count] = j;
            vector[3 * count] = x;
            vector[3 * count + 1] = y;
            vector[3 * count + 2] = z;
            distance[count++] = Math.sqrt(r2);
          }
        }
      }
    }
  }
  start[n] = count;
  return { start, index: index.subarray(0, count), vector: vector.subarray(0, 3 * count), distance: distance.subarray(0, count) };
}

/** The bin of every atom, how many bins the cutoff reaches, and the cell that each atom lies in. */
function binned(
  positions: Float64Array,
  lattice: Float64Array,
  toFraction: Float64Array,
  pbc: readonly boolean[],
  cutoff: number,
  volume: number,
): { bins: number[]; reach: number[]; home: Int32Array; shift: Int32Array } {
  const n = positions.length / 3;
  const fraction = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) fraction.set(times(positions, toFraction, 3 * i), 3 * i);
  const home = new Int32Array(3 * n);
  const shift = new Int32Array(3 * n);
  const bins = [1, 1, 1];
  const reach = [0, 0, 0];
  // No more bins than atoms: a lone pair far apart must not ask for a huge grid.
  const most = Math.max(1, Math.ceil(Math.cbrt(n)) * 4);
  for (let k = 0; k < 3; k++) {
    const [p, q] = [(k + 1) % 3, (k + 2) % 3];
    const height = volume / Math.hypot(...cross(lattice.subarray(3 * p, 3 * p + 3), lattice.subarray(3 * q, 3 * q + 3)));
    let low = 0;
    let span = 1;
    if (!pbc[k]) {
      let high = Number.NEGATIVE_INFINITY;
      low = Number.POSITIVE_INFINITY;
      for (let i = 0; i < n; i++) {
        low = Math.min(low, fraction[3 * i + k]);
        high = Math.max(high, fraction[3 * i + k]);
      }
      span = Math.max(high - low, 1e-9);
    }
    bins[k] = Math.min(most, Math.max(1, Math.floor((span * height) / cutoff)));
    reach[k] = Math.ceil((cutoff * bins[k]) / (span * height));
    if (!pbc[k]) reach[k] = Math.min(reach[k], bins[k] - 1);
    for (let i = 0; i < n; i++) {
      const f = (fraction[3 * i + k] - low) / span;
      shift[3 * i + k] = pbc[k] ? Math.floor(f) : 0;
      home[3 * i + k] = Math.min(bins[k] - 1, Math.max(0, Math.floor((f - shift[3 * i + k]) * bins[k])));
    }
  }
  return { bins, reach, home, shift };
}

function wrapped(b: number, bins: number): [number, number] {
  const cells = Math.floor(b / bins);
  return [b - cells * bins, cells];
}

function grown<T extends Uint32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
