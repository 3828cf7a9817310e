/** What the extension reads: bundles, checked, and the parts that the kernel sends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPayload, mimeTypeOf, VIEWS } from "../../labextension/src/mimeTypes.ts";
import { readRows, withParts } from "../../labextension/src/rows.ts";
import { mimeType, VIEW_TABLES, type ViewPayload } from "../../src/display/bundle.ts";
import { costChart } from "../../src/display/cost.ts";
import { plotlyFigure } from "../../src/display/plotly.ts";
import { studyBundle } from "../../src/display/study.ts";
import { chartBlock } from "../../src/display/svg.ts";
import { trainingChart } from "../../src/display/training.ts";
import { trajectoryChart } from "../../src/display/trajectory.ts";
import { type Columns, encode, tableOf } from "../../src/history/arrow.ts";
import { history, TABLE_COLUMNS, type TableName } from "../../src/history/history.ts";
import { increments } from "../../src/history/increments.ts";
import { fixture } from "../history/fixture.ts";
import { fc } from "../properties.ts";

const WHERE = { id: "cu100-n", path: "studies/cu100-n" };
const payloadOf = (h: ReturnType<typeof history>): ViewPayload => studyBundle(h, WHERE)[mimeType("study")] as ViewPayload;
const early = history(fixture({ members: 3, size: [3, 3, 3], until: "middle" }));
const late = history(fixture({ members: 3, size: [3, 3, 3] }));

test("MIME types are those of the bundles", () => {
  for (const view of VIEWS) assert.equal(mimeTypeOf(view), mimeType(view));
});

test("a bundle's rows are those it was made of", () => {
  const { rows, held } = readRows(checkPayload("study", JSON.parse(JSON.stringify(payloadOf(late)))));
  assert.deepEqual(rows.training, late.training);
  assert.deepEqual(rows.trajectory, late.trajectory);
  assert.deepEqual(rows.about, late.about);
  assert.equal(rows.state, late.about.state);
  assert.deepEqual(held.tables.steps, late.steps.length);
  assert.equal(held.sequence, late.about.sequence);
});

test("parts from the kernel lead from a snapshot to the end, in one message or in several", () => {
  const start = readRows(payloadOf(early));
  const parts = increments(early, late, VIEW_TABLES.study);
  const said = { sequence: late.about.sequence, state: "finished" };
  const whole = withParts(start, said, parts);
  assert.ok(whole);
  assert.deepEqual(whole.known, { ...readRows(payloadOf(late)), rows: { ...readRows(payloadOf(late)).rows, state: "finished" } });
  assert.ok(whole.changed.includes("training") && whole.changed.includes("about") && !whole.changed.includes("atoms"));
  const stepwise = parts.reduce((known, part) => withParts(known, said, [part])?.known ?? assert.fail(part.name), start);
  assert.deepEqual(stepwise, whole.known);
});

test("a part that leaves rows out is not taken", () => {
  const start = readRows(payloadOf(early));
  const [part] = increments(early, late, ["training"]);
  assert.equal(withParts(start, { sequence: 9, state: "running" }, [{ ...part, from: part.from + 1 }]), undefined);
});

/** A payload with another table in place of one of its own. */
const withTable = (good: ViewPayload, name: TableName, rows: readonly object[]): ViewPayload => {
  const table = tableOf(TABLE_COLUMNS[name] as unknown as Columns<object>, rows);
  return { ...good, tables: { ...good.tables, [name]: encode(table) } };
};

test("frames that do not fit their atoms, and cells and crowds that no view could draw in time, are refused by name", () => {
  const good = payloadOf(early);
  const [first, ...rest] = early.trajectory;
  const n = early.atoms.length;
  const frame = (change: object): ViewPayload => withTable(good, "trajectory", [{ ...first, ...change }, ...rest]);
  const about = (change: object): ViewPayload => withTable(good, "about", [{ ...early.about, ...change }]);
  const far = first.positions.slice();
  far[3] = 1e300;
  for (const [bad, sentence] of [
    [frame({ positions: first.positions.slice(3) }), /column positions in row 0 has 81 numbers, 28 atoms have 84/],
    [frame({ forces: new Float64Array(0) }), /column forces in row 0 has 0 numbers/],
    [frame({ mlForces: new Float64Array(3) }), /column mlForces in row 0 has 3 numbers/],
    [frame({ positions: new Float64Array(3 * n).fill(Number.NaN) }), /column positions has NaN in row 0/],
    [frame({ positions: far }), /column positions in row 0 has 1e\+300 Å/],
    [withTable(good, "atoms", []), /table atoms has no row/],
    [withTable(good, "atoms", [...early.atoms, early.atoms[0]]), /28 numbers|29 atoms have 87/],
    [about({ cell: new Float64Array(3) }), /the cell has 3 numbers/],
    [about({ cell: Float64Array.of(1e-6, 0, 0, 0, 9, 0, 0, 0, 9) }), /the cell repeats every 0.000001 Å/],
    [about({ cell: Float64Array.of(9, 0, 0, 9, 1e-4, 0, 0, 0, 9) }), /the cell is too flat/],
    [about({ pbc: "TT<" }), /column pbc is "TT<"/],
    [about({ state: "<img>" }), /column state is "<img>"/],
    [withTable(good, "steps", [{ ...early.steps[0], step: 2 ** 31 - 1 }]), /column step is 2147483647, not 0 to 999999/],
    [withTable(good, "steps", [{ ...early.steps[0], scheme: "__proto__" }]), /column scheme is "__proto__"/],
  ] as const)
    assert.throws(() => readRows(bad), { name: "RangeError", message: sentence });
  const many = Array.from({ length: 60 }, () => ({ ...early.atoms[0], number: 6 }));
  const crowd = { ...first, ...{ positions: new Float64Array(180), forces: new Float64Array(180), qmForces: null, mlForces: null } };
  assert.throws(() => readRows(withTable(withTable(good, "atoms", many), "trajectory", [crowd])), {
    name: "RangeError",
    message: /has 60 atoms within 1 Å³/,
  });
});

