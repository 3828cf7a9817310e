/** EMT energies and forces after a small move of all atoms. Ours finds the neighbours each time; ASE's keeps them with a skin, once it has them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { emtCalculator } from "../src/calculators/emt.ts";
import { random } from "../src/linalg/random.ts";
import { addAdsorbate } from "../src/structure/adsorbate.ts";
import { fcc100 } from "../src/structure/fcc-surfaces.ts";
import { type Structure, size, withPositions } from "../src/structure/structure.ts";
import { STRUCTURES } from "./harness/cu20.ts";
import type { Figure } from "./harness/figures.ts";
import { OURS } from "./harness/figures.ts";
import { compete } from "./harness/measure.ts";
import { structuresJson } from "./harness/peer.ts";
import type { Workload } from "./harness/workload.ts";

/** Å. */
const MOVE = 0.01;
/** Issue 6: at least so many times faster than ASE. */
const FACTOR = 20;

/** Nitrogen on Cu(100) slabs; with 6 x 6 x 4 atoms it is study A's structure. */
function slab(cells: readonly [number, number, number]): Structure {
  const clean = fcc100("Cu", { size: cells, a: 3.5898, vacuum: 8, fixedLayers: 1 });
  return addAdsorbate(clean, "N", { site: "hollow", height: 1.4 });
}

export const workload: Workload = {
  name: "emt",
  title: "EMT energy and forces",
  peers: ["ASE"],
  async run(bench) {
    const structures = [STRUCTURES[0], slab([6, 6, 4]), slab([8, 8, 5])];
    const path = join(bench.scratch, "emt.json");
    writeFileSync(path, structuresJson(structures));
    const ase = await bench.peer("emt.py", [path]);
    const emt = emtCalculator();
    const energies = await Promise.all(structures.map(async (s) => (await emt.calculate(s, ["energy"])).energy));
    const difference = Math.max(...((ase?.facts.energies as number[]) ?? energies).map((e, k) => Math.abs(e - energies[k])));
    const figures: Figure[] = [];
    for (const s of structures) {
      const n = size(s);
      const { uniform } = random(1, 0);
      const move = (): Promise<unknown> =>
        emt.calculate(
          withPositions(
            s,
            s.positions.map((x) => x + MOVE * (2 * uniform() - 1)),
          ),
          ["energy", "forces"],
        );
      const all = [
        bench.ours(OURS, 1, move),
        ...(ase ? [ase.contender(`new ${n}`, 1, "ASE, new structure"), ase.contender(`moved ${n}`, 1, "ASE, neighbours kept")] : []),
      ];
      const found = await compete(`${n} atoms`, all, { rounds: bench.quick ? 3 : 15, slice: 0.05 });
      figures.push(...found.map((f, k) => (k === 0 && found.length > 1 ? { ...f, bar: found[1].seconds / FACTOR } : f)));
    }
    return { figures, checks: ase ? [`Energies agree to ${difference.toExponential(0)} eV`] : [] };
  },
};
