/** Figures say what the journal says, in SVG, plotly and text alike. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Chart, Mark } from "../../src/display/chart.ts";
import { costChart } from "../../src/display/cost.ts";
import { significant } from "../../src/display/numbers.ts";
import { plotlyFigure } from "../../src/display/plotly.ts";
import { principalAxes } from "../../src/display/principalAxes.ts";
import { chartBlock } from "../../src/display/svg.ts";
import { svgDocument } from "../../src/display/svgDocument.ts";
import { chartText } from "../../src/display/text.ts";
import { modelSentence, trainingChart } from "../../src/display/training.ts";
import { structureDrawing, structureWords, trajectoryChart } from "../../src/display/trajectory.ts";
import { history } from "../../src/history/history.ts";
import type { MessageRow } from "../../src/history/messages.ts";
import { spendings } from "../../src/history/spending.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import type { Scheme } from "../../src/study/events.ts";
import { energyAt, evaluationsAt, fixture, fmaxAt, shiftAt, sigmaAt, stepsOf, TROUBLE } from "../history/fixture.ts";
import { all, parseXml } from "./xml.ts";

const study = fixture({ members: 10, size: [4, 4, 3] });
const h = history(study);
const charts = { trajectory: trajectoryChart(h), training: trainingChart(h), cost: costChart(h) };
const draw = (chart: Chart): string => svgDocument(chart.title, chart.description, [chartBlock(chart)]);
const marks = (chart: Chart): Mark[] => chart.rows.flatMap((r) => r.panels.flatMap((p) => p.marks));
const titles = (svg: string): string[] => all(parseXml(svg), "title").map((t) => t.text);

test("each figure is one well-formed, labelled SVG that loads nothing", () => {
  for (const chart of Object.values(charts)) {
    const svg = draw(chart);
    const root = parseXml(svg);
    assert.equal(root.attributes.role, "img");
    assert.deepEqual(
      root.children.slice(0, 2).map((c) => [c.name, c.text]),
      [
        ["title", chart.title],
        ["desc", chart.description],
      ],
    );
    assert.doesNotMatch(svg, /NaN|undefined|Infinity|null/);
    assert.doesNotMatch(svg.replaceAll('xmlns="http://www.w3.org/2000/svg"', ""), /https?:|href|url\(|@import|<script/);
  }
});

/** Energies above the last step, from the changes of the steps, each on the surface on which it was made. */
function heights(scheme: Scheme, m: number): number[] {
  const changes = Array.from({ length: stepsOf(scheme, m) }, (_, k) => {
    return energyAt(scheme, m, k + 1) - energyAt(scheme, m, k) - (shiftAt(scheme, m, k + 1) ?? 0);
  });
  return Array.from({ length: changes.length + 1 }, (_, k) => -changes.slice(k).reduce((a, b) => a + b, 0));
}

test("steps in SVG and plotly are the journal's", () => {
  const said = new Set(titles(draw(charts.trajectory)));
  const traces = plotlyFigure(charts.trajectory).data;
  for (const [scheme, m] of [
    ["full-qm", 0],
    ["frozen", 3],
    ["retrained", 7],
  ] as const) {
    const name = scheme === "full-qm" ? "full QM" : `${scheme}, model ${m}`;
    const n = stepsOf(scheme, m);
    const relative = heights(scheme, m);
    const fmax = Array.from({ length: n + 1 }, (_, k) => fmaxAt(scheme, m, k));
    for (const [values, unit] of [[relative, "eV"] as const, [fmax, "eV/Å"] as const]) {
      if (scheme !== "full-qm") assert.ok(said.has(`${name}: ${values.map((v) => significant(v, 4)).join(", ")}`), name);
      else for (const [k, v] of values.entries()) assert.ok(said.has(`${name}, step ${k}: ${significant(v, 6)} ${unit}`));
    }
    const own = traces.filter((t) => t.mode === "lines+markers" && [t.name, t.hovertext].includes(name)).map((t) => t.y as number[]);
    assert.deepEqual(own[1], fmax);
    // Sums of ten numbers below 100 eV in another order: 1e-12 is some seventy roundings.
    for (const [k, e] of relative.entries()) assert.ok(Math.abs(own[0][k] - e) < 1e-12, `${name}, step ${k}`);
  }
});

