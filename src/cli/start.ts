/**
 * The main job of `npm start`: study A twice, once with the automatic pre-training and once with models that start ignorant of the adsorbate,
 * and study B, true quantum chemistry with a cut chain; then the notebooks, whose studies these are, a table of each, a report and what to type
 * next. Studies that are there already are shown, not run again.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { report } from "../display/report.ts";
import { studyTable } from "../display/study.ts";
import type { History } from "../history/history.ts";
import { writeWhole } from "../io/whole.ts";
import { studyA, studyAIgnorant, studyB } from "../study/examples.ts";
import { makeFolder } from "../study/folder.ts";
import { attach, unfinished } from "./attach.ts";
import { screen } from "./live.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
/** The notebooks' folder: a study named there is in a folder beside them. */
const STUDIES = join(PROJECT, "notebooks");
/** Those that show these studies, and nothing that is calculated elsewhere. */
const NOTEBOOKS = ["01-cu100", "02-fatty-acid"];

async function main(): Promise<number> {
  const began = performance.now();
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => interruption.abort(new Error("stopped; npm start goes on")));
  const io = { ...screen(process.stdout), warn: console.error, json: false, signal: interruption.signal };
  const histories: History[] = [];
  try {
    for (const study of [studyA(), studyAIgnorant(), studyB()]) {
      const folder = join(STUDIES, study.name);
      await makeFolder(folder, study);
      const history = await attach(folder, { threads: availableParallelism() }, io);
      const failure = unfinished(history);
      if (failure) throw new Error(failure);
      histories.push(history);
    }
    await tryNotebooks(interruption.signal);
  } catch (error) {
    console.error(`npm start: ${error instanceof Error ? error.message : error}`);
    return interruption.signal.aborted ? 130 : 1;
  }
  const page = join(STUDIES, "report.html");
  await writeWhole(page, report(histories, new Date()));
  for (const h of histories) console.log(`\n${studyTable(h)}`);
  const seconds = (performance.now() - began) / 1000;
  const shown = (path: string): string => relative(resolve(process.cwd()), path) || path;
  console.log(`\nready in ${seconds < 90 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} minutes`}`);
  console.log(`figures:  ${shown(page)}  (open it in a browser; it needs no network)`);
  console.log("next:     npm run lab  (the same studies as notebooks, in JupyterLab)");
  return 0;
}

/** Runs the notebooks that show the studies, unless that was done before. */
async function tryNotebooks(signal: AbortSignal): Promise<void> {
  const script = join(PROJECT, ".dev", "figures.mjs");
  const [status] = await once(spawn(process.execPath, [script, "--try", ...NOTEBOOKS], { stdio: "inherit", signal }), "close");
  if (status !== 0) throw new Error("a notebook did not run to its end; what it said stands above");
}

process.exitCode = await main();
