/**
 * The study file: what a user writes (`study.json`), checked and completed with defaults. Everything that a run depends on stands in it;
 * two runs of equal files on equal versions give equal bits.
 */
import { z } from "zod";
import type { EngineSpec } from "../calculators/calculator.ts";
import { TRAINING_METHODS, type TrainingMethodName } from "../ensemble/train.ts";
import { chosenEngine, TRAINING_ENGINES, type TrainingEngine } from "../ensemble/trainingEngine.ts";
import { nearest } from "../io/words.ts";
import { isSymbol } from "../structure/elements.ts";
import type { Region } from "../structure/regions.ts";
import type { Structure } from "../structure/structure.ts";
import type { Limits, Scheme } from "./events.ts";

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
  /**
   * Atoms within this distance of a core atom (Å), or this number of bonds between heavy atoms away from one with their hydrogens, belong to the
   * QM cluster. Default 5.2 Å.
   */
  readonly buffer: number | { readonly bonds: number };
  /** Where the hydrogen on a cut bond sits: at a fixed ratio of the bond, or at a fixed length on it. Default length. */
  readonly links: "ratio" | "length";
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
  /** What calculates the trainings: the default has the same bits everywhere, TensorFlow must be installed; `auto` is settled here. Default wasm. */
  readonly engine: Exclude<TrainingEngine, "auto">;
  /** What the models are and how they learn. */
  readonly model: {
    /** Cutoff of the symmetry functions. Default: from the structure (see `defaultCutoff`). */
    readonly cutoff?: number;
    /** Nodes of the hidden layers. Default [10, 10]. */
    readonly hidden: readonly number[];
    /** Default: see `DEFAULT_METHOD`; bfgs with TensorFlow, which has no other. */
    readonly training: TrainingMethodName;
  };
  /** What the models see before the first step. */
  readonly pretraining: {
    /**
     * How many images. auto: of listed ones, as many as rattled, pieces and strained say; of the farthest, until what is left is nearer to them
     * than the recipes displace atoms. Default auto.
     */
    readonly images: number | "auto";
    /**
     * listed: so many images of each kind. farthest: of a list many times as long, those whose surroundings differ most. random: of that list, by
     * chance. Default listed.
     */
    readonly selection: "listed" | "farthest" | "random";
    /** Rattled copies of the QM cluster. Default 10. These three numbers are proportions where `images` says how many there are in all. */
    readonly rattled: number;
    /** Clusters carved round atoms elsewhere in the structure. Default 10 with metals, 14 without. */
    readonly pieces?: number;
    /** Strained cells of the bulk crystal; metals only. Default 4. */
    readonly strained: number;
    /** Elements that the set must not contain: models that start ignorant of them. Default none. */
    readonly without: readonly string[];
  };
  /**
   * Whether the models learn the forces on atoms of a QM image whose surroundings, as far as the cutoff reaches, are not those in the structure:
   * the QM cluster cuts them off, or a hydrogen stands for a cut bond. Default true.
   */
  readonly boundaryForces: boolean;
  /**
   * What becomes of a study whose models have another lattice constant than QM, by more than the energy tolerance (see `gate.ts`): it is said (warn),
   * the study ends (stop), or each model sees all lengths multiplied by its own lattice constant over QM's, whatever they are (rescale). off: they
   * are not compared, which saves five QM calls on bulk cells. Default warn.
   */
  readonly lattice: "warn" | "stop" | "rescale" | "off";
  /** s that one QM calculation may take; it is then ended, and begun once more. Default: any. A study may go on with another one. */
  readonly timeout?: number;
  /** eV/Å. A QM result with a larger force is absurd. Default 100. A study may go on with another one. */
  readonly maxForce: number;
  /**
   * What becomes of a relaxation whose QM image cannot be had, whatever is tried. rewind: back half way to the geometry before, a few times.
   * skip: that step goes by the models alone; of full QM, rewind. stop: the study ends there, and asks again when it is run again. Default rewind.
   */
  readonly onFailure: "rewind" | "skip" | "stop";
  /** Relax on after convergence, on the scheme's own surface and by full QM, to measure the errors that the summary reports. Default true. */
  readonly verify: boolean;
}

/** What a study file may leave out: everything but `structure`, `core` and `qm`. */
export type StudyInput = Pick<StudyFile, "structure" | "core" | "qm" | "name"> & {
  readonly [K in keyof Omit<StudyFile, "structure" | "core" | "qm" | "name" | "engine">]?: StudyFile[K] extends object
    ? Partial<StudyFile[K]>
    : StudyFile[K];
} & { readonly engine?: TrainingEngine };

/** The limits of a study file. */
export function limitsOf({ timeout, maxForce }: Pick<StudyFile, "timeout" | "maxForce">): Limits {
  return { timeout: timeout ?? null, maxForce };
}

/** A study: its name, its file and the structure that the file names. */
export interface Study {
  readonly name: string;
  readonly file: StudyFile;
  readonly structure: Structure;
}

// The text of a check is what the sentence offers after "give".
const positive = (unit: string): z.ZodNumber => z.number(`a positive number of ${unit}`).positive(`a positive number of ${unit}`);
const whole = (least: number, most = Number.MAX_SAFE_INTEGER): z.ZodInt => {
  const wanted = most < Number.MAX_SAFE_INTEGER ? `a whole number from ${least} to ${most}` : `a whole number of ${least} or more`;
  return z.int(wanted).min(least, wanted).max(most, wanted);
};
const word = (wanted: string): z.ZodString => z.string(wanted).min(1, wanted);
const flag = z.boolean("true or false");
const block = "a block in braces";
const symbol = word('an element, e.g. "N"').refine(isSymbol, 'an element as in the periodic table, e.g. "N"');
const indices = z.array(whole(0), "a list of atoms, counted from 0, e.g. [0, 4]").min(1, "at least one atom");
const region = '{"within": 2.6, "of": "N"}, {"bonds": 4, "of": "O"}, {"atoms": [0, 4]}, {"element": "N"} or {"layer": 1}';
const reach = 'a positive number of Å, e.g. 5.2, or {"bonds": 1}';
const some = 'one or more of full-qm, frozen, retrained, committee, e.g. ["retrained"]';

