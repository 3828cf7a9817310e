/** How costs grow with images, atoms, members and threads; each point in a process of its own. A curve ends where a point took too long. */
import { availableParallelism } from "node:os";
import { hasTensorflow } from "./harness/engine.ts";
import { type Curve, median } from "./harness/figures.ts";
import type { Sample } from "./harness/measure.ts";
import type { Bench, Workload } from "./harness/workload.ts";
import type { Input as Atoms } from "./jobs/atoms.ts";
import type { Input as Images } from "./jobs/images.ts";

/** s after which a curve goes no further. */
const ENOUGH = 20;
const IMAGES = [5, 10, 20, 50, 100, 200, 500];
const MEMBERS = [1, 2, 5, 10, 20, 50, 100];
const RADIALS = [4, 8, 16, 32, 64, 128];
const CRYSTALS: readonly Atoms["cells"][] = [
  [3, 3, 1],
  [3, 3, 3],
  [4, 4, 4],
  [6, 6, 6],
];
const CELLS: readonly Atoms["cells"][] = [
  [3, 3, 1],
  [3, 3, 3],
  [4, 4, 4],
  [6, 6, 6],
  [8, 8, 8],
  [11, 11, 11],
  [16, 16, 16],
  [25, 25, 20],
];

export const workload: Workload = {
  name: "scaling",
  title: "Scaling with images, atoms, members and threads",
  peers: [],
  async run(bench) {
    const few = <T>(all: readonly T[]): readonly T[] => (bench.quick ? all.slice(0, 3) : all);
    const repeats = bench.quick ? 2 : 4;
    const most = Math.min(2, availableParallelism());
    const curves: Curve[] = [];
    const ofImages = (task: Images["task"], threads: number) => (images: number) =>
      bench.alone<Found>("images", { task, images, members: 10, threads, repeats } satisfies Images);
    curves.push(...(await grown(bench, "fingerprints", "images", few(IMAGES), ofImages("fingerprints", 1), false)));
    curves.push(...(await grown(bench, "loss gradient of ten members", "images", few(IMAGES), ofImages("gradient", 1), true)));
    curves.push(...(await grown(bench, "training of ten members", "images", few(IMAGES), ofImages("training", most), true)));

    const ofAtoms = (task: Atoms["task"]) => (cells: Atoms["cells"]) =>
      bench.alone<Found>("atoms", {
        task,
        functions: "default",
        cells,
        members: 10,
        threads: 1,
        repeats,
      } satisfies Atoms);
    for (const task of ["neighbours", "prediction"] as const)
      curves.push(
        ...(await grown(
          bench,
          task === "neighbours" ? "neighbours, 4 Å" : "prediction, committee of ten",
          "atoms",
          few(CELLS),
          ofAtoms(task),
          true,
        )),
      );

    for (const engine of hasTensorflow() ? (["wasm", "tensorflow"] as const) : (["wasm"] as const)) {
      const named = (task: string): string => (engine === "wasm" ? task : `${task}, TensorFlow`);
      const gradient = (more: Partial<Images>) =>
        bench.alone<Found>("images", { task: "gradient", images: 20, members: 10, threads: 1, engine, repeats, ...more } satisfies Images);
      if (engine === "tensorflow")
        curves.push(
          ...(await grown(bench, named("loss gradient of ten members"), "images", few(IMAGES), (images) => gradient({ images }), false)),
        );
      curves.push(
        ...(await grown(
          bench,
          named("loss gradient on five crystals"),
          "atoms",
          few(CRYSTALS),
          (cells) => gradient({ images: 5, cells }),
          false,
        )),
      );
      curves.push(
        ...(await grown(
          bench,
          named("loss gradient of ten members"),
          "functions",
          few(RADIALS),
          (radials) => gradient({ radials }),
          false,
        )),
      );
    }

    const ofMembers = (members: number) =>
      bench.alone<Found>("images", { task: "gradient", images: 20, members, threads: 1, repeats } satisfies Images);
    curves.push(...(await grown(bench, "loss gradient on cu20", "members", few(MEMBERS), ofMembers, false)));
    const predicted = (members: number) =>
      bench.alone<Found>("atoms", {
        task: "prediction",
        functions: "default",
        cells: [6, 6, 6],
        members,
        threads: 1,
        repeats,
      } satisfies Atoms);
    curves.push(...(await grown(bench, "prediction of 864 atoms", "members", few(MEMBERS), predicted, false)));

    const threads = [1, 2].filter((t) => t <= most);
    const trained = (t: number) =>
      bench.alone<Found>("images", { task: "training", images: 20, members: 10, threads: t, repeats } satisfies Images);
    curves.push(...(await grown(bench, "training of ten members on cu20", "threads", threads, trained, false)));
    const predictedBy = (t: number) =>
      bench.alone<Found>("atoms", {
        task: "prediction",
        functions: "default",
        cells: [11, 11, 11],
        members: 10,
        threads: t,
        repeats,
      } satisfies Atoms);
    curves.push(...(await grown(bench, "prediction of 5324 atoms", "threads", threads, predictedBy, false)));
    return { figures: [], curves };
  },
};

/** What a job of bench/jobs gives. */
interface Found {
  readonly samples: readonly Sample[];
  readonly memory: number;
  readonly atoms?: number;
}

/** The curve of times, and that of memory where wanted. */
async function grown<T>(
  bench: Bench,
  task: string,
  size: string,
  sizes: readonly T[],
  measure: (size: T) => Promise<Found>,
  withMemory: boolean,
): Promise<Curve[]> {
  const time: { size: number; cost: number }[] = [];
  const memory: { size: number; cost: number }[] = [];
  for (const each of sizes) {
    const { samples, memory: used, atoms } = await measure(each);
    const at = size === "atoms" && atoms !== undefined ? atoms : Number(each);
    const seconds = median(samples.map(([wall]) => wall));
    bench.log(`${task}, ${at} ${size}: ${seconds.toPrecision(3)} s, ${used.toFixed(0)} MB`);
    time.push({ size: at, cost: seconds });
    memory.push({ size: at, cost: used });
    if (seconds > ENOUGH && size !== "threads") break;
  }
  return [{ task, size, cost: "time", points: time }, ...(withMemory ? [{ task, size, cost: "memory" as const, points: memory }] : [])];
}
