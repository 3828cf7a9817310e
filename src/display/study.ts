/** View `study`: the table of the schemes, then the relaxations, the learning curves and the cost of each image. */
import type { History } from "../history/history.ts";
import { bundle, type MimeBundle, type StudyReference } from "./bundle.ts";
import { costChart } from "./cost.ts";
import { chartBlock } from "./svg.ts";
import { svgDocument } from "./svgDocument.ts";
import { SPREAD_NOTE, spreadTable, tableBlock, tableText } from "./table.ts";
import { chartText, folded } from "./text.ts";
import { trainingChart } from "./training.ts";
import { structureDrawing, trajectoryChart } from "./trajectory.ts";
import { subject } from "./words.ts";

/** The table of a study as text of at most 100 columns: what `npm start` and `qmml run` end with. */
export function studyTable(h: History): string {
  return [h.about.name, ...folded(subject(h.about)), tableText(spreadTable(h)), ...folded(SPREAD_NOTE)].join("\n");
}

/** The view as a MIME bundle. */
export function studyBundle(h: History, where?: StudyReference): MimeBundle {
  const charts = [trajectoryChart(h), trainingChart(h), costChart(h)];
  const text = (): string =>
    [studyTable(h), ...charts.map((c) => chartText({ ...c, subtitle: "", caption: "" })), ...warnings(h)].join("\n\n");
  const svg = (): string => {
    const [trajectory, ...rest] = charts.map((c) => chartBlock({ ...c, subtitle: "" }));
    const blocks = [tableBlock(spreadTable(h), h.about.name, subject(h.about), SPREAD_NOTE), trajectory, ...structureDrawing(h), ...rest];
    return svgDocument(`Study ${h.about.name}`, charts.map((c) => c.description).join(" "), blocks);
  };
  return bundle("study", h, { text, svg }, where);
}

function warnings(h: History): string[] {
  const serious = h.messages.filter((m) => m.serious);
  return serious.length === 0 ? [] : [["Warnings:", ...serious.flatMap((m) => folded(`- ${m.message}`))].join("\n")];
}