test("a drawn point lies where its number says", () => {
  const { cx, cy } = Object.fromEntries(["cx", "cy"].map((key) => [key, (step: number) => Number(circle(step).attributes[key])]));
  const circle = (step: number): { attributes: Readonly<Record<string, string>> } => {
    const name = `full QM, step ${step}: ${significant(energyAt("full-qm", 0, step) - energyAt("full-qm", 0, 8), 6)} eV`;
    const found = all(parseXml(draw(charts.trajectory)), "circle").find((c) => c.children[0]?.text === name);
    assert.ok(found, name);
    return found;
  };
  const fall = (k: number): number => energyAt("full-qm", 0, k) - energyAt("full-qm", 0, 8);
  const ratio = (cy(0) - cy(2)) / (cy(0) - cy(8));
  // Coordinates are rounded to 0.1 px of some 150.
  assert.ok(Math.abs(ratio - (fall(0) - fall(2)) / fall(0)) < 0.002);
  assert.ok(Math.abs((cx(2) - cx(0)) / (cx(8) - cx(0)) - 0.25) < 0.001);
  assert.ok(cy(0) < cy(8), "a higher energy is drawn higher");
});

test("a curve's path, walked from point to point, is where its numbers say", () => {
  const name = "retrained, model 7";
  const group = all(parseXml(draw(charts.trajectory)), "g").find((g) => g.children[0]?.text.startsWith(`${name}: `));
  const [first, ...moves] = (group?.children[1].attributes.d ?? "").split(/[Ml]/).filter((s) => s !== "");
  const numbers = [first, ...moves].flatMap((s) => [...s.matchAll(/-?[\d.]+/g)].map(Number));
  let at = 0;
  const ys = numbers.filter((_, k) => k % 2 === 1).map((dy) => (at += dy));
  const values = heights("retrained", 7);
  assert.equal(ys.length, values.length);
  const slope = (ys[0] - ys[ys.length - 1]) / values[0];
  // Coordinates are rounded to 0.1 px, not the sum of rounded steps: no error grows along the curve.
  for (const [k, v] of values.entries()) assert.ok(Math.abs(ys[k] - ys[ys.length - 1] - slope * v) < 0.15, `step ${k}`);
});

test("costs of each image, in the three forms", () => {
  const said = titles(draw(charts.cost));
  const dots = plotlyFigure(charts.cost).data.filter(
    (t) => t.name === "each model" || t.hovertext === "retrained: each model" || t.name === "retrained: each model",
  );
  for (let k = 0; k < 8; k++) {
    for (let m = 0; m < 10; m++) {
      const missed = m === 2 && k === 0;
      assert.ok(said.includes(`model ${m}, image ${k}: ${evaluationsAt(m, k)} evaluations${missed ? ", tolerance not reached" : ""}`));
    }
    const sorted = Array.from({ length: 10 }, (_, m) => evaluationsAt(m, k)).sort((a, b) => a - b);
    const middle = (sorted[4] + sorted[5]) / 2;
    assert.ok(said.includes(`image ${k}: median ${middle} evaluations of 10 models`));
    assert.match(
      chartText(charts.cost).replace(/\s+/g, " "),
      new RegExp(`median, retrained,.* ${k}: ${String(Number.isInteger(middle) ? middle : significant(middle)).replace(".", "\\.")}\\b`),
    );
  }
  assert.ok(dots.length > 0);
});

test("dots of one image stand apart, so that equal costs of several models are all seen", () => {
  const circles = all(parseXml(draw(charts.cost)), "circle").filter((c) => /image 7: .* evaluations$/.test(c.children[0]?.text ?? ""));
  assert.equal(circles.length, 10);
  assert.equal(new Set(circles.map((c) => c.attributes.cx)).size, 10);
});

test("training: every point of every model's curves, the mean between lowest and highest", () => {
  const lines = marks(charts.training).filter((m) => m.mark === "line");
  for (let m = 0; m < 10; m++) {
    const expected = h.training.filter((r) => r.member === m && (r.image === null || r.scheme === "retrained"));
    const [energy, force] = lines.filter((l) => l.name === `model ${m}`).map((l) => l.y.filter((v) => !Number.isNaN(v)));
    assert.deepEqual(
      energy,
      expected.map((r) => r.energyRmse),
    );
    assert.deepEqual(
      force,
      expected.map((r) => r.forceRmse),
    );
  }
  const band = marks(charts.training).find((m) => m.mark === "band");
  const middle = lines.find((l) => l.weight === "mean");
  assert.ok(band && middle);
  // A mean of ten equal numbers is their sum's rounding away from them.
  const slack = 1e-15;
  for (const [k, v] of middle.y.entries())
    assert.ok(Number.isNaN(v) || (band.low[k] * (1 - slack) <= v && v <= band.high[k] * (1 + slack)));
  assert.ok(lines.every((l) => l.x.every((v, k) => k === 0 || Number.isNaN(v) || Number.isNaN(l.x[k - 1]) || v > l.x[k - 1])));
});

