/** What a journal already knows, by place: a study that goes on takes it from here instead of doing it again. */
import type { EventKind, Payloads, Place, StudyEvent } from "./events.ts";
import type { JournalReader } from "./journal.ts";

/** An event of the past. */
export interface Recalled<K extends EventKind> {
  readonly payload: Payloads[K];
  array(name: string): Float64Array | undefined;
}

/** The past of a study. */
export interface Memory {
  /** The event of this kind at this place, if it was committed. */
  recall<K extends EventKind>(kind: K, place: Partial<Place>): Recalled<K> | undefined;
  /** Wall s from the first to the last event of each process so far. */
  readonly seconds: number;
}

/** The memory of a journal as it stands. */
export function memoryOf(journal: JournalReader): Memory {
  const events = journal.events();
  const byPlace = new Map<string, StudyEvent>(events.map((event) => [key(event.kind, event), event]));
  // What lies before a `resumed` is the time in which nobody worked.
  const seconds = events.reduce((sum, e, k) => (k === 0 || e.kind === "resumed" ? sum : sum + e.time - events[k - 1].time), 0);
  return {
    seconds,
    recall<K extends EventKind>(kind: K, place: Partial<Place>) {
      const event = byPlace.get(key(kind, place));
      return event && { payload: event.payload as Payloads[K], array: (name: string) => journal.array(event.sequence, name) };
    },
  };
}

function key(kind: EventKind, p: Partial<Place>): string {
  return [kind, p.scheme ?? "", p.member ?? "", p.step ?? "", p.image ?? ""].join("|");
}
