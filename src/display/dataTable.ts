/** Rows of a table of `history` as cells to be read, and as CSV with every digit: the raw values behind a figure. */
import type { Column } from "../history/arrow.ts";
import { significant } from "./numbers.ts";

/** A table to be shown. */
export interface DataTable {
  /** As the tables are called: `training`. */
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly unit: string }[];
  readonly length: number;
  /** The values of row k, in the order of the columns. */
  cells(k: number): readonly unknown[];
}

/** The table of rows with the columns named; those of lists (positions, forces) have no place in it. */
export function dataTable<R>(name: string, columns: Readonly<Partial<Record<keyof R, Column>>>, rows: readonly R[]): DataTable {
  const shown = (Object.entries(columns) as [string, Column][]).filter(([, c]) => c.type !== "reals" && c.type !== "singles");
  return {
    name,
    columns: shown.map(([column, { unit }]) => ({ name: column, unit: unit === null || unit === "1" ? "" : unit })),
    length: rows.length,
    cells: (k) => shown.map(([column]) => rows[k][column as keyof R]),
  };
}

/** A value as text of a few digits; an en dash where there is none. */
export function cellText(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : significant(value, 6);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === null || value === undefined ? "–" : String(value);
}

/** CSV (RFC 4180): a line of names with units, then every row with all its digits; nothing where there is no value. */
export function csv({ columns, length, cells }: DataTable): string {
  const head = columns.map(({ name, unit }) => quoted(unit === "" ? name : `${name} (${unit})`));
  const lines = Array.from({ length }, (_, k) => cells(k).map((v) => (typeof v === "string" ? quoted(v) : bare(v))));
  return `${[head, ...lines].map((line) => line.join(",")).join("\r\n")}\r\n`;
}

function bare(value: unknown): string {
  return value === null || value === undefined || Number.isNaN(value) ? "" : String(value);
}

/** A text that begins like a formula would be run as one by a spreadsheet. */
function quoted(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
