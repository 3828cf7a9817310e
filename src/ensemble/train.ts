/**
 * Training of one model until its set, and the newest image by itself, are inside the tolerance; warm where it stands already.
 * A pure function of its arguments: the same bits on any thread.
 */
import { extendedRange } from "../descriptors/scaling.ts";
import { kalman } from "./kalman.ts";
import { levenbergMarquardt } from "./levenbergMarquardt.ts";
import { type SetError, type Tolerance, type TrainingImage, lossFunction } from "./loss.ts";
import type { TrainingMethod } from "./method.ts";
import { type Architecture, type Model, rescaled } from "./model.ts";
import { refitOffsets } from "./offsets.ts";
import { quasiNewton } from "./quasiNewton.ts";

/** Names of the training methods. */
export type TrainingMethodName = "bfgs" | "kalman" | "levenberg-marquardt";

/** How to train. */
export interface TrainingOptions {
  readonly tolerance: Tolerance;
  /** Default: see `DEFAULT_TRAINING`. */
  readonly method?: TrainingMethodName;
  /** Evaluations after which training gives up, with the best model. */
  readonly maxEvaluations?: number;
  /** Weight decay in units of the loss (squared tolerances). Default 0.01, 0.1 where `warm`. */
  readonly decay?: number;
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
 * A training that is needed at all goes on until the errors are inside this part of the tolerance: one that stops at the brim is needed
 * again at the next image.
 */
const MARGIN = 0.85;

/** Decay of a warm training towards where it stood: ten times the cold one; with the ignorant study A it halved the worst error. */
const WARM_DECAY = 0.1;

/** Defaults, chosen by trying study A. */
export const DEFAULT_TRAINING: Required<Pick<TrainingOptions, "method" | "maxEvaluations" | "decay">> = {
  method: "levenberg-marquardt",
  maxEvaluations: 100,
  decay: 0.01,
};

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
  const { tolerance, newest = -1, warm = false } = options;
  const { method, maxEvaluations, decay } = { ...DEFAULT_TRAINING, ...(warm && { decay: WARM_DECAY }), ...options };
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

  const standing = loss.evaluate(model, images, tolerance);
  if (inside(standing)) {
    note(0, standing);
    return { model, error: standing, converged: true, evaluations: 0, seconds: seconds(), curve: Float64Array.from(rows.flat()) };
  }
  const wider = rescaled(architecture, model, extendedRange(model, images.map((i) => i.fingerprints)));
  const problem = { loss, images, tolerance, decay, maxEvaluations, anchor: warm ? wider.weights : new Float64Array(wider.weights.length) };
  const stepper = METHODS[method];
  let state = stepper.init(problem, refitOffsets(loss, wider, images));
  note(state.evaluations, state.error);
  let best = state;
  while (!inside(state.error, MARGIN) && !state.stalled && state.evaluations < maxEvaluations) {
    state = stepper.step(problem, state);
    note(state.evaluations, state.error);
    if (state.error.loss < best.error.loss) best = state;
  }
  const end = inside(state.error, MARGIN) ? state : best;
  return {
    model: end.model,
    error: end.error,
    converged: inside(end.error),
    evaluations: state.evaluations,
    seconds: seconds(),
    curve: Float64Array.from(rows.flat()),
  };
}
