/**
 * Fingerprints laid once into a machine's memory, as the kernels of the loss take them: atoms in rows, element after element, and the
 * derivatives of each centre followed by their sum.
 */
import type { Fingerprints } from "../../descriptors/fingerprints.ts";
import { type DescriptorSettings, fingerprintSize, liveFunctions } from "../../descriptors/settings.ts";
import type { Machine } from "./machine.ts";

/** What the fingerprints of a set have in common. */
export interface FingerprintForm {
  /** Elements, live functions, and which these are; for kernels. */
  readonly address: number;
  readonly elements: number;
  readonly live: number;
  /** D, padded to an even number. */
  readonly inputs: number;
}

/** Derivatives of some centres of an image, by the addresses from which those of its row 0 would begin. */
export interface Part {
  /** The centres are the rows first .. end. */
  readonly first: number;
  readonly end: number;
  /** Of all its centres. */
  readonly entries: number;
  /** Entries of each centre and element, their movers as rows, and their derivatives [P][3][L padded], as in `Fingerprints`. */
  readonly start: number;
  readonly atom: number;
  readonly slopes: number;
  /** Sums of the derivatives of each centre, [3][inputs]. */
  readonly own: number;
}

/** Where the atoms of an image stand. */
export interface Placed {
  /** N. */
  readonly rows: number;
  /** First row and number of rows of each element, [E][2]. */
  readonly kinds: Uint32Array;
  /** The atom of each row, [N]. */
  readonly place: Uint32Array;
  /** Address of [N][inputs]. */
  readonly values: number;
}

/** Fingerprints of N atoms in a machine. */
export interface HeldFingerprints extends Placed {
  /** Their derivatives part by part, in the order of rows; a part stands only until the next one is asked for. */
  parts(): Iterable<Part>;
}

/** Lays the form of fingerprints. */
export function fingerprintForm(on: Machine, settings: DescriptorSettings): FingerprintForm {
  const functions = liveFunctions(settings);
  const elements = settings.elements.length;
  const table = on.integers(2 + functions.length);
  table.set([elements, functions.length / elements, ...functions]);
  return { address: table.byteOffset, elements, live: functions.length / elements, inputs: even(fingerprintSize(settings)) };
}

/** Lays what an image's fingerprints are, without their derivatives. */
export function placeFingerprints(on: Machine, form: FingerprintForm, f: Pick<Fingerprints, "kinds" | "size" | "values">): Placed {
  const { elements, inputs } = form;
  const rows = f.kinds.length;
  const [kinds, place, values] = [on.integers(2 * elements), on.integers(rows), on.floats(rows * inputs)];
  let row = 0;
  for (let kind = 0; kind < elements; kind++) {
    kinds[2 * kind] = row;
    for (let i = 0; i < rows; i++) if (f.kinds[i] === kind) place[row++] = i;
    kinds[2 * kind + 1] = row - kinds[2 * kind];
  }
  for (let r = 0; r < rows; r++) values.set(f.values.subarray(place[r] * f.size, (place[r] + 1) * f.size), r * inputs);
  return { rows, kinds, place, values: values.byteOffset };
}

/** Lays an image's fingerprints and their derivatives. */
export function holdFingerprints(on: Machine, form: FingerprintForm, f: Fingerprints): HeldFingerprints {
  const { elements, live, inputs } = form;
  const placed = placeFingerprints(on, form, f);
  const { rows, place } = placed;
  const wide = even(live);
  const row = new Uint32Array(rows);
  for (let r = 0; r < rows; r++) row[place[r]] = r;
  const start = on.integers(rows * elements + 1);
  // One entry and one centre more, because products of matrices read a row ahead.
  const [atom, slopes, own] = [on.integers(f.atom.length), on.floats(3 * (f.atom.length + 1) * wide), on.floats(3 * (rows + 1) * inputs)];
  let entries = 0;
  for (let r = 0; r < rows; r++) {
    const i = place[r];
    const from = f.start[i * elements];
    const end = f.start[(i + 1) * elements];
    for (let z = 0; z < elements; z++) start[r * elements + z + 1] = entries + f.start[i * elements + z + 1] - from;
    // Movers of one element keep their order, so they ascend as rows do.
    for (let e = from; e < end; e++) atom[entries + e - from] = row[f.atom[e]];
    copyRows(f.slopes, 3 * from, 3 * end, live, slopes, 3 * entries, wide);
    entries += end - from;
  }
  const part = {
    first: 0,
    end: rows,
    entries,
    start: start.byteOffset,
    atom: atom.byteOffset,
    slopes: slopes.byteOffset,
    own: own.byteOffset,
  };
  on.kernels.sumSlopes(form.address, 0, rows, part.start, part.slopes, inputs, part.own);
  return { ...placed, parts: () => [part] };
}

/** The rows from .. end of a matrix to the rows from `at` on of a wider one. */
function copyRows(x: Float64Array, from: number, end: number, columns: number, out: Float64Array, at: number, wide: number): void {
  if (columns === wide) {
    out.set(x.subarray(from * columns, end * columns), at * wide);
    return;
  }
  for (let r = from, to = at * wide; r < end; r++, to += wide) {
    for (let k = 0; k < columns; k++) out[to + k] = x[r * columns + k];
  }
}

/** The even number from n on. */
export function even(n: number): number {
  return n + (n % 2);
}
