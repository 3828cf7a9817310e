/** Neighbours and symmetry functions of one atom after another, packed as fingerprints are kept. */
// biome-ignore lint/style/useImportType: AssemblyScript knows no imports of types alone.
import { Atoms } from "./bins";
// biome-ignore lint/style/useImportType: as above.
import { Around, findNeighbours } from "./neighbours";
import { bytes, integer, setInteger } from "./numbers";
// biome-ignore lint/style/useImportType: as above.
import { Plan } from "./plan";
import { describe } from "./symmetryFunctions";

/** How many atoms move each centre but itself, in all. */
export function countMovers(atoms: usize, around: usize): i32 {
  let sum = 0;
  for (let i = 0; i < changetype<Atoms>(atoms).count; i++) {
    findNeighbours(atoms, around, i);
    sum += changetype<Around>(around).movers;
  }
  return sum;
}

/**
 * Describes the centres from .. end in turn while there is room for the entries of the next; returns the first that is left, or -1 if two
 * atoms are in one place. Entries are the neighbours, or where `merged` the atoms that move, and stand by element of the neighbour.
 * @param room entries that fit
 * @param values [end - from][size]
 * @param start u32 [(end - from) elements + 1], of which the first is given: where the entries of each centre and element begin
 * @param atom of each entry, u32
 * @param vectors [entries][3] Å from the centre, only if not merged
 * @param slopes [entries][3][live] 1/Å
 */
export function describeCentres(
  plan: usize,
  atoms: usize,
  around: usize,
  scratch: usize,
  merged: bool,
  from: i32,
  end: i32,
  room: i32,
  values: usize,
  start: usize,
  atom: usize,
  vectors: usize,
  slopes: usize,
): i32 {
  const p = changetype<Plan>(plan);
  const s = changetype<Around>(around);
  let used = 0;
  for (let i = from; i < end; i++) {
    findNeighbours(atoms, around, i);
    const entries = merged ? s.movers : s.count;
    if (used + entries > room) return i;
    const first = load<i32>(start);
    const kind = merged ? s.movingKind : s.kind;
    for (let z = 1; z <= p.elements; z++) setInteger(start, z, first + integer(kind, z));
    memory.copy(atom, merged ? s.moving : s.atom, (<usize>entries) << 2);
    if (!describe(plan, around, scratch, merged, values, slopes)) return -1;
    if (!merged) copyVectors(s, vectors + bytes(3 * used));
    used += entries;
    start += (<usize>p.elements) << 2;
    atom += (<usize>entries) << 2;
    values += bytes(p.size);
    slopes += bytes(3 * p.live * entries);
  }
  return end;
}

function copyVectors(s: Around, out: usize): void {
  for (let k = 0; k < s.count; k++, out += 24) {
    store<f64>(out, load<f64>(s.x + bytes(k)));
    store<f64>(out, load<f64>(s.y + bytes(k)), 8);
    store<f64>(out, load<f64>(s.z + bytes(k)), 16);
  }
}
