/**
 * How much faster two QM workers are than one: the same GFN2-xTB calls, as many under way at a time as there are workers, on this machine and as
 * tasks of a Dask cluster on it. Each worker is a process of one thread. Other programs that run meanwhile take from the two. Python's own pool
 * does the same beside it: what two processes gain on these cores at all.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCluster } from "../src/qm/cluster.ts";
import type { QmEngine } from "../src/qm/engine.ts";
import { openEngine } from "../src/qm/engines.ts";
import { gfn2Xtb } from "../src/qm/xtb.ts";
import { fattyAcid } from "../src/structure/fattyAcid.ts";
import { rattle } from "../src/structure/rattle.ts";
import { type Structure, size } from "../src/structure/structure.ts";
import { OURS } from "./harness/figures.ts";
import { compete } from "./harness/measure.ts";
import { structuresJson } from "./harness/peer.ts";
import type { Workload } from "./harness/workload.ts";

/** Issue 9: so many times faster, on two cores. */
const FACTOR = 1.8;
/** eV, of energies that two programs should agree on. */
const AGREEMENT = 1e-6;
/** Å, standard deviation. */
const RATTLE = 0.02;

/** Calculates all, so many at a time. */
async function all(engine: QmEngine, structures: readonly Structure[], atOnce: number): Promise<number[]> {
  const energies: number[] = [];
  const left = structures.entries();
  const lane = async (): Promise<void> => {
    for (const [k, s] of left) energies[k] = (await engine.calculate(s, ["energy", "forces"])).energy;
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return energies;
}

export const workload: Workload = {
  name: "workers",
  title: "Two QM workers",
  peers: ["multiprocessing"],
  async run({ quick, cores, ours, log, scratch, peer }) {
    if (cores < 2) return { figures: [], checks: ["left out: this machine has one core"] };
    const acid = fattyAcid(quick ? 4 : 16, { torsion: 60 });
    const structures = Array.from({ length: quick ? 4 : 24 }, (_, seed) => rattle(acid, { stdev: RATTLE, seed }));
    const spec = gfn2Xtb();
    const path = join(scratch, "workers.json");
    writeFileSync(path, structuresJson(structures));
    const python = await peer("xtb.py", [path]);
    const two = await openEngine(spec, { slots: 2 });
    const [alone, pair] = [await openCluster("local:1", spec), await openCluster("local:2", spec)];
    const [daskOne, daskTwo] = [await openEngine(spec, { cluster: alone }), await openEngine(spec, { cluster: pair, slots: 2 })];
    try {
      const task = `${structures.length} calls of GFN2-xTB on ${size(acid)} atoms`;
      const [here, there] = [await all(two, structures, 2), await all(daskTwo, structures, 2)];
      if (here.some((energy, k) => energy !== there[k])) throw new Error("a cluster's energies are others than this machine's");
      const theirs = python?.facts.energies as number[] | undefined;
      if (theirs?.some((energy, k) => Math.abs(energy - here[k]) > AGREEMENT)) throw new Error("the energies of Python's pool are others");
      const contenders = [
        ours(`${OURS}, one worker`, 1, () => all(two, structures, 1)),
        ours(`${OURS}, two workers`, 2, () => all(two, structures, 2)),
        ours(`${OURS}, Dask, one worker`, 1, () => all(daskOne, structures, 1)),
        ours(`${OURS}, Dask, two workers`, 2, () => all(daskTwo, structures, 2)),
        ...(python
          ? [python.contender("one", 1, "Python's pool, one process"), python.contender("two", 2, "Python's pool, two processes")]
          : []),
      ];
      const figures = await compete(task, contenders, { rounds: quick ? 2 : 7, slice: 0.1 });
      const times = (k: number): string => (figures[k].seconds / figures[k + 1].seconds).toFixed(2);
      const pools = python ? `, two processes of Python's pool ${times(4)} times as fast as one` : "";
      const found = `two workers are ${times(0)} times as fast as one, ${times(2)} times on a cluster (bar: ${FACTOR})${pools}`;
      log(found);
      const bars = figures.map((f, k) => (k % 2 === 1 && k < 4 ? { ...f, bar: figures[k - 1].seconds / FACTOR } : f));
      return {
        figures: bars.map((f) => ({ ...f, cpu: null })),
        checks: [`Energies are the same to the bit on the cluster${theirs ? `, and to ${AGREEMENT} eV in Python's pool` : ""}`, found],
      };
    } finally {
      await Promise.all([two, daskOne, daskTwo].map((engine) => engine.close()));
      await Promise.all([alone, pair].map((cluster) => cluster.close()));
    }
  },
};
