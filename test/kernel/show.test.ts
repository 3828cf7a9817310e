import assert from "node:assert/strict";
import { before, test } from "node:test";
import { inspect, stripVTControlCharacters } from "node:util";
import { tableFromArrays } from "apache-arrow";
import type { KernelApi } from "../../kernel/src/host/api.ts";
import { bundleOf, plain } from "../../kernel/src/host/bundle.ts";
import { failureOf, KeyboardInterrupt } from "../../kernel/src/host/failure.ts";
import { displayAt } from "../../kernel/src/host/helpers/display.ts";
import { duration, lineBundle } from "../../kernel/src/host/helpers/progress.ts";
import { timingOf, timingText } from "../../kernel/src/host/helpers/timeit.ts";
import { writerOf, written } from "../../kernel/src/host/show/digits.ts";
import { attachTslab } from "../../kernel/src/host/tslab.ts";
import type { Bundle } from "../../kernel/src/threads.ts";
import { INTEGER, orNull, real, TEXT, tableOf } from "../../src/history/arrow.ts";
import { fc } from "../properties.ts";

const shown = (value: unknown): Readonly<Record<string, string>> => bundleOf(value) as Readonly<Record<string, string>>;
const text = (value: unknown): string => shown(value)["text/plain"];
const html = (value: unknown): string => shown(value)["text/html"];

/** Cells of a table in HTML, row by row, as a browser would read them. */
function cells(markup: string): string[][] {
  const plainText = (part: string): string =>
    part
      .replace(/<br>/g, " ")
      .replace(/<[^>]*>/g, "")
      .replace(/&lt;/g, "<")
      .replace(/&gt;/g, ">")
      .replace(/&quot;/g, '"')
      .replace(/&#39;/g, "'")
      .replace(/&amp;/g, "&");
  return [...markup.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => plainText(cell)),
  );
}

test("small values are what Node prints, and nothing else", () => {
  for (const value of [
    2,
    "a",
    null,
    undefined,
    5n,
    Symbol("s"),
    [2, 4, 6],
    [1, "a"],
    { a: 1 },
    [],
    [[]],
    [{}],
    () => 1,
    class A {},
    /x/,
    new Map(),
    new Set([1]),
  ])
    assert.deepEqual(bundleOf(value), { "text/plain": inspect(value) });
  for (const value of [Float64Array.of(1, 2, 3), Buffer.from("ab"), [[1, 2, 3]], [[1], [2]], new Date(0), Object.create(null)])
    assert.deepEqual(bundleOf(value), { "text/plain": inspect(value) });
});

test("a value's own way comes first, and may be to show nothing, or to come later", async () => {
  const own = (bundle: unknown): object => ({ [Symbol.for("Jupyter.display")]: () => bundle });
  assert.deepEqual(bundleOf(own({ "text/html": "<b>a</b>", "image/png": Uint8Array.of(1, 2) })), {
    "text/html": "<b>a</b>",
    "image/png": "AQI=",
  });
  assert.equal(bundleOf(own(undefined)), undefined);
  assert.deepEqual(await bundleOf(own(Promise.resolve({ "text/plain": "later" }))), { "text/plain": "later" });
  assert.throws(() => bundleOf(own("text")), /object of data by MIME type/);
  assert.deepEqual(plain({ "a/json": { x: [1], f: undefined }, "text/plain": 5, "b/c": undefined }), {
    "a/json": { x: [1] },
    "text/plain": "5",
  });
  assert.deepEqual(await bundleOf(Promise.resolve([2])), { "text/plain": "[ 2 ]" });
  assert.equal(await bundleOf(Promise.resolve()), undefined);
  await assert.rejects(async () => bundleOf(Promise.reject(new Error("no"))), /no/);
});

test("data by MIME type and elements of a page are shown as they are", () => {
  const vega = { "application/vnd.vega.v5+json": { marks: [{ type: "rule" }] } };
  assert.deepEqual(shown(vega), vega);
  assert.deepEqual(shown({ "image/png": Uint8Array.of(1, 2), "text/plain": "p" }), { "image/png": "AQI=", "text/plain": "p" });
  const svg = { tagName: "svg", outerHTML: '<svg width="8"><path d="M0 0"/></svg>' };
  assert.deepEqual(shown(svg), { "text/html": svg.outerHTML, "text/plain": '<svg width="8">' });
  for (const other of [{ "text/html": 3 }, { "text/html": {} }, { "text/html": "a", n: 1 }, { "a/b": "c" }, { outerHTML: 1 }])
    assert.deepEqual(bundleOf(other), { "text/plain": inspect(other) });
});

