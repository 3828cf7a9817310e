/**
 * Inputs of this session and of earlier ones, and the questions that history_request asks about them. A session is a file, which only its
 * kernel writes, so that any number of kernels may run at once, also on a disk that several machines share: `<session>.jsonl`, a line
 * `[line, input, output]` for each cell.
 */
import { mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { log } from "../log.ts";
import type { Content } from "../wire/message.ts";

/** (session, line, input), with output (session, line, [input, output]). */
export type Entry = readonly [number, number, string | readonly [string, string | null]];

/** What was typed. */
export interface History {
  /** @param output text of the last value, null without one */
  add(line: number, input: string, output: string | null): void;
  /**
   * Answers the content of a history_request.
   * @throws RangeError if it does not ask for range, tail or search.
   */
  find(request: Content): Entry[];
}

interface Row {
  readonly session: number;
  readonly line: number;
  readonly input: string;
  readonly output: string | null;
}

/** Sessions whose inputs are kept. */
const KEPT = 200;

/** Characters of an output that are kept. */
const LONGEST = 10_000;

/** Attempts to get a number of one's own, of which every other kernel that starts in this moment takes one. */
const ATTEMPTS = 100;

/** Where inputs are kept: QMML_HISTORY, by default in the user's data folder; undefined if that is empty. */
export function historyFolder({ QMML_HISTORY, XDG_DATA_HOME }: NodeJS.ProcessEnv = process.env): string | undefined {
  return (QMML_HISTORY ?? join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "qmml", "history")) || undefined;
}

/** A session that has no inputs yet; its file is made with the first. @param folder of the sessions; without it only this one is known */
export function openHistory(folder?: string): History {
  const earlier = sessionsIn(folder);
  let session = (earlier.at(-1) ?? 0) + 1;
  let file: number | undefined;
  let keeps = folder !== undefined;
  const own: Row[] = [];

  const keep = (row: Row): void => {
    if (!keeps || folder === undefined) return;
    try {
      if (file === undefined) [session, file] = newSession(folder, session);
      writeSync(file, `${JSON.stringify([row.line, row.input, row.output])}\n`);
    } catch (error) {
      keeps = false;
      log(`inputs are not kept for later sessions (${(error as Error).message})`);
    }
  };

  /** Of earlier sessions and this one, oldest first. */
  const all = (): Row[] => [...earlier.flatMap((number) => rowsOf(folder ?? "", number)), ...own.map((row) => ({ ...row, session }))];
  const ofSession = (wanted: number): Row[] => {
    const number = wanted > 0 ? wanted : session + wanted;
    return number === session ? own.map((row) => ({ ...row, session })) : earlier.includes(number) ? rowsOf(folder ?? "", number) : [];
  };

  const select = ({ hist_access_type: kind, session: of, start, stop, n, pattern, unique }: Content): Row[] => {
    if (kind === "range") {
      const [from, to] = [whole(start, 0), whole(stop, Infinity)];
      return ofSession(whole(of, 0)).filter(({ line }) => line >= from && line < to);
    }
    if (kind === "tail") return last(all(), whole(n, Infinity));
    if (kind !== "search") throw new RangeError(`history is asked for by ${JSON.stringify(kind)}; there are "range", "tail" and "search"`);
    const wanted = glob(typeof pattern === "string" ? pattern : "*");
    const found = all().filter(({ input }) => wanted.test(input));
    return last(unique === true ? lastOfEach(found) : found, whole(n, Infinity));
  };

  return {
    add(line, input, output) {
      const row = { session, line, input, output: output && output.length > LONGEST ? `${output.slice(0, LONGEST)}…` : output };
      own.push(row);
      keep(row);
    },
    find: (request) =>
      select(request).map(({ session, line, input, output }) => [session, line, request.output === true ? [input, output] : input]),
  };
}

/** Numbers of the sessions in a folder, ascending. */
function sessionsIn(folder: string | undefined): number[] {
  try {
    const names = folder === undefined ? [] : readdirSync(folder);
    return names.flatMap((name) => Number(/^(\d+)\.jsonl$/.exec(name)?.[1] ?? [])).sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** A new file with the first free number from `first` on, which is this kernel's, and the oldest files removed. */
function newSession(folder: string, first: number): [session: number, file: number] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const old of sessionsIn(folder).slice(0, -KEPT)) rmSync(join(folder, `${old}.jsonl`), { force: true });
  for (let session = first; ; session++) {
    try {
      return [session, openSync(join(folder, `${session}.jsonl`), "ax", 0o600)];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || session - first >= ATTEMPTS) throw error;
    }
  }
}

/** What a session's file holds; nothing if it was removed. */
function rowsOf(folder: string, session: number): Row[] {
  let text: string;
  try {
    text = readFileSync(join(folder, `${session}.jsonl`), "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((written) => {
    try {
      const [line, input, output] = JSON.parse(written) as [number, string, string | null];
      return { session, line, input, output };
    } catch {
      // The last line of a kernel that was killed while it wrote.
      return [];
    }
  });
}

/** Each input once, where it was given last. */
function lastOfEach(rows: readonly Row[]): Row[] {
  const latest = new Map(rows.map((row) => [row.input, row]));
  return rows.filter((row) => latest.get(row.input) === row);
}

function last<T>(values: readonly T[], n: number): T[] {
  return n >= values.length ? [...values] : values.slice(values.length - Math.max(n, 0));
}

/** Clients leave fields out, or send null. */
function whole(value: unknown, otherwise: number): number {
  return typeof value === "number" ? Math.trunc(value) : otherwise;
}

function glob(pattern: string): RegExp {
  const parts = [...pattern].map((c) => (c === "*" ? "[^]*" : c === "?" ? "[^]" : c.replace(/[\\^$.|+()[\]{}]/, "\\$&")));
  return new RegExp(`^${parts.join("")}$`, "u");
}
