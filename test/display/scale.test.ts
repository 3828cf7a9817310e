/** Scales and numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { duration, fixed, power, significant } from "../../src/display/numbers.ts";
import { scaleOf } from "../../src/display/scale.ts";
import { sparkline } from "../../src/display/text.ts";
import { fc } from "../properties.ts";

const axis = { label: "x", unit: null };
const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });

test("a scale keeps all values inside its range, in order, and has few ticks inside", () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 20 }), fc.constantFrom("linear" as const, "log" as const), (values, scale) => {
      const shown = scale === "log" ? values.map((v) => Math.abs(v) + 1e-9) : values;
      const s = scaleOf({ ...axis, scale }, shown, [0, 100], 5);
      // 1e-6: rounding of a map to 100 pixels.
      for (const v of shown) assert.ok(s.at(v) >= -1e-6 && s.at(v) <= 100 + 1e-6, `${v} at ${s.at(v)}`);
      const sorted = [...shown].sort((a, b) => a - b);
      for (let k = 1; k < sorted.length; k++) assert.ok(s.at(sorted[k]) >= s.at(sorted[k - 1]));
      assert.ok(s.ticks.filter((t) => t.text !== "").length <= 12);
    }),
  );
});

test("bars stand on nought, whole axes have whole ticks, no data no ticks", () => {
  assert.equal(scaleOf({ ...axis, reach: 0 }, [3, 7], [0, 100], 5).at(0), 0);
  assert.ok(Number.isFinite(scaleOf({ ...axis, reach: 0 }, [0, 0], [0, 100], 5).at(0)));
  assert.deepEqual(
    scaleOf({ ...axis, whole: true }, [0, 3], [0, 100], 9).ticks.map((t) => t.text),
    ["0", "1", "2", "3"],
  );
  assert.deepEqual(scaleOf({ ...axis, reach: 0 }, [], [0, 100], 5).ticks, []);
});

test("ticks of a log axis stand at decades, or at 1, 2 and 5 where it is short", () => {
  const texts = (low: number, high: number): string[] =>
    scaleOf({ ...axis, scale: "log" }, [low, high], [0, 100], 5).ticks.flatMap((t) => (t.text === "" ? [] : [t.text]));
  assert.deepEqual(texts(2e-5, 0.3), ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"]);
  assert.deepEqual(texts(4, 21), ["2", "5", "10", "20", "50"]);
});

test("the smallest and the largest numbers that there are do not make a scale without end", () => {
  for (const scale of ["linear", "log"] as const)
    for (const extreme of [5e-324, 1e-310, 1.7e308, -1.7e308, Infinity, Number.NaN])
      assert.ok(scaleOf({ ...axis, scale }, [0.1, extreme, 3], [0, 100], 5).ticks.length < 40, `${scale} ${extreme}`);
});

test("numbers are written with few digits and a real minus", () => {
  assert.deepEqual(
    [0, 0.012345, -2.34567, 1234567, 2.1e-7, null].map((v) => significant(v)),
    ["0", "0.0123", "−2.35", "1.23e6", "2.10e−7", "–"],
  );
  assert.equal(fixed(-0.0004, 2), "0.00");
  assert.equal(fixed(12345.678, 1), "12\u2009345.7");
  assert.deepEqual([0.123, 41, 200, 7500].map(duration), ["0.12 s", "41 s", "3 min 20 s", "2 h 05 min"]);
  assert.equal(power(-12), "10⁻¹²");
});

test("a sparkline falls where its values fall", () => {
  assert.equal(sparkline([8, 7, 6, 5, 4, 3, 2, 1]), "█▇▆▅▄▃▂▁");
  assert.equal(sparkline([1000, 10, 0.1], true), "█▅▁");
  assert.equal(sparkline([2, 2]), "▁▁");
  assert.equal(sparkline([]), "");
});
