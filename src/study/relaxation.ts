/**
 * The relaxations that a study compares. Each is a generator of happenings that goes on when the last one was committed, so that nothing is
 * done on ground that could be lost; what the journal knows already is taken from there, bit for bit.
 *   hybrid   (1) QM on Q, (2) retrain if the image is outside the tolerance, (3) hybrid forces, (4) a BFGS step
 *            Zhang et al., J. Chem. Phys. 148, 241740 (2018); of one model, or of a committee on the mean of its members
 *   full QM  the same without a model
 * Where the models are asked for what they have not seen, a piece of S round the least known atom is calculated by QM and learnt too. What
 * takes a step back is in `walk.ts`.
 */
import type { Calculator } from "../calculators/calculator.ts";
import { committee } from "../calculators/committee.ts";
import { rescaled } from "../calculators/rescaled.ts";
import { modelCalculator } from "../ensemble/calculator.ts";
import { enginePredict } from "../ensemble/enginePredict.ts";
import type { TrainingImage } from "../ensemble/loss.ts";
import type { Model } from "../ensemble/model.ts";
import { type Cluster, cut } from "../hybrid/carve.ts";
import { spread } from "../hybrid/links.ts";
import { subtractive } from "../hybrid/subtractive.ts";
import { boundaryAtoms } from "../hybrid/surroundings.ts";
import type { QmImage } from "../qm/image.ts";
import { symbolOf } from "../structure/elements.ts";
import type { Structure } from "../structure/structure.ts";
import type { Scheme } from "./events.ts";
import { apart, cancelling, DOUBT, joint, leastCertain, leastKnown, seenIn, UNSEEN } from "./guard.ts";
import type { Recalled } from "./memory.ts";
import { merged } from "./merge.ts";
import { pieceRound } from "./pretrainingRecipes.ts";
import { askQm, type Tools, type Trail, trainingImage, trainOn, type Yielded } from "./tools.ts";
import { type Point, type Relaxed, type Surface, walk } from "./walk.ts";

/** A scheme with models. */
export type HybridScheme = Exclude<Scheme, "full-qm">;

/** An atom that the models know too little of. */
interface Trouble {
  readonly atom: number;
  readonly why: string;
}

/** Pieces that are asked for at one step at most: one that does not help is not followed by many. */
const PIECES_AT_ONCE = 2;
/** What a hybrid relaxation begins with. */
export interface Beginning {
  readonly structure: Structure;
  readonly cluster: Cluster;
  /** All pre-trained models, and what they were trained on. */
  readonly models: readonly Model[];
  readonly images: readonly TrainingImage[];
  /** What lengths are multiplied by before each model sees them (see `gate.ts`). */
  readonly factors: readonly number[];
}

