/** The QM calls of a study by what made them necessary: reasons that differ in step, atom and number only are one row. */
import { type CallRow, NO_CALLS } from "../history/calls.ts";
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

/** How many images each kind of call came to, with every number and atom where its reasons differ: `strained by -3, -1.5 or 3 %`. */
export function callsInFull(calls: readonly CallRow[]): { readonly images: number; readonly words: string }[] {
  const kinds = new Map<string, { images: number; between: string[]; values: Set<string>[] }>();
  for (const call of calls) {
    const reason = withoutStep(call.reason);
    const found = reason.match(VARIABLE) ?? [];
    const key = reason.replace(VARIABLE, "…");
    const kind = kinds.get(key) ?? { images: 0, between: reason.split(VARIABLE), values: found.map(() => new Set<string>()) };
    for (const [k, value] of found.entries()) kind.values[k].add(value);
    kinds.set(key, { ...kind, images: kind.images + call.calculated + call.reused });
  }
  return [...kinds.values()].map(({ images, between, values }) => ({
    images,
    words: between.map((text, k) => `${text}${k < values.length ? alternatives([...values[k]]) : ""}`).join(""),
  }));
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
  return calls.reduce(added, { ...NO_CALLS, reason: "all" });
}

/** A number with its sign, or an atom: `-1.5`, `Cu12`. */
const VARIABLE = /-?[A-Za-z]*\d[\d.]*/g;

function withoutStep(reason: string): string {
  return reason.replace(/^step \d+: /, "");
}

/** `1, 2 or 3`; numbers in their order. */
function alternatives(values: readonly string[]): string {
  const sorted = values.toSorted((a, b) => Number(a) - Number(b) || 0);
  return sorted.length < 2 ? sorted.join("") : `${sorted.slice(0, -1).join(", ")} or ${sorted[sorted.length - 1]}`;
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
  const sum = (key: Exclude<keyof CallRow, "reason">): number => a[key] + b[key];
  return {
    reason: a.reason,
    requested: sum("requested"),
    calculated: sum("calculated"),
    reused: sum("reused"),
    shared: sum("shared"),
    failed: sum("failed"),
    seconds: sum("seconds"),
    sharedSeconds: sum("sharedSeconds"),
  };
}
