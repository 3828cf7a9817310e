/** A view that is one chart of `display` and the words that go with it. */
import type { ViewName } from "../../src/display/bundle.ts";
import type { Chart } from "../../src/display/chart.ts";
import { element, fold, setText } from "./dom.ts";
import { plot } from "./plot.ts";
import type { Rows, RowsName } from "./rows.ts";
import type { View } from "./view.ts";

/** Title, subject and caption of a chart, round whatever draws it. */
export interface Frame {
  readonly node: HTMLElement;
  say(chart: Chart): void;
}

/** @param drawn what stands between the title and the caption */
export function chartFrame(view: ViewName, ...drawn: readonly Node[]): Frame {
  const title = element("h3", { class: "qmml-title" });
  const subject = element("p", { class: "qmml-subject" });
  const caption = element("p", { class: "qmml-caption" });
  const node = element("figure", { class: `qmml-${view}` }, title, subject, ...drawn, fold("How to read this", caption));
  return {
    node,
    say: (chart) => {
      setText(title, chart.title);
      setText(subject, chart.subtitle);
      setText(caption, chart.caption);
    },
  };
}

/** @param reads the tables that the chart is made of */
export function chartView(view: ViewName, reads: readonly RowsName[], chart: (rows: Rows) => Chart): View {
  const { node: graph, draw, restyle, dispose } = plot(`qmml-${view}-plot`);
  const frame = chartFrame(view, graph);
  return {
    node: frame.node,
    update: (rows, changed) => {
      if (!reads.some((name) => changed.has(name))) return;
      const drawn = chart(rows);
      frame.say(drawn);
      draw(drawn);
    },
    restyle,
    dispose,
  };
}
