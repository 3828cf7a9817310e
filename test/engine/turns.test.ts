import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ownTurns, sharedTurns, stopTurns, turnsControl } from "../../src/engine/turns.ts";

describe("turns", () => {
  it("give each block to one thread, and let blocks be added in their order", () => {
    const control = turnsControl();
    const [one, other] = [sharedTurns(control), sharedTurns(control)];
    assert.deepEqual([one.take(), other.take(), one.take()], [0, 1, 2]);
    assert.ok(one.wait(0));
    one.done(0);
    assert.ok(other.wait(1));
    other.done(1);
    assert.ok(one.wait(2));
  });

  it("are over for all when the work is given up, though somebody is adding", () => {
    const control = turnsControl();
    const [one, other] = [sharedTurns(control), sharedTurns(control)];
    assert.deepEqual([one.take(), other.take(), one.wait(0)], [0, 1, true]);
    stopTurns(control);
    one.done(0);
    assert.ok(!other.wait(1) && !one.wait(0));
    assert.ok(one.stopped() && other.stopped());
  });

  it("of one thread alone are its own", () => {
    const turns = ownTurns();
    assert.deepEqual([turns.take(), turns.wait(0), turns.take(), turns.stopped()], [0, true, 1, false]);
  });
});
