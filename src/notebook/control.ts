/** What a view can have done with its study: stopping its process, and starting it again where the journal ends. */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { askToStop, isRunning, pathsOf, studyInSync } from "../study/folder.ts";
import { readJournal } from "../study/journal.ts";
import { lastMeans, launch } from "../study/launch.ts";

/** How often a stopping process is looked at, and how long, ms. */
const [LOOK, PATIENCE] = [20, 20_000];

/**
 * Does what was asked for.
 * @param folder the study's
 * @param request `stop`: fulfilled when the process has ended. `resume`: fulfilled when it lives; with the threads, the store and the cluster that it had.
 * @throws Error with one sentence if the folder holds no study, if there is nothing to stop or to resume, or if it did not work
 * @throws RangeError if the request is another one
 */
export async function controlStudy(folder: string, request: string): Promise<void> {
  const name = studyInSync(folder).name;
  if (request === "stop") return stop(folder, name);
  if (request === "resume") return resume(folder, name);
  throw new RangeError(`a study cannot be asked to "${request}"; ask it to stop or to resume`);
}

async function stop(folder: string, name: string): Promise<void> {
  if (!isRunning(folder)) throw new Error(`the study ${name} is not running`);
  await askToStop(folder);
  for (const until = Date.now() + PATIENCE; isRunning(folder); await sleep(LOOK))
    if (Date.now() > until) throw new Error(`the study ${name} has not stopped within ${PATIENCE / 1000} s; it will when its QM call ends`);
}

async function resume(folder: string, name: string): Promise<void> {
  if (isFinished(folder)) throw new Error(`the study ${name} is finished`);
  await launch(folder, { threads: availableParallelism(), ...lastMeans(folder) });
  if (isRunning(folder) || isFinished(folder)) return;
  const log = existsSync(pathsOf(folder).log) ? readFileSync(pathsOf(folder).log, "utf8").trim() : "";
  const why = log.split("\n").findLast((line) => /Error/.test(line)) ?? "it was killed";
  throw new Error(`the process of the study ${name} ended at once (${why.trim()})`);
}

function isFinished(folder: string): boolean {
  if (!existsSync(pathsOf(folder).journal)) return false;
  const journal = readJournal(folder);
  try {
    return journal.events().at(-1)?.kind === "study-finished";
  } finally {
    journal.close();
  }
}
