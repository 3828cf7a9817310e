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
import type { QmImage, QmService } from "../qm/image.ts";
import { formula, type Structure, size } from "../structure/structure.ts";
import { superposedRmsd } from "../structure/superpose.ts";
import type { Happening, Scheme } from "./events.ts";
import { latticeGate } from "./gate.ts";
import type { Memory } from "./memory.ts";
import { merged } from "./merge.ts";
import { plan } from "./plan.ts";
import { type HybridScheme, relaxFullQm, relaxHybrid } from "./relaxation.ts";
import type { Study } from "./studyFile.ts";
import { askQm, type Tools, trainingImage, trainOn, type Yielded } from "./tools.ts";
import { type Relaxed, settle } from "./walk.ts";

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
    },
  });
  for (const [k, message] of warnings.entries()) yield* once({ kind: "warning", image: k, payload: { message } });

  const hybrids = file.schemes.filter((s): s is HybridScheme => s !== "full-qm");
  const models: Model[] = [];
  let images: TrainingImage[] = [];
  // What lengths are multiplied by before each model sees them.
  let factors: readonly number[] = [];
  let minimum: Minimum | undefined;
  // Relaxations that could not begin.
  let lost = 0;

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
    if (images.length === 0)
      throw new Error(
        `QM gave nothing for any of the ${set.length} structures of the pre-training; see that ${file.qm.engine} can calculate them`,
      );
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
    const relaxed = yield* relaxFullQm(tools, structure);
    if (relaxed.failure !== undefined) {
      lost++;
      yield* once({ kind: "failed", scheme: "full-qm", member: null, payload: { message: relaxed.failure } });
    } else if (file.verify) minimum = yield* compare(tools, relaxed, undefined, { scheme: "full-qm", member: null }, cluster, undefined);
  };
  yield* merged([...(file.schemes.includes("full-qm") ? [full()] : []), ...(hybrids.length > 0 ? [prepare()] : [])]);

  const relaxation = async function* (scheme: HybridScheme, member: number | null): AsyncGenerator<Yielded, void> {
    const relaxed = yield* relaxHybrid(tools, { structure, cluster, models, images, factors }, scheme, member);
    if (relaxed.failure !== undefined) {
      lost++;
      yield* once({ kind: "failed", scheme, member, payload: { message: relaxed.failure } });
      return;
    }
    if (!relaxed.converged) {
      const message = `not converged to ${file.optimizer.fmax} eV/Å in ${relaxed.steps} steps`;
      yield* once({ kind: "warning", scheme, member, payload: { message } });
    }
    if (minimum) yield* compare(tools, relaxed, cluster, { scheme, member }, cluster, minimum);
  };
  const relaxations = hybrids.flatMap((scheme) =>
    scheme === "committee" ? [relaxation(scheme, null)] : models.map((_, member) => relaxation(scheme, member)),
  );
  yield* merged(relaxations);
  if (lost === relaxations.length + (file.schemes.includes("full-qm") ? 1 : 0))
    throw new Error(`QM gave nothing for the first image of any relaxation; see that ${file.qm.engine} can calculate the structure`);
  yield* once({ kind: "study-finished", payload: { seconds: memory.seconds + (performance.now() - began) / 1000 } });
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
