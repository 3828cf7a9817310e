/**
 * The study file: what a user writes (`study.json`), checked and completed with defaults. Everything that a run depends on stands in it;
 * two runs of equal files on equal versions give equal bits.
 */
import { z } from "zod";
import type { EngineSpec } from "../calculators/calculator.ts";
import { DEFAULT_METHOD, type TrainingMethodName } from "../ensemble/train.ts";
import type { Region } from "../structure/regions.ts";
import type { Structure } from "../structure/structure.ts";
import type { Scheme } from "./events.ts";

/** A completed study file. Lengths in Å, energies in eV. */
export interface StudyFile {
  /** What the study is called. Default: the study file's own name. */
  readonly name?: string;
  /** Path of an extended XYZ file, relative to the study file; its last frame is taken. */
  readonly structure: string;
  /** The atoms that the question is about. */
  readonly core: Region;
  /** The QM engine and its options. */
  readonly qm: EngineSpec;
  /** Atoms within this distance of a core atom belong to the QM cluster. Default 5.2. */
  readonly buffer: number;
  /** Whether the cluster takes whole molecules. Default false. */
  readonly wholeMolecules: boolean;
  /** Default: full-qm, frozen, retrained. */
  readonly schemes: readonly Scheme[];
  /** Independently trained models. Default 10, the paper's. */
  readonly members: number;
  /** Every random number of the study comes from it. Default 1. */
  readonly seed: number;
  /** RMSE that a model must reach on its set and on the newest image: eV/atom and eV/Å. Default 0.001 and 0.02. */
  readonly tolerance: { readonly energy: number; readonly force: number };
  /** Default: BFGS to 0.05 eV/Å in at most 200 steps. */
  readonly optimizer: { readonly name: "bfgs"; readonly fmax: number; readonly maxSteps: number };
  /** What the models are and how they learn. */
  readonly model: {
    /** Cutoff of the symmetry functions. Default: from the structure (see `defaultCutoff`). */
    readonly cutoff?: number;
    /** Nodes of the hidden layers. Default [10, 10]. */
    readonly hidden: readonly number[];
    /** Default: see `DEFAULT_METHOD`. */
    readonly training: TrainingMethodName;
  };
  /** What the models see before the first step. */
  readonly pretraining: {
    /** Rattled copies of the QM cluster. Default 10. */
    readonly rattled: number;
    /** Clusters carved round atoms elsewhere in the structure. Default 10. */
    readonly pieces: number;
    /** Strained cells of the bulk crystal; metals only. Default 4. */
    readonly strained: number;
    /** Elements that the set must not contain: models that start ignorant of them. Default none. */
    readonly without: readonly string[];
  };
  /** Relax on after convergence, on the scheme's own surface and by full QM, to measure the errors that the summary reports. Default true. */
  readonly verify: boolean;
}

/** What a study file may leave out: everything but `structure`, `core` and `qm`. */
export type StudyInput = Pick<StudyFile, "structure" | "core" | "qm" | "name"> & {
  readonly [K in keyof Omit<StudyFile, "structure" | "core" | "qm" | "name">]?: StudyFile[K] extends object ? Partial<StudyFile[K]> : StudyFile[K];
};

/** A study: its name, its file and the structure that the file names. */
export interface Study {
  readonly name: string;
  readonly file: StudyFile;
  readonly structure: Structure;
}

const positive = z.number().positive();
const count = z.int().nonnegative();

/** Schema of a study file. Unknown keys are refused, so that a misspelt option cannot go unnoticed. */
const schema = z.strictObject({
  name: z.string().min(1).optional(),
  structure: z.string().min(1),
  core: z.union([
    z.strictObject({ within: positive, of: z.union([z.string(), z.array(count)]) }),
    z.strictObject({ atoms: z.array(count).min(1) }),
    z.strictObject({ element: z.string() }),
    z.strictObject({ layer: count }),
  ]),
  qm: z.looseObject({ engine: z.string() }),
  buffer: positive.default(5.2),
  wholeMolecules: z.boolean().default(false),
  schemes: z.array(z.enum(["full-qm", "frozen", "retrained"])).min(1).default(["full-qm", "frozen", "retrained"]),
  members: z.int().min(1).max(100).default(10),
  seed: count.default(1),
  tolerance: z.strictObject({ energy: positive.default(0.001), force: positive.default(0.02) }).prefault({}),
  optimizer: z.strictObject({ name: z.literal("bfgs").default("bfgs"), fmax: positive.default(0.05), maxSteps: z.int().positive().default(200) }).prefault({}),
  model: z
    .strictObject({
      cutoff: positive.optional(),
      hidden: z.array(z.int().positive()).min(1).default([10, 10]),
      training: z.enum(["bfgs", "kalman", "levenberg-marquardt"]).default(DEFAULT_METHOD),
    })
    .prefault({}),
  pretraining: z
    .strictObject({ rattled: count.default(10), pieces: count.default(10), strained: count.default(4), without: z.array(z.string()).default([]) })
    .prefault({}),
  verify: z.boolean().default(true),
});

/**
 * Checks a study file's content and completes it with the defaults.
 * @throws RangeError with one sentence that names the key and what is wrong with it.
 */
export function parseStudy(content: unknown): StudyFile {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RangeError(`the study file's ${issue.path.join(".") || "content"} is wrong: ${issue.message}`);
}
