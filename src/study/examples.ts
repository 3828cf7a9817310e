/** The studies that `npm start` runs and the documentation talks about. */
import { emt } from "../calculators/emt.ts";
import { gfn2Xtb } from "../qm/xtb.ts";
import { addAdsorbate } from "../structure/adsorbate.ts";
import { fattyAcid } from "../structure/fattyAcid.ts";
import { fcc100 } from "../structure/fcc-surfaces.ts";
import { bonded, within } from "../structure/regions.ts";
import { studyOf } from "./folder.ts";
import type { Study, StudyInput } from "./studyFile.ts";

/** Study A: nitrogen in the hollow of Cu(100), 145 atoms, its core the atom and its four neighbours; EMT stands in for QM. */
export function studyA(options: Omit<StudyInput, "structure" | "core" | "qm"> = {}, name = "cu100-n"): Study {
  const clean = fcc100("Cu", { size: [6, 6, 4], a: 3.5898, vacuum: 8, fixedLayers: 1 });
  const slab = addAdsorbate(clean, "N", { site: "hollow", height: 1.4 });
  return studyOf(name, slab, { core: within(2.6, "N"), qm: emt(), ...options });
}

/** Study A with models that have never seen nitrogen, and a buffer smaller than their cutoff. */
export function studyAIgnorant(): Study {
  return studyA({ buffer: 3.7, pretraining: { without: ["N"] } }, "cu100-n-ignorant");
}

/**
 * Study B: dodecanoic acid, 38 atoms, its O-H turned by 60 degrees; GFN2-xTB. The core is COOH and three CH2, the buffer one CH2 more, a hydrogen sits
 * on the bond that is cut behind it.
 */
export function studyB(options: Omit<StudyInput, "structure" | "core" | "qm"> = {}, name = "fatty-acid"): Study {
  return studyOf(name, fattyAcid(12, { torsion: 60 }), {
    core: bonded(4, "O"),
    qm: gfn2Xtb(),
    buffer: { bonds: 1 },
    schemes: ["full-qm", "frozen", "retrained", "committee"],
    ...options,
  });
}
