/**
 * Atoms laid into bins for finding neighbours, for any cell and any periodic directions, as in `linalg/neighbours.ts`, the oracle, with the
 * same bits in every position. Atoms lie bin after bin, so that a column of bins is one stretch of numbers.
 */
import { bytes, halves, integer, number, setInteger, setNumber } from "./numbers";

/** Bins along each direction per cutoff: smaller bins hold fewer pairs out of reach, but there are more of them to visit. */
const BINS_PER_CUTOFF: f64 = 2;
/** Bins per atom at most: a lone pair far apart must not ask for a huge grid. */
const BINS_PER_ATOM: i32 = 8;
/** Numbers of the cell: the lattice and its inverse, low ends and spans, and the bins. */
const GEOMETRY: i32 = 18 + 6 + 3;

/** N atoms in bins. The rank of an atom is its place in the order of elements and then of indices. */
@unmanaged
export class Atoms {
  count: i32;
  elements: i32;
  cutoff2: f64;
  /** Bit k for direction k. */
  periodic: i32;
  /** Lattice vectors and their inverse, [9] each. */
  lattice: usize;
  inverse: usize;
  /** Where bins begin and how far they go, in parts of each lattice vector, [3]. */
  low: usize;
  span: usize;
  /** Bins along each lattice vector, and how many of them the cutoff reaches, i32 [3]. */
  bins: usize;
  reach: usize;
  /** By bins: positions in the cell, [N] each, Å, and ranks, u32 [N]. */
  x: usize;
  y: usize;
  z: usize;
  rank: usize;
  /** First atom of each bin, u32 [bins + 1]. */
  first: usize;
  /** By atoms: where it lies in the order of bins, and its bin, u32 [N]. */
  place: usize;
  bin: usize;
  /** By ranks: the atom, u32 [N]; the first rank of each element, u32 [elements + 1]. */
  atom: usize;
  kind: usize;
  /** By atoms: positions in parts of the lattice vectors, and in the cell, [3N]. */
  fraction: usize;
  wrapped: usize;
}

/** Numbers (8 bytes) that n atoms take. */
export function atomsSize(n: i32, elements: i32): i32 {
  return GEOMETRY + 9 * n + 4 * halves(n) + halves(elements + 1) + halves(mostBins(n) + 1) + <i32>(offsetof<Atoms>() >> 3) + 1;
}

/**
 * Lays atoms into bins; false if a position is not a finite number.
 * @param positions [3n] Å
 * @param kinds of the atoms in the list of elements, u32 [n]
 * @param lattice vectors, none missing, and their inverse, [9] each
 * @param periodic bit k for direction k
 */
export function layAtoms(
  at: usize,
  n: i32,
  elements: i32,
  positions: usize,
  kinds: usize,
  lattice: usize,
  periodic: i32,
  cutoff: f64,
): bool {
  const a = changetype<Atoms>(at);
  a.count = n;
  a.elements = elements;
  a.cutoff2 = cutoff * cutoff;
  a.periodic = periodic;
  a.lattice = at + ((offsetof<Atoms>() + 7) & ~7);
  a.inverse = a.lattice + bytes(9);
  a.low = a.inverse + bytes(9);
  a.span = a.low + bytes(3);
  a.bins = a.span + bytes(3);
  a.reach = a.bins + 12;
  a.x = a.lattice + bytes(GEOMETRY);
  a.y = a.x + bytes(n);
  a.z = a.y + bytes(n);
  a.fraction = a.z + bytes(n);
  a.wrapped = a.fraction + bytes(3 * n);
  a.rank = a.wrapped + bytes(3 * n);
  a.place = a.rank + bytes(halves(n));
  a.bin = a.place + bytes(halves(n));
  a.atom = a.bin + bytes(halves(n));
  a.kind = a.atom + bytes(halves(n));
  a.first = a.kind + bytes(halves(elements + 1));
  memory.copy(a.lattice, lattice, bytes(18));
  memory.copy(a.wrapped, positions, bytes(3 * n));
  if (!fractions(a, positions)) return false;
  chooseBins(a, cutoff);
  // Ranks, and then atoms bin by bin, lowest index first: two sortings by counting. `place` keeps the ranks between them.
  memory.fill(a.kind, 0, bytes(halves(elements + 1)));
  for (let i = 0; i < n; i++) count(a.kind, integer(kinds, i));
  accumulate(a.kind, elements);
  for (let i = 0; i < n; i++) {
    const rank = taken(a.kind, integer(kinds, i));
    setInteger(a.atom, rank, i);
    setInteger(a.place, i, rank);
  }
  restore(a.kind, elements);
  const bins = binCount(a);
  memory.fill(a.first, 0, bytes(halves(bins + 1)));
  for (let i = 0; i < n; i++) count(a.first, integer(a.bin, i));
  accumulate(a.first, bins);
  for (let i = 0; i < n; i++) {
    const place = taken(a.first, integer(a.bin, i));
    setNumber(a.x, place, number(a.wrapped, 3 * i));
    setNumber(a.y, place, number(a.wrapped, 3 * i + 1));
    setNumber(a.z, place, number(a.wrapped, 3 * i + 2));
    setInteger(a.rank, place, integer(a.place, i));
    setInteger(a.place, i, place);
  }
  restore(a.first, bins);
  return true;
}

