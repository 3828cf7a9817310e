/**
 * A study from beginning to end, as one generator of happenings: pre-training of all models on one set, full QM, then every model's frozen and
 * retrained relaxation and the committee's side by side, each compared with full QM's own minimum. Knows no file, no process and no screen.
 */
import { rangeOf } from "../descriptors/scaling.ts";
import { describing } from "../engine/wasm/fingerprints.ts";
import type { TrainingImage } from "../ensemble/loss.ts";
import { drawModel, type Model } from "../ensemble/model.ts";
import type { Trainer } from "../ensemble/trainer.ts";
import { type Cluster, cut } from "../hybrid/carve.ts";
import { counted } from "../io/words.ts";
import type { Failure, QmImage, QmService } from "../qm/image.ts";
import { formula, type Structure, size } from "../structure/structure.ts";
import { superposedRmsd } from "../structure/superpose.ts";
import type { Happening, Scheme } from "./events.ts";
import { latticeGate } from "./gate.ts";
import type { Memory } from "./memory.ts";
import { merged } from "./merge.ts";
import { plan } from "./plan.ts";
import { type HybridScheme, relaxFullQm, relaxHybrid } from "./relaxation.ts";
import { limitsOf, type Study, type StudyFile } from "./studyFile.ts";
import { askQm, type Tools, trainingImage, trainOn, type Yielded } from "./tools.ts";
import { type Relaxed, settle, type Who } from "./walk.ts";

/** eV/Å. Where the relaxations that are compared stop: full QM's own minimum is known to about 0.1 meV there. */
const TIGHT = 0.01;

