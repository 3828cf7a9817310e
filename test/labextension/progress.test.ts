/** What the dashboard of a study says, from the rows of studies at different points of their lives. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Rows } from "../../labextension/src/rows.ts";
import { progressOf } from "../../labextension/src/study/progress.ts";
import { type History, history } from "../../src/history/history.ts";
import { type FixtureOptions, fixture } from "../history/fixture.ts";

const MEMBERS = 4;
const rowsOf = (options: FixtureOptions, change: (h: History) => Partial<History> = () => ({}), state?: string): Rows => {
  const h = history(fixture({ members: MEMBERS, size: [3, 3, 3], ...options }));
  return { ...h, ...change(h), state: state ?? h.about.state };
};
/** Settings as a study file has them. */
const settings = (more: object = {}): string => JSON.stringify({ schemes: ["full-qm", "frozen", "retrained"], verify: true, ...more });
const told = (h: History, more: object = {}): Partial<History> => ({ about: { ...h.about, members: MEMBERS, settings: settings(more) } });

test("of a finished study everything is finished, whatever its rows", () => {
  const { finished, planned, now, end } = progressOf(rowsOf({}, told));
  assert.deepEqual([finished, planned, end], [9, 9, ""]);
  assert.match(now, /^Nothing: finished after/);
});

test("of a running one: what runs, by scheme, what is done, and who asked for QM last", () => {
  const rows = rowsOf({ until: "middle" }, told);
  const { finished, planned, now, done, lastCall } = progressOf(rows);
  assert.ok(finished < planned && planned === 9);
  assert.match(done, new RegExp(`^${finished} of 9 relaxations finished, \\d+ steps, \\d+ QM images in`));
  assert.match(now, /(full QM|frozen|retrained): \d+ (relaxing, steps? \d|being compared)/);
  assert.match(lastCall, /step \d+: \S/);
});

test("the end is at the pace of the relaxations that are over since the study began or went on", () => {
  const rows = rowsOf({}, (h) => told(h, { verify: false }), "running");
  // Six of nine are over; each has one row of the log, a minute after the other.
  const over = rows.summary.map((r, k) => ({ ...r, converged: k < 6, failure: null }));
  const log = over.flatMap((r, k) =>
    k < 6 ? [{ ...rows.log[0], kind: "step", scheme: r.scheme, member: r.member, sequence: k + 2, time: 60 * (k + 1) }] : [],
  );
  const begun = { ...rows.log[0], kind: "study-started", scheme: null, member: null, time: 0 };
  const { end, finished } = progressOf({ ...rows, summary: over, log: [begun, ...log] });
  assert.equal(finished, 6);
  const clock = new Date(1000 * (360 + (360 * 3) / 6)).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  assert.equal(end, `about ${clock}, at the pace of the 6 relaxations that have finished`);
  // Went on after four of them: two are not enough.
  const resumed = { ...begun, kind: "resumed", time: 241 };
  const later = [begun, ...log.slice(0, 4), resumed, ...log.slice(4)];
  assert.equal(progressOf({ ...rows, summary: over, log: later }).end, "not known before half of the relaxations have finished");
});

test("a relaxation that did not converge is over, one that is still being compared is not", () => {
  const rows = rowsOf({}, (h) => told(h, { verify: false }), "running");
  const [first, ...rest] = rows.summary.map((r) => ({ ...r, converged: false, failure: null }));
  const given = {
    ...rows.log[0],
    kind: "warning",
    scheme: first.scheme,
    member: first.member,
    message: "not converged to 0.05 eV/Å in 9 steps",
  };
  assert.equal(progressOf({ ...rows, summary: [first, ...rest], log: [given] }).finished, 1);
  const compared = rowsOf({}, told, "running");
  const last = compared.summary.map((r, k) => (k === 0 ? { ...r, converged: true, verificationCalls: null } : r));
  const { finished, now } = progressOf({ ...compared, summary: last });
  assert.equal(finished, compared.summary.length - 1);
  assert.match(now, /1 being compared with full QM/);
});

test("hostile settings plan nothing and break nothing", () => {
  for (const broken of ["", "null", "[]", '{"schemes": {"length": 1e9}}', '{"schemes": ["constructor", 1, null]}']) {
    const rows = rowsOf({ until: "middle" }, (h) => ({ about: { ...h.about, settings: broken } }));
    assert.equal(progressOf(rows).planned, 0, broken);
  }
});
