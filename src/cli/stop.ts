/** `qmml stop`: ends a study's process within a second; nothing committed is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { askToStop, isRunning, studyIn } from "../study/folder.ts";
import { type Command, command as defined } from "./command.ts";

/** ms. A QM call under way is not waited for longer. */
const PATIENCE = 10_000;

export const command: Command = defined({
  usage: "DIR",
  positionals: ["dir"],
  options: {},
  input: z.object({ dir: z.string() }),
  async run({ dir }, io) {
    await studyIn(dir);
    if (!isRunning(dir)) {
      io.print(`${dir} is not running`);
      return { json: { stopped: false } };
    }
    await askToStop(dir);
    for (const until = Date.now() + PATIENCE; isRunning(dir); await sleep(20)) {
      if (Date.now() > until)
        return { json: { stopped: false }, failure: `${dir} has not stopped after ${PATIENCE / 1000} s; it will when its QM call ends` };
    }
    io.print(`stopped; qmml run STUDY.json --out ${dir} goes on with it`);
    return { json: { stopped: true } };
  },
});
