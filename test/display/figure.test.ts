/** Figures of one's own: every value is drawn and written, in each form, with its unit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import { band, bars, chartOf, dots, levels, line, panel, rule, valueTable } from "../../src/display/figure.ts";
import { figureTable, tableArrow, tableCsv, tableForms } from "../../src/display/figureTable.ts";
import { allAtLeast, allAtMost, atLeast, atMost } from "../../src/display/findings.ts";
import { plotlyFigure } from "../../src/display/plotly.ts";
import { chartBlock } from "../../src/display/svg.ts";
import { svgDocument } from "../../src/display/svgDocument.ts";
import { chartText } from "../../src/display/text.ts";
import { unitsOf } from "../../src/history/arrow.ts";
import { fc } from "../properties.ts";
import { faults } from "./plotlySchema.ts";
import { all, parseXml } from "./xml.ts";

const x = [0, 1, 2];
const schemes = { label: "scheme", unit: null, categories: ["full QM", "frozen", "retrained"] };
const chart = chartOf({
  title: "Ends & means <of a chain>",
  description: "Three schemes.",
  rows: [
    [
      panel({
        title: "Curves",
        x: "optimizer step",
        y: "energy above the minimum (meV)",
        marks: [
          line("ours", x, [3, Number.NaN, 1.25], { hue: 0 }),
          line("median", x, [2, 2, 2], { hue: 7, weight: "median" }),
          band("range", x, [1, 1, 0.5], [4, 3, 2.5]),
          rule("tolerance", 1),
        ],
      }),
      panel({ x: "distance", y: { label: "cost", unit: "s", scale: "log" }, marks: [dots("image", x, [10, 200, 3000], { hue: 3 })] }),
    ],
    [
      panel({
        x: schemes,
        y: "calculation (s)",
        marks: [bars("QM", x, [10, 3, 4]), bars("training", x, [10, 6, 9], { from: [10, 3, 4], hue: 1 }), levels("limit", x, [9, 8, 7])],
      }),
      panel({ title: "Later", x: "step", y: "fmax (eV/Å)", marks: [] }),
    ],
  ],
});
const svg = svgDocument(chart.title, chart.description, [chartBlock(chart)]);

test("the picture is well-formed, and each value says its name, place and unit when pointed at", () => {
  const titles = new Set(all(parseXml(svg), "title").map((t) => t.text));
  for (const title of [
    "ours, optimizer step 0: 3 meV",
    "ours, optimizer step 2: 1.250 meV",
    "image, distance 1: 200 s",
    "training, frozen: 3 s",
    "limit, retrained: 7 s",
    "tolerance 1.00",
  ])
    assert.ok(titles.has(title), title);
  assert.match(svg, /nothing to draw/);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity|ours, optimizer step 1/);
});

test("all eight numbered colours differ on either paper", () => {
  for (const theme of ["light", "dark"] as const) {
    const style = svgDocument("", "", [], theme);
    const colours = Array.from({ length: 8 }, (_, k) => new RegExp(`\\.h-${k}\\{color:(#[0-9a-f]{6})\\}`).exec(style)?.[1]);
    assert.equal(new Set(colours).size, 8);
    assert.ok(colours.every((c) => c !== undefined));
  }
});

test("plotly knows every key of the figure", () => {
  assert.deepEqual(faults(JSON.parse(JSON.stringify(plotlyFigure(chart)))), []);
});

test("the text sums up points that nothing else does", () => {
  const text = chartText(chart);
  assert.match(text, /image +median 200 {2}10.0 to 3000, 3 points/);
  assert.match(text, /training, retrained: 5 s/);
});

test("bars begin at nought unless the axis cannot show it", () => {
  assert.equal(chart.rows[1].panels[0].y.reach, 0);
  assert.equal(panel({ x: "a", y: { label: "b", unit: null, scale: "log" }, marks: [bars("c", [1], [2])] }).y.reach, undefined);
});

test("arrays of different lengths are refused by name", () => {
  assert.throws(() => line("ours", [1, 2], [1]), { name: "RangeError", message: "ours has 2 values of x and 1 of y" });
  assert.throws(() => band("range", [1], [1], [1, 2]), /range has 1 values of x and 2 of high/);
});

test("without a table of its own, a figure's values are its table, columns and units those of the axes", () => {
  const { rows, units } = valueTable(chart);
  assert.deepEqual(rows[2], { panel: "Curves", mark: "ours", "optimizer step": 2, "energy above the minimum": 1.25 });
  assert.ok(rows.some((r) => r.scheme === "frozen" && r.mark === "training" && r["to calculation"] === 6));
  assert.equal(units["energy above the minimum"], "meV");
  assert.equal(units["high energy above the minimum"], "meV");
  const fields = unitsOf(tableFromIPC(tableArrow(figureTable(rows, units))));
  assert.deepEqual([fields.calculation, fields.cost, fields.distance, fields.scheme], ["s", "s", "1", null]);
});

test("numbers come back from CSV and Arrow to the last bit", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const row = fc.record({ name: fc.string(), energy: fc.option(number), flag: fc.boolean() });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
      const table = figureTable(rows, { energy: "eV" });
      const arrow = tableFromIPC(tableArrow(table));
      assert.deepEqual(unitsOf(arrow), { name: null, energy: "eV", flag: null });
      for (const [k, r] of rows.entries()) assert.ok(Object.is(arrow.getChild("energy")?.get(k), r.energy));
      const [head, ...lines] = tableCsv(
        figureTable(
          rows.map(({ energy, flag }) => ({ energy, flag })),
          { energy: "eV" },
        ),
      ).split("\r\n");
      assert.equal(head, "energy (eV),flag");
      for (const [k, r] of rows.entries()) {
        const [energy, flag] = lines[k].split(",");
        // CSV knows no minus before nought.
        assert.equal(energy === "" ? null : Number(energy), r.energy === null ? null : r.energy + 0);
        assert.equal(flag, String(r.flag));
      }
    }),
  );
});

test("columns are what their values are: counts, numbers, flags, text, and what is missing is null", () => {
  const { columns, rows } = figureTable(
    [
      { n: 1, e: null },
      { n: 2, e: undefined, done: true },
      { n: 3, x: 0.5 },
    ],
    { e: "eV" },
  );
  assert.deepEqual(
    Object.entries(columns).map(([name, c]) => [name, c.type, c.unit]),
    [
      ["n", "integer", "1"],
      ["e", "real", "eV"],
      ["done", "flag", null],
      ["x", "real", "1"],
    ],
  );
  assert.deepEqual(rows[0], { n: 1, e: null, done: null, x: null });
  assert.throws(() => figureTable([{ a: 1 }, { a: "b" }]), /the column "a" holds values of two kinds \(number, string\)/);
  assert.throws(() => figureTable([{ a: 1 }], { b: "eV" }), /a unit is given for "b"; the table has a/);
  assert.throws(() => figureTable([{ a: "x" }], { a: "eV" }), /the column "a" has the unit eV but holds no numbers/);
});

test("a table says its units in text and in HTML, where words are escaped", () => {
  const { text, html } = tableForms(figureTable([{ "a<b": "x&y", energy: 1.5 }], { energy: "meV" }), "Title", "Caption.");
  assert.match(text, /^Title\n.*energy\n.*\(meV\)\n[\s\S]*\nCaption\.$/);
  assert.match(html, /a&lt;b.*energy<br\/><small>meV<\/small>[\s\S]*x&amp;y/);
  parseXml(`<div>${html}</div>`);
});

test("whether a bar is met is computed; what was not measured neither holds nor fails", () => {
  assert.deepEqual(atMost("error", 15, 15, "meV"), { claim: "error", value: 15, unit: "meV", bound: "≤ 15", holds: true, note: "" });
  assert.equal(atMost("error", 15.01, 15, "meV").holds, false);
  assert.equal(atLeast("ratio", 10, 10, "1").holds, true);
  assert.equal(atLeast("ratio", 9.9, 10, "1").holds, false);
  for (const none of [null, Number.NaN]) assert.deepEqual(atMost("error", none, 15, "meV").holds, null);
  const ten = allAtMost("error, all", [3, 16, null], 15, "meV", "seed 1");
  assert.deepEqual([ten.value, ten.holds, ten.note], [16, false, "1 of 3; seed 1"]);
  assert.deepEqual([allAtLeast("ratio, all", [12, 11], 10, "1").value, allAtLeast("ratio, all", [12, 11], 10, "1").holds], [11, true]);
  assert.equal(allAtMost("error, all", [null, null], 15, "meV").holds, null);
  assert.equal(allAtMost("error, all", [3, null], 15, "meV").holds, false);
});
