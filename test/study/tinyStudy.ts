/** A real study that takes two seconds: nitrogen on a small Cu(100) slab by EMT, two small models, all four schemes, loose tolerances. */
import { emt } from "../../src/calculators/emt.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { within } from "../../src/structure/regions.ts";
import type { Structure } from "../../src/structure/structure.ts";
import { studyOf } from "../../src/study/folder.ts";
import type { Study, StudyInput } from "../../src/study/studyFile.ts";

/** The slab. */
export function tinySlab(): Structure {
  const clean = fcc100("Cu", { size: [3, 3, 3], a: 3.5898, vacuum: 6, fixedLayers: 1 });
  return addAdsorbate(clean, "N", { site: "hollow", height: 1.2 });
}

/** Everything of its study file but the structure. */
export const TINY: Omit<StudyInput, "structure"> = {
  schemes: ["full-qm", "frozen", "retrained", "committee"],
  core: within(2.3, "N"),
  qm: emt(),
  buffer: 2.9,
  members: 2,
  seed: 7,
  tolerance: { energy: 0.02, force: 0.25 },
  optimizer: { fmax: 0.2 },
  model: { hidden: [5, 5], cutoff: 3.4 },
  pretraining: { rattled: 2, pieces: 2, strained: 1 },
};

/** The study, with other inputs where given. */
export function tinyStudy(other: Partial<StudyInput> = {}): Study {
  return studyOf("tiny", tinySlab(), { ...TINY, ...other });
}
