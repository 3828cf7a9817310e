/**
 * What a journal already knows, by place: a study that goes on takes it from here instead of doing it again.
 * A QM image that failed is not asked for again, or the study would not come to the same bits. But where the study has ended for want of QM, or
 * goes on with other limits, the failures on which nothing stands are forgotten, and the ends of the relaxations that they have ended.
 */
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
  /** The attempts at a QM image that failed, in order, but those that are forgotten: it is asked for again. */
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
  for (const [k, event] of events.entries()) {
    if (isNewBeginning(event)) {
      for (const hash of failed.keys()) if (!stands(hash, events.slice(0, k))) failed.delete(hash);
      for (const [place, there] of all) {
        const isEnd = (e: StudyEvent): boolean => e.kind === "failed" && e.scheme !== null && e.sequence < event.sequence;
        if (there.some(isEnd))
          all.set(
            place,
            there.filter((e) => !isEnd(e)),
          );
      }
    }
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

/** Whether what has failed before may be asked for again. */
function isNewBeginning(e: StudyEvent): boolean {
  return e.kind === "resumed" ? e.payload.limits !== undefined : e.kind === "failed" && e.scheme === null;
}

/** What is made of the images before it, and would be other if one more of them could be had. */
const RESULTS: ReadonlySet<EventKind> = new Set(["step", "training", "gate", "verified", "warning"]);

/** Whether anything was made without an image that failed: by the relaxation that asked for it, or after the pre-training. */
function stands(hash: string, events: readonly StudyEvent[]): boolean {
  return events.some(
    (f, k) =>
      f.kind === "qm-failed" &&
      f.payload.hash === hash &&
      events.slice(k).some((e) => RESULTS.has(e.kind) && e.scheme === f.scheme && (f.member ?? e.member) === e.member && isItsOwn(e)),
  );
}

/** Warnings of the whole study are of its inputs, its store, its versions. */
function isItsOwn(e: StudyEvent): boolean {
  return e.kind !== "warning" || e.scheme !== null;
}

function key(kind: EventKind, p: Partial<Place>): string {
  return [kind, p.scheme ?? "", p.member ?? "", p.step ?? "", p.image ?? ""].join("|");
}
