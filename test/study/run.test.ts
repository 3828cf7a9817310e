/** A study without its process: what fails, and what must not matter. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Calculator } from "../../src/calculators/calculator.ts";
import { emtCalculator, emtResult } from "../../src/calculators/emt.ts";
import { trainer } from "../../src/ensemble/trainer.ts";
import { random } from "../../src/linalg/random.ts";
import { qmService } from "../../src/qm/image.ts";
import { writeJournal } from "../../src/study/journal.ts";
import { memoryOf } from "../../src/study/memory.ts";
import { runStudy } from "../../src/study/run.ts";
import { emptyFolder, eventsOf, outcome } from "./process.ts";
import { tinyStudy } from "./tinyStudy.ts";

/** Runs the tiny study in a folder on an engine, or goes on with it; the error that ended it, if one did. */
async function calculate(folder: string, engine: Calculator, signal?: AbortSignal, threads?: number): Promise<unknown> {
  const journal = writeJournal(folder);
  const qm = qmService(engine, "emt", journal.image);
  try {
    for await (const { happening, image } of runStudy(tinyStudy(), {
      qm,
      trainer: trainer(0),
      threads,
      memory: memoryOf(journal),
      versions: {},
      signal,
    }))
      journal.commit(happening, image);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    journal.close();
  }
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
assert.equal(await calculate(calm, emtCalculator()), undefined);
const expected = outcome(calm);

describe("a study", () => {
  it("predicts on as many threads as it is told", async () => {
    // More than none there must be: only a prediction says so, the trainer is without threads.
    assert.match(String(await calculate(emptyFolder(), emtCalculator(), undefined, 0)), /^RangeError: the number of threads is 0/);
  });

  // In pre-training, in full QM's relaxation, in the hybrids' first images, far into them.
  for (const first of [2, 5, 24, 60]) {
    it(`whose QM fails from call ${first} on says so, learns nothing of it, and later goes on to the same bits`, async () => {
      const folder = emptyFolder();
      const engine = failing(first);
      assert.match(String(await calculate(folder, engine)), /emt gave an energy of NaN eV .* check the geometry/);
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
      assert.equal(await calculate(folder, emtCalculator()), undefined);
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
    assert.equal(await calculate(folder, slow), undefined);
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
    assert.match(String(await calculate(folder, deaf, giveUp.signal)), /enough/);
    assert.ok(performance.now() - began < 10_000);
    assert.ok(!eventsOf(folder).some((e) => e.kind === "qm-failed"));
  });
});
