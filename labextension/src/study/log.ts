/**
 * The log of a study as a table, the latest first, with a filter by words and by kind. Rows are made only while the fold is open, some
 * hundred at most; rows that come are put before the others, so that what is read stays where it is.
 */
import type { MessageRow } from "../../../src/history/messages.ts";
import { element, setText } from "../dom.ts";
import { trans } from "../words.ts";
import { whereOf } from "./progress.ts";

/** The log. */
export interface Log {
  readonly node: HTMLElement;
  update(rows: readonly MessageRow[]): void;
}

/** Rows shown at first, and more at each request. */
const PAGE = 200;

/** The value that stands for warnings and failures of every kind. */
const SERIOUS = "serious";

/** An empty log. */
export function log(): Log {
  const search = element("input", {
    type: "search",
    class: "qmml-search",
    "aria-label": trans.__("Words in the log"),
    placeholder: trans.__("Filter"),
  });
  const kinds = element("select", { class: "qmml-picker", "aria-label": trans.__("Kind of event") });
  const number = element("output", { class: "qmml-count" });
  const heads = [trans.__("event"), trans.__("time"), trans.__("kind"), trans.__("where"), trans.__("what")];
  const table = element("table", { class: "qmml-table" }, element("caption", {}, trans.__("Events of the study, the latest first")));
  table.createTHead().append(element("tr", {}, ...heads.map((name) => element("th", { scope: "col" }, name))));
  const body = table.createTBody();
  // Scrolled by the keyboard as well.
  const pane = element("div", { class: "qmml-log", tabindex: "0", role: "region", "aria-label": trans.__("Log of events") }, table);
  const more = element("button", { type: "button", class: "qmml-more" }, trans.__("Show earlier events"));
  const bar = element("div", { class: "qmml-filter" }, search, kinds, number);
  const name = element("summary");
  const node = element("details", { class: "qmml-fold qmml-events" }, name, bar, pane, more);
  let rows: readonly MessageRow[] = [];
  let limit = PAGE;
  /** Events that have a row, the latest first, and the filter that they passed. */
  let [shown, filter]: [readonly MessageRow[], string] = [[], ""];

  const draw = (): void => {
    setText(name, trans._n("%1 event", "%1 events", rows.length));
    node.hidden = rows.length === 0;
    if (!node.open) return;
    offer(kinds, rows);
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const isWanted = (row: MessageRow): boolean =>
      (kinds.value === "" || (kinds.value === SERIOUS ? row.serious : row.kind === kinds.value)) &&
      words.every((word) => textOf(row).includes(word));
    const found = rows.filter(isWanted).reverse();
    const wanted = found.slice(0, limit);
    const same = `${kinds.value} ${words.join(" ")} ${limit}`;
    const fresh = same === filter && shown.length > 0 ? wanted.findIndex((row) => row.sequence === shown[0].sequence) : -1;
    if (fresh < 0) body.replaceChildren(...wanted.map(line));
    else {
      body.prepend(...wanted.slice(0, fresh).map(line));
      while (body.rows.length > wanted.length) body.deleteRow(-1);
    }
    [shown, filter] = [wanted, same];
    more.hidden = found.length <= limit;
    setText(number, trans.__("%1 of %2", found.length, rows.length));
  };
  const anew = (): void => {
    limit = PAGE;
    draw();
  };
  search.addEventListener("input", anew);
  kinds.addEventListener("change", anew);
  node.addEventListener("toggle", draw);
  more.addEventListener("click", () => {
    limit += PAGE;
    draw();
    pane.focus();
  });
  return {
    node,
    update: (next) => {
      rows = next;
      draw();
    },
  };
}

/** A kind of event in words. */
function kindName(kind: string): string {
  const names: Readonly<Record<string, string>> = {
    "study-started": trans.__("begun"),
    gate: trans.__("test of the models"),
    "qm-requested": trans.__("QM call"),
    "qm-failed": trans.__("failed QM call"),
    training: trans.__("training"),
    step: trans.__("step"),
    "region-changed": trans.__("QM cluster"),
    rewound: trans.__("step taken back"),
    verified: trans.__("comparison"),
    cluster: trans.__("cluster"),
    warning: trans.__("warning"),
    stopped: trans.__("stopped"),
    resumed: trans.__("resumed"),
    failed: trans.__("failure"),
    "study-finished": trans.__("finished"),
  };
  return Object.hasOwn(names, kind) ? names[kind] : kind;
}

/** The kinds that there are; the one that was picked stays. */
function offer(kinds: HTMLSelectElement, rows: readonly MessageRow[]): void {
  const found = [...new Set(rows.map((r) => r.kind))];
  const wanted = ["", ...(rows.some((r) => r.serious) ? [SERIOUS] : []), ...found];
  if (wanted.length === kinds.options.length) return;
  const names: Readonly<Record<string, string>> = { "": trans.__("all kinds"), [SERIOUS]: trans.__("warnings and failures") };
  const picked = kinds.value;
  kinds.replaceChildren(...wanted.map((value) => element("option", { value }, names[value] ?? kindName(value))));
  kinds.value = wanted.includes(picked) ? picked : "";
}

function line(row: MessageRow): HTMLTableRowElement {
  const time = new Date(1000 * row.time);
  const clock = Number.isNaN(time.getTime()) ? "" : time.toLocaleTimeString();
  const where = whereOf(row).replace(/: $/, "");
  const cells = [clock, kindName(row.kind), where, row.message].map((text) => element("td", {}, text));
  return element("tr", row.serious ? { class: "qmml-serious" } : {}, element("th", { scope: "row" }, String(row.sequence)), ...cells);
}

function textOf(row: MessageRow): string {
  return `${row.sequence} ${kindName(row.kind)} ${whereOf(row)}${row.message}`.toLowerCase();
}
