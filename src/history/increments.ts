/**
 * A history that grows with its study, and what is new in it: what a live view is sent. Most tables only grow; those in which a row can change
 * (about, summary, cost, and the trajectory where it is thinned) are sent anew when one did. Which it was is found by comparing, so that a
 * reader's table always equals the one that a bundle of the same moment holds.
 */
import { tableToIPC } from "apache-arrow";
import type { StudyEvent } from "../study/events.ts";
import type { StudyInputs, StudyRecord } from "../study/folder.ts";
import { arrowTables, type History, history, type TableName } from "./history.ts";
import { stepRows } from "./steps.ts";
import { trainingRows } from "./training.ts";

/** Rows of a table from number `from` on; 0 replaces the table. */
export interface Increment {
  readonly name: TableName;
  readonly from: number;
  /** Arrow IPC stream. */
  readonly ipc: Uint8Array;
}

/** Bytes of an IPC stream, above which its rows are sent in several. */
const LARGEST = 400_000;

/** The history of a study after each handful of its events, in their order. Rows of steps and trainings, nearly all there are, are made once. */
export function growingHistory(inputs: StudyInputs, array: StudyRecord["array"]): (more: readonly StudyEvent[]) => History {
  const geometries = new Map<string, Float64Array | undefined>();
  const kept: StudyRecord["array"] = (sequence, name) => {
    const key = `${sequence} ${name}`;
    if (!geometries.has(key)) geometries.set(key, array(sequence, name));
    return geometries.get(key);
  };
  let events: readonly StudyEvent[] = [];
  let made: Pick<History, "steps" | "training"> = { steps: [], training: [] };
  return (more) => {
    events = [...events, ...more];
    made = {
      steps: [...made.steps, ...stepRows(more)],
      training: [...made.training, ...trainingRows({ events: more, array })],
    };
    return history({ ...inputs, events, array: kept }, undefined, made);
  };
}

/**
 * What a reader who holds `before` lacks of `after`, table by table, in streams of at most about 400 kB.
 * @param before the rows that the reader has; a table that is not there is sent whole
 */
export function increments(before: Partial<History>, after: History, names: readonly TableName[]): Increment[] {
  return names.flatMap((name) => {
    const [old, now] = [rowsOfTable(before, name), rowsOfTable(after, name)];
    const hasGrown = old.length <= now.length && old.every((row, k) => isSame(row, now[k]));
    const from = hasGrown ? old.length : 0;
    return from === now.length ? [] : streams(after, name, from, now.length);
  });
}

/** The rows of a table. */
export function rowsOfTable(h: Partial<History>, name: TableName): readonly object[] {
  const rows = h[name] ?? [];
  return Array.isArray(rows) ? rows : [rows];
}

function streams(h: History, name: TableName, from: number, to: number): Increment[] {
  const part = name === "about" ? h : { ...h, [name]: rowsOfTable(h, name).slice(from, to) };
  const ipc = tableToIPC(arrowTables(part, [name])[name], "stream");
  const length = Math.ceil((to - from) / Math.ceil(ipc.length / LARGEST));
  if (length === to - from) return [{ name, from, ipc }];
  return Array.from({ length: Math.ceil((to - from) / length) }, (_, k) => from + k * length).flatMap((start) =>
    streams(h, name, start, Math.min(to, start + length)),
  );
}

/** Whether two rows hold the same values. */
function isSame(a: object, b: object): boolean {
  if (a === b) return true;
  const other = b as Readonly<Record<string, unknown>>;
  return Object.entries(a).every(([key, cell]) => {
    const match = other[key];
    if (!(cell instanceof Float64Array && match instanceof Float64Array)) return Object.is(cell, match);
    return cell.length === match.length && cell.every((x, k) => Object.is(x, match[k]));
  });
}
