/** The rows of a path's tables, as its bundle holds them: a path is drawn once and does not grow. */
import type { ViewPayload } from "../../src/display/bundle.ts";
import { decode, rowsOf } from "../../src/history/arrow.ts";
import type { AtomRow } from "../../src/history/atoms.ts";

/** What the path is of. */
export interface PathRow {
  readonly name: string;
  readonly formula: string;
  readonly engine: string;
}

/** One image. */
export interface ImageRow {
  readonly image: number;
  /** Along the path, Å. */
  readonly coordinate: number;
  /** eV. */
  readonly energy: number;
}

/** Rows by table. */
export interface PathRows {
  readonly path: PathRow;
  readonly images: readonly ImageRow[];
  readonly atoms: readonly AtomRow[];
}

/**
 * The rows of a path's bundle.
 * @throws Error if a table is no Arrow stream, RangeError if one has no row
 */
export function readPath({ tables }: ViewPayload): PathRows {
  const rows = <R>(name: string): readonly R[] => {
    const found = tables[name] === undefined ? [] : rowsOf<R>(decode(tables[name]));
    if (found.length === 0) throw new RangeError(`This path view cannot be drawn: its table ${name} has no row.`);
    return found;
  };
  return { path: rows<PathRow>("path")[0], images: rows<ImageRow>("images"), atoms: rows<AtomRow>("atoms") };
}
