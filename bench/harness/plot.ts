/** Costs over a size as a figure, by the package's own charts: time above, memory below where it was measured, both axes logarithmic. */
import type { Chart, Hue, Line, Panel } from "../../src/display/chart.ts";
import { chartBlock } from "../../src/display/svg.ts";
import { svgDocument } from "../../src/display/svgDocument.ts";
import { type Curve, exponent } from "./figures.ts";
import type { Machine } from "./machine.ts";
import { time } from "./report.ts";

/** One after the other. */
const HUES: readonly Hue[] = ["retrained", "frozen", "committee", "pretraining", "full-qm", "qm"];

/** All curves over one size as an SVG document. */
export function scalingSvg(size: string, curves: readonly Curve[], m: Machine): string {
  const tasks = [...new Set(curves.map((c) => c.task))];
  const line = (c: Curve): Line => ({
    mark: "line",
    group: c.task,
    name: c.task,
    hue: HUES[tasks.indexOf(c.task) % HUES.length],
    weight: "median",
    x: c.points.map((p) => p.size),
    y: c.points.map((p) => p.cost),
    titles: c.points.map((p) => `${c.task}, ${p.size} ${size}: ${c.cost === "time" ? time(p.cost) : `${p.cost.toPrecision(3)} MB`}`),
  });
  const panel = (cost: Curve["cost"], label: string, unit: string): Panel => ({
    title: "",
    x: { label: size, unit: null, scale: "log" },
    y: { label, unit, scale: "log" },
    marks: curves.filter((c) => c.cost === cost && c.points.length > 0).map(line),
  });
  const panels = [panel("time", "wall time", "s"), panel("memory", "memory", "MB")].filter((p) => p.marks.length > 0);
  const slopes = curves.map((c) => `${c.task}, ${c.cost}: ${exponent(c.points).toFixed(2)}`);
  const chart: Chart = {
    title: `Cost over ${size}`,
    subtitle: `qmml ${m.commit}, ${m.cpu}, ${m.cores} cores, Node ${m.node}, ${m.date.slice(0, 10)}`,
    description: `Exponents of a power law through all sizes: ${slopes.join("; ")}.`,
    caption: `Exponents of a power law through all sizes: ${slopes.join("; ")}. Medians; bench/README.md says what is measured.`,
    rows: [{ height: 240, panels }],
  };
  return svgDocument(chart.title, chart.description, [chartBlock(chart)]);
}
