/** What the extension reads: bundles, checked, and the parts that the kernel sends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPayload, mimeTypeOf, VIEWS } from "../../labextension/src/mimeTypes.ts";
import { readRows, withParts } from "../../labextension/src/rows.ts";
import { mimeType, VIEW_TABLES, type ViewPayload } from "../../src/display/bundle.ts";
import { studyBundle } from "../../src/display/study.ts";
import { history } from "../../src/history/history.ts";
import { increments } from "../../src/history/increments.ts";
import { fixture } from "../history/fixture.ts";

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
    [{ ...good, study: { path: 3, sequence: 1 } }, /which study/],
  ];
  for (const [data, sentence] of bad) assert.throws(() => checkPayload("study", data), { name: "RangeError", message: sentence });
  assert.throws(() => readRows({ ...good, tables: { ...good.tables, steps: "!" } }));
  assert.throws(() => readRows({ ...good, tables: {} }), /about/);
});
