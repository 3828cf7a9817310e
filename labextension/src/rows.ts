/** The rows of a study's tables as they grow: from a bundle's Arrow streams, then part by part from the kernel. */
import type { ViewPayload } from "../../src/display/bundle.ts";
import type { Columns } from "../../src/history/arrow.ts";
import { type History, TABLE_COLUMNS, type TableName } from "../../src/history/history.ts";
import { readRows as readTable } from "../../src/history/readRows.ts";
import { checkShape } from "../../src/history/shape.ts";
import { MOST_ROWS } from "../../src/history/stream.ts";
import type { FrameRow } from "../../src/history/trajectory.ts";
import type { Held, TablePart } from "./feed.ts";

/** Rows by table; a table that a view does not carry has none. */
export interface Rows extends Omit<History, "calls"> {
  /** Of the study: `about` as long as nobody knows better; the kernel sees also whether its process is there (`interrupted`). */
  readonly state: string;
}

/** The tables that views read. */
export type RowsName = Exclude<keyof Rows, "state">;

/** All of them. */
export const ALL: readonly RowsName[] = ["about", "steps", "atoms", "trajectory", "training", "cost", "summary", "messages", "log"];

/** A study as far as it is known. */
export interface Known {
  readonly rows: Rows;
  readonly held: Held;
}

/**
 * The rows of a bundle, checked. Tables of other names are left out.
 * @throws RangeError in one sentence if a table cannot be read, or there is no row of `about`
 */
export function readRows({ tables, study }: ViewPayload): Known {
  const found = ALL.filter((name) => Object.hasOwn(tables, name)).map((name) => [name, tableRows(name, tables[name])] as const);
  const byName = new Map<RowsName, readonly unknown[]>(found);
  const [about] = byName.get("about") ?? [];
  if (about === undefined) throw new RangeError("its table about has no row");
  const { sequence: last, state } = about as Rows["about"];
  const others = Object.fromEntries(ALL.map((name) => [name, byName.get(name) ?? []]));
  const rows = { ...others, about, state } as unknown as Rows;
  checkShape(rows.about, rows.atoms, "trajectory", rows.trajectory);
  return { rows, held: { sequence: study?.sequence ?? last, tables: Object.fromEntries(found.map(([name, own]) => [name, own.length])) } };
}

/**
 * What is known after parts from the kernel, and which tables they changed; undefined if a part does not continue what is held.
 * @throws RangeError in one sentence if a part cannot be read
 */
export function withParts(
  known: Known,
  { sequence, state }: { readonly sequence: number; readonly state: string },
  parts: readonly TablePart[],
): { known: Known; changed: RowsName[] } | undefined {
  const rows: Record<string, unknown> = { ...known.rows, state };
  const counts: Record<string, number> = { ...known.held.tables };
  const changed = new Set<RowsName>(state === known.rows.state ? [] : ["about"]);
  const frames: FrameRow[] = [];
  for (const { name, from, ipc } of parts) {
    if (!isRowsName(name)) continue;
    const more = tableRows(name, ipc);
    if (!(from >= 0 && from <= (counts[name] ?? 0))) return undefined;
    if (name === "about") rows.about = more.at(-1) ?? rows.about;
    else rows[name] = [...(rows[name] as readonly unknown[]).slice(0, from), ...more];
    counts[name] = from + more.length;
    changed.add(name);
    if (name === "trajectory") frames.push(...(more as FrameRow[]));
    if (counts[name] > MOST_ROWS) throw new RangeError(`table ${name} has grown to more than ${MOST_ROWS} rows`);
  }
  const { about, atoms, trajectory } = rows as unknown as Rows;
  checkShape(about, atoms, "trajectory", changed.has("atoms") ? trajectory : frames);
  return { known: { rows: rows as unknown as Rows, held: { sequence, tables: counts } }, changed: [...changed] };
}

function tableRows(name: RowsName, stream: Uint8Array | string): readonly unknown[] {
  return readTable<object>(name, TABLE_COLUMNS[name satisfies TableName] as unknown as Columns<object>, stream);
}

function isRowsName(name: string): name is RowsName {
  return (ALL as readonly string[]).includes(name);
}
