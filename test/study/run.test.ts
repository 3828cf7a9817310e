/** A study without its process: what fails, and what must not matter. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Calculator } from "../../src/calculators/calculator.ts";
import { emtCalculator, emtResult } from "../../src/calculators/emt.ts";
import { random } from "../../src/linalg/random.ts";
import { qmService } from "../../src/qm/image.ts";
import { goOn, type Options } from "./inProcess.ts";
import { emptyFolder, eventsOf, outcome } from "./process.ts";
import { tinyStudy } from "./tinyStudy.ts";

/** Runs the tiny study in a folder on an engine, or goes on with it. */
function calculate(folder: string, engine: Calculator, options?: Options): Promise<void> {
  return goOn(folder, tinyStudy(), (image) => qmService(engine, "emt", image), options);
}

/** EMT whose answers to the calls from `first` on are not finite. */
function failing(first: number): Calculator & { calls: number } {
  const engine = {
    ...emtCalculator(),
    calls: 0,
    calculate: async (...[s, properties]: Parameters<Calculator["calculate"]>) => {
      const result = emtResult(s, properties);
      return ++engine.calls < first ? result : { ...result, energy: Number.NaN };
    },
  };
  return engine;
}

const calm = emptyFolder();
await calculate(calm, emtCalculator());
const expected = outcome(calm);

describe("a study", () => {
  it("predicts on as many threads as it is told", async () => {
    // More than none there must be: only a prediction says so, the trainer is without threads.
    await assert.rejects(calculate(emptyFolder(), emtCalculator(), { threads: 0 }), /^RangeError: the number of threads is 0/);
  });

  // In pre-training, in full QM's relaxation, in the hybrids' first images, far into them.
  for (const first of [2, 5, 24, 60]) {
    it(`whose QM fails from call ${first} on says so, learns nothing of it, and later goes on to the same bits`, async () => {
      const folder = emptyFolder();
      const engine = failing(first);
      await assert.rejects(calculate(folder, engine), /emt gave an energy of NaN eV .* check the geometry/);
      const events = eventsOf(folder);
      const failed = events.find((e) => e.kind === "qm-failed");
      assert.ok(failed?.kind === "qm-failed");
      assert.match(failed.payload.message, /energy of NaN eV/);
      // Several may have waited for it; the first to hear of it ends the study.
      const requests = events.filter((e) => e.kind === "qm-requested" && e.payload.hash === failed.payload.hash);
      assert.ok(requests.some((e) => e.scheme === failed.scheme && e.member === failed.member && e.step === failed.step));
      // What other relaxations were given in the same moment may not have been committed.
      const finished = events.filter((e) => e.kind === "qm-finished" && !e.payload.reused).length;
      assert.ok(finished <= first - 1 && finished >= first - 1 - 8);
      assert.ok(!events.some((e) => e.kind === "qm-finished" && e.payload.hash === failed.payload.hash));
      await calculate(folder, emtCalculator());
      assert.deepEqual(outcome(folder), expected);
    });
  }

  it("comes to the same bits however long each QM call takes, whoever then comes first", async () => {
    const { uniform } = random(5, 0);
    const folder = emptyFolder();
    const slow: Calculator = {
      ...emtCalculator(),
      calculate: async (s, properties) => {
        await sleep(3 * uniform());
        return emtResult(s, properties);
      },
    };
    await calculate(folder, slow);
    const order = (path: string): string =>
      eventsOf(path)
        .map((e) => `${e.kind} ${e.scheme} ${e.member}`)
        .join();
    assert.notEqual(order(folder), order(calm));
    assert.deepEqual(outcome(folder), expected);
  });

  it("ends with its signal's reason while QM that hears nothing is at work", async () => {
    const giveUp = new AbortController();
    const deaf: Calculator = { ...emtCalculator(), calculate: () => new Promise(() => {}) };
    setTimeout(() => giveUp.abort(new Error("enough")), 50);
    const folder = emptyFolder();
    const began = performance.now();
    await assert.rejects(calculate(folder, deaf, { signal: giveUp.signal }), /enough/);
    assert.ok(performance.now() - began < 10_000);
    assert.ok(!eventsOf(folder).some((e) => e.kind === "qm-failed"));
  });
});
