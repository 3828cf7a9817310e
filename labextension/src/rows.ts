/** The rows of a study's tables as they grow: from a bundle's Arrow streams, then part by part from the kernel. */
import { tableFromIPC } from "apache-arrow";
import type { ViewPayload } from "../../src/display/bundle.ts";
import { decode, rowsOf } from "../../src/history/arrow.ts";
import type { History } from "../../src/history/history.ts";
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
 * The rows of a bundle.
 * @throws Error if a table is no Arrow stream, RangeError if there is no row of `about`
 */
export function readRows({ tables, study }: ViewPayload): Known {
  const found = Object.entries(tables).map(([name, table]) => [name, rowsOf<unknown>(decode(table))] as const);
  const byName = new Map<string, readonly unknown[]>(found);
  const [about] = byName.get("about") ?? [];
  if (about === undefined) throw new RangeError("its table about has no row");
  const rows = Object.fromEntries(ALL.map((name) => [name, name === "about" ? about : (byName.get(name) ?? [])]));
  const { sequence: last, state } = about as Rows["about"];
  const sequence = study?.sequence ?? last;
  return {
    rows: { ...rows, state } as unknown as Rows,
    held: { sequence, tables: Object.fromEntries(found.map(([name, own]) => [name, own.length])) },
  };
}

/** What is known after parts from the kernel, and which tables they changed; undefined if a part does not continue what is held. */
export function withParts(
  known: Known,
  { sequence, state }: { readonly sequence: number; readonly state: string },
  parts: readonly TablePart[],
): { known: Known; changed: RowsName[] } | undefined {
  const rows: Record<string, unknown> = { ...known.rows, state };
  const counts: Record<string, number> = { ...known.held.tables };
  const changed = new Set<RowsName>(state === known.rows.state ? [] : ["about"]);
  for (const { name, from, ipc } of parts) {
    if (!isRowsName(name)) continue;
    const more = rowsOf<unknown>(tableFromIPC(ipc));
    if (from > (counts[name] ?? 0)) return undefined;
    if (name === "about") rows.about = more.at(-1) ?? rows.about;
    else rows[name] = [...(rows[name] as readonly unknown[]).slice(0, from), ...more];
    counts[name] = from + more.length;
    changed.add(name);
  }
  return { known: { rows: rows as unknown as Rows, held: { sequence, tables: counts } }, changed: [...changed] };
}

function isRowsName(name: string): name is RowsName {
  return (ALL as readonly string[]).includes(name);
}
