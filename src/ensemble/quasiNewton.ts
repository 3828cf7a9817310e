/**
 * BFGS on the weights: all steps are remembered, not the matrix that they make, which would be larger; the step is searched until the strong Wolfe
 * conditions hold.
 * Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 3.5, 3.6 and 7.4. A step is one line search.
 */
import { denseKernels } from "../engine/wasm/dense.ts";
import { machine } from "../engine/wasm/machine.ts";
import { dot } from "../linalg/dense.ts";
import type { SetError } from "./loss.ts";
import { type Asking, objective, type Problem, type TrainingMethod, type TrainingState } from "./method.ts";
import type { Model } from "./model.ts";

interface State extends TrainingState {
  readonly gradient: Float64Array;
  readonly inverse: Inverse;
}

interface Point {
  readonly t: number;
  readonly model: Model;
  readonly error: SetError;
  readonly value: number;
  readonly gradient: Float64Array;
  /** d(value)/dt. */
  readonly slope: number;
}

const SUFFICIENT = 1e-4;
const CURVATURE = 0.9;
const MOST_TRIALS = 20;
/**
 * H before anything is known of it, times the identity, in units of the usual sᵀy/yᵀy of the first step. That one is the inverse of the steepest curvature, and
 * would creep along all others: ten models on cu20 then take 170 evaluations on average, with this 65; from a tenth of it to ten times hardly more.
 */
const FIRST_SCALE = 500;
/** Pairs that are kept, the oldest giving way: trainings rarely take more steps. */
const MOST_PAIRS = 500;

/** BFGS with a Wolfe line search. The inverse Hessian is carried along: only the newest state can be stepped. */
export const quasiNewton: TrainingMethod<State> = {
  *init(p, model) {
    const { error, gradient } = yield* valueAt(p, model);
    return { model, error, gradient, evaluations: 1, stalled: false, inverse: inverseHessian(p) };
  },

  *step(p, state) {
    const n = p.loss.size;
    const { inverse, gradient: g } = state;
    const first = inverse.isFresh();
    const direction = first ? g.map((x) => -x / Math.sqrt(dot(g, g, n))) : inverse.times(g).map((x) => -x);
    const start: Point = {
      t: 0,
      model: state.model,
      error: state.error,
      value: objective(p, state.error.loss, state.model.weights),
      gradient: g,
      slope: dot(g, direction, n),
    };
    let evaluations = state.evaluations;
    const at = function* (t: number): Asking<Point> {
      evaluations++;
      const model = { ...state.model, weights: state.model.weights.map((w, i) => w + t * direction[i]) };
      const { error, gradient } = yield* valueAt(p, model);
      return { t, model, error, gradient, value: objective(p, error.loss, model.weights), slope: dot(gradient, direction, n) };
    };
    const end =
      start.slope < 0 ? yield* search(start, at, first ? 0.1 : 1, Math.min(MOST_TRIALS, p.maxEvaluations - evaluations)) : undefined;
    if (!end) return { ...state, evaluations, stalled: true };
    inverse.update(
      direction.map((x) => x * end.t),
      end.gradient.map((x, i) => x - g[i]),
    );
    const stalled = start.value - end.value < 1e-9 * start.value;
    return { model: end.model, error: end.error, gradient: end.gradient, evaluations, stalled, inverse };
  },
};

/** H, the inverse Hessian. */
interface Inverse {
  /** Nothing is known of it yet. */
  isFresh(): boolean;
  times(x: Float64Array): Float64Array;
  /** Learns that the gradient changed by y in a move s. */
  update(s: Float64Array, y: Float64Array): void;
}

function inverseHessian(p: Problem): Inverse {
  const n = p.loss.size;
  const on = p.loss.machine ?? machine();
  const [s, y, curvature, q] = [on.floats(MOST_PAIRS * n), on.floats(MOST_PAIRS * n), on.floats(MOST_PAIRS), on.floats(n)];
  const k = denseKernels(on, MOST_PAIRS, 1);
  let pairs = 0;
  let scale = 1;
  return {
    isFresh: () => pairs === 0,
    times(x) {
      q.set(x);
      k.inverseHessian(s, y, curvature, pairs, n, scale, q);
      return q;
    },
    update(move, change) {
      const sy = dot(move, change, n);
      if (!(sy > 0)) return;
      if (pairs === 0) scale = (FIRST_SCALE * sy) / dot(change, change, n);
      if (pairs === MOST_PAIRS) {
        pairs--;
        for (const [array, width] of [
          [s, n],
          [y, n],
          [curvature, 1],
        ] as const)
          array.copyWithin(0, width);
      }
      s.set(move, pairs * n);
      y.set(change, pairs * n);
      curvature[pairs++] = sy;
    },
  };
}

function* valueAt(p: Problem, model: Model): Asking<{ error: SetError; gradient: Float64Array }> {
  const gradient = new Float64Array(p.loss.size);
  const error = yield { model, gradient };
  for (let i = 0; i < gradient.length; i++) gradient[i] += 2 * p.decay * (model.weights[i] - p.anchor[i]);
  return { error, gradient };
}

/** A point that satisfies the strong Wolfe conditions, or the best found in so many trials that at least falls. */
function* search(start: Point, at: (t: number) => Asking<Point>, first: number, trials: number): Asking<Point | undefined> {
  const falls = (q: Point): boolean => q.value <= start.value + SUFFICIENT * q.t * start.slope;
  const flat = (q: Point): boolean => Math.abs(q.slope) <= -CURVATURE * start.slope;
  let low = start;
  let high: Point | undefined;
  let t = first;
  for (let trial = 0; trial < trials; trial++) {
    const q = yield* at(t);
    if (!Number.isFinite(q.value) || !falls(q) || q.value >= low.value) high = q;
    else if (flat(q)) return q;
    else {
      if (q.slope * (high ? high.t - low.t : 1) >= 0) high = low;
      low = q;
    }
    t = high ? between(low, high) : 2 * low.t;
  }
  return low.t > 0 ? low : undefined;
}

/** The minimum of the cubic through two points, kept off the ends. */
function between(a: Point, b: Point): number {
  const width = b.t - a.t;
  const middle = a.t + width / 2;
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return middle;
  const d2 = Math.sign(width) * Math.sqrt(square);
  const t = b.t - (width * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
  const inside = (t - a.t) / width;
  return inside > 0.1 && inside < 0.9 ? t : Number.isFinite(inside) && inside <= 0.1 ? a.t + 0.1 * width : middle;
}
