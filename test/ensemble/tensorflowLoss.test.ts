import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadTensorflow } from "../../src/engine/tensorflow/load.ts";
import { describing } from "../../src/engine/wasm/fingerprints.ts";
import { lossFunction, type TrainingImage } from "../../src/ensemble/loss.ts";
import { drawModel, type Model } from "../../src/ensemble/model.ts";
import { tensorflowLoss } from "../../src/ensemble/tensorflowLoss.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { structure } from "../../src/structure/structure.ts";
import { derivative } from "../descriptors/surroundings.ts";
import { ENGINES } from "../engine/engines.ts";
import { ARCHITECTURE, CLUSTER, CRYSTAL, images, untrained } from "./smallSet.ts";

const TOLERANCE = { energy: 0.003, force: 0.07 };
const { tf } = loadTensorflow("tensorflow", ENGINES);

/** Clusters with two elements and crystals with one, in an order that sorting by element must undo; and an atom alone. */
const clusters = await images(CLUSTER, 2);
const crystals = await images(CRYSTAL, 2, 5);
const [alone] = await images(structure({ symbols: ["Cu"], positions: [0, 0, 0] }), 1);
const set: TrainingImage[] = [crystals[0], clusters[0], alone, clusters[1], crystals[1]];

/** Three members that differ in all that members may differ in. */
const models: Model[] = [0, 1, 2].map((member) => {
  const scaling = untrained(member === 0 ? set : [clusters[member - 1], crystals[0]]);
  return { ...drawModel(ARCHITECTURE, scaling, 3, member), offsets: Float64Array.of(-1.5 * member, 2.1 - member) };
});
const oracle = lossFunction(ARCHITECTURE, set, TOLERANCE);
const loss = tensorflowLoss(ARCHITECTURE, set, TOLERANCE, tf);
const zeros = (): Float64Array[] => models.map(() => new Float64Array(oracle.size));

const norm = (x: Float64Array): number => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));

