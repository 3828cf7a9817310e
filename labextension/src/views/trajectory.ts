/**
 * View `trajectory`: the atoms of a relaxation frame by frame, with energy and largest force of all relaxations below. Both are linked: a
 * click on a curve shows the frame, and the frame shown is marked on its curve.
 */
import type { Chart } from "../../../src/display/chart.ts";
import { significant } from "../../../src/display/numbers.ts";
import { trajectoryChart } from "../../../src/display/trajectory.ts";
import { relaxationName } from "../../../src/display/words.ts";
import type { FrameRow } from "../../../src/history/trajectory.ts";
import { chartFrame } from "../chartView.ts";
import { element, setText } from "../dom.ts";
import { legend } from "../legend.ts";
import { player } from "../player.ts";
import { type Marked, plot } from "../plot.ts";
import type { Rows } from "../rows.ts";
import { type Scene, sceneOf } from "../scene.ts";
import { stage } from "../stage.ts";
import type { View, ViewContext } from "../view.ts";

/** The frames of one relaxation. */
interface Relaxation {
  readonly name: string;
  readonly frames: readonly FrameRow[];
}

/** The relaxation shown at first is of the earliest of these. */
const PREFERRED = ["retrained", "committee", "frozen", "full-qm"];

/** The view. */
export function trajectoryView(_: ViewContext): View {
  let rows: Rows | undefined;
  let chart: Chart | undefined;
  let relaxations: readonly Relaxation[] = [];
  let scene: { readonly of: string; readonly scene: Scene } | undefined;
  /** Name of the relaxation, and its frame; the reader's choice stays when rows come. */
  let [picked, at, chosen] = ["", 0, false];

  const picker = element("select", { class: "qmml-picker", "aria-label": "Relaxation" });
  const controls = player((frame) => show(frame), [picker]);
  const atoms = stage("The atoms of a relaxation. Arrow keys go through its steps, space plays them, 0 turns it back.");
  const key = legend();
  const graph = plot("qmml-trajectory-plot", ({ name, x }) => {
    const own = relaxations.find((r) => r.name === name) ?? relaxations.find((r) => r.name === picked);
    if (!own) return;
    picked = own.name;
    chosen = true;
    show(nearest(own.frames, x));
  });
  const frame = chartFrame("trajectory", atoms.node, key.node, controls.node, graph.node);

  picker.addEventListener("change", () => {
    [picked, chosen] = [picker.value, true];
    show(0);
  });
  frame.node.addEventListener("keydown", (event) => {
    const there = event.target as Node;
    if (there instanceof HTMLSelectElement || there instanceof HTMLInputElement || there instanceof HTMLButtonElement) return;
    if (event.key === "0") atoms.reset();
    controls.key(event);
  });

  function show(index: number): void {
    const own = relaxations.find((r) => r.name === picked);
    if (!own || !rows) return;
    at = Math.min(index, own.frames.length - 1);
    const row = own.frames[at];
    if (scene?.of !== own.name) scene = { of: own.name, scene: sceneOf(rows, own.frames[0].positions) };
    atoms.show(scene.scene, row.positions);
    controls.set(own.frames.length, at);
    const last = own.frames[own.frames.length - 1].step;
    controls.say(`step ${row.step} of ${last} · fmax ${significant(row.fmax)} eV/Å`);
    picker.value = own.name;
    graph.mark(chart ? frameMarks(chart, own.name, row.step ?? 0) : []);
  }

  return {
    node: frame.node,
    update: (next, changed) => {
      rows = next;
      if (["about", "steps", "summary", "messages"].some((name) => changed.has(name as "about"))) {
        chart = trajectoryChart(next);
        frame.say(chart);
        graph.draw(chart);
      }
      if (changed.has("atoms")) key.set(next.atoms, next.about);
      if (!changed.has("trajectory") && !changed.has("atoms")) return;
      const ended = at === (relaxations.find((r) => r.name === picked)?.frames.length ?? 0) - 1;
      relaxations = relaxationsOf(next.trajectory);
      const names = relaxations.map((r) => r.name);
      if (names.join() !== Array.from(picker.options, (o) => o.value).join())
        picker.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
      if (!chosen) picked = relaxations[0]?.name ?? "";
      setText(
        atoms.node.querySelector(".qmml-nothing") ?? atoms.node.appendChild(element("p", { class: "qmml-nothing" })),
        names.length === 0 ? "no step yet" : "",
      );
      const count = relaxations.find((r) => r.name === picked)?.frames.length ?? 0;
      // A relaxation that runs is followed; one that the reader looks through is not.
      show(ended || !chosen ? count - 1 : at);
    },
    restyle: () => {
      atoms.restyle();
      graph.restyle();
      key.restyle();
    },
    dispose: () => {
      atoms.dispose();
      graph.dispose();
      controls.dispose();
    },
  };
}

function relaxationsOf(frames: readonly FrameRow[]): Relaxation[] {
  const found = new Map<string, { order: number; frames: FrameRow[] }>();
  for (const row of frames) {
    if (row.scheme === null) continue;
    const name = relaxationName(row.scheme, row.member);
    const own = found.get(name) ?? { order: PREFERRED.indexOf(row.scheme), frames: [] };
    own.frames.push(row);
    found.set(name, own);
  }
  return [...found].sort(([, a], [, b]) => a.order - b.order).map(([name, { frames }]) => ({ name, frames }));
}

/** The frame whose step is nearest to a number. */
function nearest(frames: readonly FrameRow[], step: number): number {
  const away = frames.map((f) => Math.abs((f.step ?? 0) - step));
  return away.indexOf(Math.min(...away));
}

/** The points of a relaxation at a step, in the panels over steps. */
function frameMarks(chart: Chart, name: string, step: number): Marked[] {
  const panels = chart.rows.flatMap((r) => r.panels);
  return panels.flatMap((drawn, panel) => {
    const line = drawn.marks.find((m) => m.mark === "line" && m.name === name);
    if (line?.mark !== "line") return [];
    const index = line.x.indexOf(step);
    const y = line.y[index];
    return Number.isFinite(y) ? [{ panel, x: step, y, hue: line.hue }] : [];
  });
}
