/**
 * Training of one model until its set, and the newest image by itself, are inside the tolerance; warm where it stands already.
 * A pure function of its arguments: the same bits on any thread.
 */
import { extendedRange } from "../descriptors/scaling.ts";
import { kalman } from "./kalman.ts";
import { levenbergMarquardt } from "./levenbergMarquardt.ts";
import { lossFunction, type SetError, type Tolerance, type TrainingImage } from "./loss.ts";
import type { TrainingMethod } from "./method.ts";
import { type Architecture, type Model, rescaled } from "./model.ts";
import { refitOffsets } from "./offsets.ts";
import { quasiNewton } from "./quasiNewton.ts";

/** Names of the training methods. */
export type TrainingMethodName = "bfgs" | "kalman" | "levenberg-marquardt";

/** How to train. */
export interface TrainingOptions {
  readonly tolerance: Tolerance;
  /** Default: `DEFAULT_METHOD`. */
  readonly method?: TrainingMethodName;
  /** Evaluations after which training gives up, with the best model. Default: 300 for Levenberg-Marquardt, 30 epochs or 1500 gradients. */
  readonly maxEvaluations?: number;
  /** Weight decay in units of the loss (squared tolerances). Default 0.01, 0.1 where `warm`. */
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
 * Decay of a warm training towards where it stood: ten times the cold one. In the ignorant study A it took the worst of four models from 61
 * to 26 meV; ten times more did not help further.
 */
const WARM_DECAY = 0.1;

/** Decay of a cold training towards zero. */
const COLD_DECAY = 0.01;

/**
 * The method that `train` takes where none is named, chosen by trying (CPU s of a model). On study A's set Kalman takes 11-14 cold and 11-52 for one
 * new image, BFGS is not there after 1500 gradients, Levenberg-Marquardt takes 4 for the whole study; on 20 images of study B, 1833 weights,
 * Kalman 90, BFGS not there after 60, Levenberg-Marquardt 3-5, and about 1 for one new image.
 */
export const DEFAULT_METHOD: TrainingMethodName = "levenberg-marquardt";

/** Evaluations after which a method gives up: what it needs at most where it gets there at all, with room to spare. */
const MOST_EVALUATIONS: Readonly<Record<TrainingMethodName, number>> = { "levenberg-marquardt": 300, kalman: 30, bfgs: 1500 };

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
  const { tolerance, newest = -1, warm = false, margin = 1 } = options;
  const { method = DEFAULT_METHOD, decay = warm ? WARM_DECAY : COLD_DECAY } = options;
  const { maxEvaluations = MOST_EVALUATIONS[method] } = options;
  const began = performance.now();
  const rows: CurveRow[] = [];
  const seconds = (): number => (performance.now() - began) / 1000;
  const note = (evaluations: number, e: SetError): void => {
    rows.push([evaluations, seconds(), e.loss, e.energyRmse, e.forceRmse]);
    report(rows[rows.length - 1]);
  };
  const loss = lossFunction(architecture);
  const inside = (e: SetError, part = 1): boolean => {
    const all = [{ energy: e.energyRmse, force: e.forceRmse }, ...(newest < 0 ? [] : [e.images[newest]])];
    return all.every(({ energy, force }) => energy <= part * tolerance.energy && force <= part * tolerance.force);
  };

  /** Inside the tolerance before outside, then by the loss. */
  const isBetter = (a: SetError, b: SetError): boolean => (inside(a) === inside(b) ? a.loss < b.loss : inside(a));

  const standing = loss.evaluate(model, images, tolerance);
  if (inside(standing)) {
    note(0, standing);
    return { model, error: standing, converged: true, evaluations: 0, seconds: seconds(), curve: Float64Array.from(rows.flat()) };
  }
  const seen = images.map((i) => i.fingerprints);
  const wider = rescaled(architecture, model, extendedRange(model, seen));
  const problem = { loss, images, tolerance, decay, maxEvaluations, anchor: warm ? wider.weights : new Float64Array(wider.weights.length) };
  const stepper = METHODS[method];
  let state = stepper.init(problem, refitOffsets(loss, wider, images));
  note(state.evaluations, state.error);
  let best = state;
  while (!inside(state.error, margin) && !state.stalled && state.evaluations < maxEvaluations) {
    state = stepper.step(problem, state);
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