/** The hybrid relaxation of one model or, with `member` null, of a committee. The frozen scheme learns nothing on the way. */
export async function* relaxHybrid(
  tools: Tools,
  beginning: Beginning,
  scheme: HybridScheme,
  member: number | null,
): AsyncGenerator<Yielded, Relaxed> {
  const { structure: start, cluster } = beginning;
  const who = { scheme, member };
  const members = member === null ? Array.from(beginning.models.keys()) : [member];
  const { descriptors } = tools.architecture;
  let { images } = beginning;
  let seen = seenIn(images, descriptors);
  let models = members.map((m) => beginning.models[m]);
  const others = beginning.models.filter((_, m) => !members.includes(m));
  // Here QM puts right what a model gets wrong.
  const corrected = new Set([...cluster.core, ...cancelling(start, cluster, descriptors.cutoff)]);
  // What was asked for is known, even where other models go on to differ.
  const asked = new Set<number>();
  // Pieces round two atoms may be the same atoms.
  const learnt = new Set<string>();
  let [count, warned] = [0, false];
  // Of the QM cluster.
  const trail: Trail = { used: new Map() };
  // The surface's age, and that at which the optimizer's last geometry was evaluated: if they differ, that must be done again.
  let [age, ageBefore] = [0, 0];
  // Whether the optimizer's last geometry is one without QM.
  let aloneBefore = false;

  const surfaces = (): Calculator[] => {
    const { architecture, threads } = tools;
    return models.map((model, k) => rescaled(modelCalculator(architecture, model, { threads }), beginning.factors[members[k]]));
  };
  const calculator = (): Calculator => {
    const hybrids = surfaces().map((surface) => subtractive(surface, stored(tools, trail), cluster));
    return member === null ? committee(hybrids) : hybrids[0];
  };
  /** The answer to the relaxation's next question to QM, learnt by its models. */
  const learn = async function* (image: QmImage, step: number, masked?: Uint32Array): AsyncGenerator<Yielded, void> {
    const place = { ...who, step, image: count++ };
    if (scheme === "frozen") return;
    learnt.add(image.hash);
    const newest = trainingImage(image, tools, masked);
    images = [...images, newest];
    seen = joint(seen, seenIn([newest], descriptors));
    const standing = models;
    let changes = 0;
    const trainings = standing.map(async function* (model, k): AsyncGenerator<Yielded, void> {
      const { model: trained, changed } = yield* trainOn(tools, model, images, { ...place, member: members[k] }, true);
      models = models.with(k, trained);
      if (changed) changes++;
    });
    yield* merged(trainings);
    if (changes > 0) age++;
  };
  /** Asks for an image and learns it; undefined if there is none. */
  const ask = async function* (
    here: Structure,
    carved: Cluster,
    step: number,
    reason: string,
    trail?: Trail,
  ): AsyncGenerator<Yielded, QmImage | undefined> {
    const q = cut(here, carved);
    const image = yield* askQm(tools, q, { ...who, step, image: count }, reason, trail);
    const masked = tools.file.boundaryForces ? undefined : boundaryAtoms(here, carved.atoms, q, descriptors.cutoff);
    if (image) yield* learn(image, step, masked);
    return image;
  };
  /** A step without QM. */
  const alone = async function* (here: Structure, step: number): AsyncGenerator<Yielded, Point> {
    aloneBefore = true;
    ageBefore = age;
    const past = tools.memory.recall("step", { ...who, step });
    const recorded = past && point(past);
    if (recorded) return recorded;
    const began = performance.now();
    const own = surfaces();
    const now = await (member === null ? committee(own) : own[0]).calculate(here, ["energy", "forces"], tools.signal);
    const message = "QM gave nothing here: energy and forces of this step are the models' alone";
    const happening = { kind: "warning", ...who, step, payload: { message } } as const;
    if (!tools.memory.recall("warning", happening)) yield { happening };
    return {
      energy: now.energy,
      forces: now.forces as Float64Array,
      sigma: now.energySigma ?? null,
      seconds: (performance.now() - began) / 1000,
      alone: true,
    };
  };
  /** The atom that the models know too little of, and why, if there is one; how uncertain the forces are, where that had to be known. */
  const doubt = (here: Structure, forcesSigma: Float64Array | undefined): { trouble?: Trouble; uncertainty?: Float64Array } => {
    const named = (atom: number): string => `${symbolOf(here.numbers[atom])}${atom}`;
    const least = leastKnown(here, descriptors, seen, corrected);
    if (least.novelty > UNSEEN) {
      const why = `${named(least.atom)} is ${least.novelty.toFixed(1)} half-ranges outside of what the models have seen`;
      return { trouble: { atom: least.atom, why }, uncertainty: forcesSigma };
    }
    const among = forcesSigma ? "the models differ" : "the model differs from the others";
    const uncertainty = forcesSigma ?? (others.length > 0 ? distance(here) : undefined);
    const { atom, size } = uncertainty ? leastCertain(here, uncertainty, asked) : { atom: 0, size: 0 };
    const isGreat = size > DOUBT * tools.file.tolerance.force;
    return {
      uncertainty,
      ...(isGreat && { trouble: { atom, why: `${among} by ${size.toFixed(2)} eV/Å on the force on ${named(atom)}` } }),
    };
  };
  /** What the relaxation's only model adds to the hybrid's forces, F_ML(S) - F_ML(Q), minus what the other pre-trained ones would, [3N] eV/Å. */
  const distance = (here: Structure): Float64Array => {
    const all = [models[0], ...others];
    const parts = enginePredict(tools.architecture, all, cut(here, cluster)).map((p) => spread(here, cluster, p.forces));
    const [own, ...rest] = enginePredict(tools.architecture, all, here).map((p, m) => p.forces.map((f, k) => f - parts[m][k]));
    return apart(own, rest);
  };
  const surface: Surface = {
    trail,
    calculator,
    async *at(here, before, step) {
      const image = yield* ask(here, cluster, step, step === 0 ? "first image" : `step ${step}: the QM cluster moved`, trail);
      if (!image) return tools.file.onFailure === "skip" ? yield* alone(here, step) : undefined;
      const past = tools.memory.recall("step", { ...who, step });
      const recorded = past && point(past);
      for (let pieces = 0; ; pieces++) {
        const more = { ...who, step, image: count };
        // A piece that could not be had is nowhere but in what was asked for.
        if (recorded && !tools.memory.recall("qm-finished", more) && !tools.memory.recall("qm-failed", more)) {
          warned ||= tools.memory.recall("warning", { ...who, step }) !== undefined;
          ageBefore = age;
          aloneBefore = false;
          return recorded;
        }
        const began = performance.now();
        const hybrid = calculator();
        const now = await hybrid.calculate(here, ["energy", "forces"], tools.signal);
        const { trouble, uncertainty } = doubt(here, now.forcesSigma);
        const piece = trouble && pieceRound(here, cluster.core, trouble.atom, descriptors.cutoff, tools.file);
        const [hash] = piece ? tools.qm.hashes(cut(here, piece)) : [];
        const isNews = piece && hash && scheme !== "frozen" && pieces < PIECES_AT_ONCE && !learnt.has(hash);
        if (isNews) {
          asked.add(trouble.atom);
          learnt.add(hash);
          yield* ask(here, piece, step, `step ${step}: ${trouble.why}`);
          continue;
        }
        if (trouble && !warned) {
          warned = true;
          const help = scheme === "frozen" ? "the frozen scheme does not learn" : "QM there has not helped";
          const happening = { kind: "warning", ...who, step, payload: { message: `${trouble.why}, and ${help}` } } as const;
          if (!tools.memory.recall("warning", happening)) yield { happening };
        }
        // The optimizer's secant pair must lie on one surface: the old geometry again, on the new model; its QM image is stored.
        const again =
          before && age !== ageBefore && !aloneBefore ? await hybrid.calculate(before, ["energy", "forces"], tools.signal) : undefined;
        ageBefore = age;
        aloneBefore = false;
        return {
          energy: now.energy,
          forces: now.forces as Float64Array,
          more: {
            qmForces: now.qmForces as Float64Array,
            mlForces: now.mlForces as Float64Array,
            ...(uncertainty && { forcesSigma: uncertainty.map(Math.abs) }),
          },
          sigma: now.energySigma ?? null,
          seconds: (performance.now() - began) / 1000,
          ...(again?.forces && { previous: { energy: again.energy, forces: again.forces } }),
        };
      }
    },
  };
  return yield* walk(tools, start, surface, who);
}

