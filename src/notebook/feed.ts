/**
 * The live feed of a study: what its journal has that a reader lacks, poll by poll. It only reads, from any process and any thread, and the
 * study does not notice: a poll that finds nothing new costs a look into SQLite's index (0.1 ms), one that does some ms in a thousand events,
 * after which the feed rests, so that a long study is not followed at its own expense.
 */
import { existsSync } from "node:fs";
import { VIEW_TABLES } from "../display/bundle.ts";
import type { History, TableName } from "../history/history.ts";
import { growingHistory, type Increment, increments, rowsOfTable } from "../history/increments.ts";
import type { State } from "../history/summary.ts";
import { inputsOf, isRunning, pathsOf, studyInSync } from "../study/folder.ts";
import { type JournalReader, readJournal } from "../study/journal.ts";

/** What a reader has already, and how long it waits. */
export interface FeedOptions {
  /** Number of the last event in its tables. Default 0: it has nothing. */
  readonly sequence?: number;
  /** Rows that it holds, by table: these tables are sent. Default: all of the view `study`, of which it holds nothing. */
  readonly tables?: Readonly<Partial<Record<string, number>>>;
  /** ms that a study which is not finished, but has no process, is waited for: it may be about to begin, or to go on. Default 10 000. */
  readonly patience?: number;
  /** Part of a thread's time that following may take: after an answer the feed rests, but never for more than a second. Default 0.04. */
  readonly share?: number;
}

/** ms. */
const LONGEST_REST = 1000;

/** What is new. */
export interface FeedAnswer {
  /** Number of the last event in the tables. */
  readonly sequence: number;
  /** `interrupted`: the study's process was killed. */
  readonly state: State | "interrupted";
  /** Of one table there may be several, in ascending order. */
  readonly tables: readonly Increment[];
  /** The study has no process any more, and everything was given. */
  readonly ended: boolean;
}

/** A feed that is read by polling. */
export interface FeedReader {
  /**
   * What is new since the last answer; undefined if nothing is, and after the answer with `ended`.
   * @throws Error with one sentence if the journal cannot be read.
   */
  next(): FeedAnswer | undefined;
  close(): void;
}

/**
 * Opens the feed of a study's folder.
 * @throws Error with one sentence if the folder holds no study.
 * @throws RangeError if a table has another name than those of the view `study`.
 */
export function studyFeed(
  folder: string,
  { sequence: known = 0, tables: held, patience = 10_000, share = 0.04 }: FeedOptions = {},
): FeedReader {
  const inputs = inputsOf(studyInSync(folder));
  const names = namesOf(held);
  let journal: JournalReader | undefined;
  let grow: ((events: ReturnType<JournalReader["events"]>) => History) | undefined;
  let [sequence, state, ended]: [number, State, boolean] = [0, "empty", false];
  let has: Partial<History> = {};
  let alone: number | undefined;
  let rested = 0;

  /** The journal, once there is one, with what the reader has of it. */
  const opened = (): JournalReader | undefined => {
    if (journal || !existsSync(pathsOf(folder).journal)) return journal;
    journal = readJournal(folder);
    grow = growingHistory(inputs, journal.array);
    const events = journal.events();
    const last = events.at(-1)?.sequence ?? 0;
    // A reader ahead of the journal has seen another one, which stood here before.
    const isSame = known <= last;
    const then = grow(isSame ? events.filter((e) => e.sequence <= known) : []);
    const whole = names.filter((name) => isSame && held?.[name] === rowsOfTable(then, name).length);
    has = Object.fromEntries(whole.map((name) => [name, then[name]]));
    [sequence, state] = [then.about.sequence, then.about.state];
    return journal;
  };
  /** Whether nothing will come any more. */
  const isOver = (): boolean => {
    if (isRunning(folder)) alone = undefined;
    else alone ??= performance.now();
    return alone !== undefined && (state === "finished" || performance.now() - alone >= patience);
  };

  return {
    next() {
      const began = performance.now();
      if (ended || began < rested) return undefined;
      // Asked before the journal is read: what a process committed before it ended is then read for certain.
      const over = isOver();
      const isFirst = journal === undefined;
      const events = opened()?.events(sequence) ?? [];
      if (grow && (isFirst || events.length > 0)) {
        const now = grow(events);
        const tables = increments(has, now, names);
        [sequence, state, has] = [now.about.sequence, now.about.state, now];
        const end = performance.now();
        rested = end + Math.min(LONGEST_REST, (end - began) * (1 / share - 1));
        if (tables.length > 0) return { sequence, state, tables, ended: false };
      }
      if (!over) return undefined;
      ended = true;
      return { sequence, state: state === "running" ? "interrupted" : state, tables: [], ended };
    },
    close: () => journal?.close(),
  };
}

function namesOf(held: FeedOptions["tables"]): readonly TableName[] {
  const all = VIEW_TABLES.study;
  const names = Object.keys(held ?? {});
  const unknown = names.find((name) => !all.some((n) => n === name));
  if (unknown !== undefined) throw new RangeError(`there is no table "${unknown}"; there are ${all.join(", ")}`);
  return names.length === 0 ? all : (names as TableName[]);
}
