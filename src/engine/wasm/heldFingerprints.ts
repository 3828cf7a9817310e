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

/** Fingerprints of N atoms in a machine; addresses are of its memory. */
export interface HeldFingerprints {
  /** N. */
  readonly rows: number;
  /** First row and number of rows of each element, [E][2]. */
  readonly kinds: Uint32Array;
  /** The atom of each row, [N]. */
  readonly place: Uint32Array;
  /** [N][inputs]. */
  readonly values: number;
  /** Sums of derivatives, [N][3][inputs]. */
  readonly own: number;
  /** Entries, their movers as rows, and their derivatives [P][3][L padded], as in `Fingerprints`. */
  readonly entries: number;
  readonly start: number;
  readonly atom: number;
  readonly slopes: number;
}

/** Lays the form of fingerprints. */
export function fingerprintForm(on: Machine, settings: DescriptorSettings): FingerprintForm {
  const functions = liveFunctions(settings);
  const elements = settings.elements.length;
  const table = on.integers(2 + functions.length);
  table.set([elements, functions.length / elements, ...functions]);
  return { address: table.byteOffset, elements, live: functions.length / elements, inputs: even(fingerprintSize(settings)) };
}

/** Lays an image's fingerprints. */
export function holdFingerprints(on: Machine, form: FingerprintForm, f: Fingerprints): HeldFingerprints {
  const { elements, live, inputs } = form;
  const n = f.kinds.length;
  const wide = even(live);
  const [kinds, place] = [on.integers(2 * elements), on.integers(n)];
  const row = new Uint32Array(n);
  let next = 0;
  for (let kind = 0; kind < elements; kind++) {
    kinds[2 * kind] = next;
    for (let i = 0; i < n; i++) {
      if (f.kinds[i] !== kind) continue;
      row[i] = next;
      place[next++] = i;
    }
    kinds[2 * kind + 1] = next - kinds[2 * kind];
  }
  const [values, own, start] = [on.floats(n * inputs), on.floats(3 * (n + 1) * inputs), on.integers(n * elements + 1)];
  // One entry more, because products of matrices read a row ahead.
  const [atom, slopes] = [on.integers(f.atom.length), on.floats(3 * (f.atom.length + 1) * wide)];
  let entry = 0;
  for (let r = 0; r < n; r++) {
    const i = place[r];
    for (let k = 0; k < f.size; k++) values[r * inputs + k] = f.values[i * f.size + k];
    const from = f.start[i * elements];
    const end = f.start[(i + 1) * elements];
    for (let z = 0; z < elements; z++) start[r * elements + z + 1] = entry + f.start[i * elements + z + 1] - from;
    for (let e = from; e < end; e++) atom[entry + e - from] = row[f.atom[e]];
    copyRows(f.slopes, 3 * from, 3 * end, live, slopes, 3 * entry, wide);
    entry += end - from;
  }
  on.kernels.sumSlopes(form.address, 0, n, start.byteOffset, slopes.byteOffset, inputs, own.byteOffset);
  return {
    rows: n,
    kinds,
    place,
    values: values.byteOffset,
    own: own.byteOffset,
    entries: entry,
    start: start.byteOffset,
    atom: atom.byteOffset,
    slopes: slopes.byteOffset,
  };
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

function even(n: number): number {
  return n + (n % 2);
}
