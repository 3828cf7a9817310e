/**
 * The study's own process: `node runner.js FOLDER`. Holds the folder's lock, commits every event before the study goes on, rewrites the
 * snapshot, and stops within a second of `control/stop`, SIGTERM or SIGINT, leaving a journal that can be gone on with.
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { calculator } from "../calculators/registry.ts";
import { studyBundle } from "../display/study.ts";
import { trainer } from "../ensemble/trainer.ts";
import { history } from "../history/history.ts";
import { qmService, settingsOf } from "../qm/image.ts";
import { clearStop, openStudy, pathsOf, studyIn, takeLock, writeWhole } from "../study/folder.ts";
import { writeJournal } from "../study/journal.ts";
import { memoryOf } from "../study/memory.ts";
import { runStudy } from "../study/run.ts";
import { packageVersion } from "./version.ts";

const VERSION = packageVersion();

/** How often `control/stop` is looked for and how often the snapshot is rewritten at most, ms. */
const [LOOK, SNAPSHOT] = [200, 3000];

async function main(folder: string, threads: number): Promise<void> {
  const lock = takeLock(folder);
  if (!lock) return;
  const paths = pathsOf(folder);
  const study = await studyIn(folder);
  const journal = writeJournal(folder);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(new Error("stopped on request"));
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  const look = setInterval(() => existsSync(paths.stop) && stop(), LOOK);
  const memory = memoryOf(journal);
  if (journal.events().length > 0) journal.commit({ kind: "resumed", payload: { message: "goes on where the journal ends" } });
  const workers = trainer(threads);
  const qm = qmService(calculator(study.file.qm), settingsOf(study.file.qm, VERSION), journal.image);
  const versions = { qmml: VERSION, node: process.versions.node };
  let drawn = 0;
  try {
    const { signal } = stopping;
    for await (const { happening, image } of runStudy(study, { qm, trainer: workers, memory, versions, signal })) {
      journal.commit(happening, image);
      signal.throwIfAborted();
      if (performance.now() - drawn > SNAPSHOT) {
        await snapshot(folder);
        drawn = performance.now();
      }
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (stopping.signal.aborted) journal.commit({ kind: "stopped", payload: { message: "stopped on request; run again to go on" } });
    else {
      journal.commit({ kind: "failed", payload: { message } });
      process.exitCode = 1;
    }
  } finally {
    clearInterval(look);
    await workers.close();
    await snapshot(folder);
    await clearStop(folder);
    journal.close();
    lock.release();
  }
}

/** Rewrites `view.json`. */
async function snapshot(folder: string): Promise<void> {
  const study = await openStudy(folder);
  try {
    await writeWhole(pathsOf(folder).view, JSON.stringify(studyBundle(history(study))));
  } finally {
    study.close();
  }
}

await main(process.argv[2], Number(process.argv[3] ?? availableParallelism()));
