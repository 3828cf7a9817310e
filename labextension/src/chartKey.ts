/** What the marks of a chart are: an entry a group, with a sample; a click hides the group's marks. It takes as many lines as it needs. */
import type { Chart, Mark } from "../../src/display/chart.ts";
import { glyph } from "../../src/display/svgMarks.ts";
import { element } from "./dom.ts";
import type { Look } from "./look.ts";

/** The key of a chart. */
export interface ChartKey {
  readonly node: HTMLElement;
  /** Groups that the reader has hidden. */
  readonly hidden: ReadonlySet<string>;
  set(chart: Chart, look: Look): void;
}

/** @param toggled called after the reader has hidden or shown a group */
export function chartKey(toggled: () => void): ChartKey {
  const node = element("ul", { class: "qmml-key" });
  const hidden = new Set<string>();
  let shown = "";
  return {
    node,
    hidden,
    set: (chart, look) => {
      const entries = entriesOf(chart);
      const state = JSON.stringify([[...entries].map(([name, mark]) => [name, colourOf(mark, look)])]);
      if (state === shown) return;
      shown = state;
      node.replaceChildren(
        ...[...entries].map(([name, mark]) => {
          const made = sample(mark, look);
          if (mark.mark === "rule" || mark.mark === "moments" || mark.mark === "spans") return element("li", {}, made, name);
          const button = element(
            "button",
            { type: "button", class: "qmml-key-entry", "aria-pressed": String(!hidden.has(name)) },
            made,
            name,
          );
          button.addEventListener("click", () => {
            if (!hidden.delete(name)) hidden.add(name);
            button.setAttribute("aria-pressed", String(!hidden.has(name)));
            toggled();
          });
          return element("li", {}, button);
        }),
      );
    },
  };
}

/** The first mark of each group, in the order of the chart. */
function entriesOf(chart: Chart): Map<string, Mark> {
  const entries = new Map<string, Mark>();
  for (const mark of chart.rows.flatMap((r) => r.panels.flatMap((p) => p.marks))) {
    const name = mark.mark === "rule" ? mark.name : mark.group;
    if (name !== "" && !entries.has(name)) entries.set(name, mark);
  }
  return entries;
}

function colourOf(mark: Mark, look: Look): string {
  return look.hues[mark.mark === "rule" ? "limit" : mark.hue];
}

/** The sample that the paper figure has, in the page's colour; read as XML, so that nothing in it is run. */
function sample(mark: Mark, look: Look): Node {
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">${glyph(mark, 0, 7)}</svg>`;
  const drawn = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  const node = element("span", { class: "qmml-key-sample" }, drawn);
  node.style.color = colourOf(mark, look);
  return node;
}
