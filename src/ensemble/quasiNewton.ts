/**
 * Dense BFGS on the weights: the inverse Hessian is kept, the step is searched until the strong Wolfe conditions hold.
 * Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 3.5, 3.6 and 6.1. A step is one line search.
 */
import { dot } from "../linalg/dense.ts";
import type { SetError } from "./loss.ts";
import { type Asking, objective, type Problem, type TrainingMethod, type TrainingState } from "./method.ts";
import type { Model } from "./model.ts";

interface State extends TrainingState {
  readonly gradient: Float64Array;
  /** [n][n]; empty before the first step. */
  readonly inverse: Float64Array;
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

/** Dense BFGS with a Wolfe line search. */
export const quasiNewton: TrainingMethod<State> = {
  *init(p, model) {
    const { error, gradient } = yield* valueAt(p, model);
    return { model, error, gradient, evaluations: 1, stalled: false, inverse: new Float64Array(0) };
  },

  *step(p, state) {
    const n = p.loss.size;
    const first = state.inverse.length === 0;
    const inverse = first ? new Float64Array(n * n) : state.inverse.slice();
    const g = state.gradient;
    const norm = Math.sqrt(dot(g, g, n));
    const direction = new Float64Array(n);
    for (let i = 0; i < n; i++) direction[i] = first ? -g[i] / norm : -dot(inverse, g, n, i * n, 0);
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

    const move = direction.map((x) => x * end.t);
    const change = end.gradient.map((x, i) => x - g[i]);
    const curvature = dot(move, change, n);
    if (first) for (let i = 0; i < n; i++) inverse[i * n + i] = curvature / dot(change, change, n);
    if (curvature > 0) update(inverse, move, change, curvature);
    const stalled = start.value - end.value < 1e-9 * start.value;
    return { model: end.model, error: end.error, gradient: end.gradient, evaluations, stalled, inverse };
  },
};

function* valueAt(p: Problem, model: Model): Asking<{ error: SetError; gradient: Float64Array }> {
  const gradient = new Float64Array(p.loss.size);
  const error = yield { model, gradient };
  for (let i = 0; i < gradient.length; i++) gradient[i] += 2 * p.decay * (model.weights[i] - p.anchor[i]);
  return { error, gradient };
}

/** H += (1 + yHy/sy) ssᵀ/sy - (Hy sᵀ + s (Hy)ᵀ)/sy. */
function update(h: Float64Array, s: Float64Array, y: Float64Array, sy: number): void {
  const n = s.length;
  const hy = new Float64Array(n);
  for (let i = 0; i < n; i++) hy[i] = dot(h, y, n, i * n, 0);
  const factor = (1 + dot(y, hy, n) / sy) / sy;
  for (let i = 0; i < n; i++) {
    const [a, b] = [factor * s[i] - hy[i] / sy, s[i] / sy];
    for (let j = 0; j < n; j++) h[i * n + j] += a * s[j] - b * hy[j];
  }
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
