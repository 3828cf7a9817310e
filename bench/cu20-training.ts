/** cu20.xyz on disk to ten trained models on disk, 1 meV/atom and 0.05 eV/Å, the start of the process left out. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawnModels, MEMBERS, plain, TOLERANCE, trainingImages } from "./harness/cu20.ts";
import { type Figure, OURS, quoted } from "./harness/figures.ts";
import { type Contender, compete, figureOf, type Sample, timed } from "./harness/measure.ts";
import type { Bench, Workload } from "./harness/workload.ts";
import type { Trained } from "./jobs/training.ts";

const TASK = "cu20.xyz to ten models";
/** Apart, so that the others, who are warm, are compared with our first run. */
const AGAIN = `${TASK}, again in the same process`;
/** s, issue 6. */
const BAR = 0.3;
/** In units of the loss, as `qmml train` has it. */
const DECAY = 0.01;
/** Runs in a process of ours: the first is counted as what a command takes, the others as what a notebook takes. */
const TIMES = 4;

interface Facts {
  readonly found: Record<string, { readonly evaluations: number[]; readonly converged: number }>;
}

export const workload: Workload = {
  name: "cu20-training",
  title: "Ten models trained on cu20",
  peers: ["PyTorch + SciPy BFGS", "n2p2 (quoted)", "Amp (quoted)"],
  async run(bench) {
    const checks: string[] = [];
    const later = new Map<number, Sample[]>();
    const ours = [1, 2].map(
      (threads): Contender => ({
        name: OURS,
        threads,
        async run(repeats) {
          const samples: Sample[] = [];
          for (let k = 0; k < repeats; k++) {
            const trained = await bench.alone<Trained>("training", { threads, times: bench.quick ? 1 : TIMES, folder: bench.scratch });
            const [first, ...rest] = trained.samples;
            samples.push(first);
            if (!later.has(threads)) checks.push(`qmml, threads ${threads}: ${ending(trained)}`);
            later.set(threads, [...(later.get(threads) ?? []), ...rest]);
          }
          return samples;
        },
      }),
    );
    const { others, parts } = await scipy(bench, checks);
    const effort = { rounds: bench.quick ? 1 : 5, slice: 0.01 };
    const figures: Figure[] = (await compete(TASK, [...ours, ...others], effort)).map((f) =>
      f.who === OURS ? { ...f, bar: BAR, note: "the first in its process" } : f,
    );
    for (const [threads, samples] of later) {
      if (samples.length > 0) figures.push({ ...figureOf(AGAIN, OURS, threads, samples), bar: BAR });
    }
    figures.push(...(await compete("fingerprints of it alone", parts, effort)));
    figures.push(
      quoted(TASK, "n2p2, Kalman", 7, { note: "CPU s; 0.6 to 1.4 s a model, one after the other" }),
      quoted(TASK, "Amp 0.6.1", 4300, { note: "430 s a model" }),
    );
    return { figures, checks };
  },
};

/** PyTorch and SciPy on all members in one process, and on half of them in each of two. */
async function scipy(bench: Bench, checks: string[]): Promise<{ others: Contender[]; parts: Contender[] }> {
  const models = plain(drawnModels(trainingImages()));
  const open = async (name: string, from: number, to: number) => {
    const path = join(bench.scratch, `${name}.json`);
    writeFileSync(path, JSON.stringify({ models: models.slice(from, to), tolerance: TOLERANCE, decay: DECAY }));
    return bench.peer("cu20_training.py", [path]);
  };
  const all = await open("all", 0, MEMBERS);
  if (!all) return { others: [], parts: [] };
  for (const [precision, found] of Object.entries((all.facts as unknown as Facts).found))
    checks.push(`PyTorch ${precision} + SciPy: ${ending(found)}`);
  const others = ["f32", "f64"].map((precision) => all.contender(precision, 1, `PyTorch ${precision} + SciPy BFGS`));
  const halves = bench.quick ? [] : [await open("first", 0, MEMBERS / 2), await open("second", MEMBERS / 2, MEMBERS)];
  const [a, b] = halves.map((half) => half?.contender("f32", 1, ""));
  if (a && b) others.push(together("PyTorch f32 + SciPy BFGS, two processes", a, b));
  return { others, parts: [all.contender("fingerprints", 1, "NumPy")] };
}

/** Two contenders at once, each with half of the task. */
function together(name: string, a: Contender, b: Contender): Contender {
  return {
    name,
    threads: a.threads + b.threads,
    async run(repeats) {
      const samples: Sample[] = [];
      for (let k = 0; k < repeats; k++) {
        let cpu = 0;
        const [wall] = await timed(async () => {
          const both = await Promise.all([a.run(1), b.run(1)]);
          cpu = both.reduce((sum, [[, own]]) => sum + own, 0);
        });
        samples.push([wall, cpu]);
      }
      return samples;
    },
  };
}

function ending({ evaluations, converged }: { readonly evaluations: readonly number[]; readonly converged: number }): string {
  return `${converged} of ${evaluations.length} converged, ${Math.min(...evaluations)} to ${Math.max(...evaluations)} evaluations`;
}
