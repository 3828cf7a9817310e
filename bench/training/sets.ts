/** The sets that training methods are compared on: cu20, and the pre-training sets of studies A and B with what a relaxation might bring next. */

import { fingerprints } from "../../src/engine/wasm/fingerprints.ts";
import type { Tolerance, TrainingImage } from "../../src/ensemble/loss.ts";
import type { Architecture } from "../../src/ensemble/model.ts";
import { cut } from "../../src/hybrid/carve.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { rattle } from "../../src/structure/rattle.ts";
import type { Structure } from "../../src/structure/structure.ts";
import { studyA, studyB } from "../../src/study/examples.ts";
import { plan } from "../../src/study/plan.ts";
import type { Study } from "../../src/study/studyFile.ts";
import { ARCHITECTURE, STRUCTURES, TOLERANCE, trainingImages } from "../harness/cu20.ts";

/** A set, and images that it does not have. */
export interface TrainingSet {
  readonly name: string;
  readonly architecture: Architecture;
  readonly tolerance: Tolerance;
  readonly images: readonly TrainingImage[];
  /** Displaced further than the set's: they break a fit. */
  readonly news: readonly TrainingImage[];
  /** Displaced as the set's: what a good fit gets right unseen. */
  readonly unseen: readonly TrainingImage[];
}

/** Images of each kind that the set does not have. */
const OTHERS = 10;

/** The three sets. */
export async function trainingSets(): Promise<TrainingSet[]> {
  const engine = { engine: "emt" };
  const slab = STRUCTURES[0];
  return [
    {
      name: "cu20",
      architecture: ARCHITECTURE,
      tolerance: TOLERANCE,
      images: trainingImages(),
      news: await calculated(engine, ARCHITECTURE, rattled(slab, 0.1, 100)),
      unseen: await calculated(engine, ARCHITECTURE, rattled(slab, 0.05, 200)),
    },
    await ofStudy("study A", studyA(), 0.1, 0.15),
    await ofStudy("study B", studyB(), 0.05, 0.07),
  ];
}

async function ofStudy(name: string, study: Study, usual: number, far: number): Promise<TrainingSet> {
  const { architecture, cluster, set } = plan(study);
  const q = cut(study.structure, cluster);
  const { qm, tolerance } = study.file;
  return {
    name,
    architecture,
    tolerance,
    images: await calculated(
      qm,
      architecture,
      set.map((s) => s.structure),
    ),
    news: await calculated(qm, architecture, rattled(q, far, 100)),
    unseen: await calculated(qm, architecture, rattled(q, usual, 200)),
  };
}

function rattled(s: Structure, stdev: number, seed: number): Structure[] {
  return Array.from({ length: OTHERS }, (_, k) => rattle({ ...s, fixed: undefined }, { stdev, seed: seed + k }));
}

async function calculated(qm: Study["file"]["qm"], architecture: Architecture, structures: readonly Structure[]): Promise<TrainingImage[]> {
  const engine = await openEngine(qm, { slots: 1 });
  try {
    const images: TrainingImage[] = [];
    for (const s of structures) {
      const { energy, forces } = await engine.calculate(s, ["energy", "forces"]);
      images.push({ fingerprints: fingerprints(s, architecture.descriptors), energy, forces: forces as Float64Array });
    }
    return images;
  } finally {
    await engine.close();
  }
}