test("models that failed or did not converge are marked", () => {
  const said = titles(draw(charts.trajectory));
  assert.ok(said.includes("frozen, model 6: not converged"));
  assert.ok(said.includes("frozen, model 8: the forces exceed 1000 eV/Å"));
  assert.match(chartText(charts.trajectory), /not converged: frozen, model 6/);
});

test("the QM engine is named in every form, EMT with its caveat", () => {
  for (const chart of Object.values(charts)) {
    for (const form of [draw(chart), chartText(chart), JSON.stringify(plotlyFigure(chart))])
      assert.match(form.replace(/\s+/g, " "), /QM engine: EMT \(EMT stands in for the QM engine\)/);
  }
  const other = fixture({ members: 1, size: [2, 2, 2], engine: "gfn2-xtb" });
  assert.match(trajectoryChart(history(other)).subtitle, /QM engine: GFN2-xTB\. /);
});

test("energies of different schemes never share a zero by accident: each curve of energy ends at nought", () => {
  const [panel] = charts.trajectory.rows[0].panels;
  for (const m of panel.marks) if (m.mark === "line") assert.equal(m.y.at(-1), 0);
  assert.match(panel.y.label, /last step/);
});

test("a retrained curve of an older journal, which does not say how the surface moved, is drawn with its jumps and says so", () => {
  const steps = h.steps.map((r) => ({ ...r, previousEnergy: Number.NaN }));
  const chart = trajectoryChart({ ...h, steps });
  const line = marks(chart).find((m) => m.mark === "line" && m.name === "retrained, model 7");
  const n = stepsOf("retrained", 7);
  assert.deepEqual(
    line?.mark === "line" && line.y,
    Array.from({ length: n + 1 }, (_, k) => energyAt("retrained", 7, k) - energyAt("retrained", 7, n)),
  );
  assert.match(chart.caption, /its curve jumps/);
  assert.match(charts.trajectory.caption, /evaluated again/);
});

test("structures are drawn with all atoms of both ends in both views", () => {
  const [block] = structureDrawing(h);
  const root = parseXml(svgDocument("Structure", "", [block]));
  const legend = 2 + 3;
  assert.equal(all(root, "circle").length, 4 * (h.atoms.length + study.core.length) + legend);
  const core = all(root, "title").filter((t) => t.text.endsWith(", core"));
  assert.equal(core.length, 4 * study.core.length);
});

const acid = history(fixture({ acid: true, engine: "gfn2-xtb" }));

test("a committee's energies have the band of their spread, in eV above and below, and say it at each point", () => {
  const chart = trajectoryChart(acid);
  const [panel] = chart.rows[0].panels;
  const band = panel.marks.find((m) => m.mark === "band");
  const curve = panel.marks.find((m) => m.mark === "line" && m.name === "committee");
  assert.ok(band?.mark === "band" && curve?.mark === "line");
  assert.equal(band.low.length, stepsOf("committee", 0) + 1);
  for (const [k, y] of curve.y.entries()) {
    assert.equal(band.high[k], y + sigmaAt(k));
    assert.equal(band.low[k], y - sigmaAt(k));
  }
  assert.match(curve.titles?.[2] ?? "", new RegExp(`, σ ${significant(sigmaAt(2))} eV$`));
  assert.match(chart.caption, /give or take the standard deviation over its members/);
  assert.doesNotMatch(charts.trajectory.caption, /standard deviation/);
  for (const form of [draw(chart), chartText(chart), JSON.stringify(plotlyFigure(chart))]) assert.doesNotMatch(form, /NaN|undefined/);
});

