/**
 * Training of models until their set, and the newest image by itself, are inside the tolerance; warm where they stand already.
 * A pure function of its arguments: the same bits on any thread. Models with one set in common are trained in step, so that one pass over the
 * derivatives serves all that still want one; each has its own state and stops by itself, and comes to the same whoever is beside it.
 */
import { extendedRange } from "../descriptors/scaling.ts";
import { withMachine } from "../engine/wasm/machine.ts";
import { engineLoss } from "./engineLoss.ts";
import { kalman } from "./kalman.ts";
import { levenbergMarquardt } from "./levenbergMarquardt.ts";
import type { LossFunction, SetError, Tolerance, TrainingImage } from "./loss.ts";
import type { Asking, Question, TrainingMethod } from "./method.ts";
import { type Architecture, type Model, rescaled } from "./model.ts";
import { refitOffsets } from "./offsets.ts";
import { quasiNewton } from "./quasiNewton.ts";

/** Names of the training methods. */
export const TRAINING_METHODS = ["bfgs", "kalman", "levenberg-marquardt"] as const;

/** One of them. */
export type TrainingMethodName = (typeof TRAINING_METHODS)[number];

/** How to train. */
export interface TrainingOptions {
  readonly tolerance: Tolerance;
  /** Default: `DEFAULT_METHOD`. */
  readonly method?: TrainingMethodName;
  /** Evaluations after which training gives up, with the best model. Default: 300 for Levenberg-Marquardt, 30 epochs or 1500 gradients. */
  readonly maxEvaluations?: number;
  /** Weight decay in units of the loss (squared tolerances). Default 0.1. */
  readonly decay?: number;
  /** A training that is needed at all goes on until the errors are inside this part of the tolerance. Default 1. */
  readonly margin?: number;
  /** Whether the model was trained before: it then changes no more than the data ask for. Default false: weights decay to zero. */
  readonly warm?: boolean;
  /** Index of the image whose own errors must be inside as well; -1 for none. */
  readonly newest?: number;
}

/** What training came to. */
export interface Training {
  readonly model: Model;
  readonly error: SetError;
  readonly converged: boolean;
  readonly evaluations: number;
  /** Wall seconds. */
  readonly seconds: number;
  /** [K][5]: evaluations, seconds, loss, energy RMSE (eV/atom), force RMSE (eV/Å), after the start and after each step. */
  readonly curve: Float64Array;
}

/** One row of a curve, as it is reported while training runs. */
export type CurveRow = readonly [evaluations: number, seconds: number, loss: number, energyRmse: number, forceRmse: number];

/**
 * Weight decay, of a cold training towards zero, of a warm one towards where it stood. It is what keeps a small set from being learnt by heart: errors on
 * images that were not seen are least with 0.1 to 1 on cu20 and in studies A and B, while holding a part of so few images out does harm
 * (docs/training-methods.md). Warm, 0.1 instead of 0.01 took the worst of four ignorant models of study A from 61 to 26 meV.
 */
const DECAY = 0.1;

/**
 * The method that `train` takes where none is named, chosen by trying, ten seeds each (docs/training-methods.md): BFGS takes a third to a
 * quarter of the CPU time of Levenberg-Marquardt in studies A and B from random weights, 0.7 to 0.3 of it after one new image; a Kalman filter more than either.
 */
export const DEFAULT_METHOD: TrainingMethodName = "bfgs";

/** Evaluations after which a method gives up: what it needs at most where it gets there at all, with room to spare. */
const MOST_EVALUATIONS: Readonly<Record<TrainingMethodName, number>> = { "levenberg-marquardt": 300, kalman: 30, bfgs: 1500 };

/**
 * The energy error, in tolerances, that weighs as much in the loss as a force error of one tolerance. Energies are learnt first in any case, and
 * where they weigh less fewer evaluations do: on cu20 Levenberg-Marquardt takes 19 instead of 32 on average, BFGS 62 instead of 112.
 */
const ENERGY_SCALE: Readonly<Record<TrainingMethodName, number>> = { "levenberg-marquardt": 4, kalman: 1, bfgs: 6 };

const METHODS: Record<TrainingMethodName, TrainingMethod> = {
  bfgs: quasiNewton as TrainingMethod,
  kalman: kalman as TrainingMethod,
  "levenberg-marquardt": levenbergMarquardt as TrainingMethod,
};

/**
 * Trains a model on images. If it is already inside the tolerance nothing changes and no evaluation is counted.
 * @param report is given each row of the curve as it comes
 */
export function train(
  architecture: Architecture,
  model: Model,
  images: readonly TrainingImage[],
  options: TrainingOptions,
  report: (row: CurveRow) => void = () => {},
): Training {
  return trainAll(architecture, [model], images, options, (_, row) => report(row))[0];
}

