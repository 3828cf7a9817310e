/**
 * Describes a set of which the derivatives come to three times the memory that they may take, evaluates its loss and gradient, and prints
 * by how many bytes the process grew at its peak, and how many the derivatives would take. `node memoryWork.ts all` has no such bound.
 */
import { readFileSync } from "node:fs";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { describing, fingerprints } from "../../src/engine/wasm/fingerprints.ts";
import { engineLoss } from "../../src/ensemble/engineLoss.ts";
import type { TrainingImage } from "../../src/ensemble/loss.ts";
import { drawModel } from "../../src/ensemble/model.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { repeat } from "../../src/structure/repeat.ts";

/** Highest resident size so far, bytes; what `getrusage` says begins, on Linux, with that of the process which started this one. */
function peak(): number {
  return 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

const IMAGES = 100;
const descriptors = defaultDescriptors([29], 5);
const architecture = { descriptors, hidden: [10, 10] };
const crystal = repeat(bulk("Cu", { cubic: true }), [3, 3, 3]);
const structures = Array.from({ length: IMAGES }, (_, seed) => rattle(crystal, { stdev: 0.05, seed }));
const all = IMAGES * fingerprints(structures[0], descriptors).slopes.byteLength;
const memory = process.argv[2] === "all" ? Number.POSITIVE_INFINITY : all / 3;

const began = peak();
const describe = describing(descriptors, memory);
const images: TrainingImage[] = structures.map((structure) => {
  return { structure, fingerprints: describe(structure), energy: 0, forces: new Float64Array(3 * structure.numbers.length) };
});
const seen = images.map((image) => image.fingerprints);
const loss = engineLoss(architecture, images, { energy: 0.001, force: 0.02 }, { memory });
loss.evaluate(drawModel(architecture, rangeOf(seen, descriptors), 1, 0), new Float64Array(loss.size));
console.log(JSON.stringify({ grown: peak() - began, all, kept: seen.filter((f) => "slopes" in f).length }));
