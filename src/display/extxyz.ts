/** Frames of a relaxation as extended XYZ: what the table `trajectory` holds, all digits kept, with cell, regions and fixed atoms. */
import type { AboutRow } from "../history/about.ts";
import type { AtomRow } from "../history/atoms.ts";
import type { FrameRow } from "../history/trajectory.ts";
import { formatExtxyz } from "../io/extxyz.ts";
import type { Column } from "../io/frame.ts";
import { structure } from "../structure/structure.ts";

/** Names of columns that no reader has a place of its own for; nan stands for atoms outside the QM cluster. */
const COLUMNS = { qmForces: "qm_forces", mlForces: "ml_forces" } as const;

/**
 * The text of a file. An energy or forces that are no numbers, of a frame that was read from a file without them, are left out.
 * @throws RangeError if a position is no number
 */
export function framesText(
  { name, cell, pbc, charge, multiplicity }: Pick<AboutRow, "name" | "cell" | "pbc" | "charge" | "multiplicity">,
  atoms: readonly AtomRow[],
  frames: readonly FrameRow[],
): string {
  const role: Column = { type: "S", width: 1, values: atoms.map((a) => a.role) };
  return formatExtxyz(
    frames.map((frame) => {
      const { scheme, member, step, positions, forces, energy, fmax, forcesSigma } = frame;
      const more = Object.entries(COLUMNS).flatMap(([key, column]): [string, Column][] => {
        const values = frame[key as keyof typeof COLUMNS];
        return values ? [[column, { type: "R", width: 3, values: [...values] }]] : [];
      });
      return {
        structure: {
          ...structure({
            symbols: atoms.map((a) => a.number),
            positions,
            cell,
            pbc: [pbc[0] === "T", pbc[1] === "T", pbc[2] === "T"],
            fixed: atoms.map((a) => a.fixed),
          }),
          ...(charge !== null && { charge }),
          ...(multiplicity !== null && { multiplicity }),
        },
        result: {
          ...(Number.isFinite(energy) && { energy }),
          ...(forces.every(Number.isFinite) && { forces }),
          ...(forcesSigma?.every(Number.isFinite) && { forcesSigma }),
        },
        info: {
          study: name,
          ...(scheme !== null && { scheme }),
          ...(member !== null && { member }),
          ...(step !== null && { step }),
          ...(Number.isFinite(fmax) && { fmax }),
        },
        columns: { role, ...Object.fromEntries(more) },
      };
    }),
  );
}
