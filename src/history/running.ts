/** The QM calculations that are asked for: what for, since when, and how long such took before. */
import type { StudyEvent } from "../study/events.ts";

/** One calculation; several relaxations may wait for it. */
export interface Running {
  readonly hash: string;
  /** Of who asked first, and where that stood. */
  readonly reason: string;
  readonly place: Pick<StudyEvent, "scheme" | "member" | "step">;
  readonly atoms: number | null;
  /** Unix time at which it was asked for, s. */
  readonly since: number;
  /** Unix time at which it came to its turn, s; null while others are before it, and where nobody knows how many there are at a time. */
  readonly began: number | null;
  /** Median s of earlier ones of a like size; null where there were none. */
  readonly expected: number | null;
}

/** Part by which sizes may differ and still be alike, and how many of the last calculations count. */
const [ALIKE, LAST] = [0.2, 99];

/** How long calculations of a size take, as far as those before it tell. */
export function pace(): { note(e: StudyEvent): void; of(atoms: number | null): number | null } {
  const sizes = new Map<string, number>();
  const past = new Map<number, number[]>();
  return {
    note(e) {
      if (e.kind === "qm-requested" && e.payload.atoms !== undefined) sizes.set(e.payload.hash, e.payload.atoms);
      if (e.kind !== "qm-finished" || e.payload.reused) return;
      const atoms = sizes.get(e.payload.hash);
      if (atoms !== undefined) past.set(atoms, [...(past.get(atoms) ?? []).slice(1 - LAST), e.payload.seconds]);
    },
    of(atoms) {
      if (atoms === null) return null;
      const alike = [...past].flatMap(([size, seconds]) => (Math.abs(size - atoms) <= ALIKE * atoms ? seconds : []));
      return alike.sort((a, b) => a - b)[Math.floor(alike.length / 2)] ?? null;
    },
  };
}

/** Follows a study's events, and says what was asked for and has not been answered since the study was begun or gone on with last. */
interface Waiting {
  note(e: StudyEvent): void;
  /** In the order in which they were asked for. */
  calls(): Running[];
}

/** @param atOnce calculations that there are room for, which come to their turns in order; null: nobody knows */
export function waiting(atOnce: number | null): Waiting {
  const open = new Map<string, Omit<Running, "expected">>();
  const usual = pace();
  const begin = (time: number): void => {
    const next = [...open.values()].slice(0, atOnce ?? 0).filter((call) => call.began === null);
    for (const call of next) open.set(call.hash, { ...call, began: time });
  };
  return {
    note(e) {
      usual.note(e);
      if (e.kind === "resumed" || e.kind === "stopped" || e.kind === "study-finished" || (e.kind === "failed" && e.scheme === null))
        open.clear();
      else if (e.kind === "qm-requested") {
        const { hash, reason, atoms = null } = e.payload;
        if (!open.has(hash)) open.set(hash, { hash, reason, place: e, atoms, since: e.time, began: null });
      } else if (e.kind === "qm-finished" || e.kind === "qm-failed") open.delete(e.payload.hash);
      begin(e.time);
    },
    calls: () => [...open.values()].map((call) => ({ ...call, expected: usual.of(call.atoms) })),
  };
}

/** Calculations that a study's last process was asked for and has not answered. */
export function running(events: readonly StudyEvent[], atOnce: number | null = null): Running[] {
  const { note, calls } = waiting(atOnce);
  for (const e of events) note(e);
  return calls();
}
