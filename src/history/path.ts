/**
 * Tables `path`, `images` and `atoms` of a path of images between two states: an interpolation, a nudged elastic band, the walk of a dimer. It
 * belongs to no study. The coordinate of an image is the length of the way to it, Σ |R_k - R_k-1| over all 3N coordinates, each atom along its
 * shortest way; atoms that were wrapped into the cell are followed out of it.
 */
import type { Result } from "../calculators/calculator.ts";
import { minimumImage } from "../linalg/cell.ts";
import { fmax } from "../optimize/relax.ts";
import { formula, type Structure, size } from "../structure/structure.ts";
import { PBC } from "./about.ts";
import { among, type Columns, FLAG, INDEX, INTEGER, orNull, real, reals, TEXT } from "./arrow.ts";
import { type AtomRow, atomRows } from "./atoms.ts";
import { STATES, type State } from "./summary.ts";

/** How the images were found. */
export type PathMethod = "neb" | "dimer" | "interpolation";

/** One image of a path, as a frame of a file or a calculator's answer has it. */
export interface PathImageInput {
  readonly structure: Structure;
  /** Energy and, if known, forces and the spread of a committee: `energySigma`. */
  readonly result?: Partial<Result>;
  /** Largest force that the method wants gone, eV/Å; default: of the free atoms' `forces`. */
  readonly fmax?: number;
  /** It climbs to the saddle. Default false. */
  readonly climbing?: boolean;
  /** QM calls that it took. */
  readonly qmCalls?: number;
}

/** A path. */
export interface PathInput {
  readonly name: string;
  /** What the energies are of: `emt`, `gfn2-xtb`, … */
  readonly engine: string;
  readonly method: PathMethod;
  /** Default "finished". */
  readonly state?: State;
  /** Images from one end to the other, at least two. */
  readonly images: readonly PathImageInput[];
  /** Atoms of the core and of the QM cluster, if there is one. Default: all atoms are core. */
  readonly core?: ArrayLike<number>;
  readonly cluster?: ArrayLike<number>;
}

/** What the path is of. */
export interface PathRow {
  readonly name: string;
  readonly formula: string;
  readonly engine: string;
  readonly method: PathMethod;
  readonly state: State;
  /** Lattice vectors as rows, [9] Å. */
  readonly cell: Float64Array;
  /** `TTF`: which of them repeat. */
  readonly pbc: string;
}

/** One image. */
export interface ImageRow {
  readonly image: number;
  /** Length of the path up to here, Å. */
  readonly coordinate: number;
  readonly energy: number;
  /** Standard deviation of the energy over a committee, eV. */
  readonly sigma: number | null;
  readonly fmax: number | null;
  readonly climbing: boolean;
  readonly qmCalls: number | null;
  /** [3N] Å. */
  readonly positions: Float64Array;
  /** [3N] eV/Å. */
  readonly forces: Float64Array | null;
}

export const PATH_COLUMNS: Columns<PathRow> = {
  name: TEXT,
  formula: TEXT,
  engine: TEXT,
  method: among(["neb", "dimer", "interpolation"] satisfies PathMethod[]),
  state: among(STATES),
  cell: { ...reals("Å"), finite: true },
  pbc: among(PBC),
};

export const IMAGE_COLUMNS: Columns<ImageRow> = {
  image: INDEX,
  coordinate: { ...real("Å"), finite: true },
  energy: { ...real("eV"), finite: true },
  sigma: orNull(real("eV")),
  fmax: orNull(real("eV/Å")),
  climbing: FLAG,
  qmCalls: orNull(INTEGER),
  positions: { ...reals("Å"), finite: true },
  forces: orNull(reals("eV/Å")),
};

/** Rows of a path by table. */
export interface PathRows {
  readonly path: PathRow;
  readonly images: readonly ImageRow[];
  readonly atoms: readonly AtomRow[];
}

/**
 * The rows of a path.
 * @throws RangeError if there are fewer than two images, one has no finite energy, or their atoms or cells differ.
 */
export function pathRows({ name, engine, method, state = "finished", images, core, cluster = [] }: PathInput): PathRows {
  if (images.length < 2) throw new RangeError(`a path of ${images.length} images goes nowhere; give at least two`);
  const [{ structure: first }] = images;
  const shorten = minimumImage(first.cell, first.pbc);
  const rows: ImageRow[] = [];
  for (const [image, { structure: s, result = {}, climbing = false, qmCalls = null, ...own }] of images.entries()) {
    const { energy, forces, energySigma } = result;
    if (size(s) !== size(first) || s.numbers.some((z, i) => z !== first.numbers[i]))
      throw new RangeError(`image ${image} has other atoms than image 0; all images of a path have the same, in the same order`);
    if (s.cell.some((x, k) => x !== first.cell[k]) || s.pbc.some((p, k) => p !== first.pbc[k]))
      throw new RangeError(`image ${image} has another cell than image 0; the cell of a path does not change`);
    if (energy === undefined || !Number.isFinite(energy))
      throw new RangeError(`image ${image} has an energy of ${energy} eV; calculate every image of the path`);
    const before = rows.at(-1);
    const { positions, length } = before ? followed(before.positions, s.positions, shorten) : { positions: s.positions, length: 0 };
    rows.push({
      image,
      coordinate: (before?.coordinate ?? 0) + length,
      energy,
      sigma: energySigma ?? null,
      fmax: own.fmax ?? (forces ? fmax(forces, s.fixed) : null),
      climbing,
      qmCalls,
      positions,
      forces: forces ?? null,
    });
  }
  const all = Uint32Array.from(first.numbers.keys());
  const regions = { core: Uint32Array.from(core ?? all), cluster: Uint32Array.from(cluster) };
  return {
    path: { name, formula: formula(first), engine, method, state, cell: first.cell, pbc: first.pbc.map((p) => (p ? "T" : "F")).join("") },
    images: rows,
    atoms: atomRows({ structure: first, ...regions }),
  };
}

/** Positions after others, each atom by the shortest way, and how far all of them went, Å. */
function followed(
  before: Float64Array,
  after: Float64Array,
  shorten: (vector: Float64Array) => number,
): { positions: Float64Array; length: number } {
  const positions = after.slice();
  let square = 0;
  for (let i = 0; i < after.length; i += 3) {
    const direct = after.subarray(i, i + 3).map((x, k) => x - before[i + k]);
    const step = direct.slice();
    square += shorten(step) ** 2;
    // An atom that was not wrapped stays where it is, to the bit.
    if (step.some((x, k) => x !== direct[k])) for (let k = 0; k < 3; k++) positions[i + k] = before[i + k] + step[k];
  }
  return { positions, length: Math.sqrt(square) };
}
