/** The plotly figures of saved bundles are figures that plotly knows, to the last key. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { costChart } from "../../src/display/cost.ts";
import { plotlyFigure } from "../../src/display/plotly.ts";
import { trainingChart } from "../../src/display/training.ts";
import { trajectoryChart } from "../../src/display/trajectory.ts";
import { history } from "../../src/history/history.ts";
import { fixture } from "../history/fixture.ts";
import { faults } from "./plotlySchema.ts";

test("plotly finds a wrong key and a wrong value", () => {
  assert.equal(faults({ data: [{ type: "scatter", x: [1], y: [2], weight: 3 }], layout: { xaxis: { type: "logarithmic" } } }).length, 2);
});

test("every key and value of the figures is plotly's", () => {
  for (const study of [fixture(), fixture({ acid: true }), fixture({ until: "empty" }), fixture({ until: "middle" })]) {
    const h = history(study);
    for (const chart of [trajectoryChart(h), trainingChart(h), trainingChart(h, { along: "seconds" }), costChart(h)])
      assert.deepEqual(faults(plotlyFigure(chart)), [], chart.title);
  }
});
