/** What the lattice gate leaves behind: a table, a message, and five calls that each hybrid pays for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { costRows } from "../../src/history/cost.ts";
import { gateImages, latticeRows } from "../../src/history/lattice.ts";
import { messageRows } from "../../src/history/messages.ts";
import { summarize } from "../../src/history/summary.ts";
import type { Payloads, StudyEvent } from "../../src/study/events.ts";
import type { StudyRecord } from "../../src/study/folder.ts";
import { fixture } from "./fixture.ts";

const metal = fixture({ members: 3, size: [3, 3, 3] });
const acid = fixture({ members: 2, acid: true });

/** A record whose gate says something else. */
function gated(record: StudyRecord, other: Partial<Payloads["gate"]>): StudyRecord {
  const events = record.events.map((e): StudyEvent => (e.kind === "gate" ? { ...e, payload: { ...e.payload, ...other } } : e));
  return { ...record, events };
}

test("the table has QM's row and one of each model; none where nothing was compared", () => {
  const rows = latticeRows(metal.events);
  assert.deepEqual(
    rows.map((r) => [r.member, r.element, r.crystal, r.a, r.energyError]),
    [[null, "Cu", "fcc", 3.5898, 0], ...[0, 1, 2].map((m) => [m, "Cu", "fcc", 3.5884 + 0.0003 * m, 5.4e-7 * (m - 4.6) ** 2])],
  );
  assert.deepEqual(latticeRows(acid.events), []);
  assert.deepEqual(latticeRows([]), []);
});

test("a failed gate is a serious message, but not where the study rescales", () => {
  const serious = (other: Partial<Payloads["gate"]>): boolean[] =>
    messageRows(gated(metal, other).events).flatMap((m) => (m.kind === "gate" ? [m.serious] : []));
  assert.deepEqual(serious({}), [false]);
  assert.deepEqual(serious({ status: "failed" }), [true]);
  assert.deepEqual(serious({ status: "failed", factors: [1, 1.01, 0.99] }), [false]);
});

test("its images are calls and seconds of every hybrid, and of no full QM", () => {
  const { sequence, time } = metal.events[0];
  const place = { scheme: null, member: null, step: null, sequence, time };
  const calls = [0, 1, 2, 3, 4].map((k): StudyEvent => {
    const payload = { hash: `gate-${k - 2}`, reason: "lattice gate", energy: -1, seconds: 0.5 + k, reused: false };
    return { ...place, kind: "qm-finished", image: 100 + k, payload };
  });
  const events = [...metal.events, ...calls];
  assert.deepEqual([...gateImages(events).values()], [0.5, 1.5, 2.5, 3.5, 4.5]);
  const [before, after] = [summarize(metal.events), summarize(events)];
  for (const [scheme, more] of [
    ["full-qm", 0],
    ["frozen", 5],
    ["retrained", 5],
  ] as const)
    for (const [k, row] of (after.schemes[scheme] ?? []).entries())
      assert.equal(row.qmCalls - (before.schemes[scheme]?.[k].qmCalls ?? 0), more);
  const set = (of: readonly StudyEvent[]): number => costRows(of)[0].qmSeconds ?? 0;
  // Sums of halves and of the set's thousandths.
  assert.ok(Math.abs(set(events) - set(metal.events) - 12.5) < 1e-9);
});
