import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, describe, it } from "node:test";
import { threadPool } from "../../src/engine/threads.ts";
import { shared } from "../../src/linalg/dense.ts";

interface Task {
  readonly count: number;
  readonly forever?: boolean;
  readonly fail?: string;
  readonly array?: Float64Array;
}
const module = new URL("./task.ts", import.meta.url);
const pool = threadPool<Task, number, number>(module, 1);
after(() => pool.close());

describe("threadPool", () => {
  it("gives all messages of a task in order before its result", async () => {
    for (let round = 0; round < 20; round++) {
      const heard: number[] = [];
      assert.equal(await pool.run({ count: 200 }, { onMessage: (k) => heard.push(k) }), 200);
      assert.deepEqual(
        heard,
        Array.from({ length: 200 }, (_, k) => k),
      );
    }
  });

  it("shares arrays in shared memory and copies others", async () => {
    const [common, own] = [shared(1), new Float64Array(1)];
    await pool.run({ count: 0, array: common });
    await pool.run({ count: 0, array: own });
    assert.deepEqual([common[0], own[0]], [7, 0]);
  });

  it("keeps the class and the words of what a task throws", async () => {
    await assert.rejects(pool.run({ count: 0, fail: "the box is 3 Å" }), { name: "RangeError", message: "the box is 3 Å" });
  });

  it("kills a thread in the midst of a loop, and the next task that waits", async () => {
    const control = new AbortController();
    const began = performance.now();
    const running = pool.run({ count: 1, forever: true }, { signal: control.signal, onMessage: () => control.abort(new Error("enough")) });
    const waiting = pool.run({ count: 1 }, { signal: control.signal });
    await assert.rejects(running, /^Error: enough$/);
    await assert.rejects(waiting, /^Error: enough$/);
    // A second is what is promised; the bound tells a stop from a hang on a machine however loaded.
    assert.ok(performance.now() - began < 10_000);
    assert.equal(await pool.run({ count: 3 }), 3);
  });

  it("rejects what runs when the pool is closed", async () => {
    const other = threadPool<Task, number, number>(module, 1);
    await assert.rejects(other.run({ count: 1, forever: true }, { onMessage: () => other.close() }));
  });

  it("refuses a number of threads that is none", () => {
    for (const threads of [0, -1, 1.5, Number.NaN])
      assert.throws(() => threadPool(module, threads), /number of threads is .*give a whole number/);
  });

  it("keeps no process alive and prints nothing, though nobody closes it", () => {
    const script = `
      import { threadPool } from ${JSON.stringify(new URL("../../src/engine/threads.ts", import.meta.url).href)};
      console.log(await threadPool(new URL(${JSON.stringify(module.href)}), 2).run({ count: 5 }));`;
    const flags = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", "--input-type=module"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, "-e", script], { encoding: "utf8", timeout: 180_000 });
    assert.deepEqual([status, stdout, stderr], [0, "5\n", ""]);
  });
});
