/**
 * The study file: what a user writes (`study.json`), checked and completed with defaults. Everything that a run depends on stands in it;
 * two runs of equal files on equal versions give equal bits.
 */
import { z } from "zod";
import type { Structure } from "../structure/structure.ts";

const scheme = z.enum(["full-qm", "frozen", "retrained", "committee"]);
const positive = z.number().positive();

/** Schema of a study file. Unknown keys are refused, so that a misspelt option cannot go unnoticed. */
export const studySchema = z.strictObject({
  /** Path of an extended XYZ file, relative to the study file; its last frame is taken. */
  structure: z.string(),
  /** The atoms that the question is about. */
  core: z.union([
    z.strictObject({ within: positive, of: z.union([z.string(), z.array(z.int().nonnegative())]) }),
    z.strictObject({ atoms: z.array(z.int().nonnegative()).min(1) }),
    z.strictObject({ element: z.string() }),
    z.strictObject({ layer: z.int().positive() }),
  ]),
  /** The QM engine and its options. */
  qm: z.looseObject({ engine: z.string() }),
  /** Atoms within this distance of a core atom belong to the QM cluster, Å. */
  buffer: positive.default(5.2),
  schemes: z.array(scheme).min(1).default(["full-qm", "frozen", "retrained"]),
  /** Independently trained models. The paper has ten. */
  members: z.int().min(1).max(100).default(10),
  /** Every random number of the study comes from it. */
  seed: z.int().nonnegative().default(1),
  /** RMSE that a model must reach on its set and on the newest image: eV/atom and eV/Å. */
  tolerance: z.strictObject({ energy: positive.default(0.001), force: positive.default(0.02) }).prefault({}),
  optimizer: z.strictObject({ name: z.literal("bfgs").default("bfgs"), fmax: positive.default(0.05), maxSteps: z.int().positive().default(200) }).prefault({}),
  /** What the models see before the first step. */
  pretraining: z
    .strictObject({
      /** Rattled copies of the QM cluster. */
      rattled: z.int().nonnegative().default(10),
      /** Clusters carved around atoms elsewhere in the structure. */
      pieces: z.int().nonnegative().default(10),
      /** Strained cells of the bulk crystal (metals only). */
      strained: z.int().nonnegative().default(4),
      /** Elements that the set must not contain: a model that starts ignorant of them. */
      without: z.array(z.string()).default([]),
    })
    .prefault({}),
  /** Relax on after convergence, on the scheme's own surface and by full QM, to measure the errors that the summary reports. */
  verify: z.boolean().default(true),
});

/** A completed study file. */
export type StudyFile = z.output<typeof studySchema>;

/** What a study file may leave out. */
export type StudyInput = z.input<typeof studySchema>;

/** A study: its name, its file and the structure that the file names. */
export interface Study {
  readonly name: string;
  readonly file: StudyFile;
  readonly structure: Structure;
}
