/**
 * Neighbours of one atom after another: every periodic image closer than the cutoff, as in `linalg/neighbours.ts`, the oracle, with the same
 * bits in every vector. The neighbours of a centre come by element and then by atom, images of one atom side by side: a bit is set for each
 * atom found, and reading the bits sorts them. Nothing is kept of a centre when the next one is asked for.
 */
// biome-ignore lint/style/useImportType: AssemblyScript knows no imports of types alone.
import { Atoms, binCount, count, taken } from "./bins";
import { bytes, halves, integer, number, setInteger, setNumber } from "./numbers";

/** Bytes of a neighbour as found: x, y, z and rank. */
const FOUND: usize = 32;

/** The neighbours of one centre. */
@unmanaged
export class Around {
  /** Neighbours, and the atoms among them but the centre. */
  count: i32;
  movers: i32;
  /** Vectors to the neighbours, [count] each, Å. */
  x: usize;
  y: usize;
  z: usize;
  /** Their atoms, u32 [count], and which mover that is, i32 [count]; -1 for images of the centre. */
  atom: usize;
  mover: usize;
  /** The atoms that move, u32 [movers]. */
  moving: usize;
  /** First neighbour and first mover of each element, i32 [elements + 1]. */
  kind: usize;
  movingKind: usize;
  /** In the order of their finding. */
  found: usize;
  /** By ranks: how many were found, then where the next goes, u32 [N]; zeros between centres. */
  next: usize;
  /** A bit for each rank that was found, a bit for each word of these that is not zero, u64; zeros between centres. */
  bits: usize;
  words: usize;
}

/** Numbers that the surroundings of one of n atoms take, for up to `most` neighbours. They begin as zeros. */
export function aroundSize(n: i32, elements: i32, most: i32): i32 {
  const header = <i32>(offsetof<Around>() >> 3) + 1;
  return header + 7 * (most + 2) + 3 * halves(most) + 2 * halves(elements + 1) + halves(n) + wordsOf(n) + wordsOf(wordsOf(n));
}

/** No centre of these atoms has more neighbours than this. */
export function mostNeighbours(at: usize): i32 {
  const a = changetype<Atoms>(at);
  let most = 0;
  for (let bin = 0, bins = binCount(a); bin < bins; bin++) {
    if (integer(a.first, bin) === integer(a.first, bin + 1)) continue;
    most = max(most, candidates(a, bin, null, 0));
  }
  return most;
}

/** Lays the surroundings of a centre, for up to `most` neighbours. */
export function layAround(at: usize, n: i32, elements: i32, most: i32): void {
  const s = changetype<Around>(at);
  s.x = at + ((offsetof<Around>() + 7) & ~7);
  s.y = s.x + bytes(most + 2);
  s.z = s.y + bytes(most + 2);
  s.found = s.z + bytes(most + 2);
  s.atom = s.found + bytes(4 * (most + 2));
  s.mover = s.atom + bytes(halves(most));
  s.moving = s.mover + bytes(halves(most));
  s.kind = s.moving + bytes(halves(most));
  s.movingKind = s.kind + bytes(halves(elements + 1));
  s.next = s.movingKind + bytes(halves(elements + 1));
  s.bits = s.next + bytes(halves(n));
  s.words = s.bits + bytes(wordsOf(n));
}

/** Finds the neighbours of an atom. */
export function findNeighbours(atoms: usize, around: usize, centre: i32): void {
  const a = changetype<Atoms>(atoms);
  const s = changetype<Around>(around);
  s.count = 0;
  candidates(a, integer(a.bin, centre), s, integer(a.place, centre));
  mark(s);
  const self = integer(a.rank, integer(a.place, centre));
  // Reading the bits: where the neighbours of each rank go.
  let places = 0;
  let movers = 0;
  let kind = 0;
  for (let w = 0, words = wordsOf(wordsOf(a.count)); w < words; w++) {
    for (let live = load<u64>(s.words + bytes(w)); live !== 0; live &= live - 1) {
      const word = 64 * w + <i32>ctz(live);
      for (let set = load<u64>(s.bits + bytes(word)); set !== 0; set &= set - 1) {
        const rank = 64 * word + <i32>ctz(set);
        for (; kind < a.elements && rank >= integer(a.kind, kind); kind++) {
          setInteger(s.kind, kind, places);
          setInteger(s.movingKind, kind, movers);
        }
        const end = places + integer(s.next, rank);
        setInteger(s.next, rank, places);
        const atom = integer(a.atom, rank);
        for (; places < end; places++) {
          setInteger(s.atom, places, atom);
          setInteger(s.mover, places, rank === self ? -1 : movers);
        }
        if (rank !== self) setInteger(s.moving, movers++, atom);
      }
      store<u64>(s.bits + bytes(word), 0);
    }
    store<u64>(s.words + bytes(w), 0);
  }
  for (; kind <= a.elements; kind++) {
    setInteger(s.kind, kind, places);
    setInteger(s.movingKind, kind, movers);
  }
  s.movers = movers;
  for (let k = 0, at = s.found; k < s.count; k++, at += FOUND) {
    const place = taken(s.next, load<u32>(at, 24));
    setNumber(s.x, place, load<f64>(at));
    setNumber(s.y, place, load<f64>(at, 8));
    setNumber(s.z, place, load<f64>(at, 16));
  }
  for (let k = 0, at = s.found; k < s.count; k++, at += FOUND) setInteger(s.next, load<u32>(at, 24), 0);
}

