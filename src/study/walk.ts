/**
 * A BFGS walk over a surface that may move under it: of a model, a committee or QM. What it stands on says how a geometry comes to its energy
 * and forces; the walk says where to go next, and takes a step back that leads into an impossible geometry, to absurd forces, or to where QM
 * gives nothing. Each step waits until the last one is committed.
 */
import type { Calculator } from "../calculators/calculator.ts";
import { type Cluster, cut } from "../hybrid/carve.ts";
import { type BfgsState, bfgsInit, bfgsStep } from "../optimize/bfgs.ts";
import { fmax } from "../optimize/relax.ts";
import type { QmImage } from "../qm/image.ts";
import { type Structure, withPositions } from "../structure/structure.ts";
import { absurd } from "./absurd.ts";
import type { Place } from "./events.ts";
import { impossible } from "./guard.ts";
import { askQm, type Tools, type Trail, type Yielded } from "./tools.ts";

/** Whose relaxation it is: a scheme's member, or null where there is one relaxation only. */
export type Who = Pick<Place, "scheme" | "member">;

/** Where a relaxation ended. */
export interface Relaxed {
  readonly structure: Structure;
  readonly converged: boolean;
  readonly steps: number;
  /** The relaxation's own surface as it was at the last step. */
  readonly surface: Calculator;
  readonly trail: Trail;
  /** Why it could not go on for want of QM, in one sentence. */
  readonly failure?: string;
  /** It failed, and its last steps are without QM. They stand, so that it will not be asked for again. */
  readonly alone?: true;
  /** Why it did not go on though it was not converged and QM was there: what its next step would have led to. */
  readonly stop?: string;
}

/** Energy and forces at a step; those of the step before on the same surface, if the surface moved in between. */
export interface Point {
  readonly energy: number;
  readonly forces: Float64Array;
  /** What else is known of the forces; kept in the journal, for readers only. */
  readonly more?: Readonly<Record<string, Float64Array>>;
  /** Standard deviation of the energy over a committee, eV. */
  readonly sigma: number | null;
  /** Wall s of the evaluation, QM and training apart. */
  readonly seconds: number;
  readonly previous?: { readonly energy: number; readonly forces: Float64Array };
  /** QM gave nothing: it is the models' own, and has no part in the optimizer's memory of the surface. */
  readonly alone?: true;
}

/** What a step of a relaxation needs besides the optimizer. */
export interface Surface {
  /** Everything up to the forces at a geometry: QM, retraining, hybrid. `before` is the geometry that the optimizer stepped from. Nothing where QM gives nothing. */
  at(here: Structure, before: Structure | undefined, step: number): AsyncGenerator<Yielded, Point | undefined>;
  /** As the last `at` left it. */
  calculator(): Calculator;
  readonly trail: Trail;
}

/** How often in a row a step is taken back. */
const MOST_REWINDS = 5;

