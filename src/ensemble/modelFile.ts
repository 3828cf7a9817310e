/**
 * An ensemble as one JSON file: `{format: "qmml-model", version, qmml, training, descriptors, hidden, members}`, elements by their symbols,
 * the rest as in memory. Numbers are written so that they are read back to the bit (but for the sign of a zero). Text in, text out; files are
 * opened elsewhere.
 */
import { z } from "zod";
import { fingerprintSize } from "../descriptors/settings.ts";
import { numberOf, symbolOf } from "../structure/elements.ts";
import type { Tolerance } from "./loss.ts";
import { type Architecture, layersOf, type Model } from "./model.ts";
import { weightCount } from "./network.ts";

/** How the members came to be. */
export interface ModelOrigin {
  /** Version of qmml that trained them. */
  readonly qmml: string;
  readonly seed: number;
  readonly method: string;
  /** What calculated, as `Trainer.engine` says; not known of files that older versions wrote. */
  readonly engine?: string;
  /** Asked for: eV/atom, eV/Å. */
  readonly tolerance: Tolerance;
  /** Size of the training set. */
  readonly images: number;
  /** Whether each member reached the tolerance. */
  readonly converged: readonly boolean[];
}

/** An ensemble as it stands in a file. */
export interface ModelFile {
  readonly architecture: Architecture;
  /** At least one. */
  readonly models: readonly Model[];
  readonly origin: ModelOrigin;
}

const FORMAT = "qmml-model";
const VERSION = 1;

/**
 * Text of a model file.
 * @throws RangeError if a number of a model is not finite.
 */
export function formatModel({ architecture, models, origin }: ModelFile): string {
  const { descriptors, hidden } = architecture;
  const { qmml, ...training } = origin;
  const members = models.map(({ low, high, offsets, weights }, m) => {
    for (const [name, values] of Object.entries({ low, high, offsets, weights })) {
      const bad = values.findIndex((x) => !Number.isFinite(x));
      if (bad >= 0) throw new RangeError(`member ${m} has ${name}[${bad}] = ${values[bad]}, which no file can hold; train it again`);
    }
    return { low: [...low], high: [...high], offsets: [...offsets], weights: [...weights] };
  });
  const elements = descriptors.elements.map(symbolOf);
  return `${JSON.stringify({ format: FORMAT, version: VERSION, qmml, training, descriptors: { ...descriptors, elements }, hidden, members })}\n`;
}

const count = z.int().nonnegative();
const positive = z.number().positive();
const array = z.array(z.number()).transform((values) => Float64Array.from(values));
const angular = z.strictObject({ eta: z.number(), zeta: positive, gamma: z.number() });
const symbol = z.string().transform((text, context) => {
  try {
    return numberOf(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});
const heading = z.looseObject({ format: z.unknown().optional(), version: z.unknown().optional() }).catch({});
const schema = z.looseObject({
  version: z.literal(VERSION),
  qmml: z.string(),
  training: z.strictObject({
    seed: count,
    method: z.string(),
    engine: z.string().optional(),
    tolerance: z.strictObject({ energy: positive, force: positive }),
    images: count,
    converged: z.array(z.boolean()),
  }),
  descriptors: z.strictObject({
    cutoff: positive,
    cutoffFunction: z.union([z.literal("cosine"), z.strictObject({ polynomial: z.number() })]),
    elements: z.array(symbol).min(1),
    g2: z.array(z.strictObject({ eta: z.number(), rs: z.number() })),
    g4: z.array(angular),
    g5: z.array(angular),
  }),
  hidden: z.array(z.int().positive()),
  members: z.array(z.strictObject({ low: array, high: array, offsets: array, weights: array })).min(1),
});

/**
 * Reads the text of a model file.
 * @throws RangeError with one sentence if it is not JSON, of another format, of a newer version, incomplete, or of lengths that do not fit together.
 */
export function parseModel(text: string): ModelFile {
  const content = json(text);
  const { format, version } = heading.parse(content);
  if (format !== FORMAT)
    throw new RangeError(`its format is ${JSON.stringify(format) ?? "not named"}, not "${FORMAT}"; give a file that qmml train wrote`);
  if (Number(version) > VERSION)
    throw new RangeError(`its version is ${version}, and this qmml reads up to ${VERSION}; install a newer qmml`);
  const parsed = schema.safeParse(content);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new RangeError(`its ${place(path)} is wrong: ${message}; train the model again`);
  }
  const { qmml, training, descriptors, hidden, members } = parsed.data;
  const architecture = { descriptors, hidden };
  checkLengths(architecture, members);
  return { architecture, models: members, origin: { qmml, ...training } };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new RangeError(`it is not JSON (${(error as Error).message}); give a file that qmml train wrote`);
  }
}

/** `members[0].weights[3]`. */
function place(path: readonly PropertyKey[]): string {
  return path.map((key, k) => (typeof key === "number" ? `[${key}]` : `${k > 0 ? "." : ""}${String(key)}`)).join("");
}

function checkLengths(architecture: Architecture, models: readonly Model[]): void {
  const elements = architecture.descriptors.elements.length;
  const range = elements * fingerprintSize(architecture.descriptors);
  const lengths = { low: range, high: range, offsets: elements, weights: elements * weightCount(layersOf(architecture)) };
  for (const [m, model] of models.entries()) {
    for (const name of ["low", "high", "offsets", "weights"] as const) {
      if (model[name].length !== lengths[name])
        throw new RangeError(
          `its members[${m}].${name} has ${model[name].length} numbers where descriptors and layers ask for ${lengths[name]}; train the model again`,
        );
    }
  }
}
