/**
 * Plain rows to Arrow tables and back. A table's columns are declared once, each with its unit, which travels in the field's metadata:
 * a number without a unit cannot be written. Counts, indices and other pure numbers have the unit "1".
 */
import {
  Bool,
  type DataType,
  Field,
  Float32,
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

/** A column: Arrow type, unit of numbers, and what may stand in it. */
export interface Column {
  readonly type: "text" | "flag" | "integer" | "real" | "reals" | "singles";
  readonly unit: string | null;
  /** Null may stand in it; it may also be missing from the tables of an older version. */
  readonly nullable?: true;
  /** The only texts that there are. */
  readonly among?: readonly string[];
  /** Integers are 0 to this. Default: any. */
  readonly most?: number;
  /** All numbers are finite. */
  readonly finite?: true;
}

/** The columns of rows of type R: no field of a row can be forgotten, nor that it may be null. */
export type Columns<R> = {
  readonly [K in keyof R]-?: null extends R[K] ? Column & { readonly nullable: true } : Column & { readonly nullable?: never };
};

/** Columns of some table. */
export type AnyColumns = Readonly<Record<string, Column>>;

/** A column that may also hold null. */
export function orNull(column: Column): Column & { readonly nullable: true } {
  return { ...column, nullable: true };
}
/** Text, UTF-8. */
export const TEXT: Column & { readonly nullable?: never } = { type: "text", unit: null };
/** One of some texts. */
export function among(texts: readonly string[]): typeof TEXT {
  return { ...TEXT, among: texts };
}
/** True or false. */
export const FLAG: typeof TEXT = { type: "flag", unit: null };
/** A count, 32-bit. */
export const INTEGER: typeof TEXT = { type: "integer", unit: "1" };
/** A number of a model, and of a step or an image: charts have places for all up to the largest. */
export const MEMBER: typeof TEXT = { ...INTEGER, most: 9_999 };
export const INDEX: typeof TEXT = { ...INTEGER, most: 999_999 };
/** A 64-bit float with a unit. */
export function real(unit: string): typeof TEXT {
  return { type: "real", unit };
}
/** A list of 64-bit floats with a unit. */
export function reals(unit: string): typeof TEXT {
  return { type: "reals", unit };
}
/** A list of 32-bit floats with a unit, for what is only looked at. Rows hold them as 64-bit floats. */
export function singles(unit: string): typeof TEXT {
  return { type: "singles", unit };
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
  const columns = table.schema.fields.map(({ name }) => [name, table.getChild(name)] as const);
  return Array.from({ length: table.numRows }, (_, k) => {
    return Object.fromEntries(columns.map(([name, vector]) => [name, plain(vector?.get(k))])) as R;
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

/** The table of a base64 Arrow IPC stream of our own; `readRows` is for those of others. */
export function decode(base64: string): Table {
  return tableFromIPC(bytesOf(base64));
}

/**
 * The bytes of a base64 text.
 * @throws DOMException if it is none
 */
export function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return bytes;
}

/** The Arrow type of a column. */
export function arrowType(column: Column): DataType {
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
    case "singles":
      return new List(new Field("item", new Float32(), false));
  }
}

/** A cell as rows hold it: a list is an array of its own. */
function plain(cell: unknown): unknown {
  if (typeof cell !== "object" || cell === null) return cell;
  return Float64Array.from((cell as { toArray(): ArrayLike<number> }).toArray());
}
