/** What a terminal shows of QM while nothing happens. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { progress } from "../../src/cli/progress.ts";
import type { StudyEvent } from "../../src/study/events.ts";
import { tinyStudy } from "../study/tinyStudy.ts";

/** Events of the third retrained model at seconds from 1000 on. */
function at(time: number, kind: string, payload: object): StudyEvent {
  return { sequence: time, time: 1000 + time, kind, scheme: "retrained", member: 3, step: 4, image: 4, payload } as unknown as StudyEvent;
}

const EVENTS = [
  at(0, "qm-requested", { hash: "a", reason: "first image", atoms: 36 }),
  at(8, "qm-finished", { hash: "a", reason: "first image", seconds: 8, reused: false }),
  at(10, "qm-requested", { hash: "b", reason: "step 4: the QM cluster moved", atoms: 36 }),
  at(11, "qm-requested", { hash: "c", reason: "step 5: the QM cluster moved", atoms: 36 }),
];

it("says what QM is at, since when, and when it should be there; who waits for a worker is not under way", () => {
  const shown = progress(tinyStudy().file, { threads: 1 });
  for (const e of EVENTS) shown.note(e);
  const [oldest, more] = shown.state(1015).slice(-2);
  assert.equal(
    oldest,
    "  QM of 36 atoms under way for 5.0 s (usually 8.0 s, about 3.0 s left): retrained, model 3, step 4: the QM cluster moved",
  );
  assert.equal(more, "  1 more asked for");
  assert.match(shown.state(1020).at(-2) as string, /under way for 10 s \(usually 8\.0 s, 2\.0 s more than that\)/);
  shown.note(at(21, "qm-finished", { hash: "b", reason: "", seconds: 8, reused: false }));
  assert.match(shown.state(1023).at(-1) as string, /under way for 2\.0 s/);
  shown.note(at(24, "qm-finished", { hash: "c", reason: "", seconds: 8, reused: false }));
  assert.ok(!shown.state(1025).some((line) => /QM of/.test(line)));
});

it("says of a cluster's calculations only when they were asked for", () => {
  const shown = progress(tinyStudy().file, { threads: 1, cluster: "local:2" });
  for (const e of EVENTS) shown.note(e);
  assert.match(shown.state(1015).at(-2) as string, /^ {2}QM of 36 atoms asked for 5\.0 s ago \(usually 8\.0 s\): /);
});

it("where there is no terminal, says so of what takes long, every half minute", () => {
  const shown = progress(tinyStudy().file, { threads: 1 });
  for (const e of EVENTS) shown.note(e);
  const told = Array.from({ length: 100 }, (_, k) => 1011 + k).filter((now) => shown.patience(now) !== undefined);
  assert.deepEqual(told, [1040, 1070, 1100]);
});
