import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  type Calculator,
  calculator,
  committeeCalculator,
  defaultDescriptors,
  drawModel,
  emt,
  emtCalculator,
  fcc100,
  fingerprints,
  lattice,
  openEngine,
  qmService,
  rangeOf,
  rattle,
  relax,
  type Structure,
  type TrainingImage,
  trainer,
} from "../../src/index.ts";

const KERNEL = Symbol.for("qmml.kernel");
const STOP = new Error("interrupted");

/** A cell begins in a kernel, as far as the package can tell. @returns its interrupt */
function cell(): () => void {
  const controller = new AbortController();
  Object.defineProperty(globalThis, KERNEL, { value: { signal: () => controller.signal }, configurable: true });
  return () => controller.abort(STOP);
}

afterEach(() => Reflect.deleteProperty(globalThis, KERNEL));

const start: Structure = rattle(fcc100("Cu", { size: [2, 2, 2], vacuum: 5 }), { stdev: 0.1, seed: 1 });
const descriptors = defaultDescriptors([29], 4);
const described = fingerprints(start, descriptors);
const architecture = { descriptors, hidden: [5] };
const model = drawModel(architecture, rangeOf([described], descriptors), 1, 0);

test("every calculator hears the interrupt of its cell, and the next cell's goes on", async () => {
  const qm = await openEngine(emt());
  const all: readonly Calculator[] = [emtCalculator(), calculator(emt()), committeeCalculator(architecture, [model]), qm];
  const interrupt = cell();
  for (const one of all) await one.calculate(start, ["energy"]);
  interrupt();
  for (const one of all) await assert.rejects(one.calculate(start, ["energy"]), STOP, one.name);
  const service = qmService(emtCalculator(), "settings", () => undefined);
  await assert.rejects(service.ask(start), STOP);
  // A signal of one's own is the one that counts.
  await all[0].calculate(start, ["energy"], new AbortController().signal);
  cell();
  for (const one of all) await one.calculate(start, ["energy"]);
  await service.ask(start);
});

test("relaxations and lattice constants end by their calculators", async () => {
  const interrupt = cell();
  const walk = relax(start, emtCalculator(), { fmax: 1e-9 });
  await walk.next();
  interrupt();
  await assert.rejects(walk.next(), STOP);
  await assert.rejects(lattice(emtCalculator(), { element: "Cu", crystal: "fcc" }), STOP);
});

test("a training ends at the interrupt, and the threads train the next", { timeout: 60_000 }, async () => {
  const threads = trainer(1);
  try {
    const images: TrainingImage[] = [];
    for (const seed of [1, 2, 3, 4]) {
      const structure = rattle(fcc100("Cu", { size: [3, 3, 3], vacuum: 5 }), { stdev: 0.3, seed });
      const { energy, forces } = await emtCalculator().calculate(structure, ["energy", "forces"]);
      images.push({ structure, fingerprints: fingerprints(structure, descriptors), energy, forces: forces as Float64Array });
    }
    // Nobody gets there.
    const options = { method: "levenberg-marquardt", tolerance: { energy: 1e-13, force: 1e-13 }, maxEvaluations: 1e9 } as const;
    let begun = (): void => {};
    for (const begin of [
      () => threads.train(architecture, model, images, options, { report: () => begun() }),
      () => threads.trainAll(architecture, [model], images, options, { report: () => begun() }),
    ]) {
      const interrupt = cell();
      const learning = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const training = begin();
      training.catch(() => {});
      await Promise.race([learning, training]);
      interrupt();
      await assert.rejects(training, STOP);
    }
    cell();
    const { evaluations } = await threads.train(architecture, model, images, { ...options, maxEvaluations: 3 });
    assert.ok(evaluations > 0);
  } finally {
    await threads.close();
  }
});
