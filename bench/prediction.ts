/** Energies, forces and their spread by a committee of ten, of crystals of copper; each measured in a process of its own. */

import { type Figure, OURS, quoted } from "./harness/figures.ts";
import { figureOf, type Sample } from "./harness/measure.ts";
import type { Workload } from "./harness/workload.ts";
import type { Input, Output } from "./jobs/atoms.ts";

/** Atoms a second on two threads, issue 6. */
const BAR = 50_000;
/** Atoms a second of one model of n2p2 on cu20: 10 to 12 thousand. */
const N2P2 = 11_000;
const MEMBERS = 10;

export const workload: Workload = {
  name: "prediction",
  title: "Prediction of copper by a committee of ten",
  peers: ["n2p2 (quoted)"],
  async run(bench) {
    const figures: Figure[] = [];
    const sizes: readonly Input["cells"][] = bench.quick
      ? [[10, 10, 10]]
      : [
          [11, 11, 11],
          [25, 25, 20],
        ];
    for (const functions of ["default", "cu20"] as const) {
      for (const cells of sizes) {
        const samples = new Map<number, Sample[]>();
        let [atoms, memory] = [0, 0];
        for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
          for (const threads of [1, 2]) {
            const input: Input = { task: "prediction", functions, cells, members: MEMBERS, threads, repeats: 3 };
            const found = await bench.alone<Output>("atoms", input);
            atoms = found.atoms;
            memory = Math.max(memory, found.memory);
            samples.set(threads, [...(samples.get(threads) ?? []), ...found.samples]);
          }
        }
        const task = `${atoms} atoms, ${functions === "cu20" ? "functions of cu20, 6 Å" : "default functions, 4 Å"}`;
        const rate = { many: atoms, unit: "atoms" };
        for (const [threads, some] of samples) {
          const bar = threads === 2 ? { bar: atoms / BAR } : {};
          figures.push({ ...figureOf(task, OURS, threads, some), ...bar, rate, note: `${memory.toFixed(0)} MB` });
        }
        if (functions === "cu20") figures.push(quoted(task, "n2p2, one model", atoms / N2P2, { rate, note: "10 to 12 thousand atoms/s" }));
      }
    }
    return { figures };
  },
};