/** A step as the journal has it. */
function point({ payload, array }: Recalled<"step">): Point | undefined {
  const [forces, previousForces] = [array("forces"), array("previousForces")];
  if (!forces) return undefined;
  const { energy, previousEnergy, sigma, seconds, alone } = payload;
  return {
    energy,
    forces,
    sigma,
    seconds,
    alone,
    ...(previousForces && previousEnergy !== null && { previous: { energy: previousEnergy, forces: previousForces } }),
  };
}

/** The relaxation by QM of all atoms. */
export async function* relaxFullQm(tools: Tools, start: Structure): AsyncGenerator<Yielded, Relaxed> {
  const trail: Trail = { used: new Map() };
  const surface: Surface = {
    trail,
    calculator: () => stored(tools, trail),
    async *at(here, _before, step) {
      const place = { scheme: "full-qm", member: null, step, image: step } as const;
      const image = yield* askQm(tools, here, place, step === 0 ? "first image" : `step ${step}: the structure moved`, trail);
      if (!image) return undefined;
      return { energy: image.energy, forces: image.forces, sigma: null, seconds: 0 };
    },
  };
  return yield* walk(tools, start, surface, { scheme: "full-qm", member: null });
}

/** The QM engine as far as it was asked already: the image that the relaxation has used for a geometry. */
function stored({ qm }: Tools, { used }: Trail): Calculator {
  return {
    name: "qm",
    properties: ["energy", "forces"],
    async calculate(structure, _properties, signal) {
      const [scratch] = qm.hashes(structure);
      const { energy, forces } = qm.image(used.get(scratch) ?? scratch) ?? (await qm.ask(structure, signal)).image;
      return { energy, forces };
    },
  };
}
