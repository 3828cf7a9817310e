/** What stands below the table of a study: relaxations that the guard has stopped, and the machines that have calculated. */
import { existsSync } from "node:fs";
import { fixed } from "../display/numbers.ts";
import { calculations } from "../history/calls.ts";
import { ofKind } from "../history/record.ts";
import { placed } from "../history/summary.ts";
import { counted } from "../io/words.ts";
import type { StudyEvent } from "../study/events.ts";
import { stoppedFrame } from "../study/folder.ts";

/** Each relaxation that the guard has stopped, why, and the file of what its next step would have led to. */
export function stops(events: readonly StudyEvent[], folder: string): string[] {
  return ofKind(events, "warning")
    .filter((e) => e.payload.stopped)
    .map((e) => {
      const frame = stoppedFrame(folder, e);
      return `${placed(e)}${e.payload.message}${existsSync(frame) ? `; that geometry is in ${frame}` : ""}`;
    });
}

/** Where QM was calculated, by what, and with how much memory, in one sentence; undefined where the journal does not say. */
export function machines(events: readonly StudyEvent[]): string | undefined {
  const calls = calculations(events);
  const different = (values: readonly (string | null)[]): string => [...new Set(values.filter((v) => v !== null))].join(", ");
  const [nodes, versions] = [different(calls.map((c) => c.node)), different(calls.map((c) => c.version))];
  const memory = Math.max(0, ...calls.map((c) => c.peakMemory ?? 0));
  const parts = [
    ...(versions === "" ? [] : [`by ${versions}`]),
    ...(nodes === "" ? [] : [`on ${nodes}`]),
    ...(memory > 0 ? [`with at most ${fixed(memory / 1e6, 0)} MB`] : []),
  ];
  return parts.length === 0 ? undefined : `QM: ${counted(calls.length, "calculation")} ${parts.join(" ")}`;
}
