/** The buttons of a figure: its raw values as a table and as CSV, and the paper figure as SVG and PNG. */
import type { Chart } from "../../src/display/chart.ts";
import { cellText, csv, type DataTable } from "../../src/display/dataTable.ts";
import type { FigureTheme } from "../../src/display/svgDocument.ts";
import { element, setText } from "./dom.ts";
import { download, figurePng, figureSvg, fileName } from "./exports.ts";
import { trans } from "./words.ts";

/** What there is to be had of a figure. */
export interface Had {
  readonly chart: Chart;
  readonly tables: readonly DataTable[];
  readonly theme: FigureTheme;
}

/** The buttons, and where the tables stand once they are asked for. */
export interface FigureTools {
  readonly buttons: HTMLElement;
  readonly tables: HTMLElement;
  /** @param had asked for when a button is pressed, and while a table is open */
  set(had: () => Had): void;
}

/** Rows of a table on the page; its CSV has all. */
const MOST = 2000;
/** ms between two makings of an open table. */
const REFRESH = 1000;

/** The tools of one figure. */
export function figureTools(): FigureTools {
  let had: (() => Had) | undefined;
  let [made, timer] = [0, 0];
  const problem = element("span", { class: "qmml-problem", role: "status" });
  const button = (kind: string, name: string, label: string, pressed: () => unknown): HTMLButtonElement => {
    const node = element("button", { type: "button", class: "qmml-tool", "data-tool": kind, "aria-label": label, title: label }, name);
    node.addEventListener("click", pressed);
    return node;
  };
  const tables = element("div", { class: "qmml-tables" });
  tables.hidden = true;
  const fill = (): void => {
    timer = 0;
    made = performance.now();
    if (had && !tables.hidden) fillTables(tables, had());
  };
  const save = async (kind: "svg" | "png"): Promise<void> => {
    if (!had) return;
    const { chart, theme } = had();
    setText(problem, "");
    try {
      const svg = (): Blob => new Blob([figureSvg(chart, theme)], { type: "image/svg+xml" });
      download(fileName(chart.title, kind), kind === "svg" ? svg() : await figurePng(chart, theme));
    } catch (error) {
      setText(problem, trans.__("The figure cannot be exported: %1", String(error)));
    }
  };
  const table = button("table", trans.__("Table"), trans.__("Show the raw values as a table"), () => {
    tables.hidden = !tables.hidden;
    table.setAttribute("aria-expanded", String(!tables.hidden));
    fill();
  });
  table.setAttribute("aria-expanded", "false");
  const svg = button("svg", "SVG", trans.__("Export the figure as SVG"), () => save("svg"));
  const png = button("png", "PNG", trans.__("Export the figure as PNG"), () => save("png"));
  return {
    buttons: element("span", { class: "qmml-tools" }, problem, table, svg, png),
    tables,
    set: (next) => {
      had = next;
      table.hidden = next().tables.length === 0;
      if (!tables.hidden && timer === 0) timer = window.setTimeout(fill, Math.max(0, made + REFRESH - performance.now()));
    },
  };
}

function fillTables(node: HTMLElement, { chart, tables }: Had): void {
  const { scrollTop } = node.querySelector(".qmml-scroll") ?? { scrollTop: 0 };
  node.replaceChildren(...tables.map((t) => tableOf(t, chart.title)));
  const first = node.querySelector(".qmml-scroll");
  if (first) first.scrollTop = scrollTop;
}

function tableOf(data: DataTable, title: string): HTMLElement {
  const shown = Math.min(MOST, data.length);
  const head = element(
    "tr",
    {},
    ...data.columns.map(({ name, unit }) => element("th", { scope: "col" }, unit === "" ? name : `${name} (${unit})`)),
  );
  const rows = Array.from({ length: shown }, (_, k) => element("tr", {}, ...data.cells(k).map((v) => element("td", {}, cellText(v)))));
  const table = element("table", { class: "qmml-table" }, element("thead", {}, head), element("tbody", {}, ...rows));
  const words =
    shown < data.length
      ? trans.__("The first %1 of %2 rows, to six digits; the CSV file has all rows and digits.", shown, data.length)
      : trans.__("%1 rows, to six digits; the CSV file has all digits.", data.length);
  const label = trans.__("Download the table %1 as CSV", data.name);
  const save = element("button", { type: "button", class: "qmml-tool", "data-tool": "csv", "aria-label": label }, "CSV");
  save.addEventListener("click", () => download(fileName(`${title} ${data.name}`, "csv"), new Blob([csv(data)], { type: "text/csv" })));
  const scroll = element(
    "div",
    { class: "qmml-scroll", tabindex: "0", role: "region", "aria-label": trans.__("Table %1", data.name) },
    table,
  );
  return element(
    "section",
    { class: "qmml-data" },
    element("p", { class: "qmml-caption" }, element("b", {}, data.name), ` ${words} `, save),
    scroll,
  );
}
