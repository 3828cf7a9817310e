/** View `cost`: evaluations and seconds of each QM image, of every model and summed. */
import { costChart } from "../../../src/display/cost.ts";
import { chartView } from "../chartView.ts";
import type { View, ViewContext } from "../view.ts";

/** The view. */
export function costView(_: ViewContext): View {
  return chartView("cost", ["about", "cost"], costChart);
}
