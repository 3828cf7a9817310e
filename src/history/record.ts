/** What history reads of a study: its inputs and its events, wherever they are kept. */
import type { EventKind, Place, StudyEvent } from "../study/events.ts";
import type { StudyRecord } from "../study/folder.ts";

/**
 * An array of an event as rows of `width` numbers.
 * @throws RangeError naming the array and its event if it is missing or does not consist of such rows: what a journal holds is drawn or
 * refused, never left out.
 */
export function rowsIn({ array }: Pick<StudyRecord, "array">, sequence: number, name: string, width: number): Float64Array[] {
  const data = array(sequence, name);
  if (data === undefined || data.length === 0 || data.length % width !== 0) {
    const found = data === undefined ? "is missing" : `has ${data.length} numbers, not rows of ${width}`;
    throw new RangeError(`array "${name}" of event ${sequence} ${found}: the journal is damaged, or another version of qmml wrote it`);
  }
  return Array.from({ length: data.length / width }, (_, k) => data.subarray(width * k, width * (k + 1)));
}

/** The events of one kind, in order. */
export function ofKind<K extends EventKind>(events: readonly StudyEvent[], kind: K): Extract<StudyEvent, { kind: K }>[] {
  return events.filter((e): e is Extract<StudyEvent, { kind: K }> => e.kind === kind);
}

/** Events by something of theirs, each group in order. */
export function grouped<K>(events: readonly StudyEvent[], of: (e: StudyEvent) => K): Map<K, StudyEvent[]> {
  const groups = new Map<K, StudyEvent[]>();
  for (const e of events) {
    const group = groups.get(of(e));
    if (group) group.push(e);
    else groups.set(of(e), [e]);
  }
  return groups;
}

/** A key for things that happen at one place of a study. */
export function placeKey(at: Pick<Place, "scheme" | "member">, index?: number | null): string {
  return `${at.scheme} ${at.member} ${index ?? ""}`;
}
