import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { drawModel } from "../../src/ensemble/model.ts";
import { trainer } from "../../src/ensemble/trainer.ts";
import { copper } from "./copper.ts";
import { heartbeat } from "./heartbeat.ts";

const { architecture, images, scaling } = await copper();
const models = Array.from({ length: 10 }, (_, stream) => drawModel(architecture, scaling, 1, stream));
const pool = trainer(2);
after(() => pool.close());

describe("while ten models train on two threads", () => {
  for (const method of ["levenberg-marquardt", "bfgs"] as const) {
    it(`by ${method}, the process hears everything else, and an abort ends them`, async (t) => {
      const control = new AbortController();
      // Never reached, so that only the abort ends it.
      const options = { tolerance: { energy: 1e-9, force: 1e-9 }, maxEvaluations: 1e9, decay: 0, method };
      let rows = 0;
      const report = (): void => {
        rows++;
      };
      const late = heartbeat();
      const running = pool.trainAll(architecture, models, images, options, { signal: control.signal, report });
      while (rows < 20) await Promise.race([running, sleep(20)]);
      const worst = late();
      const aborted = performance.now();
      control.abort(new Error("enough"));
      await assert.rejects(running, /^Error: enough$/);
      const took = performance.now() - aborted;
      t.diagnostic(`a timer was ${worst.toFixed(0)} ms late at worst, the abort took ${took.toFixed(0)} ms`);
      // 100 ms and a second are what is promised; the bounds tell a blocked process from a loaded machine.
      assert.ok(worst < 1000 && took < 5000, `${worst} ms late, ${took} ms to abort`);
    });
  }
});
