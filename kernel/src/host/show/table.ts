/** Tables as HTML and as text. Of a large one the first and last rows and columns are shown, and its whole size is said. */
import { brief, cut } from "./brief.ts";
import { counted, writerOf } from "./digits.ts";

/** What can be drawn as a table; only the cells that are shown are asked for. */
export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
  cell(row: number, column: number): unknown;
  /** What a row is called. Default: its index. */
  label?(row: number): string;
}

/** Head of a column. */
export interface Column {
  readonly name: string;
  readonly unit?: string;
  /** Its type, for whoever points at it. */
  readonly type?: string;
}

/** Rows and columns that are shown in full, and how many of each end are shown of more. */
const [MOST_ROWS, END_ROWS, MOST_COLUMNS, END_COLUMNS] = [30, 10, 20, 10];

/** Characters of a line of text, and of a cell in it. */
const [WIDTH, CELL_WIDTH] = [120, 40];

/** A column that is shown, its cells written. */
interface Shown extends Column {
  readonly isNumeric: boolean;
  readonly cells: readonly string[];
}

/** null stands for what was left out. */
type Ends = readonly (number | null)[];

/** The table as `text/html` and `text/plain`. */
export function tableBundle(table: Table): { readonly "text/html": string; readonly "text/plain": string } {
  const rows = ends(table.rows, MOST_ROWS, END_ROWS);
  const columns = ends(table.columns.length, MOST_COLUMNS, END_COLUMNS);
  const labels = rows.map((row) => (row === null ? "⋮" : cut(table.label?.(row) ?? String(row), CELL_WIDTH)));
  const shown = columns.map((column) => (column === null ? null : writtenColumn(table, rows, column)));
  const isCut = rows.includes(null) || columns.includes(null);
  return { "text/html": html(labels, shown, isCut ? shape(table) : ""), "text/plain": text(labels, shown, isCut, shape(table)) };
}

function shape({ rows, columns }: Table): string {
  return `${counted(rows)} rows × ${counted(columns.length)} columns`;
}

function ends(count: number, most: number, end: number): Ends {
  if (count <= most) return Array.from({ length: count }, (_, k) => k);
  return [...Array.from({ length: end }, (_, k) => k), null, ...Array.from({ length: end }, (_, k) => count - end + k)];
}

function writtenColumn(table: Table, rows: Ends, column: number): Shown {
  const values = rows.map((row) => (row === null ? undefined : table.cell(row, column)));
  const known = values.filter((value) => value !== undefined && value !== null);
  const isNumeric = known.length > 0 && known.every((value) => typeof value === "number" || typeof value === "bigint");
  const write = writerOf(known.filter((value) => typeof value === "number"));
  const cells = values.map((value, k) => (rows[k] === null ? "⋮" : typeof value === "number" ? write(value) : brief(value)));
  return { ...table.columns[column], isNumeric, cells };
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as HTML shows it, in an element and in an attribute. */
export function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

/** Of the viewer's own look but for the alignment. The classes keep MathJax from taking dollars for formulas. */
function html(labels: readonly string[], shown: readonly (Shown | null)[], caption: string): string {
  const align = (column: Shown | null): string => (column === null ? "center" : column.isNumeric ? "right" : "left");
  const styles = shown.map((column) => `text-align:${align(column)};${column?.isNumeric ? "font-variant-numeric:tabular-nums;" : ""}`);
  const heads = shown.map((column, c) => {
    if (column === null) return `<th style="${styles[c]}">…</th>`;
    const unit = column.unit === undefined ? "" : `<br><span style="font-weight:normal;opacity:.7">${escaped(column.unit)}</span>`;
    const title = column.type === undefined ? "" : ` title="${escaped(column.type)}"`;
    return `<th style="${styles[c]}"${title}>${escaped(cut(column.name, CELL_WIDTH))}${unit}</th>`;
  });
  const rows = labels.map((label, r) => {
    const cells = shown.map((column, c) => `<td style="${styles[c]}">${column === null ? "…" : escaped(column.cells[r])}</td>`);
    return `<tr><th style="font-weight:normal;opacity:.7">${escaped(label)}</th>${cells.join("")}</tr>`;
  });
  return `<div class="tex2jax_ignore mathjax_ignore" style="overflow-x:auto"><table style="margin-left:0">
<thead><tr><th></th>${heads.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table>${caption === "" ? "" : `<p>${caption}</p>`}</div>`;
}

/** Lines of at most `WIDTH` characters: columns in the middle give way. */
function text(labels: readonly string[], shown: readonly (Shown | null)[], isCut: boolean, caption: string): string {
  const index = aligned("", undefined, labels, true);
  const columns = shown.map((column) => (column === null ? null : aligned(column.name, column.unit, column.cells, column.isNumeric)));
  let room = WIDTH - index[0].length - "  …".length;
  const head: string[][] = [];
  const tail: string[][] = [];
  let [first, last] = [0, columns.length - 1];
  let isWhole = true;
  while (first <= last) {
    const takesHead = head.length <= tail.length;
    const next = columns[takesHead ? first : last];
    if (next !== null) {
      room -= next[0].length + 2;
      if (room < 0 && head.length > 0) break;
      if (takesHead) head.push(next);
      else tail.unshift(next);
    } else isWhole = false;
    if (takesHead) first += 1;
    else last -= 1;
  }
  isWhole &&= first > last;
  const gap = isWhole ? [] : [["…", " ", ...labels.map(() => "…")]];
  const hasUnits = shown.some((column) => column?.unit !== undefined);
  const all = [index, ...head, ...gap, ...tail];
  const lines = labels.map((_, r) => all.map((column) => column[r + 2]).join("  "));
  const heads = [0, 1].slice(0, hasUnits ? 2 : 1).map((h) => all.map((column) => column[h]).join("  "));
  return [...heads, ...lines, ...(isCut || !isWhole ? ["", caption] : [])].map((line) => line.trimEnd()).join("\n");
}

/** Name, unit and cells, as wide as the widest. */
function aligned(name: string, unit: string | undefined, cells: readonly string[], right: boolean): string[] {
  const all = [name, unit ?? "", ...cells].map((cell) => cut(cell, CELL_WIDTH));
  const width = Math.max(...all.map((cell) => [...cell].length));
  return all.map((cell) => {
    const space = " ".repeat(width - [...cell].length);
    return right ? space + cell : cell + space;
  });
}