/** Bins in all. */
export function binCount(a: Atoms): i32 {
  return integer(a.bins, 0) * integer(a.bins, 1) * integer(a.bins, 2);
}

/** Raises a count by one. */
export function count(at: usize, k: i32): void {
  setInteger(at, k, integer(at, k) + 1);
}

/** The count, which rises by one. */
export function taken(at: usize, k: i32): i32 {
  const value = integer(at, k);
  setInteger(at, k, value + 1);
  return value;
}

/** Positions in parts of the lattice vectors; false if one is not finite. */
function fractions(a: Atoms, positions: usize): bool {
  for (let i = 0; i < a.count; i++) {
    const x = number(positions, 3 * i);
    const y = number(positions, 3 * i + 1);
    const z = number(positions, 3 * i + 2);
    let sum: f64 = 0;
    for (let k = 0; k < 3; k++) {
      const part = x * number(a.inverse, k) + y * number(a.inverse, 3 + k) + z * number(a.inverse, 6 + k);
      setNumber(a.fraction, 3 * i + k, part);
      sum += part;
    }
    if (sum - sum !== 0) return false;
  }
  return true;
}

/** How many bins there are and how many the cutoff reaches; the bin of every atom and its position within the cell. */
function chooseBins(a: Atoms, cutoff: f64): void {
  const most = mostBins(a.count);
  let product: f64 = 1;
  for (let k = 0; k < 3; k++) {
    let low: f64 = 0;
    let span: f64 = 1;
    if (!isPeriodic(a, k) && a.count > 0) {
      low = Infinity;
      let high = -Infinity;
      for (let i = 0; i < a.count; i++) {
        low = min(low, number(a.fraction, 3 * i + k));
        high = max(high, number(a.fraction, 3 * i + k));
      }
      span = max(high - low, 1e-9);
    }
    const bins = min(<f64>most, max(1, Math.floor((BINS_PER_CUTOFF * span * heightOf(a, k)) / cutoff)));
    setNumber(a.low, k, low);
    setNumber(a.span, k, span);
    setInteger(a.bins, k, <i32>bins);
    product *= bins;
  }
  while (product > <f64>most) {
    let longest = 0;
    for (let k = 1; k < 3; k++) if (integer(a.bins, k) > integer(a.bins, longest)) longest = k;
    const fewer = integer(a.bins, longest) / 2;
    product *= <f64>fewer / <f64>integer(a.bins, longest);
    setInteger(a.bins, longest, fewer);
  }
  memory.fill(a.bin, 0, bytes(halves(a.count)));
  for (let k = 0; k < 3; k++) {
    const bins = integer(a.bins, k);
    const span = number(a.span, k);
    const reach = Math.ceil((cutoff * <f64>bins) / (span * heightOf(a, k)));
    setInteger(a.reach, k, <i32>(isPeriodic(a, k) ? reach : min(reach, <f64>(bins - 1))));
    for (let i = 0; i < a.count; i++) {
      const part = (number(a.fraction, 3 * i + k) - number(a.low, k)) / span;
      const cells = isPeriodic(a, k) ? Math.floor(part) : 0;
      for (let c = 0; cells !== 0 && c < 3; c++) {
        setNumber(a.wrapped, 3 * i + c, number(a.wrapped, 3 * i + c) - cells * number(a.lattice, 3 * k + c));
      }
      const home = min(<f64>(bins - 1), max(0, Math.floor((part - cells) * <f64>bins)));
      setInteger(a.bin, i, integer(a.bin, i) * bins + <i32>home);
    }
  }
}

/** Distance between the lattice planes of direction k, Å. */
function heightOf(a: Atoms, k: i32): f64 {
  const x = number(a.inverse, k);
  const y = number(a.inverse, 3 + k);
  const z = number(a.inverse, 6 + k);
  return 1 / Math.sqrt(x * x + y * y + z * z);
}

function isPeriodic(a: Atoms, k: i32): bool {
  return ((a.periodic >> k) & 1) !== 0;
}

function mostBins(n: i32): i32 {
  return BINS_PER_ATOM * (n + 1);
}

/** Counts of n heaps to where each begins; behind them the end of the last. */
function accumulate(at: usize, n: i32): void {
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    const here = k < n ? integer(at, k) : 0;
    setInteger(at, k, sum);
    sum += here;
  }
}

/** Ends of n heaps back to their beginnings. */
function restore(at: usize, n: i32): void {
  for (let k = n - 1; k > 0; k--) setInteger(at, k, integer(at, k - 1));
  setInteger(at, 0, 0);
}
