/**
 * The relaxations that a study compares. Each is a generator of happenings that goes on when the last one was committed, so that nothing is
 * done on ground that could be lost; what the journal knows already is taken from there, bit for bit.
 *   hybrid   (1) QM on Q, (2) retrain if the image is outside the tolerance, (3) hybrid forces, (4) a BFGS step
 *            Zhang et al., J. Chem. Phys. 148, 241740 (2018)
 *   full QM  the same without a model
 */
import type { Calculator } from "../calculators/calculator.ts";
import { modelCalculator } from "../ensemble/calculator.ts";
import type { TrainingImage } from "../ensemble/loss.ts";
import type { Model } from "../ensemble/model.ts";
import { type Cluster, cut } from "../hybrid/carve.ts";
import { subtractive } from "../hybrid/subtractive.ts";
import { bfgsInit, bfgsStep } from "../optimize/bfgs.ts";
import { fmax } from "../optimize/relax.ts";
import type { QmImage } from "../qm/image.ts";
import { type Structure, withPositions } from "../structure/structure.ts";
import type { Place, Scheme } from "./events.ts";
import { askQm, type Tools, trainingImage, trainOn, type Yielded } from "./tools.ts";

/** Where a relaxation ended. */
export interface Relaxed {
  readonly structure: Structure;
  readonly converged: boolean;
  /** Of the last step on the relaxation's own surface, eV. */
  readonly energy: number;
  readonly model?: Model;
}

/** Energy and forces at a step; those of the step before on the same surface, if the surface moved in between. */
interface Point {
  readonly energy: number;
  readonly forces: Float64Array;
  /** Wall s of the evaluation, QM and training apart. */
  readonly seconds: number;
  readonly previous?: { readonly energy: number; readonly forces: Float64Array };
}

/** What a step of a relaxation needs besides the optimizer. */
interface Surface {
  /** Everything up to the forces at a geometry: QM, retraining, hybrid. `before` is the geometry of the step before. */
  at(here: Structure, before: Structure | undefined, step: number): AsyncGenerator<Yielded, Point>;
}

/** The hybrid relaxation of one model; `retrain` makes the difference between the retrained and the frozen scheme. */
export async function* relaxHybrid(
  tools: Tools,
  start: Structure,
  cluster: Cluster,
  scheme: Scheme & ("frozen" | "retrained"),
  member: number,
  pretrained: Model,
  set: readonly TrainingImage[],
): AsyncGenerator<Yielded, Relaxed> {
  let model = pretrained;
  let images = set;
  const surface: Surface = {
    async *at(here, before, step) {
      const place = { scheme, member, step, image: step };
      const image = yield* askQm(tools, cut(here, cluster), place, step === 0 ? "first image" : `step ${step}: the QM cluster moved`);
      let moved = false;
      if (scheme === "retrained") {
        images = [...images, trainingImage(image, tools.architecture)];
        ({ model, changed: moved } = yield* trainOn(tools, model, images, place, true));
      }
      const past = tools.memory.recall("step", { scheme, member, step });
      const forces = past?.array("forces");
      if (past && forces) {
        const { energy, previousEnergy, seconds } = past.payload;
        const previousForces = past.array("previousForces");
        return {
          energy,
          forces,
          seconds,
          ...(previousForces && previousEnergy !== null && { previous: { energy: previousEnergy, forces: previousForces } }),
        };
      }
      const began = performance.now();
      const hybrid = subtractive(modelCalculator(tools.architecture, model), stored(tools), cluster);
      const now = await hybrid.calculate(here, ["energy", "forces"], tools.signal);
      // The optimizer's secant pair must lie on one surface: the old geometry again, on the new model; its QM image is stored.
      const again = moved && before ? await hybrid.calculate(before, ["energy", "forces"], tools.signal) : undefined;
      return {
        energy: now.energy,
        forces: now.forces as Float64Array,
        seconds: (performance.now() - began) / 1000,
        ...(again?.forces && { previous: { energy: again.energy, forces: again.forces } }),
      };
    },
  };
  const relaxed = yield* walk(tools, start, surface, { scheme, member });
  return { ...relaxed, model };
}

/** The relaxation by QM of all atoms. */
export async function* relaxFullQm(tools: Tools, start: Structure): AsyncGenerator<Yielded, Relaxed> {
  const surface: Surface = {
    async *at(here, _before, step) {
      const place = { scheme: "full-qm", member: null, step, image: step } as const;
      const { energy, forces } = yield* askQm(tools, here, place, step === 0 ? "first image" : `step ${step}: the structure moved`);
      return { energy, forces, seconds: 0 };
    },
  };
  return yield* walk(tools, start, surface, { scheme: "full-qm", member: null });
}

/** BFGS over a surface, a `step` event each. */
async function* walk(
  tools: Tools,
  start: Structure,
  surface: Surface,
  who: Pick<Place, "scheme" | "member">,
): AsyncGenerator<Yielded, Relaxed> {
  const { fmax: target, maxSteps } = tools.file.optimizer;
  let state = bfgsInit({ fixed: start.fixed });
  let here = start;
  let before: Structure | undefined;
  for (let step = 0; ; step++) {
    tools.signal?.throwIfAborted();
    const { energy, forces, seconds, previous } = yield* surface.at(here, before, step);
    const largest = fmax(forces, start.fixed);
    const converged = largest <= target;
    if (!tools.memory.recall("step", { ...who, step })) {
      const arrays = { positions: here.positions, forces, ...(previous && { previousForces: previous.forces }) };
      const payload = { energy, previousEnergy: previous?.energy ?? null, fmax: largest, sigma: null, converged, seconds };
      yield { happening: { kind: "step", ...who, step, payload, arrays } };
    }
    if (converged || step >= maxSteps) return { structure: here, converged, energy };
    const next = bfgsStep(state, here.positions, forces, previous?.forces);
    state = next.state;
    before = here;
    here = withPositions(start, next.positions);
  }
}

/** Further down one fixed surface to a tight minimum, for comparison only: QM images are kept and counted, steps are not journalled. */
export async function* settle(
  tools: Tools,
  from: Relaxed,
  cluster: Cluster | undefined,
  who: Pick<Place, "scheme" | "member">,
  target: number,
): AsyncGenerator<Yielded, { structure: Structure; energy: number; converged: boolean; images: QmImage[] }> {
  const place = { ...who, step: null, image: null };
  const reason = `comparison: to ${target} eV/Å on the scheme's own surface`;
  const hybrid =
    cluster && from.model ? subtractive(modelCalculator(tools.architecture, from.model), stored(tools), cluster) : stored(tools);
  const images: QmImage[] = [];
  let state = bfgsInit({ fixed: from.structure.fixed });
  let here = from.structure;
  for (let step = 0; ; step++) {
    images.push(yield* askQm(tools, cluster ? cut(here, cluster) : here, place, reason));
    const { energy, forces = new Float64Array(0) } = await hybrid.calculate(here, ["energy", "forces"], tools.signal);
    const converged = fmax(forces, here.fixed) <= target;
    if (converged || step >= tools.file.optimizer.maxSteps) return { structure: here, energy, converged, images };
    const next = bfgsStep(state, here.positions, forces);
    state = next.state;
    here = withPositions(here, next.positions);
  }
}

/** The QM engine as far as it was asked already. */
function stored(tools: Tools): Calculator {
  return {
    name: "qm",
    properties: ["energy", "forces"],
    async calculate(structure, _properties, signal) {
      const { image } = await tools.qm.ask(structure, signal);
      return { energy: image.energy, forces: image.forces };
    },
  };
}
