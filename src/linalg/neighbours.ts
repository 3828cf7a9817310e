/**
 * Neighbour lists by bins: all pairs closer than a cutoff, every periodic image counted, for any cell (triclinic,
 * smaller than the cutoff, missing lattice vectors) and any mixture of periodic directions. Linear in the atoms.
 */
import { inverse, latticeOf, planeDistances, times } from "./cell.ts";

/** Neighbours of atom i are the entries `start[i] .. start[i + 1]`. Each pair stands twice, once from either side. */
export interface NeighbourList {
  /** [N + 1]. */
  readonly start: Uint32Array;
  /** Index of the neighbour, [P]. */
  readonly index: Uint32Array;
  /** Vector from the atom to the neighbour's image, [3P] Å; from the other side it is the same with the opposite sign, to the bit. */
  readonly vector: Float64Array;
  /** Its length, [P] Å. */
  readonly distance: Float64Array;
}

/** Neighbours of an atom beyond which the cell cannot be meant: the densest of crystals have 1300 within 12 Å. */
const MOST_NEIGHBOURS = 10_000;

/** Bins along each direction per cutoff: smaller bins hold fewer pairs out of reach, but there are more of them to visit. */
const BINS_PER_CUTOFF = 2;

/**
 * All pairs closer than `cutoff` (Å), atom by atom; an atom's own periodic images are among its neighbours.
 * @param positions [3N] Å
 * @param cell [9] Å, rows
 * @throws RangeError if a periodic direction has no independent lattice vector, a position is not finite, the cutoff is not positive, or
 * the atoms are crowded as in `checkCrowd`.
 */
export function neighbourList(positions: Float64Array, cell: ArrayLike<number>, pbc: readonly boolean[], cutoff: number): NeighbourList {
  if (!(cutoff > 0 && cutoff < Infinity)) throw new RangeError(`the cutoff is ${cutoff} Å; give a positive number`);
  const n = positions.length / 3;
  const lattice = latticeOf(cell, pbc);
  checkCrowd(positions, lattice, pbc, cutoff);
  const { bins, reach, home, wrapped } = binned(positions, lattice, pbc, cutoff);

  // Atoms bin after bin, lowest index first: a column of bins is one stretch of numbers.
  const first = new Uint32Array(bins[0] * bins[1] * bins[2] + 1);
  for (let i = 0; i < n; i++) first[home[3 * i] * bins[1] * bins[2] + home[3 * i + 1] * bins[2] + home[3 * i + 2] + 1]++;
  for (let b = 1; b < first.length; b++) first[b] += first[b - 1];
  const atom = new Uint32Array(n);
  const [px, py, pz] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const free = first.slice();
  for (let i = 0; i < n; i++) {
    const place = free[home[3 * i] * bins[1] * bins[2] + home[3 * i + 1] * bins[2] + home[3 * i + 2]]++;
    atom[place] = i;
    px[place] = wrapped[3 * i];
    py[place] = wrapped[3 * i + 1];
    pz[place] = wrapped[3 * i + 2];
  }

  const start = new Uint32Array(n + 1);
  let capacity = Math.max(64, 80 * n);
  let index = new Uint32Array(capacity);
  let vector = new Float64Array(3 * capacity);
  let distance = new Float64Array(capacity);
  let count = 0;
  const cutoff2 = cutoff * cutoff;
  for (let i = 0; i < n; i++) {
    start[i] = count;
    const [x, y, z] = [wrapped[3 * i], wrapped[3 * i + 1], wrapped[3 * i + 2]];
    const lowest = home[3 * i + 2] - reach[2];
    const highest = home[3 * i + 2] + reach[2];
    const [firstCell, lastCell] = pbc[2] ? [Math.floor(lowest / bins[2]), Math.floor(highest / bins[2])] : [0, 0];
    // Bins at an offset from home; w is how many cells away they lie.
    for (let a = home[3 * i] - reach[0]; a <= home[3 * i] + reach[0]; a++) {
      const wa = Math.floor(a / bins[0]);
      if (wa !== 0 && !pbc[0]) continue;
      for (let b = home[3 * i + 1] - reach[1]; b <= home[3 * i + 1] + reach[1]; b++) {
        const wb = Math.floor(b / bins[1]);
        if (wb !== 0 && !pbc[1]) continue;
        const column = ((a - wa * bins[0]) * bins[1] + b - wb * bins[1]) * bins[2];
        for (let wc = firstCell; wc <= lastCell; wc++) {
          const from = first[column + Math.max(0, lowest - wc * bins[2])];
          const end = first[column + Math.min(bins[2] - 1, highest - wc * bins[2]) + 1];
          const sx = wa * lattice[0] + wb * lattice[3] + wc * lattice[6];
          const sy = wa * lattice[1] + wb * lattice[4] + wc * lattice[7];
          const sz = wa * lattice[2] + wb * lattice[5] + wc * lattice[8];
          const isHome = wa === 0 && wb === 0 && wc === 0;
          if (count + end - from > capacity) {
            capacity = 2 * (count + end - from);
            index = grown(index, new Uint32Array(capacity));
            vector = grown(vector, new Float64Array(3 * capacity));
            distance = grown(distance, new Float64Array(capacity));
          }
          for (let place = from; place < end; place++) {
            const dx = px[place] - x + sx;
            const dy = py[place] - y + sy;
            const dz = pz[place] - z + sz;
            const r2 = dx * dx + dy * dy + dz * dz;
            if (r2 >= cutoff2 || (isHome && atom[place] === i)) continue;
            index[count] = atom[place];
            vector[3 * count] = dx;
            vector[3 * count + 1] = dy;
            vector[3 * count + 2] = dz;
            distance[count++] = Math.sqrt(r2);
          }
        }
      }
    }
  }
  start[n] = count;
  return { start, index: index.subarray(0, count), vector: vector.subarray(0, 3 * count), distance: distance.subarray(0, count) };
}