test("what cannot be looked at says so, and fails nothing", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const getter = {
    get [Symbol.for("Jupyter.display")]() {
      throw new Error("not now");
    },
  };
  for (const value of [proxy, getter, { [inspect.custom]: () => assert.fail("in its inspector") }])
    assert.match(text(value), /cannot be shown: ./);
});

test("records are rows, their properties columns, whatever they are called", () => {
  const key = fc.string({ minLength: 1, maxLength: 12 }).filter((name) => name !== "__proto__" && !/[\p{Cc}\u2028\u2029]/u.test(name));
  // A number as a key would come before the others.
  const record = fc.dictionary(
    key.filter((name) => !/^\d+$/.test(name)),
    fc.oneof(fc.string({ maxLength: 20 }), fc.boolean(), fc.constant(null)),
    { minKeys: 1, maxKeys: 6 },
  );
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), (rows) => {
      const markup = html(rows);
      // Nothing of a value becomes an element: all of them are the table's own.
      assert.match(markup.replace(/<\/?(div|table|thead|tbody|tr|th|td|span|p|br)( (style|class|title)="[^"<>]*")*>/g, ""), /^[^<>]*$/);
      const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
      const [head, ...body] = cells(markup);
      if (names.length <= 20) assert.deepEqual(head, ["", ...names]);
      if (names.length > 20) return;
      const cell = (value: unknown): string => (value === undefined ? "" : String(value).replace(/[\p{Cc}\u2028\u2029]+/gu, " "));
      assert.deepEqual(
        body,
        rows.map((row, r) => [String(r), ...names.map((name) => cell(Object.hasOwn(row, name) ? row[name] : undefined))]),
      );
    }),
    { numRuns: 200 },
  );
});

test("large tables show both ends and say how large they are", () => {
  const rows = Array.from({ length: 5000 }, (_, i) => Object.fromEntries(Array.from({ length: 50 }, (_, k) => [`c${k}`, i * k])));
  const markup = html(rows);
  assert.ok(markup.length < 100_000);
  assert.match(markup, /5,000 rows × 50 columns/);
  const [head, ...body] = cells(markup);
  assert.deepEqual([head.length, body.length], [22, 21]);
  assert.deepEqual(body[20].slice(-2), [String(4999 * 48), String(4999 * 49)]);
  const lines = text(rows).split("\n");
  assert.ok(lines.every((line) => line.length <= 120));
  assert.match(lines[0], /c0 .*… .*c49$/);
  assert.equal(lines.at(-1), "5,000 rows × 50 columns");
  // Beyond the first thousand rows nobody looks for records of another form.
  const few = text(Array.from({ length: 31 }, (_, i) => ({ i })));
  assert.match(few, /^10 {2}|⋮/m);
});

test("matrices, maps of records and what other packages call a matrix are tables", () => {
  const rows = [Float64Array.of(1, 0.5, -0.25), Float64Array.of(0, 1, 3e-17)];
  const expected = [
    ["", "0", "1", "2"],
    ["0", "1", "0.5", "-0.25"],
    ["1", "0", "1.0", "3e-17"],
  ];
  assert.deepEqual(cells(html(rows)), expected);
  assert.deepEqual(cells(html({ data: Float64Array.of(1, 0.5, -0.25, 0, 1, 3e-17), shape: [2, 3] })), expected);
  assert.deepEqual(cells(html({ to2DArray: () => rows.map((row) => [...row]) })), expected);
  assert.equal(html([[1, 2], [3]]), undefined);
  const map = new Map([
    ["full-qm", { calls: 44, seconds: 12.25 }],
    ["retrained", { calls: 9, seconds: 3 }],
  ]);
  assert.deepEqual(cells(html(map)), [
    ["", "calls", "seconds"],
    ["full-qm", "44", "12.25"],
    ["retrained", "9", "3.00"],
  ]);
});

test("Arrow tables have units in their heads, and a column is an array", () => {
  const table = tableOf<{ step: number; energy: number | null; "a<b": string }>(
    { step: INTEGER, energy: orNull(real("eV")), "a<b": TEXT },
    [
      { step: 0, energy: -1.5, "a<b": "x" },
      { step: 1, energy: null, "a<b": "y&z" },
    ],
  );
  assert.deepEqual(cells(html(table)), [
    ["", "step", "energy eV", "a<b"],
    ["0", "0", "-1.5", "x"],
    ["1", "1", "null", "y&z"],
  ]);
  assert.deepEqual(text(table).split("\n").slice(0, 3), ["   step  energy  a<b", "             eV", "0     0    -1.5  x"]);
  assert.match(text(table.getChild("step")), /^Int32Array\(2\) \[ 0, 1 \]$/);
  const rows = tableFromArrays({ x: BigInt64Array.of(1n, 2n), y: ["a", "b"] }).toArray();
  assert.deepEqual(cells(html(rows)), [
    ["", "x", "y"],
    ["0", "1", "a"],
    ["1", "2", "b"],
  ]);
});

