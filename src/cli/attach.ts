/** A study in the terminal from start to end: launched if it does not run, followed event by event, summed up. */

import { setTimeout as sleep } from "node:timers/promises";
import { type History, history } from "../history/history.ts";
import { askToStop, isRunning, studyIn, withStudy } from "../study/folder.ts";
import { launch, type Means, watch } from "../study/launch.ts";
import type { Io } from "./command.ts";
import { progress } from "./progress.ts";

/** ms that a stopping study is given before the terminal lets go of it. */
const STOPPING = 600;

/** ms between two drawings of the state on a terminal where nothing happens. */
const PULSE = 1000;

/** ms between two accounts of the state where the output is no terminal. */
const SELDOM = 15_000;

/** Runs the study of a folder, or goes on with it, and shows it; Ctrl-C stops it, and running it again goes on. */
export async function attach(folder: string, means: Means, io: Io): Promise<History> {
  const { file } = await studyIn(folder);
  io.signal.throwIfAborted();
  const isFinished = await withStudy(folder, ({ events }) => events.some((e) => e.kind === "study-finished"));
  if (!isFinished) await launch(folder, means, io.signal);
  const shown = progress(file, means);
  const state = (): string[] => shown.state(Date.now() / 1000);
  let told = performance.now();
  // A calculation may take hours, in which nothing happens.
  const pulse = setInterval(() => {
    if (process.stdout.isTTY) return io.live(state());
    const line = shown.patience(Date.now() / 1000);
    if (line !== undefined) io.print(line);
  }, PULSE);
  try {
    for await (const event of watch(folder, io.signal)) {
      const line = shown.note(event);
      if (line !== undefined) io.print(line);
      io.live(state());
      if (process.stdout.isTTY || performance.now() - told < SELDOM) continue;
      io.print(state().join("\n"));
      told = performance.now();
    }
  } catch (error) {
    if (!io.signal.aborted) throw error;
    await askToStop(folder);
    for (const until = Date.now() + STOPPING; isRunning(folder) && Date.now() < until; ) await sleep(20);
    throw error;
  } finally {
    clearInterval(pulse);
    io.live(state(), true);
  }
  return withStudy(folder, (study) => history(study));
}

/** Starts the study of a folder and lets it go. */
export async function launchDetached(folder: string, means: Means): Promise<void> {
  await launch(folder, means);
}

/** Why a study ended before it was finished, in one sentence; undefined if it is finished. */
export function unfinished({ about, messages }: History): string | undefined {
  if (about.state === "finished") return undefined;
  const goesOn = "run it again and it goes on where its journal ends";
  if (about.state !== "failed") return `the study ${about.name} ${about.state}; ${goesOn}`;
  const why = messages.findLast((m) => m.kind === "failed")?.message ?? "";
  // What the lattice gate has found stands: run again, the study would end there again.
  const isGate = messages.some((m) => m.kind === "gate" && why.startsWith(m.message.replace(/^lattice gate \w+: /, "")));
  const other = "change its file and give another folder";
  return `the study ${about.name} failed: ${why}; ${isGate ? other : `${goesOn}, also with another timeout or maxForce, or ${other}`}`;
}
