/** The chart of a plain file's frames. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { framesChart } from "../../src/display/frames.ts";
import { plotlyFigure } from "../../src/display/plotly.ts";
import { trajectoryChart } from "../../src/display/trajectory.ts";
import { history } from "../../src/history/history.ts";
import { fixture } from "../history/fixture.ts";

const h = history(fixture({ members: 1, size: [3, 3, 3] }));
const frame = (step: number, energy: number, fmax: number) => ({ ...h.steps[0], scheme: null, member: null, step, energy, fmax });
const lineOf = (chart: ReturnType<typeof framesChart>, panel: number) => chart.rows[0].panels[panel].marks[0];

test("every frame's energy and force, as the file has them", () => {
  const chart = trajectoryChart({ ...h, steps: [frame(0, -3.5, 1.25), frame(1, -3.75, 0.5)], summary: [], messages: [] });
  assert.deepEqual(
    [lineOf(chart, 0), lineOf(chart, 1)].map((m) => m.mark === "line" && [...m.y]),
    [
      [-3.5, -3.75],
      [1.25, 0.5],
    ],
  );
  assert.match(chart.description, /^2 frames of \d+ atoms\. Last energy minus first: −0\.250 eV\.$/);
  assert.doesNotMatch(JSON.stringify(chart), /QM|core/);
});

test("what the file does not say is not drawn, and said so", () => {
  const chart = framesChart({ about: h.about, steps: [frame(0, Number.NaN, Number.NaN)] });
  for (const panel of chart.rows[0].panels) assert.deepEqual([panel.marks.length, panel.empty], [0, "the file does not say"]);
  assert.doesNotThrow(() => plotlyFigure(chart));
});
