/** Table `about`: one row that says what was calculated, so that no other table is ever shown without it. */

import type { StudyRecord } from "../study/folder.ts";
import { among, type Columns, INTEGER, orNull, real, reals, TEXT } from "./arrow.ts";
import { calculated } from "./calls.ts";
import { ofKind } from "./record.ts";
import { STATES, type State, summarize } from "./summary.ts";

/** A study's facts. Numbers are null before the event that brings them. */
export interface AboutRow {
  readonly name: string;
  readonly state: State;
  readonly formula: string;
  readonly atoms: number;
  readonly clusterAtoms: number;
  /** Hydrogens on cut bonds, counted apart from the cluster's atoms. */
  readonly linkAtoms: number;
  readonly coreAtoms: number;
  /** Of the whole structure, e; null before the study's start and in an older journal, as the next three. */
  readonly charge: number | null;
  /** Of the whole structure; null also where nothing was said. */
  readonly multiplicity: number | null;
  /** Of the QM cluster, e. */
  readonly clusterCharge: number | null;
  readonly clusterMultiplicity: number | null;
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
  /** Å; null where the buffer is counted in bonds. */
  readonly buffer: number | null;
  /** Bonds between heavy atoms; null where the buffer is a length. */
  readonly bufferBonds: number | null;
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

/** All that `pbc` can be. */
export const PBC: readonly string[] = ["FFF", "FFT", "FTF", "FTT", "TFF", "TFT", "TTF", "TTT"];

export const ABOUT_COLUMNS: Columns<AboutRow> = {
  name: TEXT,
  state: among(STATES),
  formula: TEXT,
  atoms: INTEGER,
  clusterAtoms: INTEGER,
  linkAtoms: INTEGER,
  coreAtoms: INTEGER,
  charge: orNull(real("e")),
  multiplicity: orNull(INTEGER),
  clusterCharge: orNull(real("e")),
  clusterMultiplicity: orNull(INTEGER),
  cell: { ...reals("Å"), finite: true },
  pbc: among(PBC),
  engine: TEXT,
  members: INTEGER,
  seed: real("1"), // beyond 32 bits
  energyTolerance: real("eV/atom"),
  forceTolerance: real("eV/Å"),
  fmax: real("eV/Å"),
  buffer: orNull(real("Å")),
  bufferBonds: orNull(INTEGER),
  pretrainingImages: INTEGER,
  qmCalculated: INTEGER,
  qmSeconds: real("s"),
  started: orNull(real("s")),
  seconds: orNull(real("s")),
  sequence: INTEGER,
  versions: TEXT,
  settings: TEXT,
};

/** The row of `about`. */
export function aboutRow(study: Omit<StudyRecord, "array">): AboutRow {
  const { file, events } = study;
  const start = ofKind(events, "study-started").at(0)?.payload;
  const qm = calculated(events);
  return {
    name: start?.name ?? file.name ?? "study",
    state: summarize(events).state,
    formula: start?.formula ?? "",
    atoms: study.structure.numbers.length,
    clusterAtoms: study.cluster.length,
    linkAtoms: start?.linkAtoms ?? 0,
    coreAtoms: study.core.length,
    charge: start?.charge ?? null,
    multiplicity: start?.multiplicity ?? null,
    clusterCharge: start?.clusterCharge ?? null,
    clusterMultiplicity: start?.clusterMultiplicity ?? null,
    cell: study.structure.cell,
    pbc: study.structure.pbc.map((p) => (p ? "T" : "F")).join(""),
    engine: file.qm.engine,
    members: file.members,
    seed: file.seed,
    energyTolerance: file.tolerance.energy,
    forceTolerance: file.tolerance.force,
    fmax: file.optimizer.fmax,
    buffer: typeof file.buffer === "number" ? file.buffer : null,
    bufferBonds: typeof file.buffer === "number" ? null : file.buffer.bonds,
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
