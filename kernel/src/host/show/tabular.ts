/** Which values are tables: arrays of records, rows of numbers, maps, Arrow's tables, matrices of other packages; told by their form. */
import { inspect, types } from "node:util";
import { brief } from "./brief.ts";
import type { Column, Table } from "./table.ts";

const DISPLAY = Symbol.for("Jupyter.display");

/** Rows that are looked at to tell what an array holds and which columns it has, besides the last ones. */
const SAMPLE = 1000;

/** How many of the last. */
const LAST = 10;

type Row = Readonly<Record<string, unknown>>;

/** The value as a table; undefined if it is none, or too small to be worth one. */
export function tableOf(value: object): Table | undefined {
  if (Array.isArray(value)) return records(value) ?? matrix(value);
  if (value instanceof Set) return records([...value]);
  if (value instanceof Map) return mapped(value);
  return arrow(value) ?? shaped(value);
}

/** Whether it is an array, or one of the typed ones, whose items are numbers. */
function isNumbers(value: unknown): value is ArrayLike<number> {
  if (types.isTypedArray(value)) return !types.isBigInt64Array(value) && !types.isBigUint64Array(value);
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

/** Whether its columns say what it is; what shows itself in a way of its own does so in an array, too. */
function isRecord(value: unknown): value is Row {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  if (DISPLAY in value || inspect.custom in value || Symbol.iterator in value) return false;
  if (value instanceof Date || value instanceof Error || types.isAnyArrayBuffer(value) || types.isPromise(value)) return false;
  return Object.keys(value).length > 0;
}

function sample<T>(all: readonly T[]): readonly T[] {
  return all.length <= SAMPLE + LAST ? all : [...all.slice(0, SAMPLE), ...all.slice(-LAST)];
}

function records(all: readonly unknown[]): Table | undefined {
  const seen = sample(all);
  if (seen.length === 0 || !seen.every(isRecord)) return undefined;
  const names = [...new Set(seen.flatMap(Object.keys))];
  const cell = (row: number, column: number): unknown => {
    const record = all[row] as Row;
    return Object.hasOwn(record, names[column]) ? record[names[column]] : undefined;
  };
  return { rows: all.length, columns: names.map((name) => ({ name })), cell };
}

function matrix(all: readonly unknown[]): Table | undefined {
  if (all.length < 2 || !sample(all).every(isNumbers)) return undefined;
  const rows = all as readonly ArrayLike<number>[];
  const width = rows[0].length;
  if (width < 2 || !rows.every((row) => row?.length === width)) return undefined;
  return { rows: rows.length, columns: numbered(width), cell: (row, column) => rows[row][column] };
}

/** Keys are labels; of records each property has a column. */
function mapped(map: ReadonlyMap<unknown, unknown>): Table | undefined {
  const [keys, values] = [[...map.keys()], [...map.values()]];
  if (keys.length < 2 || !sample(keys).every((key) => typeof key !== "object" && typeof key !== "function")) return undefined;
  const label = (row: number): string => brief(keys[row]);
  const table = records(values);
  if (table) return { ...table, label };
  const isPlain = sample(values).every((value) => value === null || (typeof value !== "object" && typeof value !== "function"));
  return isPlain ? { rows: keys.length, columns: [{ name: "" }], cell: (row) => values[row], label } : undefined;
}

/** What is asked of a Table or RecordBatch of apache-arrow, of any version. */
interface ArrowTable {
  readonly numRows: number;
  readonly schema: { readonly fields: readonly { name: string; type?: unknown; metadata?: ReadonlyMap<string, string> }[] };
  getChildAt(index: number): { get(row: number): unknown } | null;
}

function arrow(value: object): Table | undefined {
  const { numRows, schema, getChildAt } = value as Partial<ArrowTable>;
  if (typeof numRows !== "number" || !Array.isArray(schema?.fields) || typeof getChildAt !== "function") return undefined;
  const columns = schema.fields.map(({ name, type, metadata }): Column => {
    const unit = metadata?.get("unit");
    // A pure number's unit is 1.
    return { name, unit: unit === undefined || unit === "1" ? undefined : unit, type: String(type) };
  });
  const vectors = columns.map((_, column) => (value as ArrowTable).getChildAt(column));
  return { rows: numRows, columns, cell: (row, column) => vectors[column]?.get(row) };
}

/** `{ data, shape }` of two dimensions, and what gives its rows by `to2DArray()`. */
function shaped(value: object): Table | undefined {
  const { data, shape, to2DArray } = value as { data?: unknown; shape?: unknown; to2DArray?: unknown };
  if (typeof to2DArray === "function") return matrix(to2DArray.call(value));
  if (!isNumbers(data) || shapeOf(shape, data.length)?.length !== 2) return undefined;
  const [rows, width] = shape as number[];
  return { rows, columns: numbered(width), cell: (row, column) => data[row * width + column] };
}

/** The shape that is said of `length` numbers, if it can be theirs. */
export function shapeOf(shape: unknown, length: number): readonly number[] | undefined {
  if (!Array.isArray(shape) || shape.length === 0 || !shape.every((n) => Number.isInteger(n) && n >= 0)) return undefined;
  return shape.reduce((product, n) => product * n, 1) === length ? shape : undefined;
}

function numbered(count: number): readonly Column[] {
  return Array.from({ length: count }, (_, k) => ({ name: String(k) }));
}
