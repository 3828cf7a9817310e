/** Starting a study's process and watching its journal from another one. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { programPath } from "../io/package.ts";
import { writeWholeSync } from "../io/whole.ts";
import type { EventKind, StudyEvent } from "./events.ts";
import { clearStop, isRunning, pathsOf } from "./folder.ts";
import { readJournal } from "./journal.ts";

/** How often the journal, and a process that begins or stops, are looked at, ms. */
const [LOOK, LOOK_CLOSELY] = [200, 20];
/** Events that end a run. */
const OVER: ReadonlySet<EventKind> = new Set(["study-finished", "stopped", "failed"]);
/** How long a process may take to begin or to stop, ms. */
const PATIENCE = 20_000;

/** What a study's process works with. No number depends on it. */
export interface Means {
  /** For trainings, for predictions of large structures, and QM calculations at a time. */
  readonly threads: number;
  /** Folder of a store of QM images that is shared with other studies. Default: none. */
  readonly store?: string;
  /** Address of a cluster whose workers calculate and train. Default: none, this machine does. */
  readonly cluster?: string;
}

/**
 * Starts the study of a folder in a process of its own, which outlives this one, unless it runs already.
 * @param signal ends the waiting for the process's first sign of life, not the process
 */
export async function launch(folder: string, means: Means, signal?: AbortSignal): Promise<void> {
  const paths = pathsOf(folder);
  const until = Date.now() + PATIENCE;
  const patient = (): boolean => !signal?.aborted && Date.now() < until;
  // One that is about to stop is waited for; it would take this study along.
  while (isRunning(folder)) {
    if (!existsSync(paths.stop) || !patient()) return;
    await sleep(LOOK_CLOSELY);
  }
  await clearStop(folder);
  writeWholeSync(paths.means, JSON.stringify(means));
  // The log is the last process's.
  const log = openSync(paths.log, "w");
  const flags = process.execArgv.filter((flag) => flag.startsWith("--experimental-strip"));
  const words = Object.entries(means).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...flags, programPath("cli/runner"), folder, ...words], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  while (!ended && !isRunning(folder) && patient()) await sleep(LOOK_CLOSELY);
  child.unref();
}

/** What the last process of a folder's study was started with; nothing where none was, or nobody wrote it down. */
export function lastMeans(folder: string): Partial<Means> {
  const { means } = pathsOf(folder);
  return existsSync(means) ? (JSON.parse(readFileSync(means, "utf8")) as Means) : {};
}

/**
 * The events of a study's folder from the first on, as they are committed, until its process has ended.
 * @throws Error if the process ended without saying why, with the end of its log.
 * @throws the signal's reason if the watching is given up; the study goes on.
 */
export async function* watch(folder: string, signal?: AbortSignal): AsyncGenerator<StudyEvent, void> {
  let after = 0;
  let last: StudyEvent | undefined;
  for (;;) {
    // Asked before the journal is read: what a process committed before it ended is then read for certain.
    const running = isRunning(folder);
    if (existsSync(pathsOf(folder).journal)) {
      const journal = readJournal(folder);
      try {
        for (const event of journal.events(after)) {
          after = event.sequence;
          last = event;
          yield event;
        }
      } finally {
        journal.close();
      }
    }
    if (!running) break;
    await sleep(LOOK, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
  if (last && OVER.has(last.kind)) return;
  const log = await readFile(pathsOf(folder).log, "utf8").catch(() => "");
  const line =
    log
      .trim()
      .split("\n")
      .findLast((l) => /Error/.test(l)) ?? "it was killed";
  throw new Error(`the study's process ended before the study did (${line.trim()}); run it again and it goes on where the journal ends`);
}
