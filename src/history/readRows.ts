/**
 * Rows of a table that may come from anybody: checked before Arrow reads them (`stream.ts`), against the columns that the table has, and value
 * by value. A column that nothing can be drawn without must be there; one that may be null may be missing, as in a notebook of an older
 * version; one that is not known is left out, as of a newer one.
 */
import { type Table, tableFromIPC } from "apache-arrow";
import { type AnyColumns, arrowType, bytesOf, type Column, type Columns, rowsOf } from "./arrow.ts";
import { checkStream } from "./stream.ts";

/** Most characters of one table in base64. */
const LARGEST = 64e6;

/**
 * The rows of a stream.
 * @param name of the table, for messages
 * @param stream its bytes, or these in base64
 * @throws RangeError in one sentence with table and column
 */
export function readRows<R>(name: string, columns: Columns<R>, stream: Uint8Array | string): R[] {
  const refuse = (why: string): never => {
    throw new RangeError(`table ${name} cannot be read: ${why}`);
  };
  if (stream.length > LARGEST) refuse(`it is of ${stream.length} bytes, more than ${LARGEST}`);
  const table = tableOfBytes(stream, refuse);
  const found = table.schema.fields.map((f) => f.name);
  const twice = found.find((f, k) => found.indexOf(f) !== k);
  if (twice !== undefined) refuse(`it has two columns ${said(twice)}`);
  const known = Object.entries<Column>(columns as AnyColumns);
  const there = known.filter(([column]) => found.includes(column));
  for (const [column, { nullable }] of known) if (!found.includes(column) && !nullable) refuse(`it has no column ${column}`);
  for (const [column, declared] of there) {
    const field = table.schema.fields[found.indexOf(column)];
    const [type, wanted] = [String(field.type), String(arrowType(declared))];
    if (type !== wanted) refuse(`its column ${column} is ${type}, not ${wanted}`);
    const unit = field.metadata.get("unit") ?? null;
    if (unit !== declared.unit) refuse(`its column ${column} is in ${said(unit)}, not in ${said(declared.unit)}`);
  }
  const missing = Object.fromEntries(known.filter(([column]) => !found.includes(column)).map(([column]) => [column, null]));
  const rows = rowsOf<Record<string, unknown>>(table.select(there.map(([column]) => column)));
  for (const [column, declared] of there) {
    rows.forEach((row, k) => {
      const wrong = faultOf(row[column], declared);
      if (wrong !== undefined) refuse(`its column ${column} ${wrong} in row ${k}`);
    });
  }
  return rows.map((row) => ({ ...row, ...missing }) as R);
}

function tableOfBytes(stream: Uint8Array | string, refuse: (why: string) => never): Table {
  try {
    const bytes = typeof stream === "string" ? bytesOf(stream) : stream;
    checkStream(bytes);
    return tableFromIPC(bytes);
  } catch (error) {
    const why = error instanceof Error && error.name === "RangeError" ? error.message : "it is no Arrow stream";
    return refuse(why.startsWith("Offset is outside") ? "it is cut off, or points outside of itself" : why);
  }
}

/** What is wrong with a value; undefined if nothing is. */
function faultOf(value: unknown, { nullable, among, most, finite }: Column): string | undefined {
  if (value === null) return nullable ? undefined : "is null";
  if (among && !among.includes(value as string)) return `is ${said(value)}`;
  if (most !== undefined && !((value as number) >= 0 && (value as number) <= most)) return `is ${value}, not 0 to ${most},`;
  if (finite) {
    const numbers = value instanceof Float64Array ? value : [value as number];
    const at = numbers.findIndex((v) => !Number.isFinite(v));
    if (at >= 0) return `has ${numbers[at]}`;
  }
  return undefined;
}

/** A value from outside, short. */
function said(value: unknown): string {
  return JSON.stringify(value).slice(0, 40);
}
