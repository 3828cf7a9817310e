/** The twenty images of bench/cu20 as training data. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rangeOf, type Scaling } from "../../src/descriptors/scaling.ts";
import { descriptorsFrom } from "../../src/descriptors/settingsFile.ts";
import { fingerprints } from "../../src/engine/wasm/fingerprints.ts";
import type { TrainingImage } from "../../src/ensemble/loss.ts";
import type { Architecture } from "../../src/ensemble/model.ts";
import { readFrames } from "../../src/io/files.ts";

const CU20 = new URL("../../bench/cu20/", import.meta.url);

export async function copper(): Promise<{ architecture: Architecture; images: TrainingImage[]; scaling: Scaling }> {
  const descriptors = descriptorsFrom(JSON.parse(readFileSync(new URL("cu20.json", CU20), "utf8")).symmetry_functions, [29]);
  const frames = await readFrames(fileURLToPath(new URL("cu20.xyz", CU20)));
  const images = frames.map(({ structure, result }): TrainingImage => {
    return { fingerprints: fingerprints(structure, descriptors), energy: Number(result?.energy), forces: result?.forces as Float64Array };
  });
  const scaling = rangeOf(
    images.map((image) => image.fingerprints),
    descriptors,
  );
  return { architecture: { descriptors, hidden: [10, 10] }, images, scaling };
}
