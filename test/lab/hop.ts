/** A path to be shown: an adatom of copper hops from one hollow into the next, over the bridge, interpolated and by EMT. */
import { emtResult } from "../../src/calculators/emt.ts";
import type { MimeBundle } from "../../src/display/bundle.ts";
import { pathBundle } from "../../src/display/path.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { withPositions } from "../../src/structure/structure.ts";

/** Images of the path. */
export const IMAGES = 9;

/** Lattice constant, Å, and how far above the straight way the adatom crosses the bridge, Å. */
const [A, RISE] = [3.61, 0.45];

/** The path's bundle. */
export function hop(): MimeBundle {
  const slab = addAdsorbate(fcc100("Cu", { size: [3, 3, 3], a: A, vacuum: 8, fixedLayers: 1 }), "Cu", { site: "hollow", height: 1.75 });
  const last = slab.positions.length - 3;
  const images = Array.from({ length: IMAGES }, (_, k) => {
    const positions = slab.positions.slice();
    const t = k / (IMAGES - 1);
    positions[last] += (A / Math.SQRT2) * t;
    positions[last + 2] += RISE * Math.sin(Math.PI * t);
    const structure = withPositions(slab, positions);
    return { structure, result: emtResult(structure, ["energy", "forces"]) };
  });
  return pathBundle({ name: "hop of an adatom on Cu(100)", engine: "emt", method: "interpolation", images });
}
