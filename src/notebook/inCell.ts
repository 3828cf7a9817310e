/**
 * What works long, or elsewhere than on the calling thread, as the package offers it: with the signal of the notebook's running cell where none
 * is given, so that an interrupt ends the work and not only the waiting for it. Outside of qmml's kernel nothing is added. Optimizers, hybrids
 * and checks need none of this: they work by calculators, which are asked with a signal each time.
 */
import type { Calculator, EngineSpec } from "../calculators/calculator.ts";
import { type EmtOptions, emtCalculator as emtAlone } from "../calculators/emt.ts";
import { calculator as calculatorAlone } from "../calculators/registry.ts";
import { committeeCalculator as committeeAlone, modelCalculator as modelAlone } from "../ensemble/calculator.ts";
import type { Architecture, Model } from "../ensemble/model.ts";
import { type Trainer, trainer as trainerAlone } from "../ensemble/trainer.ts";
import type { EngineOptions, QmEngine } from "../qm/engine.ts";
import { openEngine as engineAlone } from "../qm/engines.ts";
import { type QmImage, type QmService, qmService as serviceAlone } from "../qm/image.ts";
import type { StudyEvent } from "../study/events.ts";
import { watch as watchAlone } from "../study/launch.ts";
import { type Resources, runStudy as runAlone } from "../study/run.ts";
import type { Study } from "../study/studyFile.ts";
import { cellSignal } from "./jupyter.ts";

/** EMT as a calculator of energy, energies, forces and stress. */
export function emtCalculator(options: EmtOptions = {}): Calculator {
  return inCell(emtAlone(options));
}

/**
 * The calculator that a specification names.
 * @throws RangeError if the engine is not an analytical one, or an option is unknown or of the wrong type.
 */
export function calculator(spec: EngineSpec): Calculator {
  return inCell(calculatorAlone(spec));
}

/** One model as an energy surface. */
export function modelCalculator(architecture: Architecture, model: Model): Calculator {
  return inCell(modelAlone(architecture, model));
}

/**
 * The mean of several models of one architecture as one energy surface, as `committee` has it; they share one pass over the surroundings.
 * @param options `threads`: for large structures, of which no bit depends on it. Default: the cores
 */
export function committeeCalculator(
  architecture: Architecture,
  models: readonly Model[],
  options: { readonly threads?: number } = {},
): Calculator {
  return inCell(committeeAlone(architecture, models, options));
}

/**
 * A trainer on the default engine; its threads start at once, so that they are there when the images are.
 * @param threads 0 trains on the calling thread, which then hears no abort until a training ends
 */
export function trainer(threads: number): Trainer {
  const { train, trainAll, ...rest } = trainerAlone(threads);
  return {
    ...rest,
    train: (architecture, model, images, options, task) => train(architecture, model, images, options, signalled(task)),
    trainAll: (architecture, models, images, options, task) => trainAll(architecture, models, images, options, signalled(task)),
  };
}

/**
 * Opens a QM engine. Its `calculate` throws `Unconverged` where other options may help.
 * @throws RangeError if the specification or the number of slots is wrong.
 * @throws Error with one sentence if its Python or a package is missing.
 */
export async function openEngine(spec: EngineSpec, options?: EngineOptions): Promise<QmEngine> {
  return inCell(await engineAlone(spec, signalled(options)));
}

/**
 * A service over an engine, which is asked for no image twice.
 * @param stored looks an image up by its hash; whoever asks for images stores them
 */
export function qmService(engine: Calculator, settings: string, stored: (hash: string) => QmImage | undefined): QmService {
  const service = serviceAlone(engine, settings, stored);
  return { ...service, ask: (structure, signal = cellSignal(), before) => service.ask(structure, signal, before) };
}

/** Runs a study in this process, or goes on with it where its memory ends. */
export function runStudy(study: Study, resources: Resources): ReturnType<typeof runAlone> {
  return runAlone(study, signalled(resources));
}

/**
 * The events of a study's folder from the first on, as they are committed, until its process has ended.
 * @throws Error if the process ended without saying why, with the end of its log.
 * @throws the signal's reason if the watching is given up; the study goes on.
 */
export function watch(folder: string, signal: AbortSignal | undefined = cellSignal()): AsyncGenerator<StudyEvent, void> {
  return watchAlone(folder, signal);
}

function inCell<C extends Calculator>(calculator: C): C {
  return {
    ...calculator,
    calculate: (structure, properties, signal = cellSignal()) => calculator.calculate(structure, properties, signal),
  };
}

function signalled<O extends { readonly signal?: AbortSignal }>(options?: O): O {
  return { ...options, signal: options?.signal ?? cellSignal() } as O;
}