test("a step left again is no link of the chain: the next one's change is from where that had set out", () => {
  const about = { scheme: "committee", member: null, sigma: null, converged: false, seconds: 0 } as const;
  // Absurd forces at step 2, from which step 3 goes back half way to step 1; at both the surface had moved.
  const rows = [
    [0, null, 2],
    [-1, null, 1],
    [500, -0.8, 900],
    [-1.3, -0.7, 0.5],
    [-1.4, null, 0.1],
  ] as const;
  const rewound: MessageRow = {
    ...about,
    sequence: 9,
    time: 0,
    kind: "rewound",
    step: 3,
    serious: false,
    message: "shortened: the forces",
  };
  const heights = (previous: number | null, messages: readonly MessageRow[]): readonly number[] => {
    const steps = rows.map(([energy, before, fmax], step) => ({
      ...about,
      step,
      energy,
      previousEnergy: step === 3 ? previous : before,
      fmax,
    }));
    const [line] = marks(trajectoryChart({ ...h, steps, messages })).filter((m) => m.mark === "line");
    return line.mark === "line" ? line.y.map((v) => Number(v.toFixed(9))) : [];
  };
  assert.deepEqual(heights(-0.7, [rewound]), [1.7, 0.7, 501.5, 0.1, 0]);
  // The surface stood still between steps 2 and 3: step 1's geometry on it is known from step 2.
  assert.deepEqual(heights(null, [rewound]), [1.6, 0.6, 501.4, 0.1, 0]);
  // A step shortened before it was taken leaves the chain as it is.
  assert.deepEqual(heights(-0.7, [{ ...rewound, step: 4 }]), heights(-0.7, []));
});

test("a shortened step and one more QM image are marked at their step, with their reasons", () => {
  const chart = trajectoryChart(acid);
  const [panel] = chart.rows[0].panels;
  const curve = panel.marks.find((m) => m.mark === "line" && m.name === "committee");
  const found = (shape: string): Mark[] => panel.marks.filter((m) => m.mark === "dots" && m.shape === shape);
  const [[back], [more]] = [found("triangle"), found("diamond")];
  assert.ok(back.mark === "dots" && more.mark === "dots" && curve?.mark === "line");
  assert.deepEqual([back.x, back.y], [[TROUBLE], [curve.y[TROUBLE]]]);
  assert.deepEqual(more.x, [TROUBLE, TROUBLE]);
  assert.deepEqual(back.titles, [`committee, step ${TROUBLE}: shortened: H3 and O1 would fuse`]);
  assert.match(chartText(chart).replace(/\s+/g, " "), /step shortened: committee, step 3: shortened: H3 and O1 would fuse/);
});

test("training and cost show the committee's models beside the independent ones; its QM seconds stand once", () => {
  const [training, cost] = [trainingChart(acid), costChart(acid)];
  const named = (chart: Chart): string[] => chart.rows.flatMap((r) => r.panels.map((p) => p.title)).filter((t) => t !== "");
  assert.deepEqual(named(training), ["Energy, retrained", "Forces, retrained", "Energy, committee", "Forces, committee"]);
  assert.equal(named(cost).filter((t) => t.endsWith(", committee")).length, 3);
  const said = titles(draw(cost));
  const images = stepsOf("committee", 0) + 3;
  // The images of a relaxation are counted, not its steps.
  for (let k = 0; k < images; k++) {
    assert.ok(said.includes(`image ${k}: QM seconds ${significant(0.043 + 0.002 * k, 4)} s`), `image ${k}`);
    const sum = Array.from({ length: 10 }, (_, m) => 0.4 * evaluationsAt(m, k)).reduce((a, b) => a + b, 0);
    assert.ok(said.includes(`image ${k}: training seconds, committee ${significant(sum, 4)} s`), `image ${k}`);
  }
  const set = Array.from({ length: 24 }, (_, k) => 0.021 + 0.001 * k).reduce((a, b) => a + b, 0);
  for (const seconds of [10 * set, set]) assert.ok(said.includes(`pre-training: QM seconds ${significant(seconds, 4)} s`));
  assert.match(cost.caption, /QM seconds are counted once, training seconds summed over the models/);
});