/** How many atoms lie in the bins that the cutoff reaches from a bin. With surroundings those near enough to the atom in `place` are kept. */
function candidates(a: Atoms, bin: i32, s: Around | null, place: i32): i32 {
  const bins0 = integer(a.bins, 0);
  const bins1 = integer(a.bins, 1);
  const bins2 = integer(a.bins, 2);
  const low0 = bin / bins2 / bins1 - integer(a.reach, 0);
  const low1 = ((bin / bins2) % bins1) - integer(a.reach, 1);
  const low2 = (bin % bins2) - integer(a.reach, 2);
  const high0 = low0 + 2 * integer(a.reach, 0);
  const high1 = low1 + 2 * integer(a.reach, 1);
  const high2 = low2 + 2 * integer(a.reach, 2);
  const firstCell = cellOf(low2, bins2);
  const lastCell = cellOf(high2, bins2);
  const l = a.lattice;
  let sum = 0;
  for (let p = low0; p <= high0; p++) {
    const cell0 = cellOf(p, bins0);
    if (cell0 !== 0 && !(a.periodic & 1)) continue;
    for (let q = low1; q <= high1; q++) {
      const cell1 = cellOf(q, bins1);
      if (cell1 !== 0 && !(a.periodic & 2)) continue;
      const column = ((p - cell0 * bins0) * bins1 + q - cell1 * bins1) * bins2;
      for (let cell2 = firstCell; cell2 <= lastCell; cell2++) {
        if (cell2 !== 0 && !(a.periodic & 4)) continue;
        const low = max(low2 - cell2 * bins2, 0);
        const high = min(high2 - cell2 * bins2, bins2 - 1);
        const from = integer(a.first, column + low);
        const end = integer(a.first, column + high + 1);
        if (s !== null) {
          const self = cell0 === 0 && cell1 === 0 && cell2 === 0 ? place : -1;
          collect(
            a,
            s,
            place,
            from,
            end,
            self,
            <f64>cell0 * number(l, 0) + <f64>cell1 * number(l, 3) + <f64>cell2 * number(l, 6),
            <f64>cell0 * number(l, 1) + <f64>cell1 * number(l, 4) + <f64>cell2 * number(l, 7),
            <f64>cell0 * number(l, 2) + <f64>cell1 * number(l, 5) + <f64>cell2 * number(l, 8),
          );
        }
        sum += end - from;
      }
    }
  }
  return sum;
}

/** Keeps those of a stretch of atoms, moved by a lattice vector, that are near enough. */
function collect(a: Atoms, s: Around, centre: i32, from: i32, end: i32, self: i32, shiftX: f64, shiftY: f64, shiftZ: f64): void {
  const x = v128.load_splat<f64>(a.x + bytes(centre));
  const y = v128.load_splat<f64>(a.y + bytes(centre));
  const z = v128.load_splat<f64>(a.z + bytes(centre));
  const cutoff2 = v128.load_splat<f64>(changetype<usize>(a), offsetof<Atoms>("cutoff2"));
  const toY = a.y - a.x;
  const toZ = a.z - a.x;
  let rank = a.rank + ((<usize>from) << 2);
  let out = s.found + <usize>s.count * FOUND;
  let at = a.x + bytes(from);
  for (let k = from; k < end; k += 2, at += 16, rank += 8) {
    const dx = f64x2.add(f64x2.sub(v128.load(at), x), f64x2.splat(shiftX));
    const dy = f64x2.add(f64x2.sub(v128.load(at + toY), y), f64x2.splat(shiftY));
    const dz = f64x2.add(f64x2.sub(v128.load(at + toZ), z), f64x2.splat(shiftZ));
    const r2 = f64x2.add(f64x2.add(f64x2.mul(dx, dx), f64x2.mul(dy, dy)), f64x2.mul(dz, dz));
    const near = i64x2.bitmask(f64x2.lt(r2, cutoff2));
    // Written in any case, kept by counting: whether it is near is not to be guessed.
    v128.store_lane<f64>(out, dx, 0);
    v128.store_lane<f64>(out, dy, 0, 8);
    v128.store_lane<f64>(out, dz, 0, 16);
    store<i32>(out, load<i32>(rank), 24);
    out += near & 1 && k !== self ? FOUND : 0;
    v128.store_lane<f64>(out, dx, 1);
    v128.store_lane<f64>(out, dy, 1, 8);
    v128.store_lane<f64>(out, dz, 1, 16);
    store<i32>(out, load<i32>(rank, 4), 24);
    out += near & 2 && k + 1 !== self && k + 1 < end ? FOUND : 0;
  }
  s.count = <i32>((out - s.found) / FOUND);
}

/** Counts what was found of each rank and sets its bits. */
function mark(s: Around): void {
  for (let k = 0, at = s.found; k < s.count; k++, at += FOUND) {
    const rank = load<i32>(at, 24);
    count(s.next, rank);
    const bits = s.bits + bytes(rank >> 6);
    store<u64>(bits, load<u64>(bits) | ((<u64>1) << (rank & 63)));
    const words = s.words + bytes(rank >> 12);
    store<u64>(words, load<u64>(words) | ((<u64>1) << ((rank >> 6) & 63)));
  }
}

/** In which cell a bin lies, for bins counted on beyond the cell. */
function cellOf(bin: i32, bins: i32): i32 {
  return bin >= 0 ? bin / bins : -((bins - 1 - bin) / bins);
}

/** 64-bit words for so many bits. */
function wordsOf(bits: i32): i32 {
  return (bits + 63) >> 6;
}
