/** Table `lattice`: what the lattice gate compared: QM's lattice constant and bulk modulus, then each pre-trained model's; empty where there was none. */
import type { StudyEvent } from "../study/events.ts";
import { among, type Columns, MEMBER, orNull, real, TEXT } from "./arrow.ts";
import { ofKind } from "./record.ts";

/** The crystal on one energy surface. */
export interface LatticeRow {
  /** Null for QM. */
  readonly member: number | null;
  readonly element: string;
  readonly crystal: "fcc" | "bcc";
  /** Edge of the cubic cell, Å; null where a model has no minimum near QM's. */
  readonly a: number | null;
  /** GPa. */
  readonly bulkModulus: number | null;
  /** QM's energy there above its least, eV/atom. */
  readonly energyError: number | null;
}

export const LATTICE_COLUMNS: Columns<LatticeRow> = {
  member: orNull(MEMBER),
  element: TEXT,
  crystal: among(["fcc", "bcc"]),
  a: orNull(real("Å")),
  bulkModulus: orNull(real("GPa")),
  energyError: orNull(real("eV/atom")),
};

/** Rows of `lattice`. */
export function latticeRows(events: readonly StudyEvent[]): LatticeRow[] {
  const gate = ofKind(events, "gate").at(-1)?.payload;
  if (gate?.element === undefined || gate.crystal === undefined || gate.aQm === undefined) return [];
  const { element, crystal, aQm: a, bulkModulusQm: bulkModulus = null } = gate;
  return [{ member: null, element, crystal, a, bulkModulus, energyError: 0 }, ...gate.models.map((m) => ({ element, crystal, ...m }))];
}

/** The gate's QM images: seconds by hash. */
export function gateImages(events: readonly StudyEvent[]): Map<string, number> {
  const hashes = new Set(ofKind(events, "gate").flatMap((e) => e.payload.images));
  return new Map(
    ofKind(events, "qm-finished").flatMap((e) => (hashes.has(e.payload.hash) ? [[e.payload.hash, e.payload.seconds] as const] : [])),
  );
}
