/** Table `calls`: why the QM engine was called, how often, for how long; one row a reason, in the order of its first call. */
import type { StudyEvent } from "../study/events.ts";
import { type Columns, INTEGER, real, TEXT } from "./arrow.ts";
import { ofKind } from "./record.ts";

/** The QM calls of one reason. */
export interface CallRow {
  readonly reason: string;
  readonly requested: number;
  /** Calculated for this request. */
  readonly calculated: number;
  /** Answered from the store. */
  readonly reused: number;
  readonly failed: number;
  /** Of the calculated ones, s. */
  readonly seconds: number;
}

export const CALL_COLUMNS: Columns<CallRow> = {
  reason: TEXT,
  requested: INTEGER,
  calculated: INTEGER,
  reused: INTEGER,
  failed: INTEGER,
  seconds: real("s"),
};

/** Rows of `calls`. A failure belongs to the reason of the last request of its image. */
export function callRows(events: readonly StudyEvent[]): CallRow[] {
  const rows = new Map<string, CallRow>();
  const reasons = new Map<string, string>();
  const add = (reason: string, more: Partial<CallRow>): void => {
    const row = rows.get(reason) ?? { reason, requested: 0, calculated: 0, reused: 0, failed: 0, seconds: 0 };
    const total = Object.entries(more).map(([key, value]) => [key, (row[key as keyof CallRow] as number) + (value as number)]);
    rows.set(reason, { ...row, ...Object.fromEntries(total) });
  };
  for (const e of events) {
    if (e.kind === "qm-requested") {
      reasons.set(e.payload.hash, e.payload.reason);
      add(e.payload.reason, { requested: 1 });
    } else if (e.kind === "qm-finished")
      add(e.payload.reason, e.payload.reused ? { reused: 1 } : { calculated: 1, seconds: e.payload.seconds });
    else if (e.kind === "qm-failed") add(reasons.get(e.payload.hash) ?? "unknown", { failed: 1 });
  }
  return [...rows.values()];
}

/** Number of QM images that were calculated for a study, and their seconds. */
export function calculated(events: readonly StudyEvent[]): { calls: number; seconds: number } {
  const own = ofKind(events, "qm-finished").filter((e) => !e.payload.reused);
  return { calls: own.length, seconds: own.reduce((s, e) => s + e.payload.seconds, 0) };
}