test("many numbers are told by length, shape, range and ends", () => {
  const values = Float64Array.from({ length: 2400 }, (_, i) => i / 4);
  assert.equal(
    text(values),
    "Float64Array(2,400), from 0 to 599.75, mean 299.875\n[ 0, 0.25, 0.5, 0.75, 1, 1.25, …, 599.25, 599.5, 599.75 ]",
  );
  assert.match(text(Object.assign(values.slice(), { shape: [3, 800] })), /^Float64Array\(3 × 800\), from/);
  assert.match(text(Object.assign(values.slice(), { shape: [3, 3] })), /^Float64Array\(2,400\), from/);
  assert.match(text({ data: new Float32Array(1000), shape: [10, 10, 10] }), /^Float32Array\(10 × 10 × 10\), all 0\n/);
  assert.match(text(Float64Array.from({ length: 200 }, (_, i) => (i < 2 ? Number.NaN : i))), /from 2 to 199, mean 100.5, 2 not finite/);
  assert.match(text(BigInt64Array.from({ length: 200 }, (_, i) => BigInt(i))), /from 0n to 199n/);
  assert.match(text(Array.from({ length: 200 }, (_, i) => i)), /^Array\(200\), from 0 to 199/);
  assert.equal(text(new ArrayBuffer(2000)), `ArrayBuffer of 2,000 bytes: ${"00 ".repeat(16)}…`);
  assert.equal(text(new DataView(new ArrayBuffer(8), 6)), "DataView of 2 bytes: 00 00");
});

test("bytes of an image are an image, others are not", () => {
  const begins = (...first: number[]): Uint8Array =>
    Uint8Array.from({ length: 64 }, (_, k) => first[k] ?? (k === 19 ? 7 : k === 23 ? 5 : 0));
  const png = shown(begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a));
  assert.equal(png["text/plain"], "PNG image of 7 × 5 pixels, 64 bytes");
  assert.equal(Buffer.from(png["image/png"], "base64").length, 64);
  assert.ok("image/jpeg" in shown(begins(0xff, 0xd8, 0xff, 0xe0)));
  assert.ok("image/gif" in shown(begins(...Buffer.from("GIF89a"))));
  assert.deepEqual(Object.keys(shown(begins(0x89, 0x50))), ["text/plain"]);
});

test("numbers of a column have the same decimals, and none is shown as zero that is not", () => {
  const numbers = fc.array(fc.oneof(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), fc.integer(), fc.constant(0)), {
    minLength: 1,
    maxLength: 10,
  });
  fc.assert(
    fc.property(numbers, (values) => {
      const write = writerOf(values);
      const largest = Math.max(...values.map(Math.abs));
      for (const value of values) {
        const shown = Number(write(value));
        assert.equal(shown === 0, value === 0);
        // Seven figures of the largest and six decimals, or the four figures after the point of an exponent.
        assert.ok(Math.abs(shown - value) <= Math.max(0.5e-4 * Math.abs(value), 0.5e-6, largest * 1e-9), `${value} as ${write(value)}`);
      }
    }),
  );
  assert.deepEqual([1, 0.5, -0.25].map(writerOf([1, 0.5, -0.25])), ["1.00", "0.50", "-0.25"]);
  assert.deepEqual([1e-7, 0, Number.NaN].map(writerOf([1e-7, 0, Number.NaN])), ["1e-7", "0", "NaN"]);
  assert.deepEqual([written(1 / 3), written(1e20), written(-7)], ["0.333333", "100000000000000000000", "-7"]);
});

