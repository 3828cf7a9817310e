/** The views by name: a new one is a file beside this one and a line here. */
import type { ViewName } from "../../../src/display/bundle.ts";
import type { ViewMaker } from "../view.ts";
import { costView } from "./cost.ts";
import { studyView } from "./study.ts";
import { trainingView } from "./training.ts";
import { trajectoryView } from "./trajectory.ts";

/** Makers of the views. */
export const MAKERS: Readonly<Record<ViewName, ViewMaker>> = {
  study: studyView,
  trajectory: trajectoryView,
  training: trainingView,
  cost: costView,
};
