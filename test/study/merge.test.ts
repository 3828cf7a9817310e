import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { merged } from "../../src/study/merge.ts";
import { fc } from "../properties.ts";

async function collect<T>(generator: AsyncGenerator<T, void>): Promise<T[]> {
  const all: T[] = [];
  for await (const x of generator) all.push(x);
  return all;
}

/** `name0`, `name1`, … with as many ms before each. */
async function* counting(name: string, waits: readonly number[]): AsyncGenerator<string, void> {
  for (const [k, wait] of waits.entries()) {
    if (wait > 0) await sleep(wait, undefined, { ref: wait < 1000 });
    yield `${name}${k}`;
  }
}

describe("merged", () => {
  it("yields all of each generator, each one's in its own order, and at once what is there", async () => {
    const all = await collect(merged([counting("a", [0, 30, 0]), counting("b", [10, 0]), counting("c", [])]));
    assert.deepEqual(all, ["a0", "b0", "b1", "a1", "a2"]);
    assert.deepEqual(await collect(merged([])), []);
    const waits = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(waits, { maxLength: 4 }), async (lists) => {
        const names = lists.map((_, k) => "abcd"[k]);
        const found = await collect(merged(lists.map((w, k) => counting(names[k], w))));
        for (const [k, w] of lists.entries())
          assert.deepEqual(
            found.filter((x) => x.startsWith(names[k])),
            w.map((_, j) => `${names[k]}${j}`),
          );
      }),
      { numRuns: 30 },
    );
  });

  it("lets none go on before what it yielded was taken", async () => {
    const taken: string[] = [];
    const careful = async function* (name: string): AsyncGenerator<string, void> {
      for (let k = 0; k < 3; k++) {
        yield `${name}${k}`;
        assert.ok(taken.includes(`${name}${k}`));
      }
    };
    for await (const x of merged([careful("a"), careful("b")])) {
      await sleep(1);
      taken.push(x);
    }
    assert.equal(taken.length, 6);
  });

  it("passes an error on, and neither waits for the others nor leaves their errors without a handler", async () => {
    // The test runner fails a test for a rejection that nobody handles.
    const failing = async function* (ms: number, message: string): AsyncGenerator<string, void> {
      await sleep(ms);
      yield Promise.reject(new Error(message));
    };
    const began = performance.now();
    await assert.rejects(
      collect(
        merged([
          counting("a", [0, 60_000]),
          failing(10, "first"),
          failing(15, "second"),
          merged([failing(20, "third"), counting("b", [0, 60_000])]),
        ]),
      ),
      /first/,
    );
    // The others would wait a minute.
    assert.ok(performance.now() - began < 30_000);
    await sleep(40);
  });

  it("ends with its consumer, whatever still waits", async () => {
    const giveUp = new AbortController();
    const waiting = async function* (): AsyncGenerator<string, void> {
      yield sleep(5000, "late", { signal: giveUp.signal });
    };
    for await (const x of merged([counting("a", [0, 0]), waiting()])) {
      assert.equal(x, "a0");
      break;
    }
    giveUp.abort();
    await sleep(5);
  });
});
