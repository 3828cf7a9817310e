/**
 * Behler's symmetry functions G2, G4 and G5 of one atom after another, and their derivatives by the vectors to its neighbours;
 * `descriptors/symmetryFunctions.ts` says the same in plain TypeScript and is the oracle.
 */
// biome-ignore lint/style/useImportType: AssemblyScript knows no imports of types alone.
import { Around } from "./neighbours";
import { bytes, integer, number, setNumber } from "./numbers";
// biome-ignore lint/style/useImportType: as above.
import { addPlaced, groupAt, INVERSE, Plan, pairAt, RADIAL, SUMS, U, X } from "./plan";
import { gaussian, storeCutoff } from "./radial";
import { addTriangles, BATCH_SIZE, CORNER } from "./triangles";

/** Å. Atoms closer than this are the same atom twice, and have no direction from one to the other. */
const CLOSEST: f64 = 1e-6;

/** Numbers of scratch for describing an atom with up to `most` neighbours. */
export function describingSize(plan: usize, most: i32): i32 {
  return <i32>(CORNER >> 3) + BATCH_SIZE + (most + 2) * <i32>(changetype<Plan>(plan).record >> 3);
}

/**
 * The fingerprint of the atom whose neighbours were found last, at `values` [size], and its derivatives at `slopes` [entries][3][live] 1/Å,
 * an entry for each neighbour, or where `merged` for each atom that moves. False if two atoms are in one place.
 * @param scratch of `describingSize` numbers
 */
export function describe(plan: usize, around: usize, scratch: usize, merged: bool, values: usize, slopes: usize): bool {
  const p = changetype<Plan>(plan);
  const s = changetype<Around>(around);
  const records = scratch + CORNER + bytes(BATCH_SIZE);
  memory.fill(values, 0, bytes(p.size));
  memory.fill(slopes, 0, bytes(3 * p.live * (merged ? s.movers : s.count)));
  if (!fillRecords(p, s, records, scratch)) return false;
  for (let kind = 0; kind < p.elements; kind++) {
    for (let k = integer(s.kind, kind), end = integer(s.kind, kind + 1); k < end; k++) {
      addTo(values + bytes(kind * p.g2), records + <usize>k * p.record + RADIAL, 1, p.g2);
    }
  }
  if (p.g4 > 0) addTriangles(p, s, 1, records, scratch, values);
  if (p.g5 > 0) addTriangles(p, s, 0, records, scratch, values);
  for (let k = 0; k < s.count; k++) {
    const entry = merged ? integer(s.mover, k) : k;
    if (entry >= 0) addSlopes(p, records + <usize>k * p.record, slopes + bytes(3 * p.live * entry));
  }
  return true;
}

/** Distances and radial functions; false if a neighbour is in the centre's place. */
function fillRecords(p: Plan, s: Around, records: usize, scratch: usize): bool {
  // The last of an odd number has a partner somewhere within the cutoff.
  setNumber(s.x, s.count, p.cutoff / 2);
  setNumber(s.y, s.count, 0);
  setNumber(s.z, s.count, 0);
  const zero = f64x2.splat(0);
  let near = 0;
  for (let k = 0; k < s.count; k += 2) {
    const at = records + <usize>k * p.record;
    const next = at + p.record;
    const x = v128.load(s.x + bytes(k));
    const y = v128.load(s.y + bytes(k));
    const z = v128.load(s.z + bytes(k));
    const u = f64x2.add(f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)), f64x2.mul(z, z));
    const r = f64x2.sqrt(u);
    near |= i64x2.bitmask(f64x2.lt(r, f64x2.splat(CLOSEST)));
    const inverse = f64x2.div(f64x2.splat(1), r);
    storeBoth(x, at + X, next + X);
    storeBoth(y, at + X + 8, next + X + 8);
    storeBoth(z, at + X + 16, next + X + 16);
    storeBoth(u, at + U, next + U);
    storeBoth(inverse, at + INVERSE, next + INVERSE);
    storeCutoff(p.exponent, r, f64x2.mul(f64x2.sub(f64x2.splat(p.cutoff2), u), f64x2.splat(p.inverse2)), p.cutoff, scratch);
    const fc = v128.load(scratch);
    const fcSlope = v128.load(scratch, 16);
    for (let block = p.blocks; block < p.record; block += 16) {
      v128.store(at + block, zero);
      v128.store(next + block, zero);
    }
    for (let f = 0; f < p.radials; f++) {
      const eta = number(p.radial, 2 * f);
      const away = f64x2.sub(r, f64x2.splat(number(p.radial, 2 * f + 1)));
      const e = gaussian(eta, away);
      const lower = f64x2.mul(f64x2.mul(f64x2.mul(away, inverse), f64x2.splat(2 * eta)), fc);
      const to = RADIAL + bytes(f < p.g2 ? f : 2 * f);
      const toSlope = to + bytes(f < p.g2 ? p.g2 : 1);
      storeBoth(f64x2.mul(e, fc), at + to, next + to);
      storeBoth(f64x2.mul(e, f64x2.sub(fcSlope, lower)), at + toSlope, next + toSlope);
    }
  }
  return near === 0;
}

/** Adds a neighbour's derivatives to an entry, [3][live]. */
function addSlopes(p: Plan, record: usize, entry: usize): void {
  const x = v128.load_splat<f64>(record, X);
  const y = v128.load_splat<f64>(record, X + 8);
  const z = v128.load_splat<f64>(record, X + 16);
  const toY = bytes(p.live);
  const toZ = toY + toY;
  const slopes = record + RADIAL + bytes(p.g2);
  addTo(entry, slopes, load<f64>(record, X), p.g2);
  addTo(entry + toY, slopes, load<f64>(record, X + 8), p.g2);
  addTo(entry + toZ, slopes, load<f64>(record, X + 16), p.g2);
  for (let g = 0; g < p.groups; g++) {
    const group = groupAt(p, g);
    const functions = bytes(group.third ? p.g4 : p.g5);
    const base = entry + bytes(group.third ? p.g2 : p.g2 + p.elements * p.g4);
    for (let f = group.first; f < group.end; f++) {
      const pair = pairAt(p, f);
      let sums = record + p.blocks + <usize>(p.elements * (f >> 1)) * SUMS + <usize>((f & 1) << 4);
      for (let to = base, end = base + <usize>p.elements * functions; to < end; to += functions, sums += SUMS) {
        const along = v128.load(sums);
        addPlaced(to, pair, f64x2.add(f64x2.mul(x, along), v128.load(sums, 32)));
        addPlaced(to + toY, pair, f64x2.add(f64x2.mul(y, along), v128.load(sums, 64)));
        addPlaced(to + toZ, pair, f64x2.add(f64x2.mul(z, along), v128.load(sums, 96)));
      }
    }
  }
}

/** out += factor x over n numbers. */
function addTo(out: usize, x: usize, factor: f64, n: i32): void {
  const both = f64x2.splat(factor);
  let k = 0;
  for (; k + 1 < n; k += 2, out += 16, x += 16) v128.store(out, f64x2.add(v128.load(out), f64x2.mul(both, v128.load(x))));
  if (k < n) store<f64>(out, load<f64>(out) + factor * load<f64>(x));
}

function storeBoth(x: v128, first: usize, second: usize): void {
  v128.store_lane<f64>(first, x, 0);
  v128.store_lane<f64>(second, x, 1);
}
