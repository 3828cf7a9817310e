/** View `study`: the table of the schemes, then the relaxations, the learning curves and the cost of each image. */
import type { History } from "../history/history.ts";
import { placed } from "../history/summary.ts";
import { bundle, type MimeBundle, type StudyReference } from "./bundle.ts";
import { costChart } from "./cost.ts";
import { counted } from "./numbers.ts";
import { chartBlock } from "./svg.ts";
import { svgDocument } from "./svgDocument.ts";
import { spreadNote, spreadTable, tableBlock, tableText, verdictNote } from "./table.ts";
import { chartText, folded } from "./text.ts";
import { trainingChart } from "./training.ts";
import { structureDrawing, trajectoryChart } from "./trajectory.ts";
import { subject } from "./words.ts";

/** The table of a study as text of at most 100 columns: what `npm start` and `qmml run` end with. */
export function studyTable(h: History): string {
  const gate = h.messages.filter((m) => m.kind === "gate").flatMap((m) => folded(m.message));
  return [
    h.about.name,
    ...folded(subject(h.about)),
    tableText(spreadTable(h)),
    ...[...verdictNote(h), spreadNote(h)].flatMap((n) => folded(n)),
    ...gate,
  ].join("\n");
}

/** Serious messages that a picture has room for; the text and the report have them all. */
const MOST = 6;

/** The view as a MIME bundle. */
export function studyBundle(h: History, where?: StudyReference): MimeBundle {
  const charts = [trajectoryChart(h), trainingChart(h), costChart(h)];
  const serious = h.messages.filter((m) => m.serious).map((m) => `Warning: ${placed(m)}${m.message}`);
  const text = (): string => {
    const words = charts.map((c) => chartText({ ...c, subtitle: "", caption: "" }));
    return [studyTable(h), ...words, ...(serious.length > 0 ? [serious.flatMap((m) => folded(m)).join("\n")] : [])].join("\n\n");
  };
  const svg = (): string => {
    const [trajectory, ...rest] = charts.map((c) => chartBlock({ ...c, subtitle: "" }));
    const more = serious.length > MOST ? [`... and ${counted(serious.length - MOST, "warning")} more`] : [];
    const table = tableBlock(spreadTable(h), h.about.name, subject(h.about), [
      ...verdictNote(h),
      spreadNote(h),
      ...serious.slice(0, MOST),
      ...more,
    ]);
    const description = charts.map((c) => c.description).join(" ");
    return svgDocument(`Study ${h.about.name}`, description, [table, trajectory, ...structureDrawing(h), ...rest]);
  };
  return bundle("study", h, { text, svg }, where);
}
