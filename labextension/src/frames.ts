/** A plain file of frames as the rows that the trajectory view draws: no study, no scheme, no QM cluster. Loaded with the first such file. */
import type { AboutRow } from "../../src/history/about.ts";
import { checkShape } from "../../src/history/shape.ts";
import type { FrameRow } from "../../src/history/trajectory.ts";
import { parseExtxyz } from "../../src/io/extxyz.ts";
import type { Frame } from "../../src/io/frame.ts";
import { symbolOf } from "../../src/structure/elements.ts";
import { formula, size } from "../../src/structure/structure.ts";
import type { Known } from "./rows.ts";
import { trans } from "./words.ts";

/** Most characters of a file. */
const LARGEST = 300e6;

/**
 * The rows of a file.
 * @param name of the file
 * @returns the rows, and in a sentence what was left out
 * @throws RangeError with one sentence if it cannot be read
 */
export function framesOf(name: string, text: string): { readonly known: Known; readonly left: string } {
  if (text.length > LARGEST)
    throw new RangeError(trans.__("%1 has %2 million characters, more than %3.", name, Math.round(text.length / 1e6), LARGEST / 1e6));
  const all = parseExtxyz(text);
  if (all.length === 0) throw new RangeError(trans.__("%1 has no frame.", name));
  const [{ structure: first }] = all;
  const own = all.filter(({ structure: s }) => size(s) === size(first) && s.numbers.every((z, i) => z === first.numbers[i]));
  const rows = own.map((frame, step) => ({ step, ...rowOf(frame) }));
  const about = aboutOf(name, own[0], own.length);
  const atoms = Array.from(first.numbers, (number, atom) => ({
    ...{ atom, number, symbol: symbolOf(number), role: "core" as const },
    fixed: first.fixed?.[atom] === 1,
  }));
  checkShape(about, atoms, name, rows);
  const place = { scheme: null, member: null };
  return {
    known: {
      rows: {
        about,
        state: "finished",
        steps: rows.map(({ step, energy, fmax }) => ({
          ...{ ...place, step, energy, fmax },
          ...{ previousEnergy: null, sigma: null, converged: false, seconds: 0 },
        })),
        atoms,
        trajectory: rows.map((row) => ({ ...place, ...row })),
        training: [],
        cost: [],
        lattice: [],
        summary: [],
        messages: [],
        log: [],
      },
      held: { sequence: 0, tables: {} },
    },
    left:
      own.length === all.length
        ? ""
        : trans.__("Not shown, because their atoms are not those of the first: %1 of %2 frames.", all.length - own.length, all.length),
  };
}

function rowOf({ structure, result, columns = {} }: Frame): Omit<FrameRow, "scheme" | "member" | "step"> {
  const forces = result?.forces;
  const column = (name: string): Float64Array | null => {
    const { width, type, values } = columns[name] ?? {};
    return values && type === "R" && width === 3 ? Float64Array.from(values as readonly number[]) : null;
  };
  const norms = forces ? Array.from({ length: forces.length / 3 }, (_, i) => Math.hypot(...forces.subarray(3 * i, 3 * i + 3))) : [];
  return {
    positions: structure.positions,
    forces: forces ?? new Float64Array(structure.positions.length).fill(Number.NaN),
    energy: result?.energy ?? Number.NaN,
    fmax: forces ? Math.max(0, ...norms.filter((_, i) => structure.fixed?.[i] !== 1)) : Number.NaN,
    qmForces: column("qm_forces"),
    mlForces: column("ml_forces"),
    forcesSigma: result?.forcesSigma ?? null,
  };
}

function aboutOf(name: string, { structure }: Frame, frames: number): AboutRow {
  const atoms = size(structure);
  return {
    ...{ name, state: "finished", formula: formula(structure), atoms, clusterAtoms: 0, linkAtoms: 0, coreAtoms: 0 },
    ...{ charge: structure.charge ?? null, multiplicity: structure.multiplicity ?? null, clusterCharge: null, clusterMultiplicity: null },
    ...{ cell: structure.cell, pbc: structure.pbc.map((p) => (p ? "T" : "F")).join("") },
    ...{ engine: "", members: 0, seed: 0, energyTolerance: Number.NaN, forceTolerance: Number.NaN, fmax: Number.NaN },
    ...{ buffer: null, bufferBonds: null, pretrainingImages: 0, qmCalculated: 0, qmSeconds: 0, started: null, seconds: null },
    ...{ sequence: frames, versions: "{}", settings: "{}" },
  };
}
