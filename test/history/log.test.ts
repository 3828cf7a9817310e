/** Table `log`: nothing that happened is left out, nothing is said twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { logRows } from "../../src/history/log.ts";
import { messageRows } from "../../src/history/messages.ts";
import { fixture } from "./fixture.ts";

for (const acid of [false, true]) {
  const { events } = fixture({ members: 3, size: [3, 3, 3], acid, warning: "too few images" });
  const rows = logRows(events);

  test(`a row for each step, training and image that a step asks for, in their order${acid ? ", of a molecule" : ""}`, () => {
    const sequences = rows.map((r) => r.sequence);
    assert.deepEqual(
      sequences,
      [...new Set(sequences)].sort((a, b) => a - b),
    );
    for (const kind of ["study-started", "step", "training", "verified", "study-finished"])
      assert.deepEqual(rows.filter((r) => r.kind === kind).length, events.filter((e) => e.kind === kind).length, kind);
    const asked = events.filter((e) => e.kind === "qm-requested" && e.image !== null);
    assert.deepEqual(
      rows.filter((r) => r.kind === "qm-requested").map((r) => r.sequence),
      asked.map((e) => e.sequence),
    );
    for (const row of rows) assert.doesNotMatch(row.message, /undefined|NaN|^$/);
  });

  test(`what is among the messages is said in the same words${acid ? ", of a molecule" : ""}`, () => {
    const bySequence = new Map(rows.map((r) => [r.sequence, r]));
    for (const message of messageRows(events)) assert.deepEqual(bySequence.get(message.sequence), message);
  });
}

test("calls that only measure have one row for each reason of a relaxation", () => {
  const { events } = fixture({ members: 1, size: [3, 3, 3] });
  const last = events.length;
  const asked = (k: number, reason: string) => ({
    ...{ sequence: last + k, time: last + k, kind: "qm-requested" as const, scheme: "frozen" as const, member: 0, step: null, image: null },
    payload: { hash: `h${k}`, reason },
  });
  const more = [asked(1, "comparison"), asked(2, "comparison"), asked(3, "comparison: where it ended")];
  const said = logRows([...events, ...more]).filter((r) => r.sequence > last);
  assert.deepEqual(
    said.map((r) => r.sequence),
    [last + 1, last + 3],
  );
});
