/**
 * Fingerprints by the kernels, as `descriptors/fingerprints.ts` has them in plain TypeScript, which is the oracle. One machine is kept and
 * used for one structure after another; the result is shared memory of its own.
 */
import type { Fingerprints } from "../../descriptors/fingerprints.ts";
import type { DescriptorSettings } from "../../descriptors/settings.ts";
import { shared } from "../../linalg/dense.ts";
import type { Structure } from "../../structure/structure.ts";
import { type Machine, type Mark, machine } from "./machine.ts";
import { describeCentres, layAtoms, layBench, layPlan, type Plan, refuse } from "./surroundings.ts";

/** Numbers of derivatives that are calculated before they are copied: half a MiB, so that they are still in the processor's cache. */
const BLOCK = 65536;

/** The machine, and the settings whose plan lies in it. */
interface Kept {
  readonly machine: Machine;
  readonly settings: DescriptorSettings;
  readonly plan: Plan;
  /** Where the memory begins to be free, without the plan and behind it. */
  readonly bottom: Mark;
  readonly mark: Mark;
}

let kept: Kept | undefined;

/**
 * Fingerprints of a structure.
 * @throws RangeError if it has an element that the settings do not name, or two atoms in one place.
 */
export function fingerprints(structure: Structure, settings: DescriptorSettings): Fingerprints {
  kept = prepared(settings);
  try {
    return described(kept, structure);
  } finally {
    kept.machine.release(kept.mark);
  }
}

/** A machine with the settings' plan, the last one if it has it. */
function prepared(settings: DescriptorSettings): Kept {
  if (kept?.settings === settings) return kept;
  const last = kept?.machine ?? machine();
  const bottom = kept?.bottom ?? last.mark();
  last.release(bottom);
  const plan = layPlan(last, settings);
  return { machine: last, settings, plan, bottom, mark: last.mark() };
}

function described({ machine: m, settings, plan }: Kept, structure: Structure): Fingerprints {
  const atoms = layAtoms(m, structure, settings);
  const bench = layBench(m, plan, atoms);
  const { size, live, elements } = plan;
  const n = atoms.count;
  const start = m.integers(n * elements + 1);
  const values = m.floats(n * size);
  const room = Math.max(atoms.mostNeighbours, Math.ceil(BLOCK / Math.max(1, 3 * live)));
  const atom = m.integers(room);
  const slopes = m.floats(3 * live * room);
  let all: { atom: Uint32Array; slopes: Float64Array } | undefined;
  for (let from = 0; from < n || !all; ) {
    const first = start[from * elements];
    const out = { values: values.subarray(from * size), start: start.subarray(from * elements), atom, slopes };
    const next = describeCentres(m, plan, atoms, bench, from, n, out);
    if (next < 0) refuse(structure, settings);
    // A structure of several blocks is counted before there is a place for them.
    const end = start[next * elements];
    all ??= arrays(next === n ? end : m.kernels.countMovers(atoms.address, bench.around), live);
    all.atom.set(atom.subarray(0, end - first), first);
    all.slopes.set(slopes.subarray(0, 3 * live * (end - first)), 3 * live * first);
    from = next;
  }
  const kept = shared(n * size);
  kept.set(values);
  return { size, live, kinds: Uint8Array.from(atoms.kinds), values: kept, start: start.slice(), ...all };
}

function arrays(entries: number, live: number): { atom: Uint32Array; slopes: Float64Array } {
  return { atom: new Uint32Array(entries), slopes: shared(3 * live * entries) };
}
