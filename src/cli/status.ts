/** `qmml status`: what a study has reached, scheme by scheme, model by model. */
import { z } from "zod";
import { studyTable } from "../display/study.ts";
import { history } from "../history/history.ts";
import { summarize } from "../history/summary.ts";
import { isRunning, withStudy } from "../study/folder.ts";
import { unfinished } from "./attach.ts";
import { type Command, command as defined } from "./command.ts";

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
      if (state === "failed") io.print(`${unfinished(shown)}.`);
      if (state === "interrupted")
        io.print(`The study's process is gone; qmml run STUDY.json --out ${dir} goes on where the journal ends.`);
      return { json: { ...summary, state } };
    });
  },
});
