/** What a training elsewhere is sent, and what comes back: the same bits as here. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { deserialize, serialize } from "node:v8";
import { fingerprints as fingerprintsOf } from "../../src/engine/wasm/fingerprints.ts";
import { type CarriedTask, clusterTrainer, trainCarried } from "../../src/ensemble/clusterTrainer.ts";
import type { TrainingImage } from "../../src/ensemble/loss.ts";
import { packModel } from "../../src/ensemble/model.ts";
import { type CurveRow, TRAINING_METHODS, type Training, train } from "../../src/ensemble/train.ts";
import { trainer } from "../../src/ensemble/trainer.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { ARCHITECTURE, CLUSTER, CRYSTAL, image, untrained } from "./smallSet.ts";

const set: TrainingImage[] = [];
for (const [k, s] of [CLUSTER, CLUSTER, CRYSTAL].entries()) {
  const structure = rattle(s, { stdev: 0.08, seed: k });
  // As a study has them: by the kernels.
  const fingerprints = fingerprintsOf(structure, ARCHITECTURE.descriptors);
  set.push({ ...(await image(structure)), fingerprints, structure, ...(k === 0 && { masked: Uint32Array.of(1, 2) }) });
}
const models = [1, 2].map((seed) => untrained(set, seed));
const tolerance = { energy: 0.05, force: 0.5 };

const here = trainer(1);
after(() => here.close());

/** Bytes of the last task that travelled. */
let sent = 0;
/** There and back as bytes, as between two machines. */
const far = clusterTrainer(async (task) => {
  const bytes = serialize(task);
  sent = bytes.length;
  return deserialize(serialize(await trainCarried(deserialize(bytes) as CarriedTask, here))) as Training;
});

/** All of a training that does not depend on the clock. */
const timeless = ({ curve, seconds: _, model, ...rest }: Training): unknown => ({
  ...rest,
  model: packModel(model),
  curve: curve.filter((_x, k) => k % 5 !== 1),
});

describe("a trainer whose tasks travel", () => {
  for (const method of TRAINING_METHODS)
    it(`comes to the same bits by ${method}, masked forces and all`, async () => {
      const options = { tolerance, method, newest: 2, maxEvaluations: 20 };
      const expected = models.map((model) => timeless(train(ARCHITECTURE, model, set, options)));
      assert.deepEqual((await far.trainAll(ARCHITECTURE, models, set, options)).map(timeless), expected);
      assert.deepEqual(timeless(await far.train(ARCHITECTURE, models[0], set, options)), expected[0]);
      // 22 atoms and a model; their derivatives alone would be hundreds of kB.
      assert.ok(sent < 20_000, `${sent} bytes`);
    });

  it("reports the rows of the curve", async () => {
    const rows: CurveRow[] = [];
    const { curve } = await far.train(ARCHITECTURE, models[0], set, { tolerance }, { report: (row) => rows.push(row) });
    assert.ok(rows.length > 1);
    assert.deepEqual(rows.flat(), [...curve]);
  });

  it("refuses an image without its structure; hands on what fails; begins nothing for one who has given up", async () => {
    const { structure: _, ...bare } = set[1];
    await assert.rejects(far.train(ARCHITECTURE, models[0], [set[0], bare], { tolerance }), {
      name: "RangeError",
      message: "image 1 has no structure, and fingerprints do not travel; give it along",
    });
    const failing = clusterTrainer(() => Promise.reject(new Error("no room")));
    await assert.rejects(failing.train(ARCHITECTURE, models[0], set, { tolerance }), /^Error: no room$/);
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(far.train(ARCHITECTURE, models[0], set, { tolerance }, { signal }), /^Error: enough$/);
  });
});
