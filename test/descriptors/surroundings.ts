/** Structures and settings on which descriptors and ensembles are tested: nothing symmetric, so that a wrong sign cannot hide. */
import type { Fingerprints } from "../../src/descriptors/fingerprints.ts";
import { type DescriptorSettings, liveFunctions } from "../../src/descriptors/settings.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";

const POSITIONS = [0, 0, 0, 2.1, 0.3, -0.2, 0.7, 2.2, 0.4, 1.1, 0.8, 1.7, 1.3, -0.7, 3.3];

/** CuNCuOCu in vacuum. */
export const CLUSTER: Structure = structure({ symbols: ["Cu", "N", "Cu", "O", "Cu"], positions: POSITIONS });

/** The same in a triclinic cell smaller than the cutoff: atoms see several images of one atom, and of themselves. */
export const CRYSTAL: Structure = {
  ...CLUSTER,
  cell: Float64Array.of(4.1, 0.4, -0.3, 0.7, 4.4, 0.5, -0.6, 0.2, 4.9),
  pbc: [true, true, true],
};

/** Functions of all three kinds, whole and broken exponents. */
export const SETTINGS: DescriptorSettings = {
  cutoff: 4.57, // no distance of the crystal is within a step of it, where second derivatives jump
  cutoffFunction: "cosine",
  elements: [7, 8, 29],
  g2: [
    { eta: 0.3, rs: 0 },
    { eta: 40, rs: 2.2 },
  ],
  g4: [
    { eta: 0.4, zeta: 1, gamma: 1 },
    { eta: 0.9, zeta: 4, gamma: -1 },
    { eta: 0.7, zeta: 2.5, gamma: 0.6 },
  ],
  g5: [{ eta: 0.2, zeta: 2, gamma: -1 }],
};

/** The structure with one coordinate changed. */
export function moved(s: Structure, k: number, by: number): Structure {
  return { ...s, positions: s.positions.with(k, s.positions[k] + by) };
}

/** Derivative at zero by four points; its error is of order h⁴. */
export function derivative(f: (h: number) => number, h = 1e-3): number {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/** All derivatives of an image's fingerprints, those by the centre itself among them: [N][3N][D]. */
export function derivatives({ size: d, live, kinds, start, atom, slopes }: Fingerprints, settings: DescriptorSettings): Float64Array {
  const [n, elements] = [kinds.length, settings.elements.length];
  const functions = liveFunctions(settings);
  const all = new Float64Array(n * 3 * n * d);
  for (let i = 0; i < n; i++) {
    for (let z = 0; z < elements; z++) {
      for (let e = start[i * elements + z]; e < start[i * elements + z + 1]; e++) {
        for (let l = 0; l < 3 * live; l++) {
          const at = d * Math.floor(l / live) + functions[z * live + (l % live)];
          all[(i * n + atom[e]) * 3 * d + at] += slopes[3 * live * e + l];
          all[(i * n + i) * 3 * d + at] -= slopes[3 * live * e + l];
        }
      }
    }
  }
  return all;
}
