/**
 * Fingerprints by the kernels, as `descriptors/fingerprints.ts` has them in plain TypeScript, which is the oracle. One machine is kept and
 * used for one structure after another; the result is shared memory of its own.
 */
import type { Fingerprints, FingerprintValues } from "../../descriptors/fingerprints.ts";
import type { DescriptorSettings } from "../../descriptors/settings.ts";
import { shared } from "../../linalg/dense.ts";
import type { Structure } from "../../structure/structure.ts";
import { type FingerprintForm, fingerprintForm } from "./heldFingerprints.ts";
import { type Machine, type Mark, machine } from "./machine.ts";
import { type AtomsInBins, type Bench, describeCentres, layAtoms, layBench, layPlan, type Plan, refuse } from "./surroundings.ts";

/** Numbers of derivatives that are calculated before they are copied: half a MiB, so that they are still in the processor's cache. */
const BLOCK = 65536;

/** Bytes of derivatives that the images of a set hold together at most, unless another number is given: 1 GiB. */
const MEMORY = 2 ** 30;

/** The machine, with what lies in it from one structure to the next. */
interface Kept {
  readonly machine: Machine;
  readonly settings: DescriptorSettings;
  readonly plan: Plan;
  readonly form: FingerprintForm;
  readonly bench: Bench;
  /** Entries of a block and their derivatives; there is room for those of one centre. */
  readonly atom: Uint32Array;
  readonly slopes: Float64Array;
  /** Where the memory begins to be free: without what is kept, and behind it. */
  readonly bottom: Mark;
  readonly mark: Mark;
}

let kept: Kept | undefined;

/**
 * Fingerprints of a structure.
 * @throws RangeError if it has an element that the settings do not name, or two atoms in one place.
 */
export function fingerprints(structure: Structure, settings: DescriptorSettings): Fingerprints {
  return fingerprintsWithin(structure, settings, Number.POSITIVE_INFINITY) as Fingerprints;
}

/**
 * Fingerprints without their derivatives, of a structure of any size.
 * @throws RangeError likewise.
 */
export function fingerprintValues(structure: Structure, settings: DescriptorSettings): FingerprintValues {
  return fingerprintsWithin(structure, settings, -1);
}

/**
 * Fingerprints with their derivatives if these take no more than so many bytes, otherwise without.
 * @throws RangeError likewise.
 */
export function fingerprintsWithin(structure: Structure, settings: DescriptorSettings, bytes: number): Fingerprints | FingerprintValues {
  return withAtoms(structure, settings, (on, atoms) => described(on, atoms, structure, bytes));
}

/**
 * Describes the images of a set, or of sets that are there at the same time: with derivatives as long as those of all together take no more than
 * so many bytes, then without, to be calculated anew where they are asked for.
 * @param memory bytes; default 1 GiB
 */
export function describing(
  settings: DescriptorSettings,
  memory: number = MEMORY,
): (structure: Structure) => Fingerprints | FingerprintValues {
  let left = memory;
  return (structure) => {
    const f = fingerprintsWithin(structure, settings, left);
    if ("slopes" in f) left -= f.slopes.byteLength;
    return f;
  };
}

/** Work on a structure in the machine that is kept. */
function withAtoms<R>(structure: Structure, settings: DescriptorSettings, work: (on: Kept, atoms: AtomsInBins) => R): R {
  if (kept?.settings !== settings) kept = prepared(settings, 64, 256);
  const { bench, machine: m } = kept;
  try {
    const atoms = layAtoms(m, structure, settings);
    if (atoms.count <= bench.atoms && atoms.mostNeighbours <= bench.mostNeighbours) return work(kept, atoms);
    kept = prepared(settings, Math.max(atoms.count, bench.atoms), Math.max(atoms.mostNeighbours, bench.mostNeighbours));
  } finally {
    if (kept) m.release(kept.mark);
  }
  return withAtoms(structure, settings, work);
}

/** The machine with the settings' plan and room for structures of a size. */
function prepared(settings: DescriptorSettings, atoms: number, mostNeighbours: number): Kept {
  const last = kept?.machine ?? machine();
  const bottom = kept?.bottom ?? last.mark();
  kept = undefined; // what lies there is overwritten, even if there turns out to be too little memory
  last.release(bottom);
  const [plan, form] = [layPlan(last, settings), fingerprintForm(last, settings)];
  const bench = layBench(last, plan, atoms, mostNeighbours);
  const room = Math.max(mostNeighbours, Math.ceil(BLOCK / Math.max(1, 3 * plan.live)));
  const [atom, slopes] = [last.integers(room), last.floats(3 * plan.live * room)];
  return { machine: last, settings, plan, form, bench, atom, slopes, bottom, mark: last.mark() };
}

function described(on: Kept, atoms: AtomsInBins, structure: Structure, bytes: number): Fingerprints | FingerprintValues {
  const { machine: m, settings, plan, form, bench, atom, slopes } = on;
  const { size, live, elements } = plan;
  const n = atoms.count;
  const start = m.integers(n * elements + 1);
  const values = m.floats(n * size);
  const [squares, work] = [m.floats(elements * size), m.floats(m.kernels.steepestWork(form.address, size))];
  /** Where there is room for all, if there is. */
  const place = (entries: number): { atom: Uint32Array; slopes: Float64Array } | undefined =>
    24 * live * entries <= bytes ? { atom: new Uint32Array(entries), slopes: shared(3 * live * entries) } : undefined;
  let all = n === 0 ? place(0) : undefined;
  for (let from = 0; from < n; ) {
    const first = start[from * elements];
    const out = { values: values.subarray(from * size), start: start.subarray(from * elements), atom, slopes };
    const next = describeCentres(m, plan, atoms, bench, from, n, out);
    if (next < 0) refuse(structure, settings);
    const end = start[next * elements];
    // A structure of several blocks is counted before there is a place for them.
    if (from === 0 && bytes >= 0) all = place(next === n ? end : m.kernels.countMovers(atoms.address, bench.around));
    all?.atom.set(atom.subarray(0, end - first), first);
    all?.slopes.set(slopes.subarray(0, 3 * live * (end - first)), 3 * live * first);
    const kinds = atoms.kinds.byteOffset + 4 * from;
    m.kernels.addSteepest(
      form.address,
      size,
      next - from,
      kinds,
      out.start.byteOffset,
      slopes.byteOffset,
      work.byteOffset,
      squares.byteOffset,
    );
    from = next;
  }
  const own = shared(n * size);
  own.set(values);
  const result = { size, live, kinds: Uint8Array.from(atoms.kinds), values: own, steepest: squares.map(Math.sqrt) };
  return all ? { ...result, start: start.slice(), ...all } : result;
}
