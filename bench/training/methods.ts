/**
 * `node bench/training/methods.ts [--seeds 10] [--only cu20]`: training methods side by side, from random weights and after one image that breaks
 * the fit; and what keeps a small set from being learnt by heart. Writes docs/training-methods.md.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { engineLoss } from "../../src/ensemble/engineLoss.ts";
import type { SetError, TrainingImage } from "../../src/ensemble/loss.ts";
import { drawModel, type Model } from "../../src/ensemble/model.ts";
import { DEFAULT_METHOD, type Training, type TrainingMethodName, type TrainingOptions, train } from "../../src/ensemble/train.ts";
import { median } from "../harness/figures.ts";
import { thisMachine } from "../harness/machine.ts";
import { type TrainingSet, trainingSets } from "./sets.ts";

const { values: options } = parseArgs({ options: { seeds: { type: "string", default: "10" }, only: { type: "string" } } });
const SEEDS = Number(options.seeds);
const METHODS: readonly TrainingMethodName[] = ["levenberg-marquardt", "kalman", "bfgs"];
/** What learns a small set by heart soonest. */
const THOROUGH: TrainingMethodName = "levenberg-marquardt";
/** Models of each kind for the experiment on overfitting, and images that they see: as few as a cheap pre-training has. */
const [MODELS, FEW] = [4, 8];
/** What a study aims at (see `study/tools.ts`). */
const MARGIN = 0.85;

/** One training. */
interface Trial {
  readonly evaluations: number;
  /** CPU s. */
  readonly cpu: number;
  readonly converged: boolean;
}

function timed(work: () => Training): Trial & { readonly model: Model } {
  const before = process.cpuUsage();
  const { model, evaluations, converged } = work();
  const { user, system } = process.cpuUsage(before);
  return { model, evaluations, converged, cpu: (user + system) / 1e6 };
}

function drawn({ architecture, images }: TrainingSet, seed: number): Model {
  const seen = images.map((i) => i.fingerprints);
  return drawModel(architecture, rangeOf(seen, architecture.descriptors), seed, 0);
}

/** Cold and warm trainings by one method; warm ones start from models that the default method has trained. */
function tried(set: TrainingSet, method: TrainingMethodName, trained: readonly Model[]): string {
  const { architecture, tolerance, images, news } = set;
  const usual: TrainingOptions = { tolerance, method, margin: MARGIN };
  const cold = trained.map((_, seed) => timed(() => train(architecture, drawn(set, seed), images, usual)));
  const warm = trained.map((model, seed) => {
    const more = [...images, news[seed % news.length]];
    return timed(() => train(architecture, model, more, { ...usual, warm: true, newest: images.length }));
  });
  return `| ${set.name} | ${method} | ${cells(cold)} | ${cells(warm)} |`;
}

function cells(trials: readonly Trial[]): string {
  const of = (value: (t: Trial) => number, digits: number): string => {
    const sorted = trials.map(value).sort((a, b) => a - b);
    return `${median(sorted).toFixed(digits)} (${sorted[0].toFixed(digits)}–${sorted[sorted.length - 1].toFixed(digits)})`;
  };
  return [of((t) => t.evaluations, 0), of((t) => t.cpu, 2), `${trials.filter((t) => !t.converged).length}`].join(" | ");
}

/** Force errors on what was seen and what was not, for models that saw little. */
function overfitted(set: TrainingSet): string[] {
  const { architecture, tolerance, images, unseen } = set;
  const few = images.slice(0, FEW);
  const errorOn = (model: Model, of: readonly TrainingImage[]): SetError => engineLoss(architecture, of, tolerance).evaluate(model);
  const row = (what: string, models: readonly Model[], evaluations: number): string => {
    const [seen, fresh] = [few, unseen].map((of) => models.map((m) => errorOn(m, of)));
    const meV = (errors: readonly SetError[]): string => (1000 * median(errors.map((e) => e.energyRmse))).toFixed(2);
    const force = (errors: readonly SetError[]): string => median(errors.map((e) => e.forceRmse)).toFixed(4);
    return `| ${set.name} | ${what} | ${evaluations} | ${meV(seen)} | ${force(seen)} | ${meV(fresh)} | ${force(fresh)} |`;
  };
  const rows: string[] = [];
  const seeds = Array.from({ length: MODELS }, (_, seed) => seed);
  for (const decay of [0, 0.001, 0.01, 0.1, 1]) {
    for (const [goal, margin] of [
      ["to the tolerance", MARGIN],
      ["to a tenth of it", 0.1],
    ] as const) {
      const trials = seeds.map((seed) =>
        timed(() => train(architecture, drawn(set, seed), few, { tolerance, decay, margin, method: THOROUGH, maxEvaluations: 150 })),
      );
      const models = trials.map((t) => t.model);
      rows.push(row(`decay ${decay}, ${goal}`, models, median(trials.map((t) => t.evaluations))));
    }
  }
  const stopped = seeds.map((seed) => heldOut(set, few, drawn(set, seed)));
  const models = stopped.map((s) => s.model);
  rows.push(row("no decay, stopped by a quarter held out", models, median(stopped.map((s) => s.evaluations))));
  return rows;
}

