/** A study on GFN2-xTB, by any number of workers and in any order of their answers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Calculator } from "../../src/calculators/calculator.ts";
import { random } from "../../src/linalg/random.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { qmService, settingsOf } from "../../src/qm/image.ts";
import { goOn } from "./inProcess.ts";
import { emptyFolder, eventsOf, outcome } from "./process.ts";
import { tinyMolecule } from "./tinyMolecule.ts";

const study = tinyMolecule();

/** Runs the study in a folder of its own with so many workers, each answer kept back for up to `delay` ms; also how many were at work at a time. */
async function calculate(slots: number, delay: number): Promise<{ folder: string; atOnce: number }> {
  const folder = emptyFolder();
  const engine = await openEngine(study.file.qm, { slots });
  const { uniform } = random(slots, 0);
  let [busy, atOnce] = [0, 0];
  const slow: Calculator = {
    ...engine,
    async calculate(s, properties, signal) {
      atOnce = Math.max(atOnce, ++busy);
      const result = await engine.calculate(s, properties, signal);
      await sleep(delay * uniform());
      busy--;
      return result;
    },
  };
  try {
    await goOn(folder, study, (image) => qmService(slow, settingsOf(study.file.qm, engine.version), image));
  } finally {
    await engine.close();
  }
  return { folder, atOnce };
}

/** Whose turn it was, event by event. */
const order = (folder: string): string =>
  eventsOf(folder)
    .map((e) => `${e.kind} ${e.scheme} ${e.member}`)
    .join();

describe("a study of a molecule", () => {
  it("comes to the same bits with one, two and four workers, whoever answers first", async () => {
    const { folder: calm } = await calculate(1, 0);
    const expected = outcome(calm);
    assert.ok(Object.keys(expected).some((key) => key.startsWith("verified committee")));
    for (const slots of [2, 4]) {
      const { folder, atOnce } = await calculate(slots, 20);
      assert.ok(atOnce >= slots, `${atOnce} calculations at once`);
      assert.notEqual(order(folder), order(calm));
      assert.deepEqual(outcome(folder), expected);
    }
  });
});
