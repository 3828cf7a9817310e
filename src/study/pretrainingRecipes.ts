/**
 * What pre-training sets are made of, from the structure alone:
 *   rattled copies of the QM cluster, so that the models know the place they will be corrected in;
 *   rattled clusters carved elsewhere, with a radius above the cutoff, because retraining cannot mend atoms outside Q;
 *   strained cells of the bulk crystal of a metal, so that the lattice does not pull at the boundary.
 */
import { type Cluster, carve, cut } from "../hybrid/carve.ts";
import { boundaryAtoms } from "../hybrid/surroundings.ts";
import { random } from "../linalg/random.ts";
import { type BondGraph, bondGraph, bondPartners } from "../structure/bonds.ts";
import { isMetal } from "../structure/covalent.ts";
import { inheritedMultiplicity } from "../structure/electrons.ts";
import { rattle } from "../structure/rattle.ts";
import { strain } from "../structure/strain.ts";
import { type Structure, size, subset, symbols } from "../structure/structure.ts";
import { bulkCrystal, spacing } from "./bulkCrystal.ts";
import type { StudyFile } from "./studyFile.ts";

/** A structure and where it came from. */
export interface Recipe {
  readonly recipe: string;
  /** What of `recipe` others share: all but the place and the strain. */
  readonly kind: string;
  readonly structure: Structure;
  /** Atoms whose forces are not learnt, ascending; of studies that learn them all, none. */
  readonly masked?: Uint32Array;
}

/** How many structures of each kind. */
export interface Kinds {
  /** Rattled copies of the QM cluster. */
  readonly rattled: number;
  /** Clusters carved elsewhere. */
  readonly pieces: number;
  /** Strained cells. */
  readonly strained: number;
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
export const BEYOND_CUTOFF = 1.5;

function usual(s: Structure): typeof METAL {
  return spacing(s) === undefined ? MOLECULE : METAL;
}

/** How many of each kind a study asks for. Where the structure has no metal, or none with a cubic crystal, there are no cells. */
export function kindsOf(s: Structure, { rattled, pieces = usual(s).pieces, strained }: StudyFile["pretraining"]): Kinds {
  return { rattled, pieces, strained: strained > 0 && bulkCrystal(s) ? strained : 0 };
}

/** The largest standard deviation that a structure's recipes are displaced by, Å. */
export function displacement(s: Structure): number {
  return Math.max(...usual(s).rattles);
}

/** So many structures of each kind, in this order; the same seed gives the same ones. */
export function recipes(
  s: Structure,
  cluster: Cluster,
  file: Pick<StudyFile, "pretraining" | "seed" | "wholeMolecules" | "links" | "boundaryForces">,
  cutoff: number,
  { rattled, pieces, strained }: Kinds,
): Recipe[] {
  const { rattles } = usual(s);
  const { without } = file.pretraining;
  const present = symbols(s);
  const kept = (i: number): boolean => !without.includes(present[i]);
  const free: Structure = { ...s, fixed: undefined };
  const graph = bondGraph(s);
  const { uniform } = random(file.seed, 1_000_000);
  const seed = (): number => Math.floor(uniform() * 2 ** 40);
  const made: Recipe[] = [];
  const add = (kind: string, piece: Cluster, where = ""): void => {
    const stdev = rattles[made.length % rattles.length];
    const q = cut(free, piece);
    const names = symbols(q);
    const left = [...names.keys()].filter((m) => !without.includes(names[m]));
    const rest: Structure = { ...subset(q, left), charge: q.charge };
    const multiplicity = inheritedMultiplicity(rest, q.multiplicity ?? 1);
    const structure = rattle({ ...rest, multiplicity }, { stdev, seed: seed() });
    const boundary = file.boundaryForces ? undefined : new Set(boundaryAtoms(free, piece.atoms, q, cutoff));
    const masked = boundary && Uint32Array.from(left.keys()).filter((m) => boundary.has(left[m]));
    const how = `rattled by ${stdev} Å`;
    made.push({ recipe: `${kind}${where}, ${how}`, kind: `${kind}, ${how}`, structure, masked });
  };
  for (let k = 0; k < rattled; k++) add("QM cluster", cluster);
  for (const centre of centres(s, cluster, pieces, kept, uniform)) {
    add("cluster", pieceRound(free, cluster.core, centre, cutoff, file, graph), ` round atom ${centre}`);
  }
  const cell = strained > 0 ? bulkCrystal(s)?.cell : undefined;
  for (let k = 0; cell && k < strained; k++) {
    const epsilon = STRAINS[k % STRAINS.length];
    const stdev = rattles[0] / 2;
    const copy = rattle(strain(cell, epsilon), { stdev, seed: seed() });
    made.push({ recipe: `bulk crystal, strained by ${epsilon * 100} %, rattled by ${stdev} Å`, kind: "bulk crystal", structure: copy });
  }
  return made;
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
 * The piece of S round an atom, larger than the cutoff, with hydrogens on the bonds that are cut and grown where a bond must not be. Charge and
 * unpaired electrons of S are taken to be in the core: a piece has them if it holds all of that.
 * @param graph of S, where it is known
 */
export function pieceRound(
  s: Structure,
  core: Uint32Array,
  centre: number,
  cutoff: number,
  { wholeMolecules, links }: Pick<StudyFile, "wholeMolecules" | "links">,
  graph: BondGraph = bondGraph(s),
): Cluster {
  const bare: Structure = { ...s, fixed: undefined, charge: undefined, multiplicity: undefined };
  const options = { buffer: cutoff + BEYOND_CUTOFF, wholeMolecules, links, grow: true, graph };
  const piece = carve(bare, Uint32Array.of(centre), options);
  const holdsCore = core.every((c) => piece.atoms.includes(c));
  return holdsCore ? carve(s, Uint32Array.of(centre), options) : piece;
}
