/**
 * Low-index surfaces of face-centred cubic metals, with the geometry, atom order, tags and site names of ASE: the slab's
 * normal is z, atoms are numbered along x, then y, then from the bottom layer up, and an adsorbate on top continues the stacking.
 */
import { numberOf } from "./elements.ts";
import { latticeConstant } from "./reference-states.ts";
import type { Sites, Structure } from "./structure.ts";

/** How large a slab is and what surrounds it. */
export interface SurfaceOptions {
  /** Atoms along the two surface vectors, and layers. */
  readonly size: readonly [number, number, number];
  /** Cubic lattice constant, Å. Default: the experimental one. */
  readonly a?: number;
  /** Empty space above and below, Å. Default: none, and no third lattice vector unless periodic. */
  readonly vacuum?: number;
  /** How many layers do not move, from the bottom. Default 0. */
  readonly fixedLayers?: number;
  /** Whether the slab repeats along its normal. Default false. */
  readonly periodic?: boolean;
}

/** A family of surfaces in units of the lattice constant and, for shifts and sites, of the surface unit cell. */
interface Family {
  readonly a1: readonly [number, number];
  readonly a2: readonly [number, number];
  /** Distance between layers. */
  readonly spacing: number;
  /** Where the layers lie, from the top down, as fractions of the surface cell; then they repeat. */
  readonly stacking: readonly (readonly [number, number])[];
  readonly sites: Sites["named"];
}

const HALF = Math.SQRT1_2;

/**
 * fcc(100), square; sites ontop, bridge, hollow.
 * @throws RangeError if an option is out of range.
 */
export function fcc100(symbol: string, options: SurfaceOptions): Structure {
  return slab(symbol, options, {
    a1: [HALF, 0],
    a2: [0, HALF],
    spacing: 0.5,
    stacking: [
      [0, 0],
      [0.5, 0.5],
    ],
    sites: { ontop: [0, 0], bridge: [0.5, 0], hollow: [0.5, 0.5] },
  });
}

/**
 * fcc(110), the close-packed rows along y; sites ontop, longbridge, shortbridge, hollow.
 * @throws RangeError if an option is out of range.
 */
export function fcc110(symbol: string, options: SurfaceOptions): Structure {
  return slab(symbol, options, {
    a1: [1, 0],
    a2: [0, HALF],
    spacing: Math.sqrt(0.125),
    stacking: [
      [0, 0],
      [0.5, 0.5],
    ],
    sites: { ontop: [0, 0], longbridge: [0.5, 0], shortbridge: [0, 0.5], hollow: [0.5, 0.5] },
  });
}

/**
 * fcc(111), in its 60 degree cell or, if `orthogonal`, in a rectangular one; sites ontop, bridge, fcc, hcp.
 * @throws RangeError if an option is out of range, or if `orthogonal` is asked for an odd number of rows.
 */
export function fcc111(symbol: string, options: SurfaceOptions & { readonly orthogonal?: boolean }): Structure {
  const rows = options.size[1];
  if (options.orthogonal && rows % 2 === 1)
    throw new RangeError(`an orthogonal fcc(111) cell needs an even number of rows, not ${rows}; change size[1]`);
  const family: Family = {
    a1: [HALF, 0],
    a2: [HALF / 2, Math.sqrt(0.375)],
    spacing: Math.sqrt(1 / 3),
    stacking: [
      [0, 0],
      [-1 / 3, 2 / 3],
      [1 / 3, 1 / 3],
    ],
    sites: { ontop: [0, 0], bridge: [0.5, 0], fcc: [1 / 3, 1 / 3], hcp: [2 / 3, 2 / 3] },
  };
  return slab(symbol, options, family, options.orthogonal);
}

/** Stacks a family's layers. If `rectangular`, every row of a 60 degree cell steps back into x = 0..1, and the second vector is along y. */
function slab(symbol: string, options: SurfaceOptions, family: Family, rectangular = false): Structure {
  const { size, vacuum, fixedLayers = 0, periodic = false } = options;
  const [nx, ny, nz] = size;
  if (size.some((n) => !Number.isInteger(n) || n < 1)) throw new RangeError(`size is ${size.join(" x ")}; give three integers from 1`);
  const a = latticeConstant(symbol, "fcc", options.a);
  if (vacuum !== undefined && !(vacuum >= 0)) throw new RangeError(`the vacuum is ${vacuum} Å; give 0 or more`);
  if (!Number.isInteger(fixedLayers) || fixedLayers < 0 || fixedLayers > nz)
    throw new RangeError(`fixedLayers is ${fixedLayers}; the slab has ${nz} layers`);
  const n = nx * ny * nz;
  const [a1, a2] = [family.a1.map((x) => a * x), family.a2.map((x) => a * x)];
  const thickness = (nz - 1) * a * family.spacing;
  const base = vacuum ?? 0;
  const positions = new Float64Array(3 * n);
  const tags = new Int32Array(n);
  let i = 0;
  for (let layer = nz; layer >= 1; layer--) {
    const [u, v] = family.stacking[(layer - 1) % family.stacking.length];
    for (let y = 0; y < ny; y++) {
      // Rounding must not push an atom at the origin one cell along.
      const back = rectangular ? Math.floor(u + (y + v) / 2 + 1e-9) : 0;
      for (let x = 0; x < nx; x++) {
        positions[3 * i] = (x + u - back) * a1[0] + (y + v) * a2[0];
        positions[3 * i + 1] = (y + v) * a2[1];
        positions[3 * i + 2] = base + (nz - layer) * a * family.spacing;
        tags[i++] = layer;
      }
    }
  }
  const height = vacuum !== undefined ? thickness + 2 * vacuum : periodic ? nz * a * family.spacing : 0;
  if (periodic && height === 0) throw new RangeError("one layer without vacuum cannot repeat along its normal; give vacuum or more layers");
  return {
    numbers: new Uint8Array(n).fill(numberOf(symbol)),
    positions,
    cell: Float64Array.of(nx * a1[0], 0, 0, rectangular ? 0 : ny * a2[0], ny * a2[1], 0, 0, 0, height),
    pbc: [true, true, periodic],
    ...(fixedLayers > 0 && { fixed: Uint8Array.from(tags, (tag) => (tag > nz - fixedLayers ? 1 : 0)) }),
    tags,
    sites: { cell: Float64Array.of(...a1, ...a2), named: family.sites },
  };
}
