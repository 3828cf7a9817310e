/**
 * A real study that takes a few seconds: pentanoic acid by GFN2-xTB, cut at a bond, two small models, all four schemes. Its relaxations are
 * ended before they converge: every kind of event is in them by then.
 */
import { gfn2Xtb, type XtbOptions } from "../../src/qm/xtb.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { bonded } from "../../src/structure/regions.ts";
import { studyOf } from "../../src/study/folder.ts";
import type { Study, StudyInput } from "../../src/study/studyFile.ts";

const TINY: Omit<StudyInput, "structure" | "qm"> = {
  schemes: ["full-qm", "frozen", "retrained", "committee"],
  core: bonded(1, "O"),
  buffer: { bonds: 1 },
  members: 2,
  seed: 7,
  tolerance: { energy: 0.05, force: 0.4 },
  optimizer: { fmax: 0.2, maxSteps: 6 },
  model: { hidden: [4], cutoff: 2.6 },
  pretraining: { rattled: 3, pieces: 2 },
};

/** The study, with other inputs or options of the engine where given. */
export function tinyMolecule(other: Partial<StudyInput> = {}, engine: XtbOptions = {}): Study {
  return studyOf("tiny-molecule", fattyAcid(5, { torsion: 60 }), { ...TINY, qm: gfn2Xtb(engine), ...other });
}
