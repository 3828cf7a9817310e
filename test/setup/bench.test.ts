import assert from "node:assert/strict";
import { test } from "node:test";
import { exponent, type Figure, median, quantile, quoted } from "../../bench/harness/figures.ts";
import { loadWarning } from "../../bench/harness/machine.ts";
import { compete, repeated } from "../../bench/harness/measure.ts";
import { scalingSvg } from "../../bench/harness/plot.ts";
import { page, time } from "../../bench/harness/report.ts";
import { parseXml } from "../display/xml.ts";
import { fc } from "../properties.ts";

const MACHINE = {
  date: "2026-11-23 00:00",
  commit: "abc1234",
  cpu: "Abacus",
  cores: 2,
  memory: 8,
  system: "any",
  node: "22.0.0",
  load: 0.1,
};
const TASK = "sums";
const ours: Figure = { task: TASK, who: "qmml", threads: 1, seconds: 0.002, quartiles: [0.0019, 0.0021], cpu: 0.002, runs: 9, bar: 0.001 };

test("the exponent of a power law is found, whatever its factor", () => {
  fc.assert(
    fc.property(fc.double({ min: -2, max: 3, noNaN: true }), fc.double({ min: 1e-6, max: 1e3, noNaN: true }), (p, factor) => {
      const points = [5, 20, 36, 500, 50_000].map((size) => ({ size, cost: factor * size ** p }));
      // Logarithms of numbers near 1e15 and their squares leave about twelve digits.
      assert.ok(Math.abs(exponent(points) - p) < 1e-9);
    }),
  );
});

test("a constant cost at the small end counts only where it is fitted", () => {
  const points = [1, 10, 100, 1000].map((size) => ({ size, cost: size < 50 ? 1 : size / 50 }));
  assert.equal(exponent(points, 100).toFixed(6), "1.000000");
  assert.ok(exponent(points) < 0.9);
  assert.ok(Number.isNaN(exponent(points.slice(0, 1))));
});

test("medians and quartiles lie between the nearest values", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([1, 2, 3, 4, 5], 0.25), 2);
});

test("the table names quoted figures, ratios to ours on as many threads, and bars", () => {
  const two: Figure = { ...ours, threads: 2, seconds: 0.001 };
  const other: Figure = { ...ours, who: "PyTorch", threads: 2, seconds: 0.004, bar: undefined };
  const findings = { figures: [ours, two, other, quoted(TASK, "n2p2", 0.02)], checks: ["sums agree"] };
  const text = page({ machine: MACHINE, versions: { PyTorch: "2" }, quick: false, sections: [{ name: "s", title: "Sums", findings }] });
  const row = (who: string): string => text.split("\n").find((line) => line.includes(`| ${who}`)) ?? "";
  assert.match(row("PyTorch"), /\| 0\.25 +\|/);
  assert.match(row("n2p2 (quoted)"), /\| 20\.0 ms .*\| 0\.10 +\|/);
  assert.match(text, /1\.00 ms missed/);
  assert.match(text, /1\.00 ms met/);
  assert.match(text, /commit abc1234, Node 22\.0\.0, Abacus, 2 cores/);
  assert.match(text, /sums agree\./);
});

test("a workload that failed says so, and leaves the others alone", () => {
  const text = page({ machine: MACHINE, versions: {}, quick: true, sections: [{ name: "s", title: "Sums", failure: "no memory" }] });
  assert.match(text, /Failed: no memory/);
  assert.match(text, /Quick run/);
});

test("times are written with three digits in the unit that suits them", () => {
  assert.deepEqual([12.34, 0.0123, 0.000_012_3, 0.456].map(time), ["12.3 s", "12.3 ms", "12.3 µs", "456 ms"]);
});

test("curves are drawn with their exponents in words", () => {
  const points = [1, 10, 100].map((size) => ({ size, cost: size / 1000 }));
  const curves = (["time", "memory"] as const).map((cost) => ({ task: "prediction", size: "atoms", cost, points }));
  const svg = scalingSvg("atoms", curves, MACHINE);
  parseXml(svg);
  assert.match(svg, /prediction, memory: 1\.00/);
});

test("contenders take turns, and all get the rounds they were promised", async () => {
  const turns: string[] = [];
  const contender = (name: string) => ({
    name,
    threads: 1,
    run: async (repeats: number) => {
      turns.push(name);
      return Array.from({ length: repeats }, () => [0.01, 0.01] as const);
    },
  });
  const found = await compete(TASK, [contender("a"), contender("b")], { rounds: 3, slice: 0.02 });
  assert.deepEqual(turns.slice(-6), ["a", "b", "a", "b", "a", "b"]);
  assert.deepEqual(
    found.map((f) => [f.who, f.runs, f.seconds]),
    [
      ["a", 6, 0.01],
      ["b", 6, 0.01],
    ],
  );
});

test("work is done at least as often as asked, and warming up does not count", async () => {
  let done = 0;
  const samples = await repeated(() => done++, 4, 0);
  assert.equal(done, 4);
  assert.ok(samples.length >= 1 && samples.length < 4);
  assert.equal((await repeated(() => done++, 1, 0)).length, 1);
});

test("a busy machine is warned of", () => {
  assert.match(loadWarning({ load: 1.5, cores: 2 }) ?? "", /1\.5 on 2 cores/);
  assert.equal(loadWarning({ load: 0.9, cores: 2 }), undefined);
});
