/**
 * What a geometry must not become, and how far a model is asked beyond what it has seen: checked at each step, before harm is done.
 *   fused     two atoms closer than 0.6 times the sum of their covalent radii: no bond is that short
 *   apart     a piece further than twice that sum from all the rest, which it was not at the start
 *   absurd    forces ten times those of the start, or of 1 eV/Å
 *   unseen    a fingerprint outside the range of the model's set, in half-ranges
 *   in doubt  the members of a committee disagree on a force
 */
import { novelty, rangeOf, type Scaling } from "../descriptors/scaling.ts";
import type { DescriptorSettings } from "../descriptors/settings.ts";
import { describer } from "../descriptors/symmetryFunctions.ts";
import type { TrainingImage } from "../ensemble/loss.ts";
import { bonds, molecules } from "../structure/bonds.ts";
import { type Structure, size, symbols } from "../structure/structure.ts";

/** In units of the sum of two covalent radii. */
const [FUSED, APART] = [0.6, 2];
/** Forces above this times those of the start are absurd; eV/Å that count as the start's at least. */
const [ABSURD, LEAST_FORCE] = [10, 1];
/** Half-ranges. In studies A and B the set covers every atom to within 0.5 along the whole relaxation. */
export const UNSEEN = 1;
/** Times the force tolerance. */
export const DOUBT = 10;

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
  return torn < 0 ? undefined : `${names[torn]}${torn} would part from what it was near`;
}

/** Whether a force is too large to have anything to do with the start's, eV/Å. */
export function absurd(fmax: number, first: number): boolean {
  return fmax > ABSURD * Math.max(first, LEAST_FORCE);
}

/**
 * The atom furthest outside what a set has seen, and how far, in half-ranges.
 * @param core atoms that do not count: there QM puts right what a model gets wrong
 */
export function leastKnown(
  s: Structure,
  settings: DescriptorSettings,
  seen: Scaling,
  core: Uint32Array,
): { atom: number; novelty: number } {
  const { describe } = describer(s, settings);
  let worst = { atom: 0, novelty: 0 };
  for (let atom = 0; atom < size(s); atom++) {
    if (core.includes(atom)) continue;
    const { values } = describe(atom);
    const kinds = Uint8Array.of(settings.elements.indexOf(s.numbers[atom]));
    const far = novelty({ size: values.length, kinds, values }, seen);
    if (far > worst.novelty) worst = { atom, novelty: far };
  }
  return worst;
}

/** What a set of images has seen. */
export function seenIn(images: readonly TrainingImage[], settings: DescriptorSettings): Scaling {
  return rangeOf(
    images.map((i) => i.fingerprints),
    settings.elements.length,
  );
}

/** What either of two sets has seen. */
export function joint(a: Scaling, b: Scaling): Scaling {
  return { low: a.low.map((x, k) => Math.min(x, b.low[k])), high: a.high.map((x, k) => Math.max(x, b.high[k])) };
}

/** The atom whose force is least certain, and its deviation (length over the components), eV/Å; fixed atoms do not count. */
export function leastCertain(s: Structure, forcesSigma: Float64Array): { atom: number; sigma: number } {
  let worst = { atom: 0, sigma: 0 };
  for (let atom = 0; atom < size(s); atom++) {
    const sigma = s.fixed?.[atom] ? 0 : Math.hypot(...forcesSigma.subarray(3 * atom, 3 * atom + 3));
    if (sigma > worst.sigma) worst = { atom, sigma };
  }
  return worst;
}
