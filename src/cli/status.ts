/** `qmml status`: what a study has reached, scheme by scheme, model by model. */
import { z } from "zod";
import { studyTable } from "../display/study.ts";
import { calculations } from "../history/calls.ts";
import { history } from "../history/history.ts";
import { messageRows } from "../history/messages.ts";
import { ofKind } from "../history/record.ts";
import { running } from "../history/running.ts";
import { placed, summarize } from "../history/summary.ts";
import { verdictOf } from "../history/verdict.ts";
import type { StudyEvent } from "../study/events.ts";
import { isRunning, withStudy } from "../study/folder.ts";
import { lastMeans } from "../study/launch.ts";
import { machines, stops } from "./accounts.ts";
import { unfinished } from "./attach.ts";
import { type Command, command as defined } from "./command.ts";
import { atOnce, callSentence } from "./waiting.ts";

export const command: Command = defined({
  usage: "DIR",
  positionals: ["dir"],
  options: {},
  input: z.object({ dir: z.string() }),
  async run({ dir }, io) {
    return withStudy(dir, (study) => {
      const summary = summarize(study.events);
      // A journal cannot know that its writer was killed; the lock does.
      const state = summary.state === "running" && !isRunning(dir) ? "interrupted" : summary.state;
      const shown = history(study);
      io.print(studyTable(shown));
      const lost = failures(study.events);
      if (lost.length > 0) io.print(lost.join("\n"));
      for (const line of stops(study.events, dir)) io.print(line);
      const spent = machines(study.events);
      if (spent !== undefined) io.print(spent);
      const asked = state === "running" ? running(study.events, atOnce(study.file, lastMeans(dir))) : [];
      for (const call of asked) io.print(callSentence(call, Date.now() / 1000));
      if (state === "failed") io.print(`${unfinished(shown)}.`);
      if (state === "interrupted")
        io.print(`The study's process is gone; qmml run STUDY.json --out ${dir} goes on where the journal ends.`);
      return {
        json: {
          ...summary,
          state,
          verdict: verdictOf(shown),
          ...(asked.length > 0 && { running: asked }),
          calls: calculations(study.events),
        },
      };
    });
  },
});

/** Each QM image that could not be had, and how many it took more than one attempt to have. */
function failures(events: readonly StudyEvent[]): string[] {
  const of = (hash: string): readonly StudyEvent[] => events.filter((e) => e.kind === "qm-failed" && e.payload.hash === hash);
  const hashes = [...new Set(ofKind(events, "qm-failed").map((e) => e.payload.hash))];
  const had = new Set(ofKind(events, "qm-finished").map((e) => e.payload.hash));
  const lost = hashes.filter((hash) => !had.has(hash));
  const rows = messageRows(lost.flatMap((hash) => of(hash).slice(-1)));
  const retried = hashes.length - lost.length;
  return [
    ...(retried > 0 ? [`QM failed at first for ${retried} images that later attempts gave.`] : []),
    ...(lost.length > 0 ? [`QM gave nothing for ${lost.length} images:`] : []),
    ...rows.map((row) => `  ${placed(row)}${row.message}`),
  ];
}
