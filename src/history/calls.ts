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
  /** Answered by an image that was there already. */
  readonly reused: number;
  /** Of these, the ones taken from the store that studies share: this study never calculated them. */
  readonly shared: number;
  readonly failed: number;
  /** Of the calculated ones, s. */
  readonly seconds: number;
  /** What the shared ones took where they were calculated, s. */
  readonly sharedSeconds: number;
}

export const CALL_COLUMNS: Columns<CallRow> = {
  reason: TEXT,
  requested: INTEGER,
  calculated: INTEGER,
  reused: INTEGER,
  shared: INTEGER,
  failed: INTEGER,
  seconds: real("s"),
  sharedSeconds: real("s"),
};

/** A row of `calls` before anything was asked for. */
export const NO_CALLS: Omit<CallRow, "reason"> = {
  requested: 0,
  calculated: 0,
  reused: 0,
  shared: 0,
  failed: 0,
  seconds: 0,
  sharedSeconds: 0,
};

/** Rows of `calls`. A failure belongs to the reason of the last request of its image. */
export function callRows(events: readonly StudyEvent[]): CallRow[] {
  const rows = new Map<string, CallRow>();
  const reasons = new Map<string, string>();
  const add = (reason: string, more: Partial<CallRow>): void => {
    const row = rows.get(reason) ?? { reason, ...NO_CALLS };
    const total = Object.entries(more).map(([key, value]) => [key, (row[key as keyof CallRow] as number) + (value as number)]);
    rows.set(reason, { ...row, ...Object.fromEntries(total) });
  };
  for (const e of events) {
    if (e.kind === "qm-requested") {
      reasons.set(e.payload.hash, e.payload.reason);
      add(e.payload.reason, { requested: 1 });
    } else if (e.kind === "qm-finished") {
      const { reason, reused, from, seconds } = e.payload;
      if (!reused) add(reason, { calculated: 1, seconds });
      else add(reason, { reused: 1, ...(from === "store" && { shared: 1, sharedSeconds: seconds }) });
    } else if (e.kind === "qm-failed") add(reasons.get(e.payload.hash) ?? "unknown", { failed: 1 });
  }
  return [...rows.values()];
}

/** Number of QM images that were calculated for a study, and their seconds. */
export function calculated(events: readonly StudyEvent[]): { calls: number; seconds: number } {
  const own = ofKind(events, "qm-finished").filter((e) => !e.payload.reused);
  return { calls: own.length, seconds: own.reduce((s, e) => s + e.payload.seconds, 0) };
}

/** A QM image that was calculated for a study: for whom, why, and what it took where. */
export interface Calculation extends Pick<StudyEvent, "scheme" | "member" | "step"> {
  readonly reason: string;
  /** Counted from 1; null where an old journal does not say, as below. */
  readonly attempt: number | null;
  readonly seconds: number;
  /** Largest memory of the engine's process, bytes. */
  readonly peakMemory: number | null;
  readonly node: string | null;
  /** Of the engine. */
  readonly version: string | null;
}

/** The calculations of a study in order. */
export function calculations(events: readonly StudyEvent[]): Calculation[] {
  return ofKind(events, "qm-finished")
    .filter((e) => !e.payload.reused)
    .map(({ scheme, member, step, payload }) => {
      const { reason, seconds, attempt = null, peakMemory = null, node = null, version = null } = payload;
      return { scheme, member, step, reason, attempt, seconds, peakMemory, node, version };
    });
}
