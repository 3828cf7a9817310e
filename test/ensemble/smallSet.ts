/** A small real set: copper with a nitrogen atom, calculated by EMT; some clusters, some periodic cells. */
import { emtCalculator } from "../../src/calculators/emt.ts";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { type DescriptorSettings, defaultDescriptors } from "../../src/descriptors/settings.ts";
import type { TrainingImage } from "../../src/ensemble/loss.ts";
import { type Architecture, drawModel, type Model } from "../../src/ensemble/model.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";

/** Cu8N in vacuum: two layers of four with the nitrogen above the hollow. */
export const CLUSTER: Structure = structure({
  symbols: ["Cu", "Cu", "Cu", "Cu", "Cu", "Cu", "Cu", "Cu", "N"],
  positions: [
    0, 0, 0, 2.55, 0, 0, 0, 2.55, 0, 2.55, 2.55, 0, 1.27, 1.27, -1.8, 3.8, 1.27, -1.8, 1.27, 3.8, -1.8, 3.8, 3.8, -1.8, 1.2, 1.3, 1.1,
  ],
});

/** Four copper atoms in a periodic cell smaller than the cutoff. */
export const CRYSTAL: Structure = structure({
  symbols: ["Cu", "Cu", "Cu", "Cu"],
  positions: [0, 0, 0, 0, 1.8, 1.8, 1.8, 0, 1.8, 1.8, 1.8, 0],
  cell: [3.6, 3.65, 3.7],
  pbc: true,
});

const descriptors: DescriptorSettings = { ...defaultDescriptors([7, 29], 4), g2: [0.5, 8, 40].map((eta) => ({ eta, rs: 1 })) };
export const ARCHITECTURE: Architecture = { descriptors, hidden: [6, 5] };

/** The structure as EMT calculates it. */
export async function image(s: Structure): Promise<TrainingImage> {
  const { energy, forces } = await emtCalculator().calculate(s, ["energy", "forces"]);
  return { fingerprints: fingerprints(s, descriptors), energy, forces: forces as Float64Array };
}

/** Rattled copies of a structure, calculated. */
export function images(s: Structure, many: number, seed = 0): Promise<TrainingImage[]> {
  return Promise.all(Array.from({ length: many }, (_, k) => image(rattle(s, { stdev: 0.08, seed: seed + k }))));
}

/** An untrained model scaled to a set. */
export function untrained(set: readonly TrainingImage[], seed = 1): Model {
  const scaling = rangeOf(
    set.map((i) => i.fingerprints),
    descriptors,
  );
  return drawModel(ARCHITECTURE, scaling, seed, 0);
}
