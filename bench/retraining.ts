/**
 * Retraining after one new image, in studies A and B as `npm start` runs them: the studies are run, then every retraining of all members is done again
 * from what they knew and were just before it. Members of the retrained scheme have images of their own, those of the committee share theirs.
 */

import { describing } from "../src/engine/wasm/fingerprints.ts";
import type { TrainingImage } from "../src/ensemble/loss.ts";
import { type Model, unpackModel } from "../src/ensemble/model.ts";
import { trainer } from "../src/ensemble/trainer.ts";
import { openEngine } from "../src/qm/engines.ts";
import { type QmImage, qmService, settingsOf } from "../src/qm/image.ts";
import type { Place } from "../src/study/events.ts";
import { studyA, studyB } from "../src/study/examples.ts";
import type { Memory } from "../src/study/memory.ts";
import { plan } from "../src/study/plan.ts";
import { runStudy } from "../src/study/run.ts";
import type { Study } from "../src/study/studyFile.ts";
import { type Tools, trainingImage, trainOn } from "../src/study/tools.ts";
import { type Figure, median, OURS } from "./harness/figures.ts";
import { figureOf, type Sample, timed } from "./harness/measure.ts";
import type { Bench, Workload } from "./harness/workload.ts";

/** s, issue 6. */
const BAR = 1;
const SCHEMES = ["retrained", "committee"] as const;

/** Images of a scheme whose retrainings are done again. */
const MOST_IMAGES = 12;

/** A retraining as the study met it. */
interface Task {
  readonly place: Place;
  readonly model: Model;
  /** The newest last. */
  readonly images: readonly TrainingImage[];
  readonly evaluations: number;
}

export const workload: Workload = {
  name: "retraining",
  title: "Retraining ten members after one new image",
  peers: [],
  async run(bench) {
    const options = { schemes: [...SCHEMES], verify: false, ...(bench.quick && { members: 2 }) };
    const figures: Figure[] = [];
    const checks: string[] = [];
    for (const [name, study] of [["A", studyA(options)], ...(bench.quick ? [] : [["B", studyB(options)] as const])] as const) {
      bench.log(`study ${name}`);
      const workers = trainer(bench.cores);
      try {
        const { tools, tasks, seconds } = await ran(study, workers, bench);
        const took = `Study ${name} took ${seconds.toFixed(0)} s with ${tasks.length} trainings after its pre-training`;
        bench.log(took);
        checks.push(took);
        for (const scheme of SCHEMES)
          figures.push(
            ...(await replayed(
              `study ${name}, ${scheme}`,
              tools,
              tasks.filter((t) => t.place.scheme === scheme),
              bench,
            )),
          );
      } finally {
        await workers.close();
      }
    }
    return { figures, checks };
  },
};

/** Nothing is known beforehand, and nothing is kept. */
const NO_MEMORY: Memory = { seconds: 0, recall: () => undefined, every: () => [], failures: () => [] };

/** Runs a study in this process; what its retrainings began with, in their order. */
async function ran(study: Study, workers: Tools["trainer"], bench: Bench): Promise<{ tools: Tools; tasks: Task[]; seconds: number }> {
  const engine = await openEngine(study.file.qm, { slots: bench.cores });
  const store = new Map<string, QmImage>();
  const { architecture } = plan(study);
  const describe = describing(architecture.descriptors);
  const qm = qmService(engine, settingsOf(study.file.qm, engine.version), (hash) => store.get(hash));
  const resources = { qm, trainer: workers, memory: NO_MEMORY, versions: {} };
  const set: TrainingImage[] = [];
  const first: Model[] = [];
  const members = new Map<string, { model: Model; images: readonly TrainingImage[] }>();
  const shared = new Map<string, readonly TrainingImage[]>();
  const tasks: Task[] = [];
  const began = performance.now();
  try {
    for await (const { happening: h, image } of runStudy(study, resources)) {
      const place: Place = { scheme: h.scheme ?? null, member: h.member ?? null, step: h.step ?? null, image: h.image ?? null };
      if (image) store.set(image.hash, image);
      if (h.kind === "qm-finished" && image && place.image !== null) {
        const learnt = trainingImage(image, { describe });
        if (place.scheme === null) set.push(learnt);
        else shared.set(keyOf(place), [...(shared.get(keyOf(place)) ?? set), learnt]);
      }
      if (h.kind !== "training" || place.member === null) continue;
      const packed = h.arrays?.model;
      if (place.scheme === null) {
        if (packed) first[place.member] = unpackModel(architecture, packed);
        continue;
      }
      const key = `${place.scheme} ${place.member}`;
      const { model } = members.get(key) ?? { model: first[place.member] };
      const images = shared.get(place.scheme === "committee" ? keyOf({ ...place, member: null }) : keyOf(place)) ?? set;
      tasks.push({ place, model, images, evaluations: h.payload.evaluations });
      members.set(key, { model: packed ? unpackModel(architecture, packed) : model, images });
    }
  } finally {
    await engine.close();
  }
  return { tools: { ...resources, file: study.file, architecture, describe }, tasks, seconds: (performance.now() - began) / 1000 };
}

/** Whose images: a member's own, or a committee's. */
function keyOf({ scheme, member }: Pick<Place, "scheme" | "member">): string {
  return `${scheme} ${member}`;
}

/** All members' retrainings at one image together, for each image that any of them needed to learn. */
async function replayed(task: string, tools: Tools, tasks: readonly Task[], { quick, cores }: Bench): Promise<Figure[]> {
  const images = [...new Set(tasks.map((t) => t.place.image))];
  const groups = images.map((k) => tasks.filter((t) => t.place.image === k)).filter((group) => group.some((t) => t.evaluations > 0));
  const samples: Sample[] = [];
  for (const group of spaced(groups, quick ? 3 : MOST_IMAGES)) {
    const retrain = (): Promise<unknown> =>
      Promise.all(
        group.map(async ({ model, images, place }) => {
          for await (const _ of trainOn(tools, model, images, place, true));
        }),
      );
    samples.push(await timed(retrain));
  }
  if (samples.length === 0) return [];
  const dearest = Math.max(...samples.map(([wall]) => wall));
  const needed = tasks.filter((t) => t.evaluations > 0);
  const note = `${samples.length} of ${groups.length} images, ${needed.length} trainings of ${median(needed.map((t) => t.evaluations))} evaluations; the dearest image ${dearest.toFixed(2)} s`;
  return [{ ...figureOf(task, OURS, cores, samples), bar: BAR, note }];
}

/** At most so many, evenly spaced from the first to the last. */
function spaced<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, k) => all[Math.round((k * (all.length - 1)) / (most - 1))]);
}
