/** View `cost`: evaluations and seconds of each QM image, of every model and summed, and what each scheme had cost until each step. */
import { costChart } from "../../../src/display/cost.ts";
import { type DataTable, dataTable } from "../../../src/display/dataTable.ts";
import { COST_COLUMNS } from "../../../src/history/cost.ts";
import { STEP_COLUMNS } from "../../../src/history/steps.ts";
import { chartFrame } from "../chartView.ts";
import { plot } from "../plot.ts";
import type { View, ViewContext } from "../view.ts";

/** The view. */
export function costView(context: ViewContext): View {
  const graph = plot("qmml-cost-plot");
  const frame = chartFrame("cost", graph.node);
  return {
    node: frame.node,
    update: (rows, changed) => {
      if (!["about", "steps", "cost"].some((name) => changed.has(name as "about"))) return;
      graph.draw(() => {
        const chart = costChart(rows);
        const tables = (): DataTable[] => [dataTable("cost", COST_COLUMNS, rows.cost), dataTable("steps", STEP_COLUMNS, rows.steps)];
        frame.say(chart, { tables, theme: context.settings.exportTheme });
        return chart;
      });
    },
    restyle: graph.restyle,
    dispose: graph.dispose,
  };
}