test("a molecule is drawn with its bonds, each atom in both views of both ends, H smaller than C, the cut marked", () => {
  const [block] = structureDrawing(acid);
  const root = parseXml(svgDocument("Structure", "", [block]));
  const circles = all(root, "circle").filter((c) => c.children.length > 0);
  assert.equal(circles.length, 4 * 38);
  const radius = (name: string): number => Number(circles.find((c) => c.children[0].text === name)?.attributes.r);
  assert.ok(radius("H 3, core") < radius("O 2, core") && radius("O 2, core") < radius("C 0, core"));
  // 37 bonds of two halves, and the stroke over the one that is cut; a bond with its stroke in the legend.
  assert.equal(all(root, "path").length, 4 * (2 * 37 + 1) + 2);
  assert.match(JSON.stringify(root), /cut bond \(link H\)/);
  assert.match(structureWords(acid.about), /principal axes/);
  assert.match(structureWords(h.about), /the cell/);
});

test("principal axes are orthonormal and right-handed, long before broad before flat; a turned molecule looks the same", () => {
  const { positions } = fattyAcid(8, { torsion: 40 });
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  // About z, then the axes passed on in a ring: no mirror image.
  const turn = ([x, y, z]: readonly number[]): number[] => [z + 3, c * x - s * y - 1, s * x + c * y + 2];
  const rows = (p: Float64Array): number[][] => Array.from({ length: p.length / 3 }, (_, i) => [...p.subarray(3 * i, 3 * i + 3)]);
  const seen = (p: Float64Array): number[][] => {
    const axes = principalAxes(p, [0, 1, 2, 3]);
    const along = rows(p).map((r) => axes.map((a) => a.reduce((sum, v, k) => sum + v * r[k], 0)));
    return [0, 1, 2].map((k) => along.map((r) => r[k] - along[0][k]));
  };
  const [before, after] = [seen(positions), seen(Float64Array.from(rows(positions).flatMap(turn)))];
  // Eigenvectors of well separated values, of a few dozen atoms within 10 Å.
  for (const [k, values] of before.entries())
    for (const [i, v] of values.entries()) assert.ok(Math.abs(v - after[k][i]) < 1e-10, `${k} ${i}`);
  const [long, broad, flat] = before.map((v) => Math.max(...v) - Math.min(...v));
  assert.ok(long > broad && broad > flat);
  assert.ok(Math.max(...before[0]) > 8, "the carboxyl group stands at the beginning");
});

test("plotly is JSON with a panel for each pair of axes", () => {
  for (const chart of Object.values(charts)) {
    const { data, layout } = JSON.parse(JSON.stringify(plotlyFigure(chart))) as {
      data: { xaxis: string }[];
      layout: Record<string, { domain?: number[] }>;
    };
    const panels = chart.rows.flatMap((r) => r.panels).length;
    assert.equal(Object.keys(layout).filter((k) => k.startsWith("xaxis")).length, panels);
    for (const key of Object.keys(layout).filter((k) => /^[xy]axis/.test(k))) {
      const [from, to] = layout[key].domain ?? [];
      // Domains are sums of fractions of one.
      assert.ok(from >= 0 && from < to && to <= 1 + 1e-12, key);
    }
    for (const trace of data) assert.ok(`xaxis${trace.xaxis.slice(1)}` in layout);
  }
});

test("text fits into 100 columns", () => {
  for (const chart of Object.values(charts)) for (const line of chartText(chart).split("\n")) assert.ok(line.length <= 100, line);
});

test("training along seconds: slots as wide as the slowest model's seconds, the median where it is asked for, every point there", () => {
  const chart = trainingChart(h, { along: "seconds", middle: "median" });
  const lines = marks(chart).filter((m) => m.mark === "line");
  const slowest = (image: number | null): number => Math.max(...h.training.filter((r) => r.image === image).map((r) => r.seconds));
  for (const line of lines.filter((l) => l.weight === "model")) {
    const member = Number(line.name.slice("model ".length));
    const own = h.training.filter((r) => r.member === member);
    assert.equal(line.y.filter((v) => !Number.isNaN(v)).length, own.length);
    // The second point of pre-training, and the first of image 0, which begins where the slowest pre-training ended.
    assert.equal(line.x[1], own[1].seconds);
    const first = own.findIndex((r) => r.image === 0);
    assert.equal(line.x[first + 1], slowest(null) + own[first].seconds);
  }
  assert.ok(lines.some((l) => l.weight === "median") && !lines.some((l) => l.weight === "mean"));
  assert.equal(chart.rows[0].panels[0].x.unit, "s");
  assert.match(chart.caption, /the seconds of the slowest.*Thick: median/);
});

