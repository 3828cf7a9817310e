/** Puts an atom or a molecule on a surface, at a named site or anywhere, as ASE's add_adsorbate. */
import { joined, type Sites, type Structure, size, structure, withPositions } from "./structure.ts";

/** Where an adsorbate goes. */
export interface AdsorbateOptions {
  /** Height of its first atom above the highest atom of the bare slab, Å. */
  readonly height: number;
  /** Name of a site of the slab's builder, e.g. `hollow`. */
  readonly site?: string;
  /** x and y, Å, added to the site's. Default: none. */
  readonly position?: readonly [number, number];
  /** How many surface unit cells further along its two vectors. Default [0, 0]. */
  readonly offset?: readonly [number, number];
}

/**
 * The slab with an adsorbate after its atoms; tag 0, free to move. A molecule keeps its orientation, its first atom goes to the site.
 * Without site or position it stands at the origin of the surface cell.
 * @param adsorbate a chemical symbol or a molecule
 * @throws RangeError if the slab does not know the site, or the height is not a number.
 */
export function addAdsorbate(slab: Structure, adsorbate: string | Structure, options: AdsorbateOptions): Structure {
  const { height, site, position = [0, 0], offset = [0, 0] } = options;
  if (!Number.isFinite(height)) throw new RangeError(`the adsorbate's height is ${height}; give a number of Å above the surface`);
  if (size(slab) === 0) throw new RangeError("the slab has no atoms; heights are counted from its highest atom");
  const unnamed: Sites = { cell: slab.cell.filter((_, k) => [0, 1, 3, 4].includes(k)), named: {} };
  const { cell, named, top = highest(slab) } = slab.sites ?? unnamed;
  if (site !== undefined && !Object.hasOwn(named, site)) {
    const known = Object.keys(named).join(", ");
    throw new RangeError(`the slab has no site "${site}"; ${known ? `it has ${known}` : "give a position in Å instead"}`);
  }
  const [u, v] = site === undefined ? offset : [named[site][0] + offset[0], named[site][1] + offset[1]];
  const molecule = typeof adsorbate === "string" ? structure({ symbols: [adsorbate], positions: [0, 0, 0] }) : adsorbate;
  const target = [position[0] + u * cell[0] + v * cell[2], position[1] + u * cell[1] + v * cell[3], slab.positions[3 * top + 2] + height];
  const moved = molecule.positions.map((x, k) => target[k % 3] + (x - molecule.positions[k % 3]));
  return { ...joined([slab, withPositions(molecule, moved)]), sites: { cell, named, top } };
}

function highest(s: Structure): number {
  let top = 0;
  for (let i = 1; i < size(s); i++) if (s.positions[3 * i + 2] > s.positions[3 * top + 2]) top = i;
  return top;
}