/** Schema of a study file. Unknown keys are refused, so that a misspelt option cannot go unnoticed. */
const schema = z.strictObject({
  name: word("a name").optional(),
  structure: word('the path of an extended XYZ file, e.g. "start.xyz"'),
  core: z.union(
    [
      z.strictObject({ within: positive("Å"), of: z.union([symbol, indices]) }),
      z.strictObject({ bonds: whole(0), of: z.union([symbol, indices]) }),
      z.strictObject({ atoms: indices }),
      z.strictObject({ element: symbol }),
      z.strictObject({ layer: whole(0) }),
    ],
    region,
  ),
  qm: z.looseObject({ engine: word('an engine, e.g. "emt"') }, '{"engine": "emt"}'),
  buffer: z.union([positive("Å"), z.strictObject({ bonds: whole(0) })], reach).default(5.2),
  links: z.enum(["ratio", "length"], '"ratio" or "length"').default("length"),
  wholeMolecules: flag.default(false),
  schemes: z
    .array(z.enum(["full-qm", "frozen", "retrained", "committee"], some), some)
    .min(1, some)
    .refine((s) => new Set(s).size === s.length, "each scheme once")
    .default(["full-qm", "frozen", "retrained"]),
  members: whole(1, 100).default(10),
  seed: whole(0).default(1),
  tolerance: z.strictObject({ energy: positive("eV/atom").default(0.001), force: positive("eV/Å").default(0.02) }, block).prefault({}),
  optimizer: z
    .strictObject(
      { name: z.literal("bfgs", '"bfgs"').default("bfgs"), fmax: positive("eV/Å").default(0.05), maxSteps: whole(1).default(200) },
      block,
    )
    .prefault({}),
  engine: z.enum(TRAINING_ENGINES, `one of ${TRAINING_ENGINES.join(", ")}`).default("wasm"),
  model: z
    .strictObject(
      {
        cutoff: positive("Å").optional(),
        hidden: z
          .array(whole(1), "the nodes of each hidden layer, e.g. [10, 10]")
          .min(1, "at least one hidden layer, e.g. [10, 10]")
          .default([10, 10]),
        training: z.enum(TRAINING_METHODS, `one of ${TRAINING_METHODS.join(", ")}`).optional(),
      },
      block,
    )
    .prefault({}),
  pretraining: z
    .strictObject(
      {
        images: z.union([whole(1), z.literal("auto")], 'a whole number of 1 or more, or "auto"').default("auto"),
        selection: z.enum(["listed", "farthest", "random"], '"listed", "farthest" or "random"').default("listed"),
        rattled: whole(0).default(10),
        pieces: whole(0).optional(),
        strained: whole(0).default(4),
        without: z.array(symbol, 'a list of elements, e.g. ["N"]').default([]),
      },
      block,
    )
    .prefault({}),
  boundaryForces: flag.default(true),
  lattice: z.enum(["warn", "stop", "rescale", "off"], '"warn", "stop", "rescale" or "off"').default("warn"),
  timeout: positive("s").optional(),
  maxForce: positive("eV/Å").default(100),
  onFailure: z.enum(["rewind", "skip", "stop"], '"rewind", "skip" or "stop"').default("rewind"),
  verify: flag.default(true),
});

/**
 * Checks a study file's content and completes it with the defaults.
 * @throws RangeError with one sentence that names the key, what it holds and what it could hold.
 */
export function parseStudy(content: unknown): StudyFile {
  const parsed = schema.safeParse(content);
  if (parsed.success) return withEngine(parsed.data);
  const [issue] = parsed.error.issues;
  const key = issue.path.join(".");
  const value = issue.path.reduce<unknown>((v, k) => (v as Record<PropertyKey, unknown>)[k], content);
  // The forms of a region, and of the buffer, have different keys: all are named together.
  const wanted = key === "core" ? region : key === "buffer" ? reach : issue.message;
  if (issue.code === "unrecognized_keys" && key !== "core" && key !== "buffer") throw new RangeError(unknownKey(key, issue.keys[0]));
  if (key === "") throw new RangeError(`the study file holds ${shown(value)}; give {"structure": …, "core": …, "qm": …}`);
  if (value === undefined) throw new RangeError(`the study file has no ${key}; give ${wanted}`);
  throw new RangeError(`the study file's ${key} is ${shown(value)}; give ${wanted}`);
}

/** With the engine and the method that are taken where none is named. */
function withEngine({ model, ...file }: z.infer<typeof schema>): StudyFile {
  const { engine, method } = chosenEngine(file.engine, model.training, model.hidden);
  return { ...file, engine, model: { ...model, training: method } };
}

/** Sentence about a key that a block of the study file does not have. */
function unknownKey(path: string, key: string): string {
  const block = path === "" ? schema : (schema.shape[path as "tolerance"].unwrap() as z.ZodObject);
  const known = Object.keys(block.shape);
  const meant = nearest(key, known);
  const place = path === "" ? key : `${path}.${key}`;
  return `the study file's ${place} is unknown; ${meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`}`;
}

/** A value as JSON, at most sixty characters of it. */
function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
