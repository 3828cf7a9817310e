/** The QM calls of a study by what made them necessary: reasons that differ in step, atom and number only are one row. */
import type { CallRow } from "../history/calls.ts";
import { significant } from "./numbers.ts";
import type { TextTable } from "./table.ts";

/** Calls of one kind summed, in the order of the first of each; `reason` says what they have in common, with … where they differ. */
export function callKinds(calls: readonly CallRow[]): CallRow[] {
  const kinds = new Map<string, CallRow>();
  for (const call of calls) {
    const reason = withoutStep(call.reason);
    const kind = reason.replace(VARIABLE, "…");
    const sum = kinds.get(kind);
    kinds.set(kind, sum ? { ...added(sum, call), reason: inCommon(sum.reason, reason) } : { ...call, reason });
  }
  return [...kinds.values()];
}

/** Rows of calls as a table of words. */
export function callTable(calls: readonly CallRow[]): TextTable {
  const columns = ["reason", "asked", "calculated", "stored", "failed"].map((name) => ({ name, unit: "" }));
  const rows = calls.map((c) => [
    c.reason,
    String(c.requested),
    String(c.calculated),
    String(c.reused),
    String(c.failed),
    significant(c.seconds),
  ]);
  return { columns: [...columns, { name: "QM", unit: "s" }], rows };
}

/** The calls of a list taken together. */
export function allCalls(calls: readonly CallRow[]): CallRow {
  return calls.reduce(added, { reason: "all", requested: 0, calculated: 0, reused: 0, failed: 0, seconds: 0 });
}

/** A number with its sign, or an atom: `-1.5`, `Cu12`. */
const VARIABLE = /-?[A-Za-z]*\d[\d.]*/g;

function withoutStep(reason: string): string {
  return reason.replace(/^step \d+: /, "");
}

/** A reason with … where another one of its kind has another number or atom. */
function inCommon(a: string, b: string): string {
  const words = b.split(" ");
  return a
    .split(" ")
    .map((word, k) => (word === words[k] ? word : word.replace(VARIABLE, "…")))
    .join(" ");
}

function added(a: CallRow, b: CallRow): CallRow {
  const sum = (key: "requested" | "calculated" | "reused" | "failed" | "seconds"): number => a[key] + b[key];
  return {
    reason: a.reason,
    requested: sum("requested"),
    calculated: sum("calculated"),
    reused: sum("reused"),
    failed: sum("failed"),
    seconds: sum("seconds"),
  };
}
