/**
 * The pre-training set, made from the structure alone:
 *   rattled copies of the QM cluster, so that the models know the place they will be corrected in;
 *   rattled clusters carved elsewhere, with a radius above the cutoff, because retraining cannot mend atoms outside Q;
 *   strained cells of the bulk crystal of a metal, so that the lattice does not pull at the boundary.
 */
import { type Cluster, carve, cut, isMetal } from "../hybrid/carve.ts";
import { neighbourList } from "../linalg/neighbours.ts";
import { random } from "../linalg/random.ts";
import { bulk } from "../structure/bulk.ts";
import { symbolOf } from "../structure/elements.ts";
import { rattle } from "../structure/rattle.ts";
import { referenceState } from "../structure/reference-states.ts";
import { repeat } from "../structure/repeat.ts";
import { strain } from "../structure/strain.ts";
import { type Structure, size, subset, symbols } from "../structure/structure.ts";
import type { StudyFile } from "./studyFile.ts";

/** A structure of the set and where it came from. */
export interface Recipe {
  readonly recipe: string;
  readonly structure: Structure;
}

/** Standard deviation of random displacements, Å. */
const [RATTLE_METAL, RATTLE_MOLECULE] = [0.1, 0.05];
/** Strains of the bulk cells. */
const STRAINS = [-0.03, 0.03, -0.015, 0.015];
/** Å by which the radius of a piece exceeds the cutoff, so that its centre's surroundings are whole with their own neighbours. */
const BEYOND_CUTOFF = 1.5;

/** Nearest-neighbour distance of the structure, Å: the median over atoms. */
function spacing(s: Structure): number {
  const { start, distance } = neighbourList(s.positions, s.cell, s.pbc, 6);
  const nearest = Array.from({ length: size(s) }, (_, i) => Math.min(...distance.subarray(start[i], start[i + 1]))).sort((a, b) => a - b);
  return nearest[Math.floor(nearest.length / 2)];
}

/**
 * Cutoff of the symmetry functions, Å. Metals: 1.575 nearest-neighbour distances, between the second and third shell of fcc (4.0 for Cu);
 * molecules 3.25. Larger cutoffs make the models extrapolate from pieces that are too small for them.
 */
export function defaultCutoff(s: Structure): number {
  return s.numbers.some(isMetal) ? Math.round(15.75 * spacing(s)) / 10 : 3.25;
}

/**
 * The set for a study, in a fixed order; the same seed gives the same set.
 * @throws RangeError if it would be empty, or leaving elements out leaves nothing of one of its structures.
 */
export function pretrainingSet(s: Structure, cluster: Cluster, file: StudyFile, cutoff: number): Recipe[] {
  const { rattled, pieces, strained, without } = file.pretraining;
  const present = symbols(s);
  const kept = (i: number): boolean => !without.includes(present[i]);
  const free: Structure = { ...s, fixed: undefined };
  const stdev = s.numbers.some(isMetal) ? RATTLE_METAL : RATTLE_MOLECULE;
  const { uniform } = random(file.seed, 1_000_000);
  const seed = (): number => Math.floor(uniform() * 2 ** 40);
  const clusterOf = (c: Cluster): Structure => {
    const list = Array.from(c.atoms.keys()).filter((m) => kept(c.atoms[m]));
    return rattle(subset(cut(free, c), list), { stdev, seed: seed() });
  };
  const set: Recipe[] = [];
  for (let k = 0; k < rattled; k++) set.push({ recipe: `QM cluster, rattled by ${stdev} Å`, structure: clusterOf(cluster) });
  for (const centre of centres(s, cluster, pieces, kept, uniform)) {
    const piece = carve(free, Uint32Array.of(centre), { buffer: cutoff + BEYOND_CUTOFF, wholeMolecules: file.wholeMolecules });
    set.push({ recipe: `cluster round atom ${centre}, rattled by ${stdev} Å`, structure: clusterOf(piece) });
  }
  const crystal = bulkOf(s);
  if (crystal) {
    for (let k = 0; k < strained; k++) {
      const epsilon = STRAINS[k % STRAINS.length];
      const cell = rattle(strain(crystal, epsilon), { stdev: stdev / 2, seed: seed() });
      set.push({ recipe: `bulk crystal, strained by ${epsilon * 100} %`, structure: cell });
    }
  }
  if (set.length === 0)
    throw new RangeError("the pre-training set is empty; let one of pretraining.rattled, pieces and strained be 1 or more");
  const bare = set.find((r) => size(r.structure) === 0);
  if (bare)
    throw new RangeError(`without ${without.join(", ")} nothing is left of the pre-training's ${bare.recipe}; leave out fewer elements`);
  return set;
}

/** Atoms to carve pieces round: any outside the core, each once. */
function centres(s: Structure, { core }: Cluster, many: number, kept: (i: number) => boolean, uniform: () => number): number[] {
  const isCore = new Set(core);
  const chosen: number[] = [];
  const candidates = Array.from({ length: size(s) }, (_, i) => i).filter((i) => kept(i) && !isCore.has(i));
  while (chosen.length < many && candidates.length > chosen.length) {
    const left = candidates.filter((i) => !chosen.includes(i));
    chosen.push(left[Math.floor(uniform() * left.length)]);
  }
  return chosen;
}

/** A cell of about 32 atoms of the most frequent metal's crystal with the structure's own spacing, or nothing without a metal. */
function bulkOf(s: Structure): Structure | undefined {
  const metals = Array.from(s.numbers).filter(isMetal);
  if (metals.length === 0) return undefined;
  const count = new Map<number, number>();
  for (const z of metals) count.set(z, (count.get(z) ?? 0) + 1);
  const [z] = [...count].sort((a, b) => b[1] - a[1])[0];
  const symbol = symbolOf(z);
  const crystal = referenceState(symbol)?.crystal;
  if (crystal !== "fcc" && crystal !== "bcc") return undefined;
  const a = spacing(s) * (crystal === "fcc" ? Math.SQRT2 : 2 / Math.sqrt(3));
  return repeat(bulk(symbol, { crystal, a, cubic: true }), crystal === "fcc" ? [2, 2, 2] : [3, 3, 2]);
}
