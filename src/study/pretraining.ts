/**
 * The pre-training set of a study, from the structure alone; nothing is calculated for it.
 *   listed     so many recipes of each kind
 *   farthest   from a list many times as long, those whose surroundings differ most, until what is left is nearer to them than the recipes
 *              displace atoms: a further image would bring what differs from a chosen one by less than another rattling
 *   random     from the same list by chance, the control of the experiment that the default comes from (docs/pretraining.md)
 */
import type { DescriptorSettings } from "../descriptors/settings.ts";
import { fingerprintValues } from "../engine/wasm/fingerprints.ts";
import type { Cluster } from "../hybrid/carve.ts";
import { norm } from "../linalg/elementary.ts";
import { random } from "../linalg/random.ts";
import { type Structure, size } from "../structure/structure.ts";
import { spacing } from "./bulkCrystal.ts";
import { displacement, type Kinds, kindsOf, type Recipe, recipes } from "./pretrainingRecipes.ts";
import { farthestPoints } from "./pretrainingSelection.ts";
import type { StudyFile } from "./studyFile.ts";

/** Recipes to choose from, about. */
const CANDIDATES = 200;

/**
 * Cutoff of the symmetry functions, Å. Metals: 1.575 nearest-neighbour distances, between the second and third shell of fcc (4.0 for Cu);
 * molecules, ions among them, 3.25. Larger cutoffs make the models extrapolate from pieces that are too small for them.
 */
export function defaultCutoff(s: Structure): number {
  const apart = spacing(s);
  return apart === undefined ? 3.25 : Math.round(15.75 * apart) / 10;
}

/** Å. Half the extent of the QM cluster: beyond that, hardly an atom in it sees surroundings like those in the structure. */
export function largestCutoff(q: Structure): number {
  let extent = 0;
  for (let i = 0; i < size(q); i++)
    for (let j = 0; j < i; j++) {
      const [x, y, z] = [0, 1, 2].map((k) => q.positions[3 * i + k] - q.positions[3 * j + k]);
      extent = Math.max(extent, norm(x, y, z));
    }
  return Math.round(5 * extent) / 10;
}

/**
 * The set for a study, in a fixed order; the same seed gives the same set.
 * @param settings of the models' fingerprints
 * @throws RangeError if it would be empty, or leaving elements out leaves nothing of one of its structures.
 */
export function pretrainingSet(s: Structure, cluster: Cluster, file: StudyFile, settings: DescriptorSettings): Recipe[] {
  const { images, selection, without } = file.pretraining;
  const kinds = kindsOf(s, file.pretraining);
  const listed = total(kinds);
  const wanted = images === "auto" ? listed : images;
  const times = Math.max(Math.floor(CANDIDATES / listed), Math.ceil(wanted / listed), 1);
  const counts = shared(kinds, selection === "listed" ? wanted : times * listed);
  // Of pieces there are none where the core is everything.
  const made = listed === 0 ? [] : recipes(s, cluster, file, settings.cutoff, counts);
  if (made.length === 0)
    throw new RangeError("the pre-training set is empty; let one of pretraining.rattled, pieces and strained be 1 or more");
  const bare = made.find((r) => size(r.structure) === 0);
  if (bare)
    throw new RangeError(`without ${without.join(", ")} nothing is left of the pre-training's ${bare.recipe}; leave out fewer elements`);
  if (selection === "listed") return made;
  if (selection === "random") return drawn(made, wanted, file.seed);
  const near = displacement(s);
  const isEnough = (chosen: number, distance: number): boolean => (images === "auto" ? distance < near : chosen >= images);
  const candidates = made.map(({ kind, structure }) => ({ kind, prints: fingerprintValues(structure, settings) }));
  return farthestPoints(candidates, isEnough).map((c) => made[c]);
}

function total({ rattled, pieces, strained }: Kinds): number {
  return rattled + pieces + strained;
}

/** So many in all, in the proportions of the kinds; where these are no whole numbers, the kinds that lack most have one more. */
function shared(kinds: Kinds, many: number): Kinds {
  const parts = [kinds.rattled, kinds.pieces, kinds.strained].map((kind) => (many * kind) / total(kinds));
  const counts = parts.map(Math.floor);
  const short = many - counts.reduce((a, b) => a + b, 0);
  const most = [0, 1, 2].sort((a, b) => parts[b] - counts[b] - (parts[a] - counts[a]));
  for (const kind of most.slice(0, short)) counts[kind]++;
  const [rattled, pieces, strained] = counts;
  return { rattled, pieces, strained };
}

/** So many of a list by chance, each once; all where there are no more. */
function drawn(list: readonly Recipe[], many: number, seed: number): Recipe[] {
  const { uniform } = random(seed, 1_000_001);
  const left = [...list];
  return Array.from({ length: Math.min(many, list.length) }, () => left.splice(Math.floor(uniform() * left.length), 1)[0]);
}
