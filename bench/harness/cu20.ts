/** The workload bench/cu20 on our side: images, symmetry functions, ten drawn models. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Fingerprints, fingerprints } from "../../src/descriptors/fingerprints.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import type { DescriptorSettings } from "../../src/descriptors/settings.ts";
import { descriptorsFrom } from "../../src/descriptors/settingsFile.ts";
import { lossFunction, type Tolerance, type TrainingImage } from "../../src/ensemble/loss.ts";
import { type Architecture, drawModel, type Model } from "../../src/ensemble/model.ts";
import { refitOffsets } from "../../src/ensemble/offsets.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";

interface Content {
  readonly symmetry_functions: unknown;
  readonly hidden: number[];
  readonly images: readonly {
    readonly symbols: string[];
    readonly positions: number[][];
    readonly cell: number[][];
    readonly pbc: [boolean, boolean, boolean];
    readonly energy: number;
    readonly forces: number[][];
  }[];
}

/** Files of the workload. */
export const CU20 = {
  json: fileURLToPath(new URL("../cu20/cu20.json", import.meta.url)),
  xyz: fileURLToPath(new URL("../cu20/cu20.xyz", import.meta.url)),
} as const;

/** To which its models are trained: eV/atom, eV/Å. */
export const TOLERANCE: Tolerance = { energy: 0.001, force: 0.05 };
/** Members of an ensemble. */
export const MEMBERS = 10;
const SEED = 1;

const { symmetry_functions, hidden, images: frames } = JSON.parse(readFileSync(CU20.json, "utf8")) as Content;

/** The frames. */
export const STRUCTURES: readonly Structure[] = frames.map(({ symbols, positions, cell, pbc }) =>
  structure({ symbols, positions, cell, pbc }),
);

/** Four G2 and four G4 with a cutoff of 6 Å. */
export const DESCRIPTORS: DescriptorSettings = descriptorsFrom(symmetry_functions, [29]);

/** Those, and two hidden layers of ten. */
export const ARCHITECTURE: Architecture = { descriptors: DESCRIPTORS, hidden };

/** Described frames with their labels. */
export function trainingImages(described: readonly Fingerprints[] = STRUCTURES.map((s) => fingerprints(s, DESCRIPTORS))): TrainingImage[] {
  return described.map((f, k) => ({ fingerprints: f, energy: frames[k].energy, forces: Float64Array.from(frames[k].forces.flat()) }));
}

/** Models with random weights and the offsets that bring their first energies nearest. */
export function drawnModels(images: readonly TrainingImage[], many: number = MEMBERS): Model[] {
  const scaling = rangeOf(
    images.map((i) => i.fingerprints),
    DESCRIPTORS,
  );
  const loss = lossFunction(ARCHITECTURE, images, TOLERANCE);
  return Array.from({ length: many }, (_, m) => refitOffsets(loss, drawModel(ARCHITECTURE, scaling, SEED, m)));
}

/** Models as plain JSON, for peers. */
export function plain(models: readonly Model[]): object[] {
  return models.map(({ low, high, offsets, weights }) => ({
    low: [...low],
    high: [...high],
    offsets: [...offsets],
    weights: [...weights],
  }));
}
