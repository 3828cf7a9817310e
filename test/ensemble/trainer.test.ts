import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { emtCalculator } from "../../src/calculators/emt.ts";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import type { TrainingImage } from "../../src/ensemble/loss.ts";
import { type Architecture, drawModel, packModel } from "../../src/ensemble/model.ts";
import { type CurveRow, type Training, train } from "../../src/ensemble/train.ts";
import { trainer } from "../../src/ensemble/trainer.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { repeat } from "../../src/structure/repeat.ts";

const architecture: Architecture = { descriptors: defaultDescriptors([29], 4), hidden: [4] };
const crystal = repeat(bulk("Cu", { cubic: true }), [2, 1, 1]);
const images: TrainingImage[] = [];
for (const seed of [1, 2, 3]) {
  const structure = rattle(crystal, { stdev: 0.1, seed });
  const { energy, forces } = await emtCalculator().calculate(structure, ["energy", "forces"]);
  images.push({ fingerprints: fingerprints(structure, architecture.descriptors), energy, forces: forces as Float64Array });
}
const scaling = rangeOf(
  images.map((i) => i.fingerprints),
  architecture.descriptors,
);
const drawn = [0, 1, 2, 3].map((stream) => drawModel(architecture, scaling, 1, stream));
const options = { tolerance: { energy: 0.01, force: 0.2 } };
/** Never reached: training goes on for minutes. */
const endless = { tolerance: { energy: 1e-6, force: 1e-6 }, maxEvaluations: 1e9, decay: 0, method: "kalman" as const };

/** All of a training that does not depend on the clock. */
const timeless = ({ curve, seconds: _, model, ...rest }: Training): unknown => ({ ...rest, model: packModel(model), curve: steps(curve) });
const steps = (curve: Float64Array): number[] => [...curve].filter((_, k) => k % 5 !== 1);

const pool = trainer(2);
after(() => pool.close());

describe("a trainer with threads", () => {
  const inline = drawn.map((model) => train(architecture, model, images, options));

  it("gives the same bits as training inline, and every row of the curve before the result", async () => {
    const rows: CurveRow[][] = drawn.map(() => []);
    const threaded = await Promise.all(
      drawn.map((model, k) => pool.train(architecture, model, images, options, { report: (row) => rows[k].push(row) })),
    );
    assert.ok(inline[0].evaluations > 1);
    assert.deepEqual(threaded.map(timeless), inline.map(timeless));
    assert.deepEqual(
      rows.map((r) => r.flat()),
      threaded.map((t) => [...t.curve]),
    );
  });

  it("is killed within a second by an abort, with its reason, and works afterwards", async () => {
    const control = new AbortController();
    const reason = new Error("enough");
    let aborted = 0;
    const report = (): void => {
      aborted ||= performance.now();
      control.abort(reason);
    };
    // Four on two threads: two running, two waiting.
    const all = drawn.map((model) => pool.train(architecture, model, images, endless, { signal: control.signal, report }));
    const ends = await Promise.allSettled(all);
    assert.ok(ends.every((end) => end.status === "rejected" && end.reason === reason));
    // A second is what is promised; the bound tells a stop from a hang on a machine however loaded.
    assert.ok(performance.now() - aborted < 10_000);
    await assert.rejects(pool.train(architecture, drawn[0], images, options, { signal: control.signal }), (error) => error === reason);
    assert.deepEqual(timeless(await pool.train(architecture, drawn[0], images, options)), timeless(inline[0]));
  });

  for (const method of ["levenberg-marquardt", "bfgs"] as const) {
    it(`trains models of one set together by ${method}: each comes to the same in any company, and its rows are its own`, async () => {
      const together = { ...options, method };
      const rows: CurveRow[][] = drawn.map(() => []);
      const all = await pool.trainAll(architecture, drawn, images, together, { report: (member, row) => rows[member].push(row) });
      const few = await pool.trainAll(architecture, drawn.slice(1, 2), images, together);
      assert.deepEqual(few.map(timeless), [timeless(all[1])]);
      assert.ok(all.every((t) => t.converged && t.evaluations > 1));
      assert.ok(new Set(all.map((t) => t.evaluations)).size > 1, "some stop before others");
      assert.deepEqual(
        rows.map((r) => r.flat()),
        all.map((t) => [...t.curve]),
      );
    });
  }

  it("hands on what a task throws", async () => {
    const model = { ...drawn[0], weights: undefined as unknown as Float64Array };
    await assert.rejects(pool.train(architecture, model, images, options), TypeError);
  });
});

describe("a trainer without threads", () => {
  it("trains inline and refuses to start after an abort", async () => {
    const alone = trainer(0);
    assert.deepEqual(
      timeless(await alone.train(architecture, drawn[3], images, options)),
      timeless(train(architecture, drawn[3], images, options)),
    );
    await assert.rejects(alone.train(architecture, drawn[3], images, options, { signal: AbortSignal.abort() }), { name: "AbortError" });
    await alone.close();
  });
});
