/**
 * Fingerprints by the kernels, as `descriptors/fingerprints.ts` has them in plain TypeScript, which is the oracle. One machine is kept and
 * used for one structure after another; the result is shared memory of its own.
 */
import type { Fingerprints } from "../../descriptors/fingerprints.ts";
import type { DescriptorSettings } from "../../descriptors/settings.ts";
import { shared } from "../../linalg/dense.ts";
import type { Structure } from "../../structure/structure.ts";
import { type Machine, type Mark, machine } from "./machine.ts";
import { type AtomsInBins, type Bench, describeCentres, layAtoms, layBench, layPlan, type Plan, refuse } from "./surroundings.ts";

/** Numbers of derivatives that are calculated before they are copied: half a MiB, so that they are still in the processor's cache. */
const BLOCK = 65536;

/** The machine, with what lies in it from one structure to the next. */
interface Kept {
  readonly machine: Machine;
  readonly settings: DescriptorSettings;
  readonly plan: Plan;
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
  return withAtoms(structure, settings, described);
}

/**
 * Fingerprints without their derivatives, of a structure of any size.
 * @throws RangeError likewise.
 */
export function fingerprintValues(structure: Structure, settings: DescriptorSettings): Pick<Fingerprints, "size" | "kinds" | "values"> {
  return withAtoms(structure, settings, valuesOf);
}

/** Work on a structure in the machine that is kept. */
function withAtoms<R>(structure: Structure, settings: DescriptorSettings, work: (on: Kept, atoms: AtomsInBins, s: Structure) => R): R {
  if (kept?.settings !== settings) kept = prepared(settings, 64, 256);
  const { bench, machine: m } = kept;
  try {
    const atoms = layAtoms(m, structure, settings);
    if (atoms.count <= bench.atoms && atoms.mostNeighbours <= bench.mostNeighbours) return work(kept, atoms, structure);
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
  const plan = layPlan(last, settings);
  const bench = layBench(last, plan, atoms, mostNeighbours);
  const room = Math.max(mostNeighbours, Math.ceil(BLOCK / Math.max(1, 3 * plan.live)));
  const [atom, slopes] = [last.integers(room), last.floats(3 * plan.live * room)];
  return { machine: last, settings, plan, bench, atom, slopes, bottom, mark: last.mark() };
}

function described({ machine: m, settings, plan, bench, atom, slopes }: Kept, atoms: AtomsInBins, structure: Structure): Fingerprints {
  const { size, live, elements } = plan;
  const n = atoms.count;
  const start = m.integers(n * elements + 1);
  const values = m.floats(n * size);
  let all: { atom: Uint32Array; slopes: Float64Array } | undefined;
  for (let from = 0; from < n || !all; ) {
    const first = start[from * elements];
    const out = { values: values.subarray(from * size), start: start.subarray(from * elements), atom, slopes };
    const next = describeCentres(m, plan, atoms, bench, from, n, out);
    if (next < 0) refuse(structure, settings);
    // A structure of several blocks is counted before there is a place for them.
    const end = start[next * elements];
    const entries = all || next === n ? end : m.kernels.countMovers(atoms.address, bench.around);
    all ??= { atom: new Uint32Array(entries), slopes: shared(3 * live * entries) };
    all.atom.set(atom.subarray(0, end - first), first);
    all.slopes.set(slopes.subarray(0, 3 * live * (end - first)), 3 * live * first);
    from = next;
  }
  const own = shared(n * size);
  own.set(values);
  return { size, live, kinds: Uint8Array.from(atoms.kinds), values: own, start: start.slice(), ...all };
}

function valuesOf(on: Kept, atoms: AtomsInBins, structure: Structure): Pick<Fingerprints, "size" | "kinds" | "values"> {
  const { machine: m, settings, plan, bench, atom, slopes } = on;
  const { size, elements } = plan;
  const start = m.integers(atoms.count * elements + 1);
  const values = m.floats(atoms.count * size);
  for (let from = 0; from < atoms.count; ) {
    const out = { values: values.subarray(from * size), start: start.subarray(from * elements), atom, slopes };
    from = describeCentres(m, plan, atoms, bench, from, atoms.count, out);
    if (from < 0) refuse(structure, settings);
  }
  return { size, kinds: Uint8Array.from(atoms.kinds), values: values.slice() };
}
