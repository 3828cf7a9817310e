/**
 * A study from beginning to end, as one generator of happenings: pre-training of all models on one set, full QM, then every model's frozen and
 * retrained relaxation and the committee's side by side, each compared with full QM's own minimum. Knows no file, no process and no screen.
 */
import { rangeOf } from "../descriptors/scaling.ts";
import { defaultDescriptors } from "../descriptors/settings.ts";
import type { TrainingImage } from "../ensemble/loss.ts";
import { type Architecture, drawModel, type Model } from "../ensemble/model.ts";
import type { Trainer } from "../ensemble/trainer.ts";
import { type Cluster, carve, cut, imageGap } from "../hybrid/carve.ts";
import { hasElectrons } from "../qm/engines.ts";
import type { QmImage, QmService } from "../qm/image.ts";
import { bondGraph } from "../structure/bonds.ts";
import { statedMultiplicity } from "../structure/electrons.ts";
import { select } from "../structure/regions.ts";
import { formula, type Structure, size } from "../structure/structure.ts";
import { superposedRmsd } from "../structure/superpose.ts";
import type { Happening, Scheme } from "./events.ts";
import type { Memory } from "./memory.ts";
import { merged } from "./merge.ts";
import { defaultCutoff, largestCutoff, pretrainingSet } from "./pretraining.ts";
import { type HybridScheme, type Relaxed, relaxFullQm, relaxHybrid, settle } from "./relaxation.ts";
import type { Study } from "./studyFile.ts";
import { askQm, type Tools, trainingImage, trainOn, type Yielded } from "./tools.ts";

/** eV/Å. Where the relaxations that are compared stop: full QM's own minimum is known to about 0.1 meV there. */
const TIGHT = 0.01;

/** What a study runs on. */
export interface Resources {
  readonly qm: QmService;
  readonly trainer: Trainer;
  readonly memory: Memory;
  readonly signal?: AbortSignal;
  /** Program versions for the record. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What follows from a study's file before anything is calculated. */
export interface Plan {
  readonly cluster: Cluster;
  readonly architecture: Architecture;
  /** Structures of the pre-training set. */
  readonly set: readonly { readonly recipe: string; readonly structure: Structure }[];
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Core, cluster, models and pre-training set of a study.
 * @throws RangeError if the core or the buffer do not fit the structure, its electrons do not allow its multiplicity, or there are models but
 *   no cutoff for them.
 */
export function plan({ file, structure }: Study): Plan {
  if (hasElectrons(file.qm)) statedMultiplicity(structure);
  const core = select(structure, file.core);
  const cluster = carve(structure, core, file);
  const most = largestCutoff(cut(structure, cluster));
  const cutoff = file.model.cutoff ?? Math.min(defaultCutoff(structure), most);
  const architecture: Architecture = { descriptors: defaultDescriptors(structure.numbers, cutoff), hidden: file.model.hidden };
  const hybrid = file.schemes.some((s) => s !== "full-qm");
  if (hybrid && cutoff === 0)
    throw new RangeError("the QM cluster is a single atom, from which no cutoff follows; take a larger buffer, or state model.cutoff in Å");
  const set = hybrid ? pretrainingSet(structure, cluster, file, cutoff) : [];
  const warnings: string[] = [];
  const gap = imageGap(structure, cluster);
  if (gap !== undefined && gap < cutoff)
    warnings.push(
      `the QM cluster comes within ${gap.toFixed(2)} Å of its own periodic image, so atoms at its edge miss neighbours that the structure has; a larger cell or a smaller buffer avoids it`,
    );
  if (cutoff > most)
    warnings.push(
      `the cutoff of ${cutoff} Å is more than half the extent of the QM cluster (${most} Å), so few atoms in it have surroundings as in the structure; a smaller cutoff or a larger buffer avoids it`,
    );
  if (cluster.atoms.length === size(structure))
    warnings.push("the QM cluster holds every atom: the hybrid saves nothing; choose a smaller buffer");
  const longest = Math.max(0, ...bondGraph(structure).flatMap((bonds) => bonds.map((b) => b.length)));
  if (hybrid && cutoff < longest)
    warnings.push(
      `the cutoff of ${cutoff} Å is shorter than the longest bond (${longest.toFixed(2)} Å), so the models miss bonded neighbours; a larger buffer gives a larger cutoff, or state model.cutoff`,
    );
  if (hasElectrons(file.qm)) warnings.push(...divided(structure, cluster, set));
  return { cluster, architecture, set, warnings };
}

/** Sentences where a boundary seems to part a charge, or an unpaired electron, from the atoms that have it: spins differ from the structure's. */
function divided({ multiplicity: whole = 1 }: Structure, { charge, multiplicity }: Cluster, set: Plan["set"]): string[] {
  const warnings: string[] = [];
  if (multiplicity !== whole)
    warnings.push(
      `the QM cluster has a multiplicity of ${multiplicity} with the structure's charge of ${charge}, the structure one of ${whole}: an ion or an unpaired electron outside it may be left out; a larger buffer takes it in`,
    );
  const odd = set.filter(({ structure: s }) => (s.multiplicity ?? 1) > Math.max(whole, multiplicity)).length;
  if (odd > 0)
    warnings.push(
      `${odd} of ${set.length} pre-training structures have an odd number of electrons, as a piece has whose ion is taken for neutral; pretraining.pieces 0 leaves pieces out`,
    );
  return warnings;
}

/** Runs a study, or goes on with it where its memory ends. */
export async function* runStudy(study: Study, resources: Resources): AsyncGenerator<Yielded, void> {
  const { file, structure } = study;
  const { memory, qm } = resources;
  const { cluster, architecture, set, warnings } = plan(study);
  const tools: Tools = { ...resources, file, architecture };
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
  let minimum: Minimum | undefined;

  const prepare = async function* (): AsyncGenerator<Yielded, void> {
    for (const [k, { recipe, structure: s }] of set.entries()) {
      const image = yield* askQm(tools, s, { image: k }, `pre-training: ${recipe}`);
      yield* once({
        kind: "pretraining",
        image: k,
        payload: { hash: image.hash, recipe, numbers: [...s.numbers], seconds: image.seconds },
      });
      images = [...images, trainingImage(image, architecture)];
    }
    const scaling = rangeOf(
      images.map((i) => i.fingerprints),
      architecture.descriptors.elements.length,
    );
    const members = Array.from({ length: file.members }, async function* (_, member): AsyncGenerator<Yielded, void> {
      const drawn = drawModel(architecture, scaling, file.seed, member);
      ({ model: models[member] } = yield* trainOn(tools, drawn, images, { member }, false));
    });
    yield* merged(members);
  };
  const full = async function* (): AsyncGenerator<Yielded, void> {
    const relaxed = yield* relaxFullQm(tools, structure);
    if (file.verify) minimum = yield* compare(tools, relaxed, undefined, { scheme: "full-qm", member: null }, cluster, undefined);
  };
  yield* merged([...(file.schemes.includes("full-qm") ? [full()] : []), ...(hybrids.length > 0 ? [prepare()] : [])]);

  const relaxation = async function* (scheme: HybridScheme, member: number | null): AsyncGenerator<Yielded, void> {
    const relaxed = yield* relaxHybrid(tools, { structure, cluster, models, images }, scheme, member);
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
  const settled = yield* settle(tools, relaxed, hybridCluster, who, TIGHT);
  const counted = new Map<string, QmImage>(settled.images.map((i) => [i.hash, i]));
  const ended = yield* askQm(tools, relaxed.structure, place, "comparison: full QM where the relaxation ended");
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
