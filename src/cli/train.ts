/** `qmml train`: an ensemble of models on the energies and forces of a file, members in threads, shown as they learn. */
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { rangeOf } from "../descriptors/scaling.ts";
import { type DescriptorSettings, defaultDescriptors, fingerprintSize } from "../descriptors/settings.ts";
import { descriptorsFrom } from "../descriptors/settingsFile.ts";
import { describing } from "../engine/wasm/fingerprints.ts";
import type { Tolerance, TrainingImage } from "../ensemble/loss.ts";
import { type Architecture, drawModel } from "../ensemble/model.ts";
import { formatModel } from "../ensemble/modelFile.ts";
import { type CurveRow, DEFAULT_METHOD, TRAINING_METHODS, type Training } from "../ensemble/train.ts";
import type { Trainer } from "../ensemble/trainer.ts";
import { checkEngine, chosenEngine, TRAINING_ENGINES, trainerOf } from "../ensemble/trainingEngine.ts";
import { readFrames } from "../io/files.ts";
import type { Frame } from "../io/frame.ts";
import { packageVersion } from "../io/package.ts";
import { writeWhole } from "../io/whole.ts";
import { size } from "../structure/structure.ts";
import { defaultCutoff } from "../study/pretraining.ts";
import { type Command, command as defined, positive, text, whole } from "./command.ts";
import { readText } from "./input.ts";
import { checkPlace } from "./output.ts";

/** Nodes of the hidden layers, as a study has them; (5, 5) is worse on study A. */
const HIDDEN = [10, 10];

/** Every method has converged from random weights with fewer on the data of bench/cu20, to 0.001 eV/atom and 0.05 eV/Å. */
const MAX_EVALUATIONS = 1000;

const METHODS = `one of ${TRAINING_METHODS.join(", ")}`;

export const command: Command = defined({
  usage:
    "--data IN -o MODEL [--models 10] [--seed 1] [--energy-rmse 0.001] [--force-rmse 0.02] [--descriptors FILE] [--engine NAME] [--threads N]",
  positionals: [],
  options: {
    data: { type: "string", value: "IN", help: "frames with energies and forces, .xyz or .extxyz" },
    output: { type: "string", short: "o", value: "MODEL", help: "the model file to write" },
    models: { type: "string", value: "N", help: "members of the ensemble (default 10)" },
    seed: { type: "string", value: "N", help: "of the first random weights (default 1)" },
    "energy-rmse": { type: "string", value: "ENERGY", help: "error over the data to be reached, eV/atom (default 0.001)" },
    "force-rmse": { type: "string", value: "FORCE", help: "error over the data to be reached, each component, eV/Å (default 0.02)" },
    descriptors: {
      type: "string",
      value: "FILE",
      help: "symmetry functions as JSON, or a JSON file with them under symmetry_functions (default: from the data)",
    },
    engine: { type: "string", value: "NAME", help: "wasm, tensorflow or auto (default wasm); see qmml engine list" },
    method: { type: "string", value: "NAME", help: `${METHODS} (default ${DEFAULT_METHOD}; tensorflow has bfgs)` },
    "max-evaluations": {
      type: "string",
      value: "N",
      help: `of the loss, after which a member gives up (default ${MAX_EVALUATIONS})`,
    },
    threads: { type: "string", value: "N", help: "members trained at a time; the result does not depend on it (default: the cores)" },
  },
  input: z.object({
    data: text("give the frames to train on"),
    output: text("give -o MODEL, the file to write"),
    models: whole(1).default(10),
    seed: whole(0).default(1),
    energyRmse: positive("eV/atom").default(0.001),
    forceRmse: positive("eV/Å").default(0.02),
    descriptors: z.string().optional(),
    engine: z.enum(TRAINING_ENGINES, "give wasm, tensorflow or auto").default("wasm"),
    method: z.enum(TRAINING_METHODS, `give ${METHODS}`).optional(),
    maxEvaluations: whole(1).default(MAX_EVALUATIONS),
    threads: whole(1).default(availableParallelism()),
  }),
  async run({ data, output, models: many, seed, energyRmse, forceRmse, descriptors: path, ...rest }, io) {
    const { maxEvaluations, threads } = rest;
    const { engine, method } = chosenEngine(rest.engine, rest.method, HIDDEN);
    if (rest.engine === "auto") io.print(`auto takes the engine ${engine}`);
    await checkPlace(output);
    await checkEngine(engine);
    const frames = await readFrames(data);
    const labels = frames.map((frame, k) => labelsOf(frame, `frame ${k} of ${data}`));
    const descriptors = path === undefined ? chosenDescriptors(frames) : await readDescriptors(path, frames);
    const architecture: Architecture = { descriptors, hidden: HIDDEN };
    const tolerance: Tolerance = { energy: energyRmse, force: forceRmse };

    const progress: Progress[] = Array.from({ length: many }, () => ({ state: "waiting" }));
    const report = (member: number, row: CurveRow): void => {
      progress[member] = { state: "training", row };
      io.live(table(progress));
    };
    const options = { tolerance, method, maxEvaluations };
    const learn = async (workers: Trainer): Promise<{ members: Training[]; seconds: number }> => {
      const images = await described(frames, labels, descriptors, io.signal);
      const scaling = rangeOf(
        images.map((image) => image.fingerprints),
        descriptors,
      );
      const drawn = progress.map((_, member) => drawModel(architecture, scaling, seed, member));
      const began = performance.now();
      const members = await workers.trainAll(architecture, drawn, images, options, { signal: io.signal, report });
      return { members, seconds: (performance.now() - began) / 1000 };
    };
    const workers = trainerOf(engine, Math.min(threads, many));
    const { members, seconds } = await learn(workers).finally(() => workers.close());
    members.forEach((training, member) => {
      progress[member] = { state: training.converged ? "converged" : "not converged", row: endOf(training) };
    });

    io.live(table(progress), true);
    const origin = {
      qmml: packageVersion(),
      seed,
      method,
      engine: workers.engine,
      tolerance,
      images: frames.length,
      converged: members.map((t) => t.converged),
    };
    await writeWhole(output, formatModel({ architecture, models: members.map((t) => t.model), origin }));
    io.print(`${many === 1 ? "1 model" : `${many} models`} on ${frames.length} frames in ${seconds.toFixed(1)} s, written to ${output}`);
    const json = {
      engine: workers.engine,
      seconds,
      members: members.map(({ error, evaluations, seconds, converged }) => {
        return { energyRmse: error.energyRmse, forceRmse: error.forceRmse, evaluations, seconds, converged };
      }),
    };
    const missed = members.filter((t) => !t.converged);
    if (missed.length === 0) return { json };
    const cutShort = missed.some((t) => t.evaluations >= maxEvaluations);
    const failure =
      `${missed.length} of ${many} members did not reach ${energyRmse} eV/atom and ${forceRmse} eV/Å (${output} is written all the same); ` +
      `raise ${cutShort ? `--max-evaluations above ${maxEvaluations}` : "the tolerances"}, or try another --method`;
    return { json, failure };
  },
});

