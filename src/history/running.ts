/** The QM calculations that are under way: what for, since when, and how long such took before. */
import type { StudyEvent } from "../study/events.ts";

/** One calculation; several relaxations may wait for it. */
export interface Running {
  readonly hash: string;
  /** Of who asked first, and where that stood. */
  readonly reason: string;
  readonly place: Pick<StudyEvent, "scheme" | "member" | "step">;
  readonly atoms: number | null;
  /** Unix time at which it was asked for, s; it may have waited for a free worker since. */
  readonly since: number;
  /** Median s of earlier ones of a like size; null where there were none. */
  readonly expected: number | null;
}

/** Part by which sizes may differ and still be alike. */
const ALIKE = 0.2;

/** Calculations that were asked for and have not been answered since the study was begun or gone on with last. */
export function running(events: readonly StudyEvent[]): Running[] {
  const open = new Map<string, Omit<Running, "expected">>();
  const sizes = new Map<string, number>();
  const past: { atoms: number; seconds: number }[] = [];
  for (const e of events) {
    if (e.kind === "resumed" || e.kind === "stopped" || e.kind === "study-finished" || (e.kind === "failed" && e.scheme === null))
      open.clear();
    else if (e.kind === "qm-requested") {
      const { hash, reason, atoms = null } = e.payload;
      if (atoms !== null) sizes.set(hash, atoms);
      if (!open.has(hash)) open.set(hash, { hash, reason, place: e, atoms, since: e.time });
    } else if (e.kind === "qm-finished" || e.kind === "qm-failed") {
      open.delete(e.payload.hash);
      const atoms = sizes.get(e.payload.hash);
      if (e.kind === "qm-finished" && !e.payload.reused && atoms !== undefined) past.push({ atoms, seconds: e.payload.seconds });
    }
  }
  return [...open.values()].map((call) => {
    const { atoms } = call;
    const alike = atoms === null ? [] : past.filter((p) => Math.abs(p.atoms - atoms) <= ALIKE * atoms).map((p) => p.seconds);
    const expected = alike.sort((a, b) => a - b)[Math.floor(alike.length / 2)] ?? null;
    return { ...call, expected };
  });
}
