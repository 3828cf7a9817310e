/**
 * Plain rows to Arrow tables and back. A table's columns are declared once, each with its unit, which travels in the field's metadata:
 * a number without a unit cannot be written. Counts, indices and other pure numbers have the unit "1".
 */
import {
  Bool,
  type DataType,
  Field,
  Float64,
  Int32,
  List,
  Schema,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";

/** A column: Arrow type and, for numbers, unit. */
export interface Column {
  readonly type: "text" | "flag" | "integer" | "real" | "reals";
  readonly unit: string | null;
}

/** The columns of rows of type R: no field of a row can be forgotten. */
export type Columns<R> = { readonly [K in keyof R]-?: Column };

/** Text, UTF-8. */
export const TEXT: Column = { type: "text", unit: null };
/** True or false. */
export const FLAG: Column = { type: "flag", unit: null };
/** A count or an index, 32-bit. */
export const INTEGER: Column = { type: "integer", unit: "1" };
/** A 64-bit float with a unit. */
export function real(unit: string): Column {
  return { type: "real", unit };
}
/** A list of 64-bit floats with a unit. */
export function reals(unit: string): Column {
  return { type: "reals", unit };
}

/** An Arrow table of `rows`, in their order; its schema is complete also without rows. */
export function tableOf<R>(columns: Columns<R>, rows: readonly R[]): Table {
  const fields = Object.entries<Column>(columns).map(
    ([name, c]) => new Field(name, arrowType(c), true, new Map(c.unit === null ? [] : [["unit", c.unit]])),
  );
  const vectors = fields.map(
    (f) =>
      [
        f.name,
        vectorFromArray(
          rows.map((r) => r[f.name as keyof R]),
          f.type,
        ),
      ] as const,
  );
  return new Table(new Schema(fields), Object.fromEntries(vectors));
}

/** The rows of an Arrow table made by `tableOf` from rows of type R. */
export function rowsOf<R>(table: Table): R[] {
  return table.toArray().map((row) => {
    const cells = Object.entries(row.toJSON()).map(([name, cell]) => [name, isList(cell) ? Float64Array.from(cell) : cell]);
    return Object.fromEntries(cells) as R;
  });
}

/** The unit of each field of a table, null for text and flags. */
export function unitsOf(table: Table): Record<string, string | null> {
  return Object.fromEntries(table.schema.fields.map((f) => [f.name, f.metadata.get("unit") ?? null]));
}

/** An Arrow IPC stream of a table, as base64 for JSON. */
export function encode(table: Table): string {
  const bytes = tableToIPC(table, "stream");
  let text = "";
  for (let k = 0; k < bytes.length; k += 0x8000) text += String.fromCharCode(...bytes.subarray(k, k + 0x8000));
  return btoa(text);
}

/** The table of a base64 Arrow IPC stream. */
export function decode(base64: string): Table {
  return tableFromIPC(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
}

function arrowType(column: Column): DataType {
  switch (column.type) {
    case "text":
      return new Utf8();
    case "flag":
      return new Bool();
    case "integer":
      return new Int32();
    case "real":
      return new Float64();
    case "reals":
      return new List(new Field("item", new Float64(), false));
  }
}

function isList(cell: unknown): cell is Iterable<number> {
  return typeof cell === "object" && cell !== null && Symbol.iterator in cell;
}
