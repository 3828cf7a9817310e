/** The relaxations of a study by name, and how the frames of two of them belong together. */
import type { Chart } from "../../../src/display/chart.ts";
import { FRAMES } from "../../../src/display/frames.ts";
import { relaxationName } from "../../../src/display/words.ts";
import type { FrameRow } from "../../../src/history/trajectory.ts";
import type { Marked } from "../plot.ts";

/** The frames of one relaxation. */
export interface Run {
  readonly name: string;
  readonly frames: readonly FrameRow[];
}

/** The relaxation shown at first is of the earliest of these. */
const PREFERRED = ["retrained", "committee", "frozen", "full-qm"];

/** The relaxations that have a frame, the most interesting first. */
export function runsOf(frames: readonly FrameRow[]): Run[] {
  const found = new Map<string, { order: number; frames: FrameRow[] }>();
  for (const row of frames) {
    const name = row.scheme === null ? FRAMES : relaxationName(row.scheme, row.member);
    const own = found.get(name) ?? { order: PREFERRED.indexOf(row.scheme ?? ""), frames: [] };
    own.frames.push(row);
    found.set(name, own);
  }
  return [...found].sort(([, a], [, b]) => a.order - b.order).map(([name, { frames: own }]) => ({ name, frames: own }));
}

/** Index of the frame whose step is nearest to a number; the earlier of two as near. */
export function nearest(frames: readonly FrameRow[], step: number): number {
  let [found, least] = [0, Infinity];
  for (const [k, { step: own }] of frames.entries()) {
    const away = Math.abs((own ?? 0) - step);
    if (away < least) [found, least] = [k, away];
  }
  return found;
}

/** The last step of a relaxation that is held. */
export function lastStep({ frames }: Run): number {
  return frames[frames.length - 1].step ?? 0;
}

/** The points of a relaxation at a step, in the panels over steps. */
export function frameMarks(chart: Chart, name: string, step: number): Marked[] {
  const panels = chart.rows.flatMap((r) => r.panels);
  return panels.flatMap((drawn, panel) => {
    const line = drawn.marks.find((m) => m.mark === "line" && m.name === name);
    if (line?.mark !== "line") return [];
    const index = line.x.indexOf(step);
    const y = line.y[index];
    return Number.isFinite(y) ? [{ panel, x: step, y, hue: line.hue }] : [];
  });
}
