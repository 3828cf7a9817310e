/** A study's history: the rows of all its tables, and the tables. */
import type { Table } from "apache-arrow";
import type { StudyRecord } from "../study/folder.ts";
import { ABOUT_COLUMNS, type AboutRow, aboutRow } from "./about.ts";
import { type Columns, tableOf } from "./arrow.ts";
import { ATOM_COLUMNS, type AtomRow, atomRows } from "./atoms.ts";
import { CALL_COLUMNS, type CallRow, callRows } from "./calls.ts";
import { COST_COLUMNS, type CostRow, costRows } from "./cost.ts";
import { LATTICE_COLUMNS, type LatticeRow, latticeRows } from "./lattice.ts";
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
  readonly lattice: readonly LatticeRow[];
  readonly messages: readonly MessageRow[];
  readonly log: readonly MessageRow[];
}

/** Name of a table. */
export type TableName = keyof History;

/** A row of a table. */
type RowOf<N extends TableName> = History[N] extends readonly (infer R)[] ? R : History[N];

/** The columns of each table. */
export const TABLE_COLUMNS: { readonly [N in TableName]: Columns<RowOf<N>> } = {
  about: ABOUT_COLUMNS,
  steps: STEP_COLUMNS,
  atoms: ATOM_COLUMNS,
  trajectory: FRAME_COLUMNS,
  training: TRAINING_COLUMNS,
  cost: COST_COLUMNS,
  summary: SUMMARY_COLUMNS,
  calls: CALL_COLUMNS,
  lattice: LATTICE_COLUMNS,
  messages: MESSAGE_COLUMNS,
  log: MESSAGE_COLUMNS,
};

/** Atoms times frames that a trajectory may hold, so that it stays below a megabyte in a bundle (some 90 characters each). */
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
    lattice: latticeRows(study.events),
    messages: messageRows(study.events),
    log: logRows(study.events),
  };
}

/** Arrow tables of the named rows. */
export function arrowTables(h: History, names: readonly TableName[]): Record<string, Table> {
  return Object.fromEntries(names.map((name) => [name, made(name, h)]));
}

function made<N extends TableName>(name: N, h: History): Table {
  const rows = (name === "about" ? [h.about] : h[name]) as readonly RowOf<N>[];
  return tableOf<RowOf<N>>(TABLE_COLUMNS[name], rows);
}

function firstOfEachScheme(study: StudyRecord): Relaxation[] {
  const all = relaxations(study).sort((a, b) => (a.member ?? -1) - (b.member ?? -1));
  return all.filter((r, k) => all.findIndex((o) => o.scheme === r.scheme) === k);
}