/**
 * Refuses periodic atoms so crowded that their neighbours would not be found in any reasonable time, as where a cell is given in nm.
 * @param lattice of `latticeOf`
 * @throws RangeError if an atom would have more than 10,000 neighbours, were all of them spread evenly.
 */
export function checkCrowd(positions: Float64Array, lattice: Float64Array, pbc: readonly boolean[], cutoff: number): void {
  if (!pbc.includes(true)) return;
  const n = positions.length / 3;
  const toFraction = inverse(lattice);
  // Of the ball, by the box around it.
  let expected = (n * Math.PI) / 6;
  for (const [k, height] of planeDistances(toFraction).entries()) {
    let length = height;
    if (!pbc[k]) {
      let [low, high] = [Infinity, -Infinity];
      for (let i = 0; i < n; i++) {
        const part = times(positions, toFraction, 3 * i)[k];
        low = Math.min(low, part);
        high = Math.max(high, part);
      }
      length = Math.max(2 * cutoff, (high - low) * height);
    }
    expected *= (2 * cutoff) / length;
  }
  if (expected > MOST_NEIGHBOURS)
    throw new RangeError(
      `an atom would have about ${expected.toPrecision(2)} neighbours within the cutoff of ${Number(cutoff.toPrecision(4))} Å, and ${MOST_NEIGHBOURS} are the most that ` +
        "make sense; give cell and positions in Å, or a smaller cutoff",
    );
}

/** How many bins there are and how many the cutoff reaches; the bin of every atom and its position within the cell. */
function binned(
  positions: Float64Array,
  lattice: Float64Array,
  pbc: readonly boolean[],
  cutoff: number,
): { bins: number[]; reach: number[]; home: Int32Array; wrapped: Float64Array } {
  const n = positions.length / 3;
  const toFraction = inverse(lattice);
  const fraction = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const f = times(positions, toFraction, 3 * i);
    if (!Number.isFinite(f[0] + f[1] + f[2]))
      throw new RangeError(`atom ${i} is at ${positions.subarray(3 * i, 3 * i + 3).join(" ")}; positions are finite numbers in Å`);
    fraction.set(f, 3 * i);
  }
  const home = new Int32Array(3 * n);
  const wrapped = positions.slice();
  const bins = [1, 1, 1];
  const reach = [0, 0, 0];
  // Not many more bins than atoms: a lone pair far apart must not ask for a huge grid.
  let edge = 1;
  while (edge * edge * edge < n) edge++;
  const most = 4 * edge;
  for (const [k, height] of planeDistances(toFraction).entries()) {
    let low = 0;
    let span = 1;
    if (!pbc[k] && n > 0) {
      let high = -Infinity;
      low = Infinity;
      for (let i = 0; i < n; i++) {
        low = Math.min(low, fraction[3 * i + k]);
        high = Math.max(high, fraction[3 * i + k]);
      }
      span = Math.max(high - low, 1e-9);
    }
    bins[k] = Math.min(most, Math.max(1, Math.floor((BINS_PER_CUTOFF * span * height) / cutoff)));
    reach[k] = Math.ceil((cutoff * bins[k]) / (span * height));
    if (!pbc[k]) reach[k] = Math.min(reach[k], bins[k] - 1);
    for (let i = 0; i < n; i++) {
      const f = (fraction[3 * i + k] - low) / span;
      const cells = pbc[k] ? Math.floor(f) : 0;
      for (let c = 0; cells !== 0 && c < 3; c++) wrapped[3 * i + c] -= cells * lattice[3 * k + c];
      home[3 * i + k] = Math.min(bins[k] - 1, Math.max(0, Math.floor((f - cells) * bins[k])));
    }
  }
  return { bins, reach, home, wrapped };
}

function grown<T extends Uint32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
