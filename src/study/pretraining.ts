/**
 * The pre-training set, made from the structure alone:
 *   rattled copies of the QM cluster, so that the models know the place they will be corrected in;
 *   rattled clusters carved elsewhere, with a radius above the cutoff, because retraining cannot mend atoms outside Q;
 *   strained cells of the bulk crystal of a metal, so that the lattice does not pull at the boundary.
 */
import { type Cluster, carve, cut } from "../hybrid/carve.ts";
import { norm } from "../linalg/elementary.ts";
import { random } from "../linalg/random.ts";
import { bondPartners } from "../structure/bonds.ts";
import { isMetal } from "../structure/covalent.ts";
import { inheritedMultiplicity } from "../structure/electrons.ts";
import { rattle } from "../structure/rattle.ts";
import { strain } from "../structure/strain.ts";
import { type Structure, size, subset, symbols } from "../structure/structure.ts";
import { bulkCrystal, spacing } from "./bulkCrystal.ts";
import type { StudyFile } from "./studyFile.ts";

/** A structure of the set and where it came from. */
export interface Recipe {
  readonly recipe: string;
  readonly structure: Structure;
}

/** How the structures are displaced (standard deviations in Å, one after the other) and how many pieces there are unless the study file says so. */
const METAL = { rattles: [0.1], pieces: 10 };
/**
 * Study B, six models, force error of the hybrid along full QM's path, RMS in eV/Å: 0.028 with 0.05 Å alone, 0.014 with every second displacement of 0.02 Å,
 * which is nearer to where a relaxation goes, 0.010 with 14 pieces.
 */
const MOLECULE = { rattles: [0.05, 0.02], pieces: 14 };
/** Strains of the bulk cells. */
const STRAINS = [-0.03, 0.03, -0.015, 0.015];
/** Å by which the radius of a piece exceeds the cutoff, so that its centre's surroundings are whole with their own neighbours. */
const BEYOND_CUTOFF = 1.5;

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
 * @throws RangeError if it would be empty, or leaving elements out leaves nothing of one of its structures.
 */
export function pretrainingSet(s: Structure, cluster: Cluster, file: StudyFile, cutoff: number): Recipe[] {
  const { rattles, ...usual } = spacing(s) === undefined ? MOLECULE : METAL;
  const { rattled, pieces = usual.pieces, strained, without } = file.pretraining;
  const present = symbols(s);
  const kept = (i: number): boolean => !without.includes(present[i]);
  const free: Structure = { ...s, fixed: undefined };
  const { uniform } = random(file.seed, 1_000_000);
  const seed = (): number => Math.floor(uniform() * 2 ** 40);
  const set: Recipe[] = [];
  const add = (what: string, q: Structure): void => {
    const stdev = rattles[set.length % rattles.length];
    const names = symbols(q);
    const left = [...names.keys()].filter((m) => !without.includes(names[m]));
    const rest: Structure = { ...subset(q, left), charge: q.charge };
    const multiplicity = inheritedMultiplicity(rest, q.multiplicity ?? 1);
    set.push({ recipe: `${what}, rattled by ${stdev} Å`, structure: rattle({ ...rest, multiplicity }, { stdev, seed: seed() }) });
  };
  for (let k = 0; k < rattled; k++) add("QM cluster", cut(free, cluster));
  for (const centre of centres(s, cluster, pieces, kept, uniform)) {
    add(`cluster round atom ${centre}`, pieceRound(free, cluster.core, centre, cutoff, file));
  }
  const cell = bulkCrystal(s)?.cell;
  if (cell) {
    for (let k = 0; k < strained; k++) {
      const epsilon = STRAINS[k % STRAINS.length];
      const copy = rattle(strain(cell, epsilon), { stdev: rattles[0] / 2, seed: seed() });
      set.push({ recipe: `bulk crystal, strained by ${epsilon * 100} %`, structure: copy });
    }
  }
  if (set.length === 0)
    throw new RangeError("the pre-training set is empty; let one of pretraining.rattled, pieces and strained be 1 or more");
  const bare = set.find((r) => size(r.structure) === 0);
  if (bare)
    throw new RangeError(`without ${without.join(", ")} nothing is left of the pre-training's ${bare.recipe}; leave out fewer elements`);
  return set;
}

/** Atoms to carve pieces round: any outside the core that is no hydrogen of a molecule, each once before one comes twice. */
function centres(s: Structure, { core }: Cluster, many: number, kept: (i: number) => boolean, uniform: () => number): number[] {
  const isCore = new Set(core);
  const partners = bondPartners(s);
  const follows = (i: number): boolean => s.numbers[i] === 1 && partners[i].some((j) => s.numbers[j] > 1 && !isMetal(s.numbers[j]));
  const candidates = Array.from({ length: size(s) }, (_, i) => i).filter((i) => kept(i) && !isCore.has(i) && !follows(i));
  const chosen: number[] = [];
  let left: number[] = [];
  while (chosen.length < many && candidates.length > 0) {
    if (left.length === 0) left = candidates;
    const next = left[Math.floor(uniform() * left.length)];
    chosen.push(next);
    left = left.filter((i) => i !== next);
  }
  return chosen;
}

/**
 * A piece of S round an atom, larger than the cutoff, with hydrogens on the bonds that are cut and grown where a bond must not be. Charge and
 * unpaired electrons of S are taken to be in the core: a piece has them if it holds all of that.
 */
export function pieceRound(
  s: Structure,
  core: Uint32Array,
  centre: number,
  cutoff: number,
  { wholeMolecules, links }: Pick<StudyFile, "wholeMolecules" | "links">,
): Structure {
  const bare: Structure = { ...s, fixed: undefined, charge: undefined, multiplicity: undefined };
  const options = { buffer: cutoff + BEYOND_CUTOFF, wholeMolecules, links, grow: true };
  const piece = carve(bare, Uint32Array.of(centre), options);
  const holdsCore = core.every((c) => piece.atoms.includes(c));
  return holdsCore ? cut(s, carve(s, Uint32Array.of(centre), options)) : cut(bare, piece);
}
