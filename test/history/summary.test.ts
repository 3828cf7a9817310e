/** The summary: counted by hand on the fixture's closed forms. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { callRows } from "../../src/history/calls.ts";
import { costRows } from "../../src/history/cost.ts";
import { messageRows } from "../../src/history/messages.ts";
import { median, schemeSpreads } from "../../src/history/spread.ts";
import { summarize, summaryRows } from "../../src/history/summary.ts";
import type { StudyEvent } from "../../src/study/events.ts";
import { energyAt, evaluationsAt, fixture, stepsOf, TROUBLE } from "./fixture.ts";

const study = fixture({ members: 10, size: [3, 3, 3] });
const summary = summarize(study.events);
/** Sums of a few dozen rounded terms in another order: 1e-12 is a thousand roundings. */
const close = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
const SET = 24;
const setSeconds = SET * 0.021 + (0.001 * SET * (SET - 1)) / 2;

test("full QM counts its own calls, no pre-training", () => {
  const [row, ...rest] = summary.schemes["full-qm"] ?? [];
  const n = stepsOf("full-qm", 0);
  assert.equal(rest.length, 0);
  assert.equal(row.member, null);
  assert.equal(row.steps, n);
  assert.equal(row.qmCalls, n + 1);
  close(row.qmSeconds, (n + 1) * 0.31 + (0.002 * n * (n + 1)) / 2);
  assert.equal(row.trainingSeconds, 0);
  assert.deepEqual(row.costs, []);
  assert.deepEqual(row.verification, { qmCalls: 5, qmSeconds: 1.5 });
});

