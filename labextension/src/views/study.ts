/** View `study`: where the study stands, the table of its schemes, then the three views, then what it has to say. */
import { counted } from "../../../src/display/numbers.ts";
import { spreadNote, spreadTable } from "../../../src/display/table.ts";
import { stateSentence, subject } from "../../../src/display/words.ts";
import { placed } from "../../../src/history/summary.ts";
import { element, fold, setText } from "../dom.ts";
import type { Rows } from "../rows.ts";
import type { View, ViewContext } from "../view.ts";
import { costView } from "./cost.ts";
import { trainingView } from "./training.ts";
import { trajectoryView } from "./trajectory.ts";

/** The view. */
export function studyView(context: ViewContext): View {
  const title = element("h2", { class: "qmml-title" });
  const state = element("span", { class: "qmml-state", role: "status" });
  const words = element("p", { class: "qmml-subject" });
  const table = element("table", { class: "qmml-table" });
  const note = element("p", { class: "qmml-caption" });
  const warnings = element("ul", { class: "qmml-warnings", "aria-label": "Warnings" });
  const log = element("ol", { class: "qmml-log" });
  const said = fold("Messages", log);
  const views = [trajectoryView(context), trainingView(context), costView(context)];
  const head = element("header", { class: "qmml-head" }, title, state);
  const node = element("section", { class: "qmml-study" }, head, words, table, note, warnings, ...views.map((v) => v.node), said);
  return {
    node,
    update: (rows, changed) => {
      const { about, state: now, summary, messages } = rows;
      if (changed.has("about")) {
        setText(title, about.name);
        setText(state, now);
        setText(words, subject(about));
        node.setAttribute("aria-label", `Study ${about.name}. ${stateSentence(about)}`);
      }
      if (changed.has("summary") || changed.has("about")) {
        fillTable(table, rows);
        setText(note, summary.length === 0 ? "" : spreadNote(rows));
      }
      if (changed.has("messages")) {
        const sentence = (m: Rows["messages"][number]): string => `${placed(m)}${m.message}`;
        const serious = messages.filter((m) => m.serious);
        warnings.replaceChildren(...serious.slice(0, MOST).map((m) => element("li", {}, sentence(m))));
        if (serious.length > MOST) warnings.append(element("li", {}, `${counted(serious.length - MOST, "more warning")} below`));
        setText(said.querySelector("summary") as Element, counted(messages.length, "message"));
        said.hidden = messages.length === 0;
        // Messages are only ever added, but for a table that was replaced.
        if (log.childElementCount > messages.length) log.replaceChildren();
        log.append(
          ...messages.slice(log.childElementCount).map((m) => element("li", m.serious ? { class: "qmml-serious" } : {}, sentence(m))),
        );
      }
      for (const view of views) view.update(rows, changed);
    },
    restyle: () => {
      for (const view of views) view.restyle();
    },
    dispose: () => {
      for (const view of views) view.dispose();
    },
  };
}

/** Warnings that stand over the views; all are among the messages. */
const MOST = 4;

/** Rows are kept and their cells changed, so that a live table does not flash. */
function fillTable(table: HTMLTableElement, rows: Rows): void {
  const { columns, rows: lines } = spreadTable(rows);
  table.hidden = lines.length === 0;
  if (!table.tHead) {
    const heads = columns.map(({ name, unit }) => element("th", { scope: "col" }, unit === "" ? name : `${name} (${unit})`));
    table.createTHead().append(element("tr", {}, ...heads));
    table.createTBody();
  }
  const [body] = table.tBodies;
  while (body.rows.length > lines.length) body.deleteRow(-1);
  for (const [k, cells] of lines.entries()) {
    const line =
      body.rows[k] ??
      body.appendChild(element("tr", {}, ...cells.map((_, j) => (j === 0 ? element("th", { scope: "row" }) : element("td")))));
    for (const [j, text] of cells.entries()) setText(line.cells[j], text);
  }
}
