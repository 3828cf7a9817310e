/** The rows of a path's tables, as its bundle holds them: a path is drawn once and does not grow. */
import type { ViewPayload } from "../../src/display/bundle.ts";
import type { PathImage, PathSubject } from "../../src/display/pathChart.ts";
import { decode, rowsOf } from "../../src/history/arrow.ts";
import type { AtomRow } from "../../src/history/atoms.ts";

/** What the path is of. */
export interface PathRow extends PathSubject {
  /** [9] Å, and `TTF` where it repeats along a and b. */
  readonly cell: Float64Array;
  readonly pbc: string;
}

/** One image. */
export interface ImageRow extends PathImage {
  readonly positions: Float64Array;
}

/** What an image is taken to be where its table does not say. */
const UNSAID = { sigma: null, fmax: null, climbing: false, qmCalls: null, forces: null } as const;

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
  return {
    path: rows<PathRow>("path")[0],
    images: rows<ImageRow>("images").map((row) => ({ ...UNSAID, ...row })),
    atoms: rows<AtomRow>("atoms"),
  };
}