test("a model counts its pre-training set, its images, shared ones too, and its training", () => {
  const rows = summary.schemes.retrained ?? [];
  assert.deepEqual(
    rows.map((r) => r.member),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  for (const [m, row] of rows.entries()) {
    const n = stepsOf("retrained", m);
    assert.equal(row.qmCalls, SET + n + 1);
    close(row.qmSeconds, setSeconds + (n + 1) * 0.043 + (0.002 * n * (n + 1)) / 2);
    const evaluations = Array.from({ length: n + 1 }, (_, k) => evaluationsAt(m, k));
    assert.deepEqual(
      row.costs.map((c) => c.evaluations),
      evaluations,
    );
    close(row.trainingSeconds, 0.4 * (14 + ((7 * m) % 11) + evaluations.reduce((a, b) => a + b, 0)));
    assert.equal(row.energy, energyAt("retrained", m, n));
    assert.equal(row.energyError, 0.0041 + 0.0009 * m);
    assert.equal(row.converged, true);
  }
});

test("QM calls that belong to no image of a relaxation are verification and not the scheme's", () => {
  const late: StudyEvent = {
    ...(study.events.findLast((e) => e.kind === "qm-finished" && e.scheme === "retrained") as StudyEvent & { kind: "qm-finished" }),
    sequence: study.events.length + 1,
    step: null,
    image: null,
    payload: { hash: "verification", reason: "verification", energy: 0, seconds: 100, reused: false },
  };
  assert.deepEqual(summarize([...study.events, late]).schemes.retrained, summary.schemes.retrained);
});

test("unconverged and failed models are kept and said so", () => {
  const frozen = summary.schemes.frozen ?? [];
  assert.equal(frozen[6].converged, false);
  assert.equal(frozen[6].failure, null);
  assert.equal(frozen[8].failure, "the forces exceed 1000 eV/Å");
  assert.equal(frozen[8].energyError, null);
  const spread = schemeSpreads(summaryRows(summary)).find((s) => s.scheme === "frozen");
  assert.equal(spread?.failed, 1);
  assert.equal(spread?.energyError?.n, 9);
  assert.equal(spread?.energyError?.worst, 0.0055 + 0.02 * 3);
});

test("the worst is the one of largest magnitude, with its sign; the median of an even count lies between", () => {
  const [row] = summaryRows(summary);
  const rows = [0.002, -0.03, 0.01, 0.001].map((energyError) => ({ ...row, energyError }));
  assert.deepEqual(schemeSpreads(rows)[0].energyError, { n: 4, median: 0.0015, worst: -0.03 });
  assert.equal(median([3, 1, 2]), 2);
  assert.ok(Number.isNaN(median([])));
});

test("the state is that of the last event that changes it", () => {
  assert.equal(summary.state, "finished");
  for (const [until, state] of [
    ["empty", "empty"],
    ["middle", "running"],
    ["failed", "failed"],
  ] as const) {
    const part = fixture({ members: 2, size: [2, 2, 2], until });
    assert.equal(summarize(part.events).state, state);
  }
  const stopped = { ...study.events[0], kind: "stopped", payload: { message: "by request" } } as StudyEvent;
  assert.equal(summarize([study.events[0], stopped]).state, "stopped");
  assert.deepEqual(summarize([]), { state: "empty", versions: {}, schemes: {}, gate: null, warnings: [] });
});

test("calls are told by reason, those from the store apart", () => {
  const rows = callRows(study.events);
  assert.deepEqual(
    rows.map((r) => r.reason),
    ["full-qm: hybrid forces", "frozen: hybrid forces", "retrained: hybrid forces"],
  );
  assert.deepEqual(
    rows.map((r) => r.reused),
    [0, 9, 10],
  );
  for (const r of rows) assert.equal(r.requested, r.calculated + r.reused);
});

test("messages carry the gate, the warning and the failure", () => {
  const rows = messageRows(study.events);
  assert.deepEqual(
    rows.map((r) => [r.kind, r.serious]),
    [
      ["gate", false],
      ["warning", true],
      ["failed", true],
    ],
  );
  assert.deepEqual(summary.warnings, ["The QM cluster comes within 2.54 Å of its own periodic image."]);
});

test("a committee is one relaxation: its QM images count once, more than one a step, its training is summed over the models", () => {
  const { events } = fixture({ members: 3, acid: true });
  const [row, ...rest] = summarize(events).schemes.committee ?? [];
  assert.deepEqual(rest, []);
  const [n, images] = [stepsOf("committee", 0), stepsOf("committee", 0) + 3];
  assert.deepEqual([row.member, row.steps, row.qmCalls, row.converged], [null, n, SET + images, true]);
  close(row.qmSeconds, setSeconds + images * 0.043 + (0.002 * images * (images - 1)) / 2);
  const evaluations = Array.from({ length: images }, (_, k) => [0, 1, 2].reduce((sum, m) => sum + evaluationsAt(m, k), 0));
  assert.deepEqual(
    row.costs.map((c) => [c.image, c.evaluations]),
    evaluations.map((e, k) => [k, e]),
  );
  const before = [0, 1, 2].reduce((sum, m) => sum + 14 + ((7 * m) % 11), 0);
  close(row.trainingSeconds, 0.4 * (before + evaluations.reduce((a, b) => a + b, 0)));
  const spread = schemeSpreads(summaryRows(summarize(events))).find((s) => s.scheme === "committee");
  assert.equal(spread?.qmCalls?.n, 1);
});

test("a committee's image has its QM call in a row without member, and a row for the training of each model", () => {
  const { events } = fixture({ members: 3, acid: true });
  const rows = costRows(events).filter((r) => r.scheme === "committee");
  const [shared, own] = [rows.filter((r) => r.member === null), rows.filter((r) => r.member !== null)];
  const images = stepsOf("committee", 0) + 3;
  assert.deepEqual([shared.length, own.length], [images, 3 * images]);
  assert.ok(shared.every((r) => r.qmSeconds !== null && r.converged === null && r.evaluations === 0));
  for (const r of own) assert.deepEqual([r.qmSeconds, r.evaluations], [null, evaluationsAt(r.member ?? -1, r.image ?? -1)]);
});

test("messages carry a step taken back and each QM image beyond a step's own, but not one asked again for the usual reason", () => {
  const { events } = fixture({ members: 2, acid: true });
  const said = messageRows(events).filter((r) => r.scheme === "committee");
  assert.deepEqual(
    said.map((r) => [r.kind, r.step, r.serious, r.message]),
    [
      ["qm-requested", TROUBLE, false, "one more QM image, C7 is 1.1 half-ranges outside"],
      ["rewound", TROUBLE, false, "shortened: H3 and O1 would fuse"],
      ["qm-requested", TROUBLE, false, "one more QM image, C8 is 1.2 half-ranges outside"],
    ],
  );
  const asked = events.filter((e) => e.kind === "qm-requested" && e.scheme === "committee");
  const again = { ...asked[asked.length - 1], sequence: events.length + 1, image: 99 } as StudyEvent;
  assert.deepEqual(messageRows([...events, again]), messageRows(events));
});