/**
 * Trains models on a set that all of them see.
 * @param report is given each row of each model's curve as it comes
 */
export function trainAll(
  architecture: Architecture,
  models: readonly Model[],
  images: readonly TrainingImage[],
  options: TrainingOptions,
  report: (member: number, row: CurveRow) => void = () => {},
): Training[] {
  return withMachine((machine) => {
    const loss = engineLoss(architecture, images, scale(options), { machine });
    const work = inStep(architecture, loss, models, options, report);
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
    }
  });
}

/** Energy and force error that weigh alike in the loss. */
export function scale({ method = DEFAULT_METHOD, tolerance }: TrainingOptions): Tolerance {
  return { energy: ENERGY_SCALE[method] * tolerance.energy, force: tolerance.force };
}

/** Trains models in step; yields after each pass over the set, so that its driver can look at something else. */
export function* inStep(
  architecture: Architecture,
  loss: LossFunction,
  models: readonly Model[],
  options: TrainingOptions,
  report: (member: number, row: CurveRow) => void,
): Generator<void, Training[]> {
  const work = models.map((model, m) => training(architecture, loss, model, options, (row) => report(m, row)));
  const results: Training[] = [];
  let waiting = work.map((asking, m) => ({ asking, m, turn: asking.next() }));
  for (;;) {
    for (const { m, turn } of waiting) if (turn.done) results[m] = turn.value;
    const open = waiting.flatMap(({ asking, m, turn }) => (turn.done ? [] : [{ asking, m, question: turn.value }]));
    if (open.length === 0) return results;
    const errors = answered(
      loss,
      open.map((o) => o.question),
    );
    waiting = open.map(({ asking, m }, k) => ({ asking, m, turn: asking.next(errors[k]) }));
    yield;
  }
}

/** All answers in two passes at most: with gradients, and without. */
function answered(loss: LossFunction, questions: readonly Question[]): SetError[] {
  const errors: SetError[] = [];
  for (const wanted of [true, false]) {
    const places = [...questions.keys()].filter((k) => (questions[k].gradient !== undefined) === wanted);
    const gradients = places.flatMap((k) => questions[k].gradient ?? []);
    const some = loss.evaluateAll(
      places.map((k) => questions[k].model),
      wanted ? gradients : undefined,
    );
    places.forEach((k, i) => {
      errors[k] = some[i];
    });
  }
  return errors;
}

function* training(
  architecture: Architecture,
  loss: LossFunction,
  model: Model,
  options: TrainingOptions,
  report: (row: CurveRow) => void,
): Asking<Training> {
  const { tolerance, newest = -1, warm = false, margin = 1 } = options;
  const { method = DEFAULT_METHOD, decay = DECAY } = options;
  const { maxEvaluations = MOST_EVALUATIONS[method] } = options;
  const began = performance.now();
  const rows: CurveRow[] = [];
  const seconds = (): number => (performance.now() - began) / 1000;
  const note = (evaluations: number, e: SetError): void => {
    rows.push([evaluations, seconds(), e.loss, e.energyRmse, e.forceRmse]);
    report(rows[rows.length - 1]);
  };
  const inside = (e: SetError, part = 1): boolean => {
    const all = [{ energy: e.energyRmse, force: e.forceRmse }, ...(newest < 0 ? [] : [e.images[newest]])];
    return all.every(({ energy, force }) => energy <= part * tolerance.energy && force <= part * tolerance.force);
  };

  /** Inside the tolerance before outside, then by the loss. */
  const isBetter = (a: SetError, b: SetError): boolean => (inside(a) === inside(b) ? a.loss < b.loss : inside(a));

  const standing = yield { model };
  if (inside(standing)) {
    note(0, standing);
    return { model, error: standing, converged: true, evaluations: 0, seconds: seconds(), curve: Float64Array.from(rows.flat()) };
  }
  const seen = loss.images.map((i) => i.fingerprints);
  const wider = rescaled(architecture, model, extendedRange(model, seen, architecture.descriptors));
  const problem = { loss, decay, maxEvaluations, anchor: warm ? wider.weights : new Float64Array(wider.weights.length) };
  const stepper = METHODS[method];
  let state = yield* stepper.init(problem, refitOffsets(loss, wider));
  note(state.evaluations, state.error);
  let best = state;
  while (!inside(state.error, margin) && !state.stalled && state.evaluations < maxEvaluations) {
    state = yield* stepper.step(problem, state);
    note(state.evaluations, state.error);
    if (isBetter(state.error, best.error)) best = state;
  }
  const end = inside(state.error, margin) ? state : best;
  return {
    model: end.model,
    error: end.error,
    converged: inside(end.error),
    evaluations: state.evaluations,
    seconds: seconds(),
    curve: Float64Array.from(rows.flat()),
  };
}