test("a model's sentence has its last errors and all that it spent", () => {
  const own = h.training.filter((r) => r.member === 3 && (r.scheme === null || r.scheme === "retrained"));
  const [last, said] = [own[own.length - 1], modelSentence(h, 3)];
  assert.match(
    said,
    new RegExp(`^model 3: energy RMSE ${significant(last.energyRmse)} eV/atom, force RMSE ${significant(last.forceRmse)} eV/Å`),
  );
  const spent = h.cost
    .filter((r) => r.member === 3 && (r.scheme === null || r.scheme === "retrained"))
    .reduce((s, r) => s + r.evaluations, 0);
  assert.match(said, new RegExp(`inside the tolerances; ${spent} evaluations`));
  assert.equal(modelSentence({ ...h, training: [] }, 3), "model 3");
});

test("what a relaxation costs until each step: pre-training, QM, training and the rest, added up along its steps", () => {
  const spent = spendings(h);
  assert.deepEqual(
    spent.map((s) => [s.scheme, s.runs.length]),
    [
      ["full-qm", 1],
      ["frozen", 10],
      ["retrained", 10],
    ],
  );
  const sum = <R>(rows: readonly R[], value: (r: R) => number): number => rows.reduce((a, r) => a + value(r), 0);
  const pre = h.cost.find((r) => r.scheme === null && r.member === 4);
  const cost = h.cost.filter((r) => r.scheme === "retrained" && r.member === 4);
  const steps = h.steps.filter((r) => r.scheme === "retrained" && r.member === 4);
  const run = spent[2].runs.find((r) => r.member === 4);
  assert.ok(pre && run && pre.qmSeconds);
  assert.equal(run.until.length, steps.length);
  for (const [k, until] of run.until.entries()) {
    const there = (step: number | null): boolean => step !== null && step <= k;
    const parts =
      sum(
        cost.filter((r) => there(r.step)),
        (r) => (r.qmSeconds ?? 0) + r.trainingSeconds,
      ) +
      sum(
        steps.filter((s) => there(s.step)),
        (s) => s.seconds,
      );
    // Sums of a few dozen seconds in another order.
    assert.ok(Math.abs(until - pre.qmSeconds - pre.trainingSeconds - parts) < 1e-12, `step ${k}`);
  }
  assert.equal(spendings({ ...h, cost: h.cost.map((r) => ({ ...r, step: undefined as unknown as null })) }).length, 0);
});

test("the crossing with full QM is said and marked where it is, and said not to be where it is not", () => {
  // Full QM costs q seconds a step, a model 10 to begin with and 1 a step.
  const study = (q: number): Parameters<typeof costChart>[0] => {
    const row = { image: 0, step: 0, evaluations: 0, trainingSeconds: 0, qmSeconds: 0, qmReused: false, novelty: null, converged: true };
    const step = { energy: 0, previousEnergy: null, fmax: 1, sigma: null, converged: false, seconds: 0 };
    const steps = [0, 1, 2, 3, 4, 5];
    return {
      about: h.about,
      cost: [
        { ...row, scheme: null, member: 0, image: null, step: null, trainingSeconds: 10 },
        ...steps.map((k) => ({ ...row, scheme: "full-qm" as const, member: null, image: k, step: k, qmSeconds: q, converged: null })),
        ...steps.map((k) => ({ ...row, scheme: "retrained" as const, member: 0, image: k, step: k, trainingSeconds: 1 })),
      ],
      steps: steps.flatMap((k) => [
        { ...step, scheme: "full-qm" as const, member: null, step: k },
        { ...step, scheme: "retrained" as const, member: 0, step: k },
      ]),
    };
  };
  const [crossing, none] = [costChart(study(4)), costChart(study(0.5))];
  // 4 (k + 1) > 10 + (k + 1) from k = 3 on.
  assert.match(crossing.description, /Full QM has cost more than retrained from step 3 on/);
  const diamond = marks(crossing).find((m) => m.mark === "dots" && m.shape === "diamond");
  assert.ok(diamond?.mark === "dots");
  assert.deepEqual([diamond.x, diamond.y], [[3], [14]]);
  assert.match(none.description, /No crossing: retrained costs more than full QM at every step/);
  assert.ok(!marks(none).some((m) => m.mark === "dots" && m.shape === "diamond"));
  assert.doesNotMatch(costChart({ ...study(4), about: { ...h.about, state: "running" } }).description, /has cost more|No crossing/);
});
