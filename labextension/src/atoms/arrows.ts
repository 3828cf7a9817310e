/** Forces drawn as arrows from the atoms, all to one scale: so many eV/Å are one Å. */
import { trans } from "../words.ts";
import type { FrameForces } from "./colouring.ts";

/** Whose forces: those the relaxation walks by, QM's and the model's on the QM cluster, QM's less the model's; or none. */
export type ArrowKind = "none" | "hybrid" | "qm" | "ml" | "difference";

/** In the order of the list. */
export const ARROWS: readonly ArrowKind[] = ["none", "hybrid", "qm", "ml", "difference"];

/** Name in the page's language. */
export function arrowName(kind: ArrowKind): string {
  const names: Record<ArrowKind, string> = {
    none: trans.__("none"),
    hybrid: trans.__("of the relaxation"),
    qm: trans.__("QM"),
    ml: trans.__("model"),
    difference: trans.__("QM − model"),
  };
  return names[kind];
}

/** The vectors, [3N] eV/Å, NaN for atoms that have none; null where the frame has none at all. */
export function arrowsOf(kind: ArrowKind, frame: FrameForces): Float64Array | null {
  const { forces, qmForces, mlForces } = frame;
  switch (kind) {
    case "none":
      return null;
    case "hybrid":
      return forces;
    case "qm":
      return qmForces ?? null;
    case "ml":
      return mlForces ?? null;
    case "difference":
      return qmForces && mlForces ? qmForces.map((f, k) => f - mlForces[k]) : null;
  }
}

/** Why there are no arrows of a kind; empty if there are. */
export function whyNoArrows(kind: ArrowKind, frames: readonly FrameForces[]): string {
  if (kind === "none" || frames.some((f) => arrowsOf(kind, f)?.some(Number.isFinite))) return "";
  return kind === "hybrid"
    ? trans.__("There are no forces.")
    : trans.__("The study does not hold the forces of QM and of the model apart.");
}

/**
 * eV/Å that one Å of an arrow stands for: a round number (1, 2 or 5 times a power of ten) at which the longest arrow of all frames is about
 * 2.5 Å long, times 2 to the power of -`finer`.
 */
export function arrowScale(kind: ArrowKind, frames: readonly FrameForces[], finer: number): number {
  let longest = 0;
  for (const frame of frames) {
    const vectors = arrowsOf(kind, frame);
    for (let k = 0; vectors && k < vectors.length; k += 3) {
      const length = Math.hypot(vectors[k], vectors[k + 1], vectors[k + 2]);
      if (length > longest && length < Infinity) longest = length;
    }
  }
  return longest === 0 ? 1 : round(longest / LONGEST / 2 ** finer);
}

/** Å. */
const LONGEST = 2.5;
/** A number less than so many times a round one is rounded to it. */
const ROUNDED = 1.45;

/** The nearest of 1, 2 and 5 times a power of ten. */
function round(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x));
  const leading = x / power;
  const nearest = [1, 2, 5].find((n) => leading < ROUNDED * n) ?? 10;
  // Not by multiplication with 0.1, which leaves digits behind.
  return Number((nearest * power).toPrecision(1));
}
