/**
 * The numbers behind a figure as a table: plain records become columns of text, flags, counts or numbers with a unit, and these CSV, an
 * Arrow file, text and HTML. A number of which no unit is said is a pure one.
 */
import { tableToIPC } from "apache-arrow";
import { type AnyColumns, type Column, tableOf } from "../history/arrow.ts";
import { cellText, csv, type DataTable, dataTable } from "./dataTable.ts";
import { escaped } from "./markup.ts";
import { type TextTable, tableText } from "./table.ts";
import { htmlTable } from "./tableHtml.ts";
import { folded } from "./text.ts";

/** A row: values by column; what is missing is null. */
export type Datum = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The largest count of 32 bits. */
const LARGEST = 2 ** 31 - 1;

/** Rows with their columns. */
export interface FigureTable {
  readonly columns: AnyColumns;
  /** Every column in every row. */
  readonly rows: readonly Readonly<Record<string, string | number | boolean | null>>[];
}

/**
 * The columns of rows, in the order in which they appear.
 * @param units of columns of numbers; a column without one holds pure numbers
 * @throws TypeError if a column holds values of two kinds, or has a unit and no numbers
 * @throws RangeError if a unit is given for a column that is not there
 */
export function figureTable(rows: readonly Datum[], units: Readonly<Record<string, string>> = {}): FigureTable {
  const names = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  const foreign = Object.keys(units).find((name) => rows.length > 0 && !names.includes(name));
  if (foreign !== undefined) throw new RangeError(`a unit is given for "${foreign}"; the table has ${names.join(", ")}`);
  return {
    columns: Object.fromEntries(
      names.map((name) => [
        name,
        columnOf(
          name,
          rows.map((r) => r[name]),
          units[name],
        ),
      ]),
    ),
    rows: rows.map((r) => Object.fromEntries(names.map((name) => [name, r[name] ?? null]))),
  };
}

function columnOf(name: string, values: readonly Datum[string][], unit: string | undefined): Column {
  const known = values.filter((v) => v !== null && v !== undefined);
  const kinds = [...new Set(known.map((v) => typeof v))];
  if (kinds.length > 1) throw new TypeError(`the column "${name}" holds values of two kinds (${kinds.join(", ")}); give it one`);
  const kind = kinds[0] ?? (unit === undefined ? "string" : "number");
  if (kind !== "number") {
    if (unit !== undefined) throw new TypeError(`the column "${name}" has the unit ${unit} but holds no numbers`);
    return { type: kind === "boolean" ? "flag" : "text", unit: null, nullable: true };
  }
  const count = unit === undefined && known.every((v) => Number.isInteger(v) && Math.abs(v as number) <= LARGEST);
  return { type: count ? "integer" : "real", unit: unit ?? "1", nullable: true };
}

/** CSV with every digit, units in its first line. */
export function tableCsv(table: FigureTable): string {
  return csv(asData(table));
}

/** The bytes of an Arrow IPC file, units in the metadata of its fields. */
export function tableArrow({ columns, rows }: FigureTable): Uint8Array {
  return tableToIPC(tableOf(columns as Parameters<typeof tableOf>[0], rows), "file");
}

/** The table as text for a terminal, and as HTML. */
export function tableForms(table: FigureTable, title: string, caption: string): { readonly text: string; readonly html: string } {
  const words = wordsOf(asData(table));
  return {
    text: [title, tableText(words), ...(caption === "" ? [] : folded(caption))].join("\n"),
    html: `<p><strong>${escaped(title)}</strong></p>\n${htmlTable(words, caption)}`,
  };
}

function wordsOf({ columns, length, cells }: DataTable): TextTable {
  return { columns, rows: Array.from({ length }, (_, k) => cells(k).map(cellText)) };
}

function asData({ columns, rows }: FigureTable): DataTable {
  return dataTable("figure", columns as Readonly<Record<string, Column>>, rows);
}