/** The frames as the models see them; others are heard in between. */
async function described(
  frames: readonly Frame[],
  labels: readonly Labels[],
  descriptors: DescriptorSettings,
  signal: AbortSignal,
): Promise<TrainingImage[]> {
  const describe = describing(descriptors);
  const images: TrainingImage[] = [];
  for (const [k, { structure }] of frames.entries()) {
    await setImmediate();
    signal.throwIfAborted();
    images.push({ structure, fingerprints: describe(structure), ...labels[k] });
  }
  return images;
}

type Labels = Pick<TrainingImage, "energy" | "forces">;

/**
 * What the models are to learn.
 * @throws RangeError naming the frame if it has no energy or no forces, or one of them is not finite.
 */
function labelsOf({ result = {} }: Frame, place: string): Labels {
  const { energy, forces } = result;
  for (const [name, value] of Object.entries({ energy, forces })) {
    if (value === undefined)
      throw new RangeError(`${place} has no ${name}; train on frames that hold energies and forces, e.g. from qmml compute`);
  }
  if (!Number.isFinite(energy) || !forces?.every(Number.isFinite))
    throw new RangeError(`${place} has an energy or a force that is not finite; leave the frame out`);
  return { energy: energy as number, forces };
}

/** The usual symmetry functions for the elements of the data, with the cutoff that suits the largest frame. */
function chosenDescriptors(frames: readonly Frame[]): DescriptorSettings {
  const largest = frames.map((f) => f.structure).reduce((a, b) => (size(b) > size(a) ? b : a));
  return defaultDescriptors(elementsOf(frames), defaultCutoff(largest));
}

async function readDescriptors(path: string, frames: readonly Frame[]): Promise<DescriptorSettings> {
  const content = await readText(path);
  try {
    const whole = JSON.parse(content) as { symmetry_functions?: unknown } | null;
    const descriptors = descriptorsFrom(whole?.symmetry_functions ?? whole, elementsOf(frames));
    if (fingerprintSize(descriptors) === 0) throw new RangeError("there is neither G2_eta nor G4 nor G5");
    return descriptors;
  } catch (error) {
    const { path: at, message } = error instanceof z.ZodError ? error.issues[0] : { path: [], message: (error as Error).message };
    const key = at.length > 0 ? `${at.join(".")}: ` : "";
    throw new RangeError(`${path} does not describe symmetry functions (${key}${message}); give JSON with cutoff, G2_eta and G4`);
  }
}

function elementsOf(frames: readonly Frame[]): Set<number> {
  return new Set(frames.flatMap((f) => [...f.structure.numbers]));
}

/** Where a member stands. */
interface Progress {
  readonly state: "waiting" | "training" | "converged" | "not converged";
  readonly row?: CurveRow;
}

/** The errors of the model that was kept, which need not be the last one tried. */
function endOf({ evaluations, seconds, error }: Training): CurveRow {
  return [evaluations, seconds, error.loss, error.energyRmse, error.forceRmse];
}

function table(progress: readonly Progress[]): string[] {
  const columns = ["member", "evaluations", "energy RMSE / meV/atom", "force RMSE / eV/Å", "seconds"];
  const rows = progress.map(({ state, row }, member) => {
    const [evaluations, seconds, , energy, force] = row ?? [];
    const cells = [member, evaluations, energy && (1000 * energy).toFixed(3), force?.toFixed(4), seconds?.toFixed(1)];
    return `${cells.map((cell, k) => String(cell ?? "").padStart(columns[k].length)).join("  ")}  ${state}`;
  });
  return [columns.join("  "), ...rows];
}
