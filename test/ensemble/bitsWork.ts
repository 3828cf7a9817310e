/**
 * A small but whole piece of work, for `bits.test.ts`: `node bitsWork.ts 0 2` does it without threads and on two of them, and prints a JSON
 * object of the number of threads to the SHA-256 of all numbers of each part. Times are no results.
 */
import { createHash } from "node:crypto";
import { emtCalculator } from "../../src/calculators/emt.ts";
import type { Fingerprints } from "../../src/descriptors/fingerprints.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { type DescriptorSettings, defaultDescriptors } from "../../src/descriptors/settings.ts";
import { fingerprints } from "../../src/engine/wasm/fingerprints.ts";
import { committeeCalculator } from "../../src/ensemble/calculator.ts";
import { engineLoss } from "../../src/ensemble/engineLoss.ts";
import type { TrainingImage } from "../../src/ensemble/loss.ts";
import { type Architecture, drawModel, type Model, packModel } from "../../src/ensemble/model.ts";
import type { Training, TrainingMethodName } from "../../src/ensemble/train.ts";
import { trainer } from "../../src/ensemble/trainer.ts";
import { exp } from "../../src/linalg/elementary.ts";
import { random } from "../../src/linalg/random.ts";
import { bfgsInit, bfgsStep } from "../../src/optimize/bfgs.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { repeat } from "../../src/structure/repeat.ts";
import type { Structure } from "../../src/structure/structure.ts";
import { turned } from "../../src/structure/turned.ts";

type Numbers = Float64Array | Uint32Array | Uint8Array;

const METHODS: readonly TrainingMethodName[] = ["levenberg-marquardt", "kalman", "bfgs"];
const MEMBERS = 3;

const SLAB = addAdsorbate(fcc100("Cu", { size: [2, 2, 2], vacuum: 5 }), "N", { site: "hollow", height: 1.1 });
const CRYSTAL = repeat(bulk("Cu", { cubic: true }), [2, 1, 1]);
const STRUCTURES: readonly Structure[] = [1, 2, 3, 4].map((seed) => rattle(seed > 3 ? CRYSTAL : SLAB, { stdev: 0.08, seed }));
/** The warm trainings' new image. */
const NEW = rattle(SLAB, { stdev: 0.12, seed: 5 });
/** Worth threads to a committee. */
const LARGE = rattle(repeat(CRYSTAL, [5, 9, 9]), { stdev: 0.05, seed: 6 });

const plain = defaultDescriptors([7, 29], 4);
const descriptors: DescriptorSettings = { ...plain, g2: [0.5, 8, 40].map((eta) => ({ eta, rs: 1 })) };
const ARCHITECTURE: Architecture = { descriptors, hidden: [5, 4] };
const TOLERANCE = { energy: 0.005, force: 0.1 };

async function image(s: Structure): Promise<TrainingImage & { readonly fingerprints: Fingerprints }> {
  const { energy, forces } = await emtCalculator().calculate(s, ["energy", "forces"]);
  return { fingerprints: fingerprints(s, descriptors), energy, forces: forces as Float64Array };
}

function sha(numbers: readonly Numbers[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of numbers) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest("hex");
}

/** All numbers of trainings but the seconds. */
function ofTrainings(trainings: readonly Training[]): Float64Array[] {
  return trainings.flatMap(({ model, error, converged, evaluations, curve }) => [
    packModel(model),
    Float64Array.of(error.loss, error.energyRmse, error.forceRmse, Number(converged), evaluations),
    Float64Array.from(error.images.flatMap(({ energy, force }) => [energy, force])),
    curve.filter((_, k) => k % 5 !== 1),
  ]);
}

/** The SHA-256 of each part, the trainings on so many threads. */
async function work(threads: number): Promise<Record<string, string>> {
  const parts: Record<string, string> = {};
  const { uniform, gaussian } = random(7, 3);
  const drawn = Float64Array.from({ length: 10_000 }, (_, k) => (k % 2 === 0 ? gaussian() : exp(20 * uniform() - 10)));
  parts["random numbers"] = sha([drawn]);

  const acid = turned(fattyAcid(4, { torsion: 33 }), 0, 2, 77);
  parts.structures = sha([acid.positions, ...STRUCTURES.map((s) => s.positions)]);

  const emt = await Promise.all(STRUCTURES.map((s) => emtCalculator().calculate(s, ["energies", "forces", "stress"])));
  parts.emt = sha(emt.flatMap(({ energies, forces, stress }) => [energies, forces, stress] as Float64Array[]));

  let walk = bfgsInit();
  let structure = SLAB;
  const steps: Float64Array[] = [];
  for (let k = 0; k < 5; k++) {
    const { forces } = await emtCalculator().calculate(structure, ["forces"]);
    const next = bfgsStep(walk, structure.positions, forces as Float64Array);
    walk = next.state;
    structure = { ...structure, positions: next.positions };
    steps.push(next.positions);
  }
  parts.relaxation = sha(steps);

  const set = await Promise.all(STRUCTURES.map(image));
  const seen = set.map((i) => i.fingerprints);
  parts.fingerprints = sha(seen.flatMap(({ kinds, values, start, atom, slopes }) => [kinds, values, start, atom, slopes]));

  const scaling = rangeOf(seen, descriptors);
  const models = Array.from({ length: MEMBERS }, (_, stream): Model => drawModel(ARCHITECTURE, scaling, 1, stream));
  parts.models = sha(models.map(packModel));

  const loss = engineLoss(ARCHITECTURE, set, TOLERANCE);
  const gradients = models.map(() => new Float64Array(loss.size));
  const errors = loss.evaluateAll(models, gradients);
  parts.loss = sha([Float64Array.from(errors, (e) => e.loss), ...gradients]);

  const engine = trainer(threads);
  try {
    const larger = [...set, await image(NEW)];
    for (const method of METHODS) {
      const cold = await engine.trainAll(ARCHITECTURE, models, set, { tolerance: TOLERANCE, method });
      parts[`${method}, cold`] = sha(ofTrainings(cold));
      const options = { tolerance: TOLERANCE, method, warm: true, newest: set.length };
      const warm = await Promise.all(cold.map(({ model }) => engine.train(ARCHITECTURE, model, larger, options)));
      parts[`${method}, warm`] = sha(ofTrainings(warm));
      if (method !== METHODS[0]) continue;
      const members = warm.map((t) => t.model);
      for (const [part, structure] of [
        ["prediction", NEW],
        ["prediction, large", LARGE],
      ] as const) {
        const committee = committeeCalculator(ARCHITECTURE, members, { threads: Math.max(1, threads) });
        const { energies, forces, stress, forcesSigma } = await committee.calculate(structure, ["energies", "forces", "stress"]);
        parts[part] = sha([energies, forces, stress, forcesSigma] as Float64Array[]);
      }
    }
  } finally {
    await engine.close();
  }
  return parts;
}

const results: Record<string, Record<string, string>> = {};
for (const threads of process.argv.slice(2)) results[threads] = await work(Number(threads));
console.log(JSON.stringify(results, null, 2));
