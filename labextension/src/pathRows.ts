/** The rows of a path's tables, as its bundle holds them: a path is drawn once and does not grow. */
import type { ViewPayload } from "../../src/display/bundle.ts";
import type { Columns } from "../../src/history/arrow.ts";
import { ATOM_COLUMNS } from "../../src/history/atoms.ts";
import { IMAGE_COLUMNS, PATH_COLUMNS, type PathRows } from "../../src/history/path.ts";
import { readRows } from "../../src/history/readRows.ts";
import { checkShape } from "../../src/history/shape.ts";

/**
 * The rows of a path's bundle, checked.
 * @throws RangeError in one sentence if a table is missing, has no row, or cannot be read
 */
export function readPath({ tables }: ViewPayload): PathRows {
  const rows = <R>(name: string, columns: Columns<R>): readonly R[] => {
    const found = Object.hasOwn(tables, name) ? readRows(name, columns, tables[name]) : [];
    if (found.length === 0) throw new RangeError(`This path view cannot be drawn: its table ${name} has no row.`);
    return found;
  };
  const [path] = rows("path", PATH_COLUMNS);
  const [images, atoms] = [rows("images", IMAGE_COLUMNS), rows("atoms", ATOM_COLUMNS)];
  checkShape(path, atoms, "images", images);
  return { path, images, atoms };
}
