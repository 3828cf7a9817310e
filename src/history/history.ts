/** A study's history: the rows of all its tables, and the tables. */
import type { Table } from "apache-arrow";
import type { StudyRecord } from "../study/folder.ts";
import { ABOUT_COLUMNS, type AboutRow, aboutRow } from "./about.ts";
import { tableOf } from "./arrow.ts";
import { ATOM_COLUMNS, type AtomRow, atomRows } from "./atoms.ts";
import { CALL_COLUMNS, type CallRow, callRows } from "./calls.ts";
import { COST_COLUMNS, type CostRow, costRows } from "./cost.ts";
import { logRows } from "./log.ts";
import { MESSAGE_COLUMNS, type MessageRow, messageRows } from "./messages.ts";
import { STEP_COLUMNS, type StepRow, stepRows } from "./steps.ts";
import { SUMMARY_COLUMNS, type SummaryRow, summarize, summaryRows } from "./summary.ts";
import { TRAINING_COLUMNS, type TrainingRow, trainingRows } from "./training.ts";
import { FRAME_COLUMNS, type FrameRow, frameRows, type Relaxation, relaxations } from "./trajectory.ts";

/** Rows by table. */
export interface History {
  readonly about: AboutRow;
  readonly steps: readonly StepRow[];
  readonly atoms: readonly AtomRow[];
  readonly trajectory: readonly FrameRow[];
  readonly training: readonly TrainingRow[];
  readonly cost: readonly CostRow[];
  readonly summary: readonly SummaryRow[];
  readonly calls: readonly CallRow[];
  readonly messages: readonly MessageRow[];
  readonly log: readonly MessageRow[];
}

/** Name of a table. */
export type TableName = keyof History;

/** Atoms times frames that a trajectory may hold, so that a bundle stays near half a megabyte. */
const ATOM_FRAMES = 10_000;

/**
 * The history of a study.
 * @param which relaxations whose geometries are taken; default: of each scheme that of its first member. Long ones are thinned evenly.
 * @param made rows that are known already
 */
export function history(
  study: StudyRecord,
  which: readonly Relaxation[] = firstOfEachScheme(study),
  made: Partial<Pick<History, "steps" | "training">> = {},
): History {
  const limit = Math.max(2, Math.floor(ATOM_FRAMES / Math.max(1, study.structure.numbers.length * which.length)));
  return {
    about: aboutRow(study),
    steps: made.steps ?? stepRows(study.events),
    atoms: atomRows(study),
    trajectory: frameRows(study, which, limit),
    training: made.training ?? trainingRows(study),
    cost: costRows(study.events),
    summary: summaryRows(summarize(study.events)),
    calls: callRows(study.events),
    messages: messageRows(study.events),
    log: logRows(study.events),
  };
}

/** Arrow tables of the named rows. */
export function arrowTables(h: History, names: readonly TableName[]): Record<string, Table> {
  const make: Record<TableName, () => Table> = {
    about: () => tableOf(ABOUT_COLUMNS, [h.about]),
    steps: () => tableOf(STEP_COLUMNS, h.steps),
    atoms: () => tableOf(ATOM_COLUMNS, h.atoms),
    trajectory: () => tableOf(FRAME_COLUMNS, h.trajectory),
    training: () => tableOf(TRAINING_COLUMNS, h.training),
    cost: () => tableOf(COST_COLUMNS, h.cost),
    summary: () => tableOf(SUMMARY_COLUMNS, h.summary),
    calls: () => tableOf(CALL_COLUMNS, h.calls),
    messages: () => tableOf(MESSAGE_COLUMNS, h.messages),
    log: () => tableOf(MESSAGE_COLUMNS, h.log),
  };
  return Object.fromEntries(names.map((name) => [name, make[name]()]));
}

function firstOfEachScheme(study: StudyRecord): Relaxation[] {
  const all = relaxations(study).sort((a, b) => (a.member ?? -1) - (b.member ?? -1));
  return all.filter((r, k) => all.findIndex((o) => o.scheme === r.scheme) === k);
}
