import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import type { DescriptorSettings } from "../../src/descriptors/settings.ts";
import { engineLoss } from "../../src/ensemble/engineLoss.ts";
import { type LossFunction, lossFunction, type TrainingImage } from "../../src/ensemble/loss.ts";
import { type Architecture, drawModel, type Model } from "../../src/ensemble/model.ts";
import { random } from "../../src/linalg/random.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";

const TOLERANCE = { energy: 0.004, force: 0.06 };
const SYMBOLS = ["H", "C", "O"];

/** Atoms on a crowded grid, elements as they come. */
function cloud(kinds: readonly number[], periodic: boolean): Structure {
  const positions = kinds.flatMap((_, i) => [1.4 * (i % 3) + 0.1 * i, 1.5 * (Math.floor(i / 3) % 3), 1.6 * Math.floor(i / 9)]);
  const s = structure({ symbols: kinds.map((k) => SYMBOLS[k]), positions });
  return periodic ? { ...s, cell: Float64Array.of(4.6, 0.2, 0, 0.3, 5, 0.1, 0, -0.2, 5.2), pbc: [true, true, true] } : s;
}

/** Sets and models of all shapes: elements, functions, layers, sizes of images, ranges that differ from model to model, forces masked. */
const cases = fc.record({
  elements: fc.integer({ min: 1, max: 3 }),
  radial: fc.integer({ min: 1, max: 3 }),
  angular: fc.integer({ min: 0, max: 2 }),
  hidden: fc.array(fc.integer({ min: 1, max: 11 }), { maxLength: 3 }),
  images: fc.array(fc.tuple(fc.array(fc.nat(2), { minLength: 1, maxLength: 11 }), fc.boolean()), { minLength: 1, maxLength: 3 }),
  models: fc.integer({ min: 1, max: 9 }),
  masked: fc.integer({ min: 0, max: 2 }),
  seed: fc.nat(1000),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

interface Setting {
  readonly architecture: Architecture;
  readonly images: readonly TrainingImage[];
  readonly models: readonly Model[];
}

function setting(c: Case): Setting {
  const descriptors: DescriptorSettings = {
    cutoff: 3.4,
    cutoffFunction: "cosine",
    elements: [1, 6, 8].slice(0, c.elements),
    g2: Array.from({ length: c.radial }, (_, k) => ({ eta: 3 + 9 * k, rs: 1 })),
    g4: Array.from({ length: c.angular }, (_, k) => ({ eta: 0.1, zeta: 1 + k, gamma: 1 })),
    g5: [],
  };
  const architecture = { descriptors, hidden: c.hidden };
  const draw = random(c.seed, 0);
  const images = c.images.map(([kinds, periodic], k) => {
    const s = cloud(
      kinds.map((kind) => kind % c.elements),
      periodic,
    );
    const forces = Float64Array.from({ length: 3 * kinds.length }, () => draw.gaussian());
    const moved = rattle(s, { stdev: 0.05, seed: c.seed + k });
    const masked = Uint32Array.from(kinds.keys()).filter(() => 2 * draw.uniform() < c.masked);
    return { fingerprints: fingerprints(moved, descriptors), structure: moved, energy: draw.gaussian(), forces, masked };
  });
  const range = rangeOf(
    images.map((i) => i.fingerprints),
    descriptors,
  );
  const models = Array.from({ length: c.models }, (_, m) => {
    const model = drawModel(architecture, range, c.seed, m);
    return { ...model, low: model.low.map((l) => l - 0.01 * m), offsets: model.offsets.map((_, e) => 0.1 * e - 0.03 * m) };
  });
  return { architecture, images, models };
}

/** The same sums in another order: rounding, against the largest number. */
function near(a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-12): void {
  let [most, difference] = [1e-9, 0];
  for (let k = 0; k < b.length; k++) {
    most = Math.max(most, Math.abs(b[k]));
    difference = Math.max(difference, Math.abs(a[k] - b[k]));
  }
  assert.equal(a.length, b.length);
  assert.ok(difference <= tolerance * most, `${difference} of ${most}`);
}

function gradients(loss: LossFunction, models: readonly Model[]): { loss: number[]; rmse: number[]; all: Float64Array } {
  const out = models.map(() => new Float64Array(loss.size).fill(0.5));
  const errors = loss.evaluateAll(models, out);
  return {
    loss: errors.map((e) => e.loss),
    rmse: errors.flatMap((e) => [e.energyRmse, e.forceRmse, ...e.images.flatMap((i) => [i.energy, i.force])]),
    all: Float64Array.from(out.flatMap((g) => [...g])),
  };
}

describe("the loss by WebAssembly", () => {
  it("is that of plain TypeScript, with its gradient, for any set, elements, layers and models", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { architecture, images, models } = setting(c);
        const [got, expected] = [engineLoss, lossFunction].map((make) => gradients(make(architecture, images, TOLERANCE), models));
        near(got.loss, expected.loss);
        near(got.rmse, expected.rmse);
        near(got.all, expected.all);
      }),
      { numRuns: 40 },
    );
  });

  it("has the same residuals, Jacobian, products with it and bare energies", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { architecture, images, models } = setting(c);
        const [loss, oracle] = [engineLoss, lossFunction].map((make) => make(architecture, images, TOLERANCE));
        images.forEach(({ forces }, k) => {
          const model = models[k % models.length];
          near(loss.residuals(model, k), oracle.residuals(model, k));
          near([loss.bare(model, k)], [oracle.bare(model, k)]);
          const rows = 1 + forces.length;
          const [there, elsewhere] = [loss.machine?.floats(rows * loss.size) ?? new Float64Array(), new Float64Array(rows * loss.size)];
          const expected = new Float64Array(rows * loss.size);
          loss.jacobian(model, k, there);
          loss.jacobian(model, k, elsewhere);
          oracle.jacobian(model, k, expected);
          near(there, expected);
          assert.deepEqual(elsewhere, Float64Array.from(there));
          const y = Float64Array.from({ length: rows }, (_, r) => Math.cos(r));
          const [pulled, wanted] = [new Float64Array(loss.size).fill(2), new Float64Array(loss.size).fill(2)];
          loss.addPullback(model, k, y, pulled);
          oracle.addPullback(model, k, y, wanted);
          near(pulled, wanted);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("gives a model the same bits alone and in any company", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { architecture, images, models } = setting(c);
        const loss = engineLoss(architecture, images, TOLERANCE);
        const together = models.map(() => new Float64Array(loss.size));
        const errors = loss.evaluateAll(models, together);
        models.forEach((model, m) => {
          const alone = new Float64Array(loss.size);
          assert.deepEqual(loss.evaluate(model, alone), errors[m]);
          assert.deepEqual(alone, together[m]);
        });
        assert.deepEqual(loss.evaluateAll(models.slice(1)), errors.slice(1));
      }),
      { numRuns: 30 },
    );
  });

  it("is the same where derivatives are calculated anew, a few centres at a time or all of an image", () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0, 3000), (c, memory) => {
        const { architecture, images, models } = setting(c);
        const [loss, kept] = [{ memory }, {}].map((options) => engineLoss(architecture, images, TOLERANCE, options));
        // The kernels' derivatives against those of plain TypeScript.
        const [got, expected] = [loss, kept].map((l) => gradients(l, models));
        near(got.loss, expected.loss, 1e-11);
        near(got.all, expected.all, 1e-11);
        images.forEach(({ forces }, k) => {
          const [rows, wanted] = [loss, kept].map((l) => {
            const j = new Float64Array((1 + forces.length) * l.size);
            l.jacobian(models[0], k, j);
            return j;
          });
          near(rows, wanted, 1e-11);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("of no images is zero, and of no models nothing", () => {
    const { architecture, images, models } = setting({
      elements: 2,
      radial: 2,
      angular: 1,
      hidden: [3],
      images: [[[0, 1], false]],
      models: 2,
      masked: 0,
      seed: 1,
    });
    const none = { loss: 0, energyRmse: 0, forceRmse: 0, images: [] };
    assert.deepEqual(engineLoss(architecture, [], TOLERANCE).evaluateAll(models), [none, none]);
    assert.deepEqual(engineLoss(architecture, images, TOLERANCE).evaluateAll([]), []);
  });

  it("refuses images that other descriptors describe, that have not three forces an atom, or mask what is not there", () => {
    const shape = { elements: 2, angular: 1, hidden: [3], images: [[[0, 1], false] as [number[], boolean]], models: 1, masked: 0, seed: 1 };
    const { architecture, images } = setting({ ...shape, radial: 2 });
    const other = setting({ ...shape, radial: 3 }).images;
    assert.throws(() => engineLoss(architecture, [...images, ...other], TOLERANCE), {
      name: "RangeError",
      message: "image 1 is described by 9 functions, the models by 7; describe it with the architecture's descriptors",
    });
    assert.throws(() => engineLoss(architecture, [{ ...images[0], forces: new Float64Array(3) }], TOLERANCE), {
      name: "RangeError",
      message: "image 0 has 3 force components and 2 atoms; give three for each",
    });
    const masking = (...atoms: number[]): (() => unknown) => {
      return () => engineLoss(architecture, [{ ...images[0], masked: Uint32Array.from(atoms) }], TOLERANCE);
    };
    assert.throws(masking(1, 2), /^RangeError: image 0 masks the forces of atom 2, outside 0\.\.1$/);
    assert.throws(masking(1, 1), /^RangeError: image 0 masks the forces of an atom twice; name each once$/);
  });
});
