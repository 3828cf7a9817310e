/** Neighbours, fingerprints and their derivatives of the twenty images of cu20. */
import type { Fingerprints } from "../src/descriptors/fingerprints.ts";
import { DESCRIPTORS, STRUCTURES } from "./harness/cu20.ts";
import { describer } from "./harness/engine.ts";
import { type Figure, OURS, quoted } from "./harness/figures.ts";
import { type Contender, compete } from "./harness/measure.ts";
import { shares } from "./harness/shares.ts";
import type { Workload } from "./harness/workload.ts";

const TASK = "20 images, with derivatives";
const VALUES = "20 images, values only";
/** s on one and two threads, issue 6. */
const BARS = [0.012, 0.0065];

export const workload: Workload = {
  name: "cu20-fingerprints",
  title: "Neighbours, fingerprints and derivatives of cu20",
  peers: ["dscribe", "n2p2 (quoted)", "Amp (quoted)"],
  async run(bench) {
    const dscribe = await bench.peer("cu20_fingerprints.py");
    const effort = { rounds: bench.quick ? 3 : 15, slice: 0.1 };
    const describe = describer(DESCRIPTORS);
    const describeAll = (): Fingerprints[] => describe(STRUCTURES);
    const described = describeAll();
    const threads = shares(2);
    const ours = [bench.ours(OURS, 1, describeAll), threads.contender("fingerprints")];
    const timings = await compete(TASK, ours, effort).finally(() => threads.close());
    const figures: Figure[] = timings.map((f, k) => ({ ...f, bar: BARS[k] }));
    const checks: string[] = [];
    if (dscribe) {
      checks.push(agreement(described, dscribe.facts.values as number[][][], dscribe.facts.slopes as number[][][][]));
      const few = { rounds: bench.quick ? 1 : 3, slice: 0.1 };
      const note = "numerical derivatives, of one image a thread, times the images";
      const derivatives = [1, 2].map((threads) =>
        times(dscribe.contender(`derivatives ${threads}`, threads, "dscribe"), STRUCTURES.length / threads),
      );
      figures.push(...(await compete(TASK, bench.quick ? derivatives.slice(0, 1) : derivatives, few, { note })).map(withoutHelpers));
      figures.push(
        ...(
          await compete(
            VALUES,
            [1, 2].map((threads) => dscribe.contender(`values ${threads}`, threads, "dscribe")),
            effort,
          )
        ).map(withoutHelpers),
      );
    }
    figures.push(
      quoted(TASK, "n2p2, C++ -O3", 0.057, { note: "0.053 to 0.062 s" }),
      quoted(TASK, "Amp 1.0.1", 56),
      quoted(TASK, "Amp 0.6.1", 370),
      quoted(VALUES, "n2p2, C++ -O3", 0.039, { note: "0.034 to 0.044 s" }),
    );
    return { figures, checks };
  },
};

/** dscribe's second thread is a process, whose CPU time is not seen. */
function withoutHelpers(f: Figure): Figure {
  return f.threads === 1 ? f : { ...f, cpu: null };
}

/** A contender that does a part of the task; its times are of the whole. */
function times(part: Contender, factor: number): Contender {
  return { ...part, run: async (repeats) => (await part.run(repeats)).map(([wall, cpu]) => [factor * wall, factor * cpu]) };
}

/** By how much ours differ from dscribe's: values of all images [20][36][8], derivatives of the first [centre][moved][3][8]. */
function agreement(described: readonly Fingerprints[], values: number[][][], slopes: number[][][][]): string {
  const off = described.flatMap((f, m) => Array.from(f.values, (v, k) => Math.abs(v - values[m].flat()[k])));
  const f = described[0];
  const [n, d] = [f.kinds.length, f.size];
  let furthest = 0;
  for (let i = 0; i < n; i++) {
    const own = new Float64Array(3 * d);
    for (let e = f.start[i]; e < f.start[i + 1]; e++) {
      for (let k = 0; k < 3 * d; k++) {
        own[k] -= f.slopes[3 * d * e + k];
        furthest = Math.max(furthest, Math.abs(f.slopes[3 * d * e + k] - slopes[i][f.atom[e]].flat()[k]));
      }
    }
    own.forEach((x, k) => {
      furthest = Math.max(furthest, Math.abs(x - slopes[i][i].flat()[k]));
    });
  }
  return `Values agree with dscribe's to ${Math.max(...off).toExponential(0)}, derivatives with its numerical ones to ${furthest.toExponential(0)} 1/Å`;
}
