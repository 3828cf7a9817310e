/** The views by name: a new one is a file beside this one and a line here. */
import type { StudyViewName, ViewName } from "../../../src/display/bundle.ts";
import type { ViewContext, ViewMaker } from "../view.ts";
import { costView } from "./cost.ts";
import { type PathView, pathView } from "./path.ts";
import { studyView } from "./study.ts";
import { trainingView } from "./training.ts";
import { trajectoryView } from "./trajectory.ts";

/** Makers of the views of a study. */
export const STUDY_VIEWS: Readonly<Record<StudyViewName, ViewMaker>> = {
  study: studyView,
  trajectory: trajectoryView,
  training: trainingView,
  cost: costView,
};

/** Makers of the views of anything else. */
export const OWN_VIEWS: Readonly<Record<Exclude<ViewName, StudyViewName>, (context: ViewContext) => PathView>> = { path: pathView };
