/** Chart of the frames of a plain file: energy and largest force against the frame, where the file has them. No study, no scheme. */
import type { AboutRow } from "../history/about.ts";
import type { StepRow } from "../history/steps.ts";
import type { Chart, Mark, Panel } from "./chart.ts";
import { counted, significant } from "./numbers.ts";

/** Name of the only curve, and of what stands on the stage: a file knows no relaxations. */
export const FRAMES = "frames";

/** The chart. Frames without an energy or without forces (NaN) lift the pen. */
export function framesChart(h: {
  readonly about: Pick<AboutRow, "name" | "formula" | "atoms">;
  readonly steps: readonly StepRow[];
}): Chart {
  const { about, steps } = h;
  const panel = (title: string, label: string, unit: string, values: readonly number[]): Panel => {
    const known = values.some((v) => !Number.isNaN(v));
    const line: Mark = {
      mark: "line",
      group: "",
      name: FRAMES,
      hue: "qm",
      weight: "single",
      x: steps.map((r) => r.step ?? 0),
      y: values,
      titles: steps.map((r, k) => `frame ${r.step}: ${significant(values[k], 8)} ${unit}`),
    };
    const x = { label: "frame", unit: null, whole: true };
    return { title, x, y: { label, unit }, marks: known ? [line] : [], ...(!known && { empty: "the file does not say" }) };
  };
  const energies = steps.map((r) => r.energy);
  const ends = [energies[0], energies[energies.length - 1]];
  const change = steps.length > 1 && ends.every(Number.isFinite) ? ` Last energy minus first: ${significant(ends[1] - ends[0])} eV.` : "";
  return {
    title: about.name,
    subtitle: `${about.formula}, ${counted(about.atoms, "atom")}, ${counted(steps.length, "frame")}`,
    description: `${counted(steps.length, "frame")} of ${counted(about.atoms, "atom")}.${change}`,
    caption: "Energies and forces are those that the file states; nothing was calculated.",
    rows: [
      {
        height: 150,
        panels: [
          panel("Energy", "energy", "eV", energies),
          panel(
            "Largest force",
            "fmax",
            "eV/Å",
            steps.map((r) => r.fmax),
          ),
        ],
      },
    ],
  };
}
