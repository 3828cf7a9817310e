/** View `study`: where the study stands and what can be done about it, the table of its schemes, then the three views, then what happened. */
import { spreadNote, spreadTable, verdictNote } from "../../../src/display/table.ts";
import { stateSentence, subject } from "../../../src/display/words.ts";
import { element, setText } from "../dom.ts";
import type { Rows } from "../rows.ts";
import { controls } from "../study/controls.ts";
import { log } from "../study/log.ts";
import { progressOf, whereOf } from "../study/progress.ts";
import type { View, ViewContext } from "../view.ts";
import { trans } from "../words.ts";
import { costView } from "./cost.ts";
import { trainingView } from "./training.ts";
import { trajectoryView } from "./trajectory.ts";

/** Warnings that stand over the views; all are in the log. */
const MOST = 4;

/** The view. */
export function studyView(context: ViewContext): View {
  const title = element("h2", { class: "qmml-title" });
  const state = element("span", { class: "qmml-state", role: "status" });
  const buttons = controls(context);
  const words = element("p", { class: "qmml-subject" });
  const bar = element("progress", { class: "qmml-bar", "aria-label": trans.__("Relaxations that have finished") });
  const said = facts([trans.__("Runs now"), trans.__("So far"), trans.__("Last QM call"), trans.__("Expected end")]);
  const table = element("table", { class: "qmml-table qmml-schemes" });
  const note = element("p", { class: "qmml-caption" });
  const warnings = element("ul", { class: "qmml-warnings", "aria-label": trans.__("Warnings") });
  const views = [trajectoryView(context), trainingView(context), costView(context)];
  const events = log();
  const head = element("header", { class: "qmml-head" }, title, state, buttons.node);
  const parts = [head, words, bar, said.node, table, note, warnings, ...views.map((v) => v.node), events.node];
  const node = element("section", { class: "qmml-study" }, ...parts);
  let now = "empty";
  return {
    node,
    update: (rows, changed) => {
      const { about, summary, messages } = rows;
      if (changed.has("about")) {
        now = rows.state;
        setText(title, about.name);
        setText(state, stateName(now));
        setText(words, subject(about));
        buttons.update(now);
      }
      if (["about", "summary", "log"].some((name) => changed.has(name as "log"))) {
        const progress = progressOf(rows);
        bar.max = Math.max(1, progress.planned);
        bar.value = progress.finished;
        bar.hidden = now === "finished";
        said.set([progress.now, progress.done, progress.lastCall, progress.end]);
        node.setAttribute("aria-label", trans.__("Study %1. %2 %3.", about.name, stateSentence(about), progress.done));
      }
      if (changed.has("summary") || changed.has("about")) {
        fillTable(table, rows);
        setText(note, summary.length === 0 ? "" : [...verdictNote(rows), spreadNote(rows)].join(" "));
      }
      if (changed.has("messages")) {
        const serious = messages.filter((m) => m.serious);
        warnings.replaceChildren(...serious.slice(0, MOST).map((m) => element("li", {}, `${whereOf(m)}${m.message}`)));
        if (serious.length > MOST)
          warnings.append(
            element("li", {}, trans._n("%1 more warning in the log below", "%1 more warnings in the log below", serious.length - MOST)),
          );
      }
      // A notebook of an older version has no log, but messages.
      if (changed.has("log") || changed.has("messages")) events.update(rows.log.length > 0 ? rows.log : messages);
      for (const view of views) view.update(rows, changed);
    },
    connected: () => buttons.update(now),
    restyle: () => {
      for (const view of views) view.restyle();
    },
    dispose: () => {
      for (const view of views) view.dispose();
    },
  };
}

function stateName(state: string): string {
  const names: Readonly<Record<string, string>> = {
    empty: trans.__("about to begin"),
    running: trans.__("running"),
    stopped: trans.__("stopped"),
    interrupted: trans.__("interrupted"),
    failed: trans.__("failed"),
    finished: trans.__("finished"),
  };
  return Object.hasOwn(names, state) ? names[state] : state;
}

/** Names with a sentence each; a name without one is not shown. */
function facts(names: readonly string[]): { readonly node: HTMLElement; set(sentences: readonly string[]): void } {
  const lines = names.map((name) => {
    const sentence = element("dd");
    return { sentence, node: element("div", {}, element("dt", {}, name), sentence) };
  });
  return {
    node: element("dl", { class: "qmml-facts" }, ...lines.map((l) => l.node)),
    set: (sentences) => {
      for (const [k, { sentence, node }] of lines.entries()) {
        setText(sentence, sentences[k]);
        node.hidden = sentences[k] === "";
      }
    },
  };
}

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
