/** What QM is asked for at the moment, in sentences: what for, since when, and when it should be there. */
import { duration } from "../display/numbers.ts";
import type { Running } from "../history/running.ts";
import { placed } from "../history/summary.ts";
import { roomFor } from "../qm/engines.ts";
import type { Means } from "../study/launch.ts";
import type { StudyFile } from "../study/studyFile.ts";

/** How many QM calculations a study's process makes at a time; null on a cluster, and with codes that connect by themselves, as many as come. */
export function atOnce({ qm }: StudyFile, { threads, cluster }: Partial<Means>): number | null {
  if (threads === undefined || cluster !== undefined || qm.engine === "ipi") return null;
  return Math.max(1, Math.min(threads, roomFor(qm)));
}

/** A calculation that was asked for, in one sentence. */
export function callSentence({ place, reason, atoms, since, began, expected }: Running, now: number): string {
  const size = atoms === null ? "" : ` of ${atoms} atoms`;
  const state = began === null ? `asked for ${duration(now - since)} ago` : `under way for ${duration(now - began)}`;
  const rest = began === null || expected === null ? null : began + expected - now;
  const left = rest === null ? "" : rest > 0 ? `, about ${duration(rest)} left` : `, ${duration(-rest)} more than that`;
  const usual = expected === null ? "none of like size was calculated before" : `usually ${duration(expected)}`;
  return `QM${size} ${state} (${usual}${left}): ${placed(place)}${reason.replace(/^step \d+: /, "")}`;
}
