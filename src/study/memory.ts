/** What a journal already knows, by place: a study that goes on takes it from here instead of doing it again. */
import type { Failure } from "../qm/image.ts";
import type { EventKind, Payloads, Place, StudyEvent } from "./events.ts";
import type { JournalReader } from "./journal.ts";
import type { StudyFile } from "./studyFile.ts";

/** An event of the past. */
export interface Recalled<K extends EventKind> {
  readonly payload: Payloads[K];
  array(name: string): Float64Array | undefined;
}

/** The past of a study. */
export interface Memory {
  /** The event of this kind at this place, if it was committed. */
  recall<K extends EventKind>(kind: K, place: Partial<Place>): Recalled<K> | undefined;
  /** All events of this kind at this place, in order. */
  every<K extends EventKind>(kind: K, place: Partial<Place>): readonly Payloads[K][];
  /** The attempts at a QM image that failed, in order. Those at one that a study stopped for are forgotten: it is asked for again. */
  failures(hash: string): readonly Failure[];
  /** Wall s from the first to the last event of each process so far. */
  readonly seconds: number;
}

/**
 * The memory of a journal as it stands.
 * @param policy of the study, for images that cannot be had
 */
export function memoryOf(journal: Pick<JournalReader, "events" | "array">, policy: StudyFile["onFailure"] = "rewind"): Memory {
  const events = journal.events();
  const all = new Map<string, StudyEvent[]>();
  for (const event of events) {
    const place = key(event.kind, event);
    const there = all.get(place);
    if (there) there.push(event);
    else all.set(place, [event]);
  }
  const failed = new Map<string, Failure[]>();
  for (const event of events) {
    if (event.kind !== "qm-failed") continue;
    const { hash, kind, message, attempt = 0, next } = event.payload;
    // Others that waited for it tell of the same attempt.
    const attempts = failed.get(hash) ?? [];
    if (kind && attempt > attempts.length) attempts.push({ kind, message });
    failed.set(hash, next === null && policy === "stop" ? [] : attempts);
  }
  // What lies before a `resumed` is the time in which nobody worked.
  const seconds = events.reduce((sum, e, k) => (k === 0 || e.kind === "resumed" ? sum : sum + e.time - events[k - 1].time), 0);
  return {
    seconds,
    every: <K extends EventKind>(kind: K, place: Partial<Place>) => (all.get(key(kind, place)) ?? []).map((e) => e.payload as Payloads[K]),
    failures: (hash) => failed.get(hash) ?? [],
    recall<K extends EventKind>(kind: K, place: Partial<Place>) {
      const event = all.get(key(kind, place))?.at(-1);
      return event && { payload: event.payload as Payloads[K], array: (name: string) => journal.array(event.sequence, name) };
    },
  };
}

function key(kind: EventKind, p: Partial<Place>): string {
  return [kind, p.scheme ?? "", p.member ?? "", p.step ?? "", p.image ?? ""].join("|");
}