test("text for pages is cut, and says so", () => {
  assert.ok(text("x".repeat(1e6)).length < 101_000);
  assert.match(text(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key${i}`, i]))), /more characters; write it to a file/);
  assert.match(text({ positions: new Float64Array(300).fill(1.2345678) }), /288 more items/);
});

test("an error tells its sentence first, then where, then what it carries and what caused it, each once", () => {
  const inner = new TypeError("no number");
  const error = Object.assign(new RangeError("fmax is -1; give 0.05", { cause: inner }), { fmax: -1, set: [7] });
  const lines = failureOf(error).traceback.map((line) => stripVTControlCharacters(line));
  assert.equal(lines[0], "RangeError: fmax is -1; give 0.05");
  assert.match(lines[1], /^ {4}at .*show\.test\.ts/);
  assert.equal(lines.filter((line) => /fmax/.test(line)).length, 1);
  const [set, cause, place, ...rest] = lines.slice(lines.indexOf("    set: [ 7 ]"));
  assert.deepEqual([set, cause, rest], ["    set: [ 7 ]", "caused by TypeError: no number", []]);
  assert.match(place, /show\.test\.ts/);
  assert.equal(text(error).split("\n")[0], lines[0]);
  const endless = new Error("a");
  endless.cause = new Error("b", { cause: endless });
  assert.match(text(endless), /caused by Error: b\n.*\ncaused by Error, as above$/);
  assert.match(text(new AggregateError([inner, "text"], "all failed")), /1 of 2: TypeError: no number\n[\s\S]*2 of 2: 'text'$/);
  assert.deepEqual(failureOf(new KeyboardInterrupt()).traceback.length, 1);
  const hostile = Object.defineProperty(new Error("x"), "message", { get: () => assert.fail() });
  assert.equal(failureOf(hostile).ename, "Error");
  assert.deepEqual([failureOf(5).ename, failureOf(5).evalue, failureOf(null).evalue], ["Thrown", "5", "null"]);
});

const sent: [Bundle, { displayId?: string; update?: boolean }][] = [];
before(() => {
  const api = { display: (data: Bundle, options = {}) => void sent.push([data, options]) } as unknown as KernelApi;
  Object.defineProperty(globalThis, Symbol.for("qmml.kernel"), { value: api, configurable: true });
});

test("what is displayed can be replaced, in the order of the calls even where one has to be waited for", async () => {
  const log: [string, boolean][] = [];
  const display = displayAt(
    () =>
      (bundle, { update = false } = {}) =>
        void log.push([String(bundle["text/plain"]), update]),
  );
  const handle = display(1);
  handle.update(new Promise((resolve) => setTimeout(resolve, 5, 2)));
  const last = handle.update(3);
  assert.deepEqual(log, [["1", false]]);
  await last;
  handle.update(4);
  assert.deepEqual(log, [
    ["1", false],
    ["2", true],
    ["3", true],
    ["4", true],
  ]);
  assert.equal((await handle).id, handle.id);
  assert.equal(bundleOf(await handle), undefined);
});

test("tslab draws here: its displays, and those that overwrite themselves", () => {
  class Display {
    readonly id: string | undefined;
    constructor(id?: string) {
      this.id = id;
    }
    raw(): void {
      assert.fail("not ready");
    }
    html(text: string): void {
      (this.raw as (mime: string, data: string) => void)("text/html", text);
    }
  }
  attachTslab({ display: new Display() });
  new Display().html("a");
  const own = new Display("d");
  own.html("b");
  own.html("c");
  assert.deepEqual(sent, [
    [{ "text/html": "a" }, { displayId: undefined, update: false }],
    [{ "text/html": "b" }, { displayId: "d", update: false }],
    [{ "text/html": "c" }, { displayId: "d", update: true }],
  ]);
  assert.throws(() => attachTslab({ default: {} }), /display API/);
});

test("a line of progress in words", () => {
  const line = lineBundle({ label: "<relaxing>", done: 45, total: 100, seconds: 3.6 });
  assert.equal(line["text/plain"], "<relaxing>: █████████░░░░░░░░░░░ 45 of 100 after 3.6 s, 12.5 per second, 4.4 s left");
  assert.match(line["text/html"], /&lt;relaxing&gt;: <progress max="1" value="0.4500"/);
  assert.equal(lineBundle({ label: "", done: 0, total: 0, seconds: 0, how: "finished" })["text/plain"], "0 in under 1 ms");
  assert.equal(
    lineBundle({ label: "", done: 3, total: 9, seconds: 300, how: "interrupted" })["text/plain"],
    "interrupted at 3 of 9 after 5 min 00 s, 100 s each".replace("100 s", "1 min 40 s"),
  );
  assert.deepEqual([0.0004, 0.02, 0.0996, 99.9, 99.96, 3599, 7260].map(duration), [
    "under 1 ms",
    "20 ms",
    "0.1 s",
    "99.9 s",
    "1 min 39 s",
    "59 min 59 s",
    "2 h 01 min",
  ]);
});

test("a timing is the median, the best and the quartiles of its runs", () => {
  const timing = timingOf([5e-6, 1e-6, 2e-6, 3e-6, 4e-6], 1000);
  assert.deepEqual(
    { ...timing, spread: Number(timing.spread.toFixed(9)) },
    { median: 3e-6, best: 1e-6, spread: 2e-6, runs: 5, loops: 1000 },
  );
  assert.equal(timingText(timing), "3 µs (median), best 1 µs, spread 2 µs; 5 runs of 1,000 calls");
  assert.equal(timingText(timingOf([2.5], 1)), "2.5 s, one call");
});
