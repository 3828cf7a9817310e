/** What follows from a study's file before anything is calculated: cluster, models, pre-training set, and what there is to warn of. */
import { defaultDescriptors } from "../descriptors/settings.ts";
import type { Architecture } from "../ensemble/model.ts";
import { type Cluster, carve, cut, imageGap } from "../hybrid/carve.ts";
import { hasElectrons } from "../qm/engines.ts";
import { bondGraph } from "../structure/bonds.ts";
import { statedMultiplicity } from "../structure/electrons.ts";
import { select } from "../structure/regions.ts";
import { type Structure, size } from "../structure/structure.ts";
import { type GatePlan, gatePlan } from "./gate.ts";
import { defaultCutoff, largestCutoff, pretrainingSet } from "./pretraining.ts";
import type { Recipe } from "./pretrainingRecipes.ts";
import type { Study } from "./studyFile.ts";

/** What follows from a study's file before anything is calculated. */
export interface Plan {
  readonly cluster: Cluster;
  readonly architecture: Architecture;
  /** Structures of the pre-training set. */
  readonly set: readonly Recipe[];
  /** Where there are models: what their lattice is compared on. */
  readonly gate?: GatePlan;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Core, cluster, models and pre-training set of a study.
 * @throws RangeError if the core or the buffer do not fit the structure, its electrons do not allow its multiplicity, or there are models but
 *   no cutoff for them.
 */
export function plan(study: Study): Plan {
  const { file, structure } = study;
  if (hasElectrons(file.qm)) statedMultiplicity(structure);
  const core = select(structure, file.core);
  const cluster = carve(structure, core, file);
  const most = largestCutoff(cut(structure, cluster));
  const cutoff = file.model.cutoff ?? Math.min(defaultCutoff(structure), most);
  const architecture: Architecture = { descriptors: defaultDescriptors(structure.numbers, cutoff), hidden: file.model.hidden };
  const hybrid = file.schemes.some((s) => s !== "full-qm");
  if (hybrid && cutoff === 0)
    throw new RangeError("the QM cluster is a single atom, from which no cutoff follows; take a larger buffer, or state model.cutoff in Å");
  const set = hybrid ? pretrainingSet(structure, cluster, file, architecture.descriptors) : [];
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
  const longest = bondGraph(structure).reduce((most, bonds) => bonds.reduce((a, b) => Math.max(a, b.length), most), 0);
  if (hybrid && cutoff < longest)
    warnings.push(
      `the cutoff of ${cutoff} Å is shorter than the longest bond (${longest.toFixed(2)} Å), so the models miss bonded neighbours; a larger buffer gives a larger cutoff, or state model.cutoff`,
    );
  if (file.schemes.includes("committee") && file.members === 1)
    warnings.push("a committee of one model has no spread, so it cannot say where it is uncertain; members 2 or more give it one");
  if (hasElectrons(file.qm)) warnings.push(...divided(structure, cluster, set));
  return { cluster, architecture, set, ...(hybrid && { gate: gatePlan(study) }), warnings };
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
