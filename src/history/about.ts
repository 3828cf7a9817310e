/** Table `about`: one row that says what was calculated, so that no other table is ever shown without it. */

import type { StudyRecord } from "../study/folder.ts";
import { type Columns, INTEGER, real, reals, TEXT } from "./arrow.ts";
import { calculated } from "./calls.ts";
import { ofKind } from "./record.ts";
import { type State, summarize } from "./summary.ts";

/** A study's facts. Numbers are null before the event that brings them. */
export interface AboutRow {
  readonly name: string;
  readonly state: State;
  readonly formula: string;
  readonly atoms: number;
  readonly clusterAtoms: number;
  readonly coreAtoms: number;
  /** Lattice vectors as rows, [9] Å. */
  readonly cell: Float64Array;
  /** `TTF`: which of them repeat. */
  readonly pbc: string;
  /** As in the study file: `emt`. */
  readonly engine: string;
  /** Models of the retrained and frozen schemes, as planned. */
  readonly members: number;
  readonly seed: number;
  /** eV/atom. */
  readonly energyTolerance: number;
  readonly forceTolerance: number;
  /** Where a relaxation ends, eV/Å. */
  readonly fmax: number;
  /** Å. */
  readonly buffer: number;
  readonly pretrainingImages: number;
  /** QM images calculated, verification included. */
  readonly qmCalculated: number;
  readonly qmSeconds: number;
  /** Unix time of the first event. */
  readonly started: number | null;
  /** Of the whole study, once finished. */
  readonly seconds: number | null;
  /** Of the last event seen. */
  readonly sequence: number;
  /** JSON object. */
  readonly versions: string;
  /** The completed study file as JSON. */
  readonly settings: string;
}

export const ABOUT_COLUMNS: Columns<AboutRow> = {
  name: TEXT,
  state: TEXT,
  formula: TEXT,
  atoms: INTEGER,
  clusterAtoms: INTEGER,
  coreAtoms: INTEGER,
  cell: reals("Å"),
  pbc: TEXT,
  engine: TEXT,
  members: INTEGER,
  seed: real("1"), // beyond 32 bits
  energyTolerance: real("eV/atom"),
  forceTolerance: real("eV/Å"),
  fmax: real("eV/Å"),
  buffer: real("Å"),
  pretrainingImages: INTEGER,
  qmCalculated: INTEGER,
  qmSeconds: real("s"),
  started: real("s"),
  seconds: real("s"),
  sequence: INTEGER,
  versions: TEXT,
  settings: TEXT,
};

/** The row of `about`. A study without events is called by its formula only. */
export function aboutRow(study: Omit<StudyRecord, "array">): AboutRow {
  const { file, events } = study;
  const start = ofKind(events, "study-started").at(0)?.payload;
  const qm = calculated(events);
  return {
    name: start?.name ?? "study",
    state: summarize(events).state,
    formula: start?.formula ?? "",
    atoms: study.structure.numbers.length,
    clusterAtoms: study.cluster.length,
    coreAtoms: study.core.length,
    cell: study.structure.cell,
    pbc: study.structure.pbc.map((p) => (p ? "T" : "F")).join(""),
    engine: file.qm.engine,
    members: file.members,
    seed: file.seed,
    energyTolerance: file.tolerance.energy,
    forceTolerance: file.tolerance.force,
    fmax: file.optimizer.fmax,
    buffer: file.buffer,
    pretrainingImages: ofKind(events, "pretraining").length,
    qmCalculated: qm.calls,
    qmSeconds: qm.seconds,
    started: events.at(0)?.time ?? null,
    seconds: ofKind(events, "study-finished").at(-1)?.payload.seconds ?? null,
    sequence: events.at(-1)?.sequence ?? 0,
    versions: JSON.stringify(start?.versions ?? {}),
    settings: JSON.stringify(file),
  };
}
