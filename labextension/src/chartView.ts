/** A view that is one chart of `display` and the words that go with it. */
import type { ViewName } from "../../src/display/bundle.ts";
import type { Chart } from "../../src/display/chart.ts";
import type { DataTable } from "../../src/display/dataTable.ts";
import type { FigureTheme } from "../../src/display/svgDocument.ts";
import { element, fold, setText } from "./dom.ts";
import { figureTools } from "./figureTools.ts";
import type { Settings } from "./settings.ts";
import { trans } from "./words.ts";

/** What else there is to be had of a chart. */
export interface Details {
  /** The raw values; asked for when they are to be seen. */
  readonly tables?: () => readonly DataTable[];
  /** Colours of exported figures. Default: light. */
  readonly theme?: Settings["exportTheme"];
}

/** Title, subject, tools and caption of a chart, round whatever draws it. */
export interface Frame {
  readonly node: HTMLElement;
  say(chart: Chart, details?: Details): void;
}

/** @param drawn what stands between the title and the caption */
export function chartFrame(view: ViewName, ...drawn: readonly Node[]): Frame {
  const title = element("h3", { class: "qmml-title" });
  const subject = element("p", { class: "qmml-subject" });
  const caption = element("p", { class: "qmml-caption" });
  const tools = figureTools();
  const head = element("div", { class: "qmml-chart-head" }, title, tools.buttons);
  const reading = fold(trans.__("How to read this"), caption);
  const node = element("figure", { class: `qmml-${view}` }, head, subject, ...drawn, tools.tables, reading);
  return {
    node,
    say: (chart, { tables = () => [], theme = "light" } = {}) => {
      setText(title, chart.title);
      setText(subject, chart.subtitle);
      setText(caption, chart.caption);
      tools.set(() => ({ chart, tables: tables(), theme: theme === "page" ? pageTheme() : theme }));
    },
  };
}

function pageTheme(): FigureTheme {
  return document.body.dataset.jpThemeLight === "false" ? "dark" : "light";
}
