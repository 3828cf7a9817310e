/** The figures of the notebook's views. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { figureHeight, themedFigure } from "../../labextension/src/figure.ts";
import type { Look } from "../../labextension/src/look.ts";
import { costChart } from "../../src/display/cost.ts";
import { HUES } from "../../src/display/svgDocument.ts";
import { trainingChart } from "../../src/display/training.ts";
import { trajectoryChart } from "../../src/display/trajectory.ts";
import { history } from "../../src/history/history.ts";
import { faults } from "../display/plotlySchema.ts";
import { fixture } from "../history/fixture.ts";

const h = history(fixture({ members: 4, size: [3, 3, 3] }));
const hues = Object.fromEntries(Object.entries(HUES).map(([hue, [light]]) => [hue, light])) as Look["hues"];
const LIGHT: Look = { dark: false, paper: "#ffffff", ink: "#000000", soft: "#595959", grid: "#e6e6e6", font: "Arial", hues };

test("a figure has a curve of every model in the page's colour, named in its meta, and the numbers of the chart", () => {
  const chart = trainingChart(h);
  const { data, layout } = themedFigure(chart, LIGHT, { width: 900 });
  const models = data.filter((t) => /^model \d+$/.test(String(t.meta)));
  assert.equal(models.length, 2 * 4);
  const lines = chart.rows.flatMap((r) => r.panels.flatMap((p) => p.marks.filter((m) => m.mark === "line" && m.weight === "model")));
  for (const [k, line] of lines.entries()) {
    assert.equal(models[k].meta, line.name);
    assert.deepEqual((models[k].line as { color: string }).color, HUES.retrained[0]);
    assert.deepEqual(
      (models[k].y as unknown[]).filter((v) => v !== null),
      line.mark === "line" && line.y.filter((v) => !Number.isNaN(v)),
    );
  }
  assert.equal(layout.height, figureHeight(chart, 900));
  const shapes = layout.shapes as { name: string }[];
  assert.equal(shapes.filter((s) => s.name === "tolerance").length, 2);
});

test("figures without a row are whole", () => {
  const none = { ...h, steps: [], summary: [], training: [], cost: [], messages: [] };
  for (const chart of [trajectoryChart(none), trainingChart(none), costChart(none)]) {
    const text = JSON.stringify(themedFigure(chart, LIGHT, { width: 900 }));
    assert.ok(!text.includes("NaN") && !text.includes("null,null]"));
    const { layout } = themedFigure(chart, LIGHT, { width: 900 });
    for (const axis of Object.entries(layout).filter(([name]) => /axis/.test(name))) {
      const { range } = axis[1] as { range?: [number, number] };
      assert.ok(range === undefined || range[0] < range[1], axis[0]);
    }
  }
});

test("a picked model stands out, a hidden group is hidden, and no number of the chart is lost", () => {
  const chart = trainingChart(h);
  const { data } = themedFigure(chart, LIGHT, { width: 900, picked: "model 2", hidden: new Set(["lowest to highest"]) });
  const plain = themedFigure(chart, LIGHT, { width: 900 }).data;
  for (const [k, trace] of data.entries()) {
    assert.deepEqual([trace.x, trace.y], [plain[k].x, plain[k].y]);
    assert.equal(trace.visible, trace.meta !== "range");
    if (!/^model/.test(String(trace.meta))) continue;
    const [own, others] = [trace.opacity as number, plain[k].opacity as number];
    if (trace.meta === "model 2") assert.ok(own === 1 && (trace.line as { width: number }).width === 3);
    else assert.ok(own < others);
  }
});

test("broad panels stand under each other where there is no room, in their order; words of axes keep theirs", () => {
  const chart = trajectoryChart(h);
  const panels = chart.rows.flatMap((r) => r.panels);
  const [wide, narrow] = [900, 400].map((width) => themedFigure(chart, LIGHT, { width }).layout);
  const domain = (layout: Record<string, unknown>, axis: string): [number, number] => (layout[axis] as { domain: [number, number] }).domain;
  for (const k of panels.keys()) assert.deepEqual(domain(narrow, k === 0 ? "xaxis" : `xaxis${k + 1}`), [0, 1]);
  assert.ok(figureHeight(chart, 400) > 1.5 * figureHeight(chart, 900));
  assert.ok(domain(wide, "xaxis2")[0] - domain(wide, "xaxis")[1] > 64 / 900);
  // Pre-training is but the beginning of the panel beside it.
  assert.ok(domain(themedFigure(costChart(h), LIGHT, { width: 400 }).layout, "xaxis")[1] < 0.5);
});

test("every key and value of a figure is plotly's, at any width, with a model picked", () => {
  for (const chart of [trajectoryChart(h), trainingChart(h), costChart(h)])
    for (const width of [320, 900])
      assert.deepEqual(faults(themedFigure(chart, LIGHT, { width, picked: "model 1", contrast: true })), [], chart.title);
});
