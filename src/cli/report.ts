/** `qmml report`: one self-contained HTML file of one or several studies, finished or not. */
import { z } from "zod";
import { report } from "../display/report.ts";
import { studyTable } from "../display/study.ts";
import { history } from "../history/history.ts";
import { writeWhole } from "../io/whole.ts";
import { withStudy } from "../study/folder.ts";
import { type Command, command as defined, text } from "./command.ts";
import { checkPlace } from "./output.ts";

export const command: Command = defined({
  usage: "DIR [DIR ...] -o report.html",
  positionals: ["dir..."],
  options: { out: { type: "string", short: "o", value: "PATH", help: "the file to write" } },
  input: z.object({
    dir: z.array(z.string()).min(1, "give the folder of a study"),
    out: text("give a file, e.g. -o report.html"),
  }),
  async run({ dir, out }, io) {
    await checkPlace(out);
    const studies = [];
    for (const folder of dir) studies.push(await withStudy(folder, (study) => history(study)));
    await writeWhole(out, report(studies, new Date()));
    for (const h of studies) io.print(`${studyTable(h)}\n`);
    io.print(`report: ${out}`);
    return {
      json: {
        report: out,
        studies: studies.map((h) => ({ name: h.about.name, state: h.about.state, warnings: h.messages.filter((m) => m.serious).length })),
      },
    };
  },
});
