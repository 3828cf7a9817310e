/**
 * Link atoms: a hydrogen on the inside atom of each covalent bond that the boundary of Q cuts, at
 *   r_L = r_in + g (r_out - r_in)           fixed ratio, g = d(X-H) / (R_X + R_Y), or
 *   r_L = r_in + d (r_out - r_in) / |...|   fixed length, d = d(X-H).
 * It is a function of its two ends and no freedom of its own; its force is handed on to them by the chain rule, with u the bond's
 * direction:
 *   ratio:  F_out += g F_L,                         F_in += F_L - g F_L;
 *   length: F_out += p, p = d/r (F_L - u (u·F_L)),  F_in += F_L - p.
 * Dapprich et al., J. Mol. Struct. THEOCHEM 461-462, 1 (1999) (ONIOM).
 */
import { times } from "../linalg/cell.ts";
import { norm } from "../linalg/elementary.ts";
import type { Shift } from "../structure/bonds.ts";
import { covalentRadius, numberOf } from "../structure/elements.ts";
import type { Structure } from "../structure/structure.ts";

/** A hydrogen on a cut bond. */
export interface LinkAtom {
  /** Atom of S within Q that carries it. */
  readonly inside: number;
  /** Atom of S at the bond's other end. */
  readonly outside: number;
  /** Lattice vectors added to the outside atom. */
  readonly shift: Shift;
  /** Where it sits: at a fixed ratio of the bond, or at a fixed length from the inside atom, Å. */
  readonly place: { readonly ratio: number } | { readonly length: number };
}

/** Of a cluster what its links depend on. */
interface Linked {
  readonly atoms: Uint32Array;
  readonly shifts: Int32Array;
  readonly links: readonly LinkAtom[];
}

/** Å from an atom to a hydrogen on it; elsewhere the covalent radii. */
const TO_HYDROGEN = new Map([
  [numberOf("C"), 1.09],
  [numberOf("N"), 1.01],
  [numberOf("O"), 0.96],
]);

/** Where a hydrogen sits that replaces an atom of element `outside` on one of element `inside`. */
export function placeOf(inside: number, outside: number, fixed: "ratio" | "length"): LinkAtom["place"] {
  const length = TO_HYDROGEN.get(inside) ?? covalentRadius(inside) + covalentRadius(1);
  return fixed === "length" ? { length } : { ratio: length / (covalentRadius(inside) + covalentRadius(outside)) };
}

/** The atoms that Q hangs on, each at its image: its own M, then the outside ends of the L links; positions [3(M + L)] Å. */
export function carriers(s: Structure, { atoms, shifts, links }: Linked): { readonly atoms: number[]; readonly positions: Float64Array } {
  const all = [...atoms, ...links.map((l) => l.outside)];
  const moved = [...shifts, ...links.flatMap((l) => l.shift)];
  const positions = new Float64Array(3 * all.length);
  all.forEach((i, m) => {
    const away = times(moved, s.cell, 3 * m);
    for (let k = 0; k < 3; k++) positions[3 * m + k] = s.positions[3 * i + k] + away[k];
  });
  return { atoms: all, positions };
}

/**
 * Positions of the links, [3L] Å.
 * @param positions of the carriers
 */
export function linkPositions(cluster: Linked, positions: Float64Array): Float64Array {
  const place = new Float64Array(3 * cluster.links.length);
  for (const l of cluster.links.keys()) {
    const { inside, vector, share } = bondOf(cluster, positions, l);
    for (let k = 0; k < 3; k++) place[3 * l + k] = positions[3 * inside + k] + share * vector[k];
  }
  return place;
}

/**
 * Forces on Q, its links at the end ([3(M + L)] eV/Å), as forces on the carriers.
 * @param positions of the carriers
 */
export function handedOn(cluster: Linked, positions: Float64Array, forces: Float64Array): Float64Array {
  const given = forces.slice();
  cluster.links.forEach((link, l) => {
    const { inside, vector, share } = bondOf(cluster, positions, l);
    const at = 3 * (cluster.atoms.length + l);
    const along = "length" in link.place ? dot(vector, forces.subarray(at, at + 3)) / dot(vector, vector) : 0;
    for (let k = 0; k < 3; k++) {
      const outside = share * (forces[at + k] - along * vector[k]);
      given[at + k] = outside;
      given[3 * inside + k] += forces[at + k] - outside;
    }
  });
  return given;
}

/** Forces on Q, its links at the end ([3(M + L)] eV/Å), as forces on the atoms of S, [3N]. */
export function spread(s: Structure, cluster: Linked, forces: Float64Array): Float64Array {
  const { atoms, positions } = carriers(s, cluster);
  const given = handedOn(cluster, positions, forces);
  const whole = new Float64Array(s.positions.length);
  atoms.forEach((i, m) => {
    for (let k = 0; k < 3; k++) whole[3 * i + k] += given[3 * m + k];
  });
  return whole;
}

/** Of link `l`: its inside atom's place in Q, the vector to the outside atom, and the part of it that the link is away. */
function bondOf({ atoms, links }: Linked, positions: Float64Array, l: number): { inside: number; vector: Float64Array; share: number } {
  const { inside: atom, place } = links[l];
  const inside = atoms.indexOf(atom);
  const vector = Float64Array.from({ length: 3 }, (_, k) => positions[3 * (atoms.length + l) + k] - positions[3 * inside + k]);
  return { inside, vector, share: "ratio" in place ? place.ratio : place.length / norm(vector[0], vector[1], vector[2]) };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
