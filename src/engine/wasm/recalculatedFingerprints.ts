/**
 * Fingerprints whose derivatives are more than memory is to hold: they are calculated anew, some centres at a time, whenever they are
 * asked for. An image that is one part is calculated once where it is asked for twice in a row, as by a gradient.
 */
import type { Fingerprints } from "../../descriptors/fingerprints.ts";
import type { DescriptorSettings } from "../../descriptors/settings.ts";
import type { Structure } from "../../structure/structure.ts";
import { even, type FingerprintForm, type HeldFingerprints, type Part, placeFingerprints } from "./heldFingerprints.ts";
import type { Machine } from "./machine.ts";
import { type AtomsInBins, type Bench, describeCentres, layAtoms, layBench, layPlan, refuse } from "./surroundings.ts";

/** Most bytes of derivatives in a part. */
const ROOM = 2 ** 24;

/** Where parts are calculated, for all images of a set. */
interface Desk {
  readonly bench: Bench;
  readonly values: Float64Array;
  readonly start: Uint32Array;
  readonly atom: Uint32Array;
  readonly slopes: Float64Array;
  readonly own: Float64Array;
}

/**
 * Lays images of which the derivatives are not kept.
 * @param memory bytes of derivatives in a part, if there is need of so much; a part has at least one centre
 */
export function recalculation(
  on: Machine,
  form: FingerprintForm,
  settings: DescriptorSettings,
  memory: number,
): (structure: Structure, f: Pick<Fingerprints, "kinds" | "size" | "values">) => HeldFingerprints {
  const { elements, live, inputs } = form;
  const plan = layPlan(on, settings);
  const wide = even(live);
  let [mostAtoms, mostNeighbours, mostEntries] = [0, 0, 0];
  let desk: Desk | undefined;
  let last: { readonly atoms: AtomsInBins; readonly part: Part } | undefined;

  const layDesk = (): Desk => {
    const room = Math.max(mostNeighbours, Math.min(mostEntries, Math.floor(Math.min(ROOM, memory) / (24 * wide))));
    return {
      bench: layBench(on, plan, mostAtoms, mostNeighbours),
      values: on.floats(mostAtoms * plan.size),
      start: on.integers(mostAtoms * elements + 1),
      atom: on.integers(room),
      slopes: on.floats(3 * (room + 1) * wide),
      own: on.floats(3 * (mostAtoms + 1) * inputs),
    };
  };

  const calculated = (structure: Structure, atoms: AtomsInBins, first: number): Part => {
    if (last?.atoms === atoms && last.part.first === first) return last.part;
    desk ??= layDesk();
    const { bench, values, start, atom, slopes, own } = desk;
    const end = describeCentres(on, plan, atoms, bench, first, atoms.count, {
      values,
      start,
      atom,
      slopes: slopes.subarray(0, 3 * atom.length * live),
    });
    if (end < 0) refuse(structure, settings);
    const entries = start[(end - first) * elements];
    for (let r = 3 * entries - 1; r >= 0 && wide > live; r--) {
      slopes.copyWithin(r * wide, r * live, (r + 1) * live);
      slopes.fill(0, r * wide + live, (r + 1) * wide);
    }
    own.fill(0, 0, 3 * (end - first) * inputs);
    on.kernels.sumSlopes(form.address, 0, end - first, start.byteOffset, slopes.byteOffset, inputs, own.byteOffset);
    const part = {
      first,
      end,
      entries,
      start: start.byteOffset - 4 * first * elements,
      atom: atom.byteOffset,
      slopes: slopes.byteOffset,
      own: own.byteOffset - 8 * 3 * first * inputs,
    };
    last = { atoms, part };
    return part;
  };

  return (structure, f) => {
    const placed = placeFingerprints(on, form, f);
    const rearranged = inRows(structure, placed.place);
    const atoms = layAtoms(on, rearranged, settings);
    mostAtoms = Math.max(mostAtoms, atoms.count);
    mostNeighbours = Math.max(mostNeighbours, atoms.mostNeighbours);
    mostEntries = Math.max(mostEntries, atoms.count * atoms.mostNeighbours);
    return {
      ...placed,
      *parts() {
        for (let first = 0; first < placed.rows; ) {
          const part = calculated(rearranged, atoms, first);
          yield part;
          first = part.end;
        }
      },
    };
  };
}

/** The structure with its atoms in the order of rows. */
function inRows(s: Structure, place: Uint32Array): Structure {
  const positions = new Float64Array(s.positions.length);
  place.forEach((i, r) => {
    positions.set(s.positions.subarray(3 * i, 3 * i + 3), 3 * r);
  });
  return { ...s, numbers: s.numbers.map((_, r) => s.numbers[place[r]]), positions };
}