/** BFGS over a surface, a `step` event each. */
export async function* walk(tools: Tools, start: Structure, surface: Surface, who: Who): AsyncGenerator<Yielded, Relaxed> {
  const { fmax: target, maxSteps } = tools.file.optimizer;
  let state = bfgsInit({ fixed: start.fixed });
  let here = start;
  let before: Structure | undefined;
  // Forces at `before`, where the surface has moved since the optimizer was there; kept while steps are taken back.
  let forcesBefore: Float64Array | undefined;
  let [first, rewinds, without] = [0, 0, 0];
  const rewound = (message: string, step: number, wanted?: Structure): Yielded[] => {
    const payload = { message };
    const isTold = tools.memory.every("rewound", { ...who, step }).some((p) => p.message === message);
    const arrays = wanted && { positions: wanted.positions };
    return isTold ? [] : [{ happening: { kind: "rewound", ...who, step, payload, arrays } }];
  };
  const ended = (
    structure: Structure,
    steps: number,
    why: Pick<Relaxed, "failure" | "alone" | "stop"> = {},
    converged = false,
  ): Relaxed => ({
    ...{ structure, converged, steps, surface: surface.calculator(), trail: surface.trail },
    ...why,
  });
  const reason = (): string => (surface.trail.failure ? ` (${surface.trail.failure.message})` : "");
  for (let step = 0; ; step++) {
    tools.signal?.throwIfAborted();
    let now = yield* surface.at(here, before, step);
    for (let halvings = 1; !now; halvings++) {
      if (!before)
        return ended(start, step, { failure: `QM gave nothing for its first image${reason()}, and there is nothing to go back to` });
      if (halvings > MOST_REWINDS)
        return ended(before, step - 1, {
          failure: `QM gave nothing for step ${step}${reason()}, nor for any of ${MOST_REWINDS} shorter ones`,
        });
      here = between(before, here);
      yield* rewound(`step ${step} is shortened to 1/${2 ** halvings}: QM gave nothing where it led`, step);
      now = yield* surface.at(here, before, step);
    }
    const { energy, forces, more, sigma, seconds, previous, alone } = now;
    const largest = fmax(forces, start.fixed);
    const converged = largest <= target && !alone;
    if (!tools.memory.recall("step", { ...who, step })) {
      const arrays = { positions: here.positions, forces, ...more, ...(previous && { previousForces: previous.forces }) };
      const payload = {
        energy,
        previousEnergy: previous?.energy ?? null,
        fmax: largest,
        sigma,
        converged,
        seconds,
        ...(alone && { alone }),
      };
      yield { happening: { kind: "step", ...who, step, payload, arrays } };
    }
    if (converged || step >= maxSteps) return ended(here, step, {}, converged);
    without = alone ? without + 1 : 0;
    if (without > MOST_REWINDS)
      return ended(here, step, { failure: `QM gave nothing for ${without} steps in a row${reason()}`, alone: true });
    if (alone && largest <= target)
      return ended(here, step, { failure: "the models' forces are small where QM gave nothing, which proves nothing", alone: true });
    if (step === 0) first = largest;
    forcesBefore = previous?.forces ?? forcesBefore;
    let why: string | undefined;
    if (before && absurd(largest, first) && rewinds < MOST_REWINDS) {
      // The optimizer does not hear of it, and goes on from half way.
      rewinds++;
      here = between(before, here);
      why = `the forces of step ${step} reach ${largest.toFixed(0)} eV/Å`;
    } else {
      rewinds = 0;
      // Forces of two surfaces make no secant pair.
      const known: BfgsState = alone ? { ...state, last: undefined } : state;
      const next: { state: BfgsState; positions: Float64Array } = bfgsStep(known, here.positions, forces, forcesBefore);
      state = alone ? { ...next.state, last: undefined } : next.state;
      [before, forcesBefore] = [here, undefined];
      here = withPositions(start, next.positions);
    }
    const possible = shortened(before, here, start);
    if (!possible.end) {
      yield* rewound(`step ${step + 1} is not taken, however short: ${possible.why}`, step + 1, here);
      return ended(before, step, { stop: possible.why });
    }
    why ??= possible.why;
    if (why !== undefined) yield* rewound(`step ${step + 1} is shortened: ${why}`, step + 1);
    here = possible.end;
  }
}

/** A step halved until where it ends is possible, and why it had to be; no end if that does not help: then the surface itself leads nowhere. */
function shortened(from: Structure, to: Structure, start: Structure): { readonly end?: Structure; readonly why?: string } {
  const why = impossible(to, start);
  let [end, wrong] = [to, why];
  for (let halvings = 0; wrong !== undefined; halvings++) {
    if (halvings === MOST_REWINDS) return { why };
    end = between(from, end);
    wrong = impossible(end, start);
  }
  return { end, why };
}

function between(a: Structure, b: Structure): Structure {
  return withPositions(
    a,
    a.positions.map((x, k) => (x + b.positions[k]) / 2),
  );
}

/**
 * Further down one fixed surface to a tight minimum, for comparison only: QM images are kept and counted, steps are not journalled. Undefined
 * where QM gives nothing on the way.
 */
export async function* settle(
  tools: Tools,
  from: Relaxed,
  cluster: Cluster | undefined,
  who: Who,
  target: number,
): AsyncGenerator<Yielded, { structure: Structure; energy: number; converged: boolean; images: QmImage[] } | undefined> {
  const place = { ...who, step: null, image: null };
  const reason = `comparison: to ${target} eV/Å on the scheme's own surface`;
  const images: QmImage[] = [];
  let state = bfgsInit({ fixed: from.structure.fixed });
  let here = from.structure;
  let before: Structure | undefined;
  for (let step = 0; ; step++) {
    const ask = (): ReturnType<typeof askQm> => askQm(tools, cluster ? cut(here, cluster) : here, place, reason, from.trail);
    let image = yield* ask();
    for (let halvings = 0; !image; halvings++) {
      if (!before || halvings === MOST_REWINDS) return undefined;
      here = between(before, here);
      image = yield* ask();
    }
    images.push(image);
    const { energy, forces = new Float64Array(0) } = await from.surface.calculate(here, ["energy", "forces"], tools.signal);
    const converged = fmax(forces, here.fixed) <= target;
    if (converged || step >= tools.file.optimizer.maxSteps) return { structure: here, energy, converged, images };
    const next = bfgsStep(state, here.positions, forces);
    state = next.state;
    const { end } = shortened(here, withPositions(here, next.positions), from.structure);
    if (!end) return { structure: here, energy, converged, images };
    [before, here] = [here, end];
  }
}