test("tables under the names of an object's own parts are nothing", () => {
  const { tables, ...rest } = payloadOf(early);
  const hostile = JSON.parse(`{"__proto__":"AAAA","constructor":"AAAA","toString":"AAAA",${JSON.stringify(tables).slice(1)}`) as Record<
    string,
    string
  >;
  const { rows } = readRows(checkPayload("study", { ...rest, tables: hostile }));
  assert.deepEqual(rows.steps, early.steps);
  assert.throws(() => readRows({ ...rest, tables: Object.create(tables) as Record<string, string> }), /about has no row/);
});

test("a part from the kernel that is broken or does not fit is refused in one sentence", () => {
  const start = readRows(payloadOf(early));
  const said = { sequence: 9, state: "running" };
  const part = increments({}, late, ["trajectory"])[0];
  for (const [bad, sentence] of [
    [{ ...part, ipc: part.ipc.slice(0, part.ipc.length >> 1) }, /table trajectory cannot be read: /],
    [{ ...part, ipc: new Uint8Array(9) }, /table trajectory cannot be read: /],
    [{ ...part, name: "steps" }, /table steps cannot be read: it has no column previousEnergy|it has no column/],
    [{ name: "atoms", from: 0, ipc: increments({}, late, ["atoms"])[0].ipc.slice(0, -64) }, /table atoms cannot be read: /],
  ] as const)
    assert.throws(() => withParts(start, said, [bad]), { name: "RangeError", message: sentence });
  for (const from of [-1, Number.NaN, 1e9]) assert.equal(withParts(start, said, [{ ...part, from }]), undefined);
  assert.deepEqual(
    withParts(start, said, [{ name: "__proto__", from: 0, ipc: part.ipc }])?.changed,
    ["about"].slice(early.about.state === "running" ? 1 : 0),
  );
  // Of fewer atoms than the frames that are held.
  const fewer = history(fixture({ members: 3, size: [2, 2, 2] }));
  assert.throws(() => withParts(start, said, increments({}, fewer, ["atoms"])), {
    name: "RangeError",
    message: /numbers, 9 atoms have 27/,
  });
});

test("whatever stands in the numbers of a valid bundle, its charts are drawn, or refused in a sentence, at once", () => {
  const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 5e-324, 1.7e308, -1.7e308, Infinity, -Infinity, Number.NaN));
  const column = (names: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...names);
  const changes = fc.array(fc.tuple(column(["energy", "fmax", "seconds", "loss", "energyRmse", "forceRmse", "trainingSeconds"]), number), {
    minLength: 1,
    maxLength: 6,
  });
  const good = payloadOf(late);
  const property = fc.property(changes, fc.nat(), (made, seed) => {
    const scattered = <R extends object>(rows: readonly R[]): R[] =>
      rows.map((row, k) => ({ ...row, ...Object.fromEntries(made.filter(([name], j) => name in row && (k + j + seed) % 3 === 0)) }));
    const h = { ...late, steps: scattered(late.steps), training: scattered(late.training), cost: scattered(late.cost) };
    const { rows } = readRows((["steps", "training", "cost"] as const).reduce((p, name) => withTable(p, name, h[name]), good));
    const began = performance.now();
    for (const draw of [trajectoryChart, trainingChart, costChart]) {
      const chart = draw(rows);
      plotlyFigure(chart);
      chartBlock(chart);
    }
    // Drawn in some 10 ms; a busy machine may take its time.
    assert.ok(performance.now() - began < 20_000);
  });
  fc.assert(property, { numRuns: 60 });
});

test("a study that is interrupted says so although no row changed", () => {
  const start = readRows(payloadOf(early));
  assert.deepEqual(withParts(start, { sequence: start.held.sequence, state: "interrupted" }, [])?.changed, ["about"]);
  assert.deepEqual(withParts(start, { sequence: start.held.sequence, state: start.rows.state }, [])?.changed, []);
});

test("what is no bundle is refused in one sentence", () => {
  const good = payloadOf(early);
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [null, /no object/],
    [[], /no object/],
    [{ ...good, version: 2 }, /version 2/],
    [{ ...good, version: "<script>" }, /version "<script>"/],
    [{ ...good, view: "cost" }, /view "cost"/],
    [{ ...good, tables: undefined }, /no tables/],
    [{ ...good, tables: { steps: 3 } }, /"steps" is no text/],
    [{ ...good, tables: { steps: { length: 1e12 } } }, /"steps" is no text/],
    [{ ...good, tables: { steps: "A".repeat(4e7), cost: "A".repeat(4e7) } }, /more than 64000000 characters; .* "cost"/],
    [{ ...good, study: { path: 3, sequence: 1 } }, /which study/],
  ];
  for (const [data, sentence] of bad) assert.throws(() => checkPayload("study", data), { name: "RangeError", message: sentence });
  assert.throws(() => readRows({ ...good, tables: { ...good.tables, steps: "!" } }));
  assert.throws(() => readRows({ ...good, tables: {} }), /about/);
});
