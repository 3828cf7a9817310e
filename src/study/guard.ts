/**
 * What a geometry must not become, and how far a model is asked beyond what it has seen: checked at each step, before harm is done
 * (with `absurd.ts`: forces ten times those of the start, or of 1 eV/Å).
 *   fused     two atoms closer than 0.6 times the sum of their covalent radii: no bond is that short
 *   apart     a piece further than twice that sum from all the rest, which it was not at the start: a fragment that leaves a surface
 *   far       an atom 6 Å from where it began: whatever that becomes, it is not what was to be relaxed
 *   unseen    a fingerprint outside the range of the model's set, in half-ranges
 *   in doubt  the members of a committee disagree on a force, or a model on its own with those that were pre-trained beside it
 */
import { novelty, rangeOf, type Scaling } from "../descriptors/scaling.ts";
import type { DescriptorSettings } from "../descriptors/settings.ts";
import { fingerprintValues } from "../engine/wasm/fingerprints.ts";
import type { TrainingImage } from "../ensemble/loss.ts";
import { type Cluster, cut } from "../hybrid/carve.ts";
import { boundaryAtoms } from "../hybrid/surroundings.ts";
import { norm } from "../linalg/elementary.ts";
import { bonds, molecules } from "../structure/bonds.ts";
import { type Structure, size, symbols } from "../structure/structure.ts";

/** In units of the sum of two covalent radii. */
const [FUSED, APART] = [0.6, 2];
/** Largest move from the start, Å. */
const FAR = 6;
/** Half-ranges. Studies A and B stay below 0.1; one relaxation that went astray passed this where its energy began to be wrong by 10 meV. */
export const UNSEEN = 0.2;
/**
 * In units of the force tolerance: a committee's standard deviation, and a model's distance from the mean of the others. Usual are 1 in study A and
 * 2 to 3 in B; in the relaxation that went astray it was 8 at that place, and 18 in the end.
 */
export const DOUBT = 5;

/** Why a geometry is impossible, or nothing. */
export function impossible(s: Structure, start: Structure): string | undefined {
  const names = symbols(s);
  const before = new Set(bonds(start, FUSED).map(String));
  const fused = bonds(s, FUSED).find((pair) => !before.has(String(pair)));
  if (fused) return `${fused.map((i) => `${names[i]}${i}`).join(" and ")} would fuse`;
  const [old, now] = [molecules(start, APART), molecules(s, APART)];
  const pieceOf = new Map<number, number>();
  const torn = now.findIndex((piece, i) => {
    if (!pieceOf.has(old[i])) pieceOf.set(old[i], piece);
    return pieceOf.get(old[i]) !== piece;
  });
  if (torn >= 0) return `${names[torn]}${torn} would part from what it was near`;
  const d = s.positions.map((x, k) => x - start.positions[k]);
  const moved = names.findIndex((_, i) => norm(d[3 * i], d[3 * i + 1], d[3 * i + 2]) > FAR);
  return moved < 0 ? undefined : `${names[moved]}${moved} would be more than ${FAR} Å from where it began`;
}

/**
 * The atom furthest outside what a set has seen, and how far, in half-ranges.
 * @param skip atoms that do not count
 */
export function leastKnown(
  s: Structure,
  settings: DescriptorSettings,
  seen: Scaling,
  skip: ReadonlySet<number>,
): { atom: number; novelty: number } {
  const { size: functions, kinds, values } = fingerprintValues(s, settings);
  let worst = { atom: 0, novelty: 0 };
  for (let atom = 0; atom < size(s); atom++) {
    if (skip.has(atom)) continue;
    const own = values.subarray(atom * functions, (atom + 1) * functions);
    const far = novelty({ size: functions, kinds: kinds.subarray(atom, atom + 1), values: own }, seen);
    if (far > worst.novelty) worst = { atom, novelty: far };
  }
  return worst;
}

/** Å. What moves meanwhile, and a link hydrogen nearer than the atom that it stands for. */
const ROOM = 0.5;

/**
 * Atoms in whose surroundings, as far as the cutoff reaches (Å) and a little further, S and Q are the same: what a model says of them cancels in the
 * hybrid.
 */
export function cancelling(s: Structure, cluster: Cluster, cutoff: number): Set<number> {
  const boundary = new Set(boundaryAtoms(s, cluster.atoms, cut(s, cluster), cutoff + ROOM));
  return new Set(cluster.atoms.filter((_, m) => !boundary.has(m)));
}

/** What a set of images has seen. */
export function seenIn(images: readonly TrainingImage[], settings: DescriptorSettings): Scaling {
  return rangeOf(
    images.map((i) => i.fingerprints),
    settings,
  );
}

/** What either of two sets has seen. */
export function joint(a: Scaling, b: Scaling): Scaling {
  return { low: a.low.map((x, k) => Math.min(x, b.low[k])), high: a.high.map((x, k) => Math.max(x, b.high[k])) };
}

/** A model's forces minus the mean of others', [3N] eV/Å. */
export function apart(forces: Float64Array, others: readonly Float64Array[]): Float64Array {
  return forces.map((f, k) => f - others.reduce((sum, other) => sum + other[k], 0) / others.length);
}

/**
 * The atom whose force is least certain, and how uncertain, eV/Å.
 * @param uncertainty of each component, [3N] eV/Å
 * @param skip atoms that do not count; fixed ones never do
 */
export function leastCertain(s: Structure, uncertainty: Float64Array, skip: ReadonlySet<number>): { atom: number; size: number } {
  let worst = { atom: 0, size: 0 };
  for (let atom = 0; atom < size(s); atom++) {
    if (s.fixed?.[atom] || skip.has(atom)) continue;
    const length = norm(uncertainty[3 * atom], uncertainty[3 * atom + 1], uncertainty[3 * atom + 2]);
    if (length > worst.size) worst = { atom, size: length };
  }
  return worst;
}
