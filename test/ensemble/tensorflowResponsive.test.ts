import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { drawModel } from "../../src/ensemble/model.ts";
import { tensorflowTrainer } from "../../src/ensemble/tensorflowTrainer.ts";
import { ENGINES } from "../engine/engines.ts";
import { copper } from "./copper.ts";
import { heartbeat } from "./heartbeat.ts";

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
  const late = heartbeat();
  const running = trainer.trainAll(architecture, models, images, options, { signal: control.signal, report });
  while (rows < 100) await Promise.race([running.then(() => assert.fail("it ended by itself")), sleep(20)]);
  const worst = late();
  const aborted = performance.now();
  control.abort(new Error("enough"));
  await assert.rejects(running, /^Error: enough$/);
  const took = performance.now() - aborted;
  t.diagnostic(`a timer was ${worst.toFixed(0)} ms late at worst, the abort took ${took.toFixed(0)} ms`);
  // The set is laid and TensorFlow wakes in one go, 0.2 s on a free machine, later passes take 30 ms; the bounds tell a blocked process.
  assert.ok(worst < 1000 && took < 5000, `${worst} ms late, ${took} ms to abort`);
});