/** What a study runs on. */
export interface Resources {
  readonly qm: QmService;
  readonly trainer: Trainer;
  /** For predictions of large structures; see `AsideOptions`. */
  readonly threads?: number;
  readonly memory: Memory;
  readonly signal?: AbortSignal;
  /** Program versions for the record. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Runs a study, or goes on with it where its memory ends. */
export async function* runStudy(study: Study, resources: Resources): AsyncGenerator<Yielded, void> {
  const { file, structure } = study;
  const { memory, qm } = resources;
  const { cluster, architecture, set, gate, warnings } = plan(study);
  const tools: Tools = { ...resources, file, architecture, describe: describing(architecture.descriptors) };
  const began = performance.now();
  const once = (happening: Happening): Yielded[] => (memory.recall(happening.kind, happening) ? [] : [{ happening }]);

  yield* once({
    kind: "study-started",
    payload: {
      name: study.name,
      formula: formula(structure),
      atoms: size(structure),
      clusterAtoms: cluster.atoms.length,
      linkAtoms: cluster.links.length,
      coreAtoms: cluster.core.length,
      charge: structure.charge ?? 0,
      multiplicity: structure.multiplicity ?? null,
      clusterCharge: cluster.charge,
      clusterMultiplicity: cluster.multiplicity,
      engine: file.qm.engine,
      settings: qm.settings,
      versions: { ...resources.versions },
      limits: limitsOf(file),
    },
  });
  for (const [k, message] of warnings.entries()) yield* once({ kind: "warning", image: k, payload: { message } });

  const hybrids = file.schemes.filter((s): s is HybridScheme => s !== "full-qm");
  const models: Model[] = [];
  let images: TrainingImage[] = [];
  // What lengths are multiplied by before each model sees them.
  let factors: readonly number[] = [];
  let minimum: Minimum | undefined;
  // Relaxations that ended for want of QM; they are asked for again when the study is run again.
  const lost: Relaxed[] = [];

  /** Why a relaxation ended where it should not have. */
  const told = function* (relaxed: Relaxed, who: Who): Generator<Yielded, void> {
    const { failure, alone, stop, converged, steps } = relaxed;
    if (failure !== undefined && !alone) lost.push(relaxed);
    if (failure !== undefined) yield* once({ kind: "failed", ...who, payload: { message: failure } });
    else if (stop) {
      const message = `stopped after ${counted(steps, "step")}: ${stop}`;
      yield* once({ kind: "warning", ...who, payload: { message, stopped: true } });
    } else if (!converged) {
      const message = `not converged to ${file.optimizer.fmax} eV/Å in ${counted(steps, "step")}`;
      yield* once({ kind: "warning", ...who, payload: { message } });
    }
  };
  const prepare = async function* (): AsyncGenerator<Yielded, void> {
    for (const [k, { recipe, structure: s, masked }] of set.entries()) {
      const image = yield* askQm(tools, s, { image: k }, `pre-training: ${recipe}`);
      if (!image) continue;
      yield* once({
        kind: "pretraining",
        image: k,
        payload: { hash: image.hash, recipe, numbers: [...s.numbers], seconds: image.seconds },
      });
      images = [...images, trainingImage(image, tools, masked)];
    }
    if (images.length === 0) {
      const last = set.flatMap(({ structure: s }) => qm.failures(qm.hashes(s)[0])).at(-1);
      throw new Error(`QM gave nothing for any of the ${set.length} structures of the pre-training${because(last, file)}`);
    }
    const scaling = rangeOf(
      images.map((i) => i.fingerprints),
      architecture.descriptors,
    );
    const members = Array.from({ length: file.members }, async function* (_, member): AsyncGenerator<Yielded, void> {
      const drawn = drawModel(architecture, scaling, file.seed, member);
      ({ model: models[member] } = yield* trainOn(tools, drawn, images, { member }, false));
    });
    yield* merged(members);
    if (gate) factors = yield* latticeGate(tools, gate, models, set.length);
  };
  const full = async function* (): AsyncGenerator<Yielded, void> {
    const who = { scheme: "full-qm", member: null } as const;
    const relaxed = yield* relaxFullQm(tools, structure);
    yield* told(relaxed, who);
    if (relaxed.failure === undefined && file.verify) minimum = yield* compare(tools, relaxed, undefined, who, cluster, undefined);
  };
  yield* merged([...(file.schemes.includes("full-qm") ? [full()] : []), ...(hybrids.length > 0 ? [prepare()] : [])]);

  const relaxation = async function* (scheme: HybridScheme, member: number | null): AsyncGenerator<Yielded, void> {
    const relaxed = yield* relaxHybrid(tools, { structure, cluster, models, images, factors }, scheme, member);
    yield* told(relaxed, { scheme, member });
    if (relaxed.failure === undefined && minimum) yield* compare(tools, relaxed, cluster, { scheme, member }, cluster, minimum);
  };
  const relaxations = hybrids.flatMap((scheme) =>
    scheme === "committee" ? [relaxation(scheme, null)] : models.map((_, member) => relaxation(scheme, member)),
  );
  yield* merged(relaxations);
  const count = relaxations.length + (file.schemes.includes("full-qm") ? 1 : 0);
  if (lost.length === count) {
    const where = lost.every((r) => r.steps === 0) ? "the first image of any relaxation" : "what any relaxation could not do without";
    throw new Error(`QM gave nothing for ${where}${because(lost[count - 1].trail.failure, file)}`);
  }
  yield* once({ kind: "study-finished", payload: { seconds: memory.seconds + (performance.now() - began) / 1000 } });
}

/** The end of a sentence on images that QM did not give: why not, and what to do about it. */
function because(failure: Failure | undefined, { qm, timeout }: StudyFile): string {
  const why = failure ? `: ${failure.message}` : "";
  const remedy =
    failure?.kind === "timed out" ? `raise timeout (${timeout} s) in the study file` : `see that ${qm.engine} can calculate them`;
  return `${why}; ${remedy}`;
}

/** Full QM's own minimum, against which everything is measured. */
interface Minimum {
  /** eV. */
  readonly energy: number;
  /** Core atoms, [3C] Å. */
  readonly core: Float64Array;
}

/** Settles a relaxation and measures it: energy by full QM where it ended, core where its own surface has its minimum. */
async function* compare(
  tools: Tools,
  relaxed: Relaxed,
  hybridCluster: Cluster | undefined,
  who: { readonly scheme: Scheme; readonly member: number | null },
  cluster: Cluster,
  minimum: Minimum | undefined,
): AsyncGenerator<Yielded, Minimum | undefined> {
  const past = tools.memory.recall("verified", who);
  const positions = past?.array("positions");
  if (past && positions) return { energy: past.payload.energy, core: coreOf({ ...relaxed.structure, positions }, cluster) };
  const place = { ...who, step: null, image: null };
  const message = "not compared with full QM's own minimum: QM gave nothing on the way";
  // A place of its own beside the relaxation's other warnings.
  const given: Happening = { kind: "warning", ...who, image: 0, payload: { message } };
  if (tools.memory.recall("warning", given)) return undefined;
  const settled = yield* settle(tools, relaxed, hybridCluster, who, TIGHT);
  const trail = hybridCluster ? undefined : relaxed.trail;
  const ended = settled && (yield* askQm(tools, relaxed.structure, place, "comparison: full QM where the relaxation ended", trail));
  if (!ended) {
    yield { happening: given };
    return undefined;
  }
  const counted = new Map<string, QmImage>(settled.images.map((i) => [i.hash, i]));
  counted.set(ended.hash, ended);
  const core = coreOf(settled.structure, cluster);
  const reference = minimum ?? { energy: settled.energy, core };
  yield {
    happening: {
      kind: "verified",
      ...who,
      payload: {
        converged: settled.converged,
        energy: minimum ? ended.energy : settled.energy,
        energyError: ended.energy - reference.energy,
        coreRmsd: minimum ? superposedRmsd(core, reference.core) : superposedRmsd(coreOf(relaxed.structure, cluster), core),
        qmCalls: counted.size,
        qmSeconds: [...counted.values()].reduce((sum, i) => sum + i.seconds, 0),
      },
      arrays: { positions: settled.structure.positions },
    },
  };
  return { energy: settled.energy, core };
}

function coreOf(s: Structure, cluster: Cluster): Float64Array {
  const q = cut(s, cluster);
  const index = new Map(Array.from(cluster.atoms, (i, m) => [i, m]));
  return Float64Array.from(Array.from(cluster.core).flatMap((i) => [0, 1, 2].map((k) => q.positions[3 * (index.get(i) as number) + k])));
}