/** Training on three quarters, without decay, in short runs that go on from each other; the state that the last quarter likes best. */
function heldOut(
  { architecture, tolerance }: TrainingSet,
  few: readonly TrainingImage[],
  start: Model,
): { model: Model; evaluations: number } {
  const seen = few.filter((_, k) => k % 4 !== 3);
  const rest = engineLoss(
    architecture,
    few.filter((_, k) => k % 4 === 3),
    tolerance,
  );
  let [model, best, evaluations] = [start, start, 0];
  let least = rest.evaluate(start).loss;
  while (evaluations < 150) {
    const run = train(architecture, model, seen, { tolerance, decay: 0, margin: 0.1, method: THOROUGH, maxEvaluations: 7 });
    if (run.evaluations === 0) break;
    evaluations += run.evaluations;
    model = run.model;
    const { loss } = rest.evaluate(model);
    if (loss < least) [best, least] = [model, loss];
  }
  return { model: best, evaluations };
}

const sets = (await trainingSets()).filter((s) => options.only === undefined || options.only.split(",").includes(s.name));
const methods: string[] = [];
const overfitting: string[] = [];
for (const set of sets) {
  const { architecture, tolerance, images } = set;
  const trained = Array.from(
    { length: SEEDS },
    (_, seed) => train(architecture, drawn(set, seed), images, { tolerance, method: DEFAULT_METHOD, margin: MARGIN }).model,
  );
  for (const method of METHODS) {
    methods.push(tried(set, method, trained));
    console.log(methods[methods.length - 1]);
  }
  overfitting.push(...overfitted(set));
  console.log(overfitting.slice(-11).join("\n"));
}
const { cpu, date, commit } = thisMachine();
const page = `# Training methods

Made by \`node bench/training/methods.ts\` (${date}, ${commit}, ${cpu}, Node ${process.versions.node}, one thread).

## From random weights, and after one image that breaks the fit

${SEEDS} seeds; medians (least–most). Tolerances: cu20 1 meV/atom and 0.05 eV/Å, studies 1 meV/atom and 0.02 eV/Å, of which a training aims at ${MARGIN}. The sets of the
studies are their pre-training sets. Failures: trainings that gave up outside of the tolerance. A Levenberg-Marquardt step counts three evaluations, a Kalman epoch and a
gradient of BFGS one each, so that seconds compare and evaluations do not. Warm: the same models, trained by ${DEFAULT_METHOD}, and one image displaced half as much again.

| set | method | cold: evaluations | CPU s | failures | warm: evaluations | CPU s | failures |
|---|---|---|---|---|---|---|---|
${methods.join("\n")}

## Overfitting a small set

${MODELS} models on the first ${FEW} images of each set, by ${THOROUGH}; errors on these and on ten that they did not see, displaced alike: medians, meV/atom and eV/Å.
Weight decay is in units of the loss. Held out: trained on six of the eight images, the state kept in which the other two had the least loss.

| set | training | evaluations | seen: energy | force | unseen: energy | force |
|---|---|---|---|---|---|---|
${overfitting.join("\n")}

## What follows

BFGS is the default: in both studies it takes the least CPU time and does not fail, because a gradient costs so little, and it remembers its steps instead of a matrix. After one new
image on cu20 Levenberg-Marquardt is quicker and more reliable; it needs the fewest passes over the set, and pays for its matrix. A Kalman filter needs few epochs, and carries a matrix
that grows with the square of the weights. Weight decay is 0.1: it costs nothing, and images that were not seen are met at least as well as with
less, clearly better where training goes on beyond the tolerance. Holding images out is no remedy for so few: what they would have taught is missed more.
`;
if (options.only === undefined) writeFileSync(new URL("../../docs/training-methods.md", import.meta.url), page);
