import assert from "node:assert/strict";
import { it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { drawModel } from "../../src/ensemble/model.ts";
import { tensorflowTrainer } from "../../src/ensemble/tensorflowTrainer.ts";
import { ENGINES } from "../engine/engines.ts";
import { copper } from "./copper.ts";

it("while ten models train on TensorFlow, the process hears everything else after each pass, and an abort ends them", async (t) => {
  process.env.QMML_ENGINES = ENGINES;
  const { architecture, images, scaling } = await copper();
  const models = Array.from({ length: 10 }, (_, stream) => drawModel(architecture, scaling, 1, stream));
  const trainer = tensorflowTrainer();
  const control = new AbortController();
  // Never reached, so that only the abort ends it.
  const options = { tolerance: { energy: 1e-9, force: 1e-9 }, maxEvaluations: 1e9, decay: 0 };
  let rows = 0;
  const report = (): void => {
    rows++;
  };
  const running = trainer.trainAll(architecture, models, images, options, { signal: control.signal, report });
  // Counted, not timed: a busy machine makes everything late.
  let most = 0;
  for (let before = 0; rows < 100; before = rows) {
    await Promise.race([running.then(() => assert.fail("it ended by itself")), turn()]);
    most = Math.max(most, rows - before);
  }
  const aborted = performance.now();
  control.abort(new Error("enough"));
  await assert.rejects(running, /^Error: enough$/);
  const took = performance.now() - aborted;
  t.diagnostic(`${most} evaluations at worst between two turns of the process, the abort took ${took.toFixed(0)} ms`);
  assert.ok(most <= models.length, `${most} evaluations without a turn of the process`);
  // Tells an abort from a training that goes on.
  assert.ok(took < 5000, `${took} ms to abort`);
});