describe("the loss on TensorFlow", () => {
  it("has the errors of the plain loss, member by member", () => {
    const found = loss.evaluateAll(models);
    models.forEach((model, m) => {
      const expected = oracle.evaluate(model);
      found[m].images.forEach((image, k) => {
        // f32 of energies per atom and forces of a few eV and eV/Å, sums of some tens of terms.
        assert.ok(Math.abs(image.energy - expected.images[k].energy) < 1e-6, `energy of image ${k}`);
        assert.ok(Math.abs(image.force - expected.images[k].force) < 3e-6, `forces of image ${k}`);
      });
      // The same relative to errors near 1 eV/Å.
      for (const name of ["loss", "energyRmse", "forceRmse"] as const)
        assert.ok(Math.abs(found[m][name] / expected[name] - 1) < 5e-6, `${name} of member ${m}`);
    });
  });

  it("has energies and forces that agree with the plain ones to f32, component by component", () => {
    for (const model of models) {
      const labelled = set.map((image, k): TrainingImage => {
        const residuals = oracle.residuals(model, k);
        const n = image.forces.length / 3;
        const forces = image.forces.map((f, c) => f + residuals[1 + c] * TOLERANCE.force * Math.sqrt(3 * n));
        return { ...image, energy: image.energy + residuals[0] * n * TOLERANCE.energy, forces };
      });
      const itself = tensorflowLoss(ARCHITECTURE, labelled, TOLERANCE, tf);
      const { images: errors } = itself.evaluate(model);
      itself.dispose();
      for (const { energy, force } of errors) {
        assert.ok(energy < 5e-7, `${energy} eV/atom`); // f32 of an atom's output
        assert.ok(force < 3e-6, `${force} eV/Å`); // f32 of tens of contributions of some eV/Å
      }
    }
  });

  it("has the gradient that finite differences of the plain loss in f64 give", () => {
    const gradients = zeros();
    loss.evaluateAll(models, gradients);
    models.forEach((model, m) => {
      const size = norm(gradients[m]);
      for (let w = m; w < oracle.size; w += 7) {
        const expected = derivative((h) => oracle.evaluate({ ...model, weights: model.weights.with(w, model.weights[w] + h) }).loss);
        // FACTS: f32 gradients agree with f64 to 5e-6; nested tf.grad would be off by 0.07 to 0.24.
        assert.ok(Math.abs(gradients[m][w] - expected) < 5e-6 * size, `member ${m}, weight ${w}: ${gradients[m][w]} against ${expected}`);
      }
    });
  });

  it("leaves masked forces out as the plain loss does, also all of an image", () => {
    const some: TrainingImage[] = set.map((image, k) => {
      return { ...image, masked: Uint32Array.from(image.fingerprints.kinds.keys()).filter((i) => k === 4 || (i + k) % 3 === 0) };
    });
    const plain = lossFunction(ARCHITECTURE, some, TOLERANCE);
    const own = tensorflowLoss(ARCHITECTURE, some, TOLERANCE, tf);
    const gradients = zeros();
    const found = own.evaluateAll(models, gradients);
    own.dispose();
    models.forEach((model, m) => {
      const gradient = new Float64Array(oracle.size);
      const expected = plain.evaluate(model, gradient);
      // f32 as above.
      for (const name of ["loss", "energyRmse", "forceRmse"] as const)
        assert.ok(Math.abs(found[m][name] / expected[name] - 1) < 5e-6, `${name} of member ${m}`);
      assert.equal(found[m].images[4].force, 0);
      const size = norm(gradient);
      gradient.forEach((g, w) => {
        assert.ok(Math.abs(g - gradients[m][w]) < 5e-6 * size, `member ${m}, weight ${w}`);
      });
    });
  });

  it("is the same of images that come without derivatives, described when they are laid", () => {
    const { descriptors } = ARCHITECTURE;
    const structures = [CRYSTAL, CLUSTER].map((s, seed) => rattle(s, { stdev: 0.08, seed }));
    const of = (memory: number): TrainingImage[] => {
      const describe = describing(descriptors, memory);
      return structures.map((structure) => {
        return { structure, fingerprints: describe(structure), energy: 1, forces: new Float64Array(structure.positions.length) };
      });
    };
    const [kept, anew] = [Number.POSITIVE_INFINITY, 0].map((memory) => {
      const own = tensorflowLoss(ARCHITECTURE, of(memory), TOLERANCE, tf);
      const gradients = zeros();
      const errors = own.evaluateAll(models, gradients);
      own.dispose();
      return { errors, gradients };
    });
    assert.deepEqual(anew, kept);
  });

  it("adds the gradient to what is there, and answers one model as it answers many", () => {
    const gradients = zeros();
    const together = loss.evaluateAll(models, gradients);
    models.forEach((model, m) => {
      const gradient = new Float64Array(oracle.size).fill(2);
      const by = loss.evaluate(model, gradient);
      const size = norm(gradients[m]);
      // Products of other shapes add in another order.
      gradient.forEach((g, w) => {
        assert.ok(Math.abs(g - 2 - gradients[m][w]) < 2e-6 * size);
      });
      assert.ok(Math.abs(by.loss / together[m].loss - 1) < 2e-6);
    });
    assert.deepEqual(loss.evaluateAll([]), []);
  });

  it("does not depend on how the set is cut into batches", () => {
    const [whole, parts] = [zeros(), zeros()];
    const cut = tensorflowLoss(ARCHITECTURE, set, TOLERANCE, tf, 1);
    const [a, b] = [loss.evaluateAll(models, whole), cut.evaluateAll(models, parts)];
    cut.dispose();
    models.forEach((_, m) => {
      assert.equal(b[m].images.length, set.length);
      assert.ok(Math.abs(a[m].loss / b[m].loss - 1) < 2e-6); // rounding, as above
      const size = norm(whole[m]);
      whole[m].forEach((g, w) => {
        assert.ok(Math.abs(g - parts[m][w]) < 2e-6 * size);
      });
    });
  });

  it("leaves no tensor behind, neither at work nor in the end", () => {
    const before = tf.memory().numTensors;
    const other = tensorflowLoss(ARCHITECTURE, set, TOLERANCE, tf);
    const placed = tf.memory().numTensors;
    for (let k = 0; k < 3; k++) other.evaluateAll(models, zeros());
    other.evaluateAll(models.slice(1));
    assert.equal(tf.memory().numTensors, placed);
    other.dispose();
    assert.equal(tf.memory().numTensors, before);
    assert.throws(() => other.evaluateAll(models), /disposed/);
  });

  it("of no images is zero", () => {
    const none = tensorflowLoss(ARCHITECTURE, [], TOLERANCE, tf);
    assert.deepEqual(none.evaluate(models[0]), { loss: 0, energyRmse: 0, forceRmse: 0, images: [] });
  });
});
