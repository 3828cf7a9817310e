/** Table `atoms`: who is who in the frames of `trajectory`, one row an atom of the whole structure. */
import { symbolOf } from "../structure/elements.ts";
import type { StudyRecord } from "../study/folder.ts";
import { among, type Columns, FLAG, INDEX, TEXT } from "./arrow.ts";

/** Region of an atom. */
export type Role = "core" | "buffer" | "environment";

/** One atom. */
export interface AtomRow {
  readonly atom: number;
  readonly number: number;
  readonly symbol: string;
  readonly role: Role;
  readonly fixed: boolean;
}

const ROLES: readonly Role[] = ["core", "buffer", "environment"];

export const ATOM_COLUMNS: Columns<AtomRow> = {
  atom: INDEX,
  number: { ...INDEX, most: 118 },
  symbol: TEXT,
  role: among(ROLES),
  fixed: FLAG,
};

/** Rows of `atoms`, in the structure's order. */
export function atomRows(study: Pick<StudyRecord, "structure" | "core" | "cluster">): AtomRow[] {
  const core = new Set(study.core);
  const cluster = new Set(study.cluster);
  return Array.from(study.structure.numbers, (number, atom) => ({
    atom,
    number,
    symbol: symbolOf(number),
    role: core.has(atom) ? "core" : cluster.has(atom) ? "buffer" : "environment",
    fixed: study.structure.fixed?.[atom] === 1,
  }));
}
