import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { logRows } from "../../src/history/log.ts";
import { running } from "../../src/history/running.ts";
import type { StudyEvent } from "../../src/study/events.ts";

/** Events from kind, hash and what else their payload has, a second each. */
function events(...all: readonly (readonly [string, string, object?])[]): StudyEvent[] {
  return all.map(([kind, hash, more], k) => {
    const place = { scheme: "retrained", member: 3, step: 4, image: null };
    return { sequence: k + 1, time: 100 + k, kind, ...place, payload: { hash, reason: `why ${hash}`, ...more } } as unknown as StudyEvent;
  });
}

const had = (hash: string, atoms: number, seconds: number, reused = false): (readonly [string, string, object])[] => [
  ["qm-requested", hash, { atoms }],
  ["qm-finished", hash, { seconds, reused }],
];

it("the log says of a call how long such took, where that is worth a word", () => {
  const messages = (seconds: number): string[] =>
    logRows(events(...had("a", 40, seconds), ["qm-requested", "x", { atoms: 41 }], ["qm-requested", "y", { atoms: 7 }])).map(
      (r) => r.message,
    );
  assert.deepEqual(messages(2.34), ["why a", "why x (such took 2.3 s)", "why y"]);
  assert.deepEqual(messages(840), ["why a", "why x (such took 14 min)", "why y"]);
  assert.deepEqual(messages(0.5), ["why a", "why x", "why y"]);
});

describe("running", () => {
  it("is what was asked for and not answered, once for all who wait, with the median of those of like size", () => {
    const past = [...had("a", 40, 3), ...had("b", 44, 9), ...had("c", 36, 4), ...had("d", 200, 99), ...had("e", 40, 0.1, true)];
    const open = running(
      events(...past, ["qm-requested", "x", { atoms: 41 }], ["qm-requested", "x", { atoms: 41 }], ["qm-requested", "y", { atoms: 7 }]),
    );
    assert.deepEqual(
      open.map(({ hash, reason, atoms, since, expected, place }) => [hash, reason, atoms, since, expected, place.member]),
      [
        ["x", "why x", 41, 110, 4, 3],
        ["y", "why y", 7, 112, null, 3],
      ],
    );
  });

  it("comes to its turn in order, as far as is known how many there are at a time", () => {
    const asked = events(
      ["qm-requested", "x", { atoms: 4 }],
      ["qm-requested", "y", { atoms: 4 }],
      ["qm-requested", "z", { atoms: 4 }],
      ["qm-finished", "x", { seconds: 3 }],
    );
    const turns = (atOnce: number | null, until = 4): (number | null)[] => running(asked.slice(0, until), atOnce).map((c) => c.began);
    assert.deepEqual(
      [turns(1, 3), turns(1)],
      [
        [100, null, null],
        [103, null],
      ],
    );
    assert.deepEqual(
      [turns(2, 3), turns(2)],
      [
        [100, 101, null],
        [101, 103],
      ],
    );
    assert.deepEqual(turns(null), [null, null]);
  });

  it("is nothing that failed, or that an earlier process was asked for", () => {
    assert.deepEqual(running(events(["qm-requested", "x", { atoms: 4 }], ["qm-failed", "x"])), []);
    assert.deepEqual(running(events(["qm-requested", "x", { atoms: 4 }], ["resumed", "-"])), []);
    assert.equal(running(events(["qm-requested", "x"], ["qm-failed", "x"], ["qm-requested", "x"])).length, 1);
  });
});
