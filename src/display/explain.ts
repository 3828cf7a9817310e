/** A study in plain words: every QM call by its reason, every warning, every step taken back, every interruption, as the journal has them. */
import type { History } from "../history/history.ts";
import type { MessageRow } from "../history/messages.ts";
import { placed } from "../history/summary.ts";
import type { StudyFile } from "../study/studyFile.ts";
import { allCalls, callKinds, callTable } from "./calls.ts";
import { counted, duration } from "./numbers.ts";
import { tableText } from "./table.ts";
import { folded } from "./text.ts";
import { subject } from "./words.ts";

/** The explanation as text of about 100 columns. */
export function explanation(h: History): string {
  const of = (wanted: (m: MessageRow) => boolean): readonly MessageRow[] => h.messages.filter(wanted);
  const parts = [
    [h.about.name, ...folded(subject(h.about)), ...choice(h), ...masks(h)].join("\n"),
    calls(h),
    ...of((m) => m.kind === "gate" && !m.serious).map((m) => folded(`${m.message}.`).join("\n")),
    list(
      "More than one QM image at a step",
      of((m) => m.kind === "qm-requested"),
      "No step asked QM for more than its one image.",
    ),
    list(
      "Steps that were not taken as the optimizer wanted them",
      of((m) => m.kind === "rewound"),
      "No step was taken back or shortened.",
    ),
    list(
      "Warnings",
      of((m) => m.serious),
      "No warning was given.",
    ),
    list(
      "Interruptions and other messages",
      of((m) => !m.serious && !["rewound", "qm-requested", "gate"].includes(m.kind)),
      "No interruption is in the study's journal.",
    ),
  ];
  return parts.join("\n\n");
}

/** How the pre-training set was chosen, if it was not listed. */
const CHOICE: Readonly<Partial<Record<StudyFile["pretraining"]["selection"], string>>> = {
  farthest: "The pre-training set is made of those recipes of a longer list whose atoms have the most different surroundings.",
  random: "The pre-training set was drawn by chance from a longer list of recipes.",
};

function choice({ about }: History): string[] {
  const words = CHOICE[(JSON.parse(about.settings) as StudyFile).pretraining.selection];
  return words === undefined ? [] : folded(words);
}

/** What the models do not learn of their QM images, if anything. */
function masks({ about }: History): string[] {
  const { boundaryForces } = JSON.parse(about.settings) as StudyFile;
  const words = "The models do not learn the forces on atoms whose surroundings are cut in a QM image, nor on its link hydrogens.";
  return boundaryForces === false ? folded(words) : [];
}

function calls(h: History): string {
  if (h.calls.length === 0) return "The QM engine has not been called yet.";
  const all = allCalls(h.calls);
  const failed = all.failed > 0 ? `, ${all.failed} failed` : "";
  const open = all.requested - all.calculated - all.reused - all.failed;
  const words =
    `QM was asked ${counted(all.requested, "time")}: ${all.calculated} calculated in ${duration(all.seconds)}, ${all.reused} answered by an ` +
    `image that was there already${failed}${open > 0 ? `, ${open} without an answer (under way, or lost when the study was interrupted)` : ""}.`;
  const shared =
    `${counted(all.shared, "answer")} came from the store that studies share: calculating them had taken ${duration(all.sharedSeconds)}, which is ` +
    "not in the time above.";
  return [...folded(words), ...(all.shared > 0 ? folded(shared) : []), tableText(callTable(callKinds(h.calls)))].join("\n");
}

function list(title: string, messages: readonly MessageRow[], none: string): string {
  if (messages.length === 0) return none;
  const items = messages.flatMap((m) => folded(`${placed(m)}${m.message}`, 96).map((line, k) => (k === 0 ? `  · ${line}` : `    ${line}`)));
  return [`${title} (${messages.length})`, ...items].join("\n");
}
