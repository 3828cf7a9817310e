/** View `training`: the learning curves of all models with their median, range and tolerances, and the images that each retraining met. */
import { trainingChart } from "../../../src/display/training.ts";
import { chartView } from "../chartView.ts";
import type { View, ViewContext } from "../view.ts";

/** The view. */
export function trainingView(_: ViewContext): View {
  return chartView("training", ["about", "training"], trainingChart);
}
