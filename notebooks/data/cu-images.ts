// Bulk copper by an engine that is too slow for a notebook: `node notebooks/data/cu-images.ts gpaw` (or gfn1-xtb) writes cu-gpaw.xyz beside this file.
// An image is calculated once: a call that was interrupted goes on with those that are missing. GPAW takes a minute an image, GFN1-xTB a second.
import { existsSync } from "node:fs";
import { bulk, type Frame, gfn1Xtb, gpaw, openEngine, rattle, readFrames, repeat, strain, writeFrames } from "qmml";

const ENGINES = {
  // The spacing gives a grid of 16 points an edge from 3.08 to 3.96 Å: energies of strained cells lie on one grid.
  gpaw: { spec: gpaw({ mode: "lcao", xc: "PBE", basis: "dzp", kpts: [3, 3, 3], h: 0.22, smearing: 0.1 }), a: 3.64, times: 1 },
  // It samples the Gamma point alone, hence the larger cell.
  "gfn1-xtb": { spec: gfn1Xtb({ electronicTemperature: 1000 }), a: 3.87, times: 2 },
} as const;

const name = process.argv[2] as keyof typeof ENGINES;
const { spec, a, times } = ENGINES[name];
const cube = repeat(bulk("Cu", { a, cubic: true }), [times, times, times]);
const path = new URL(`cu-${name}.xyz`, import.meta.url).pathname;

/** `curve`: perfect crystals, for the equation of state and never learnt; `strained` and `rattled`: what models learn. */
const wanted = [
  ...[-0.03, -0.015, 0, 0.015, 0.03].map((e) => ({ set: "curve", strain: e, stdev: 0, seed: 0 })),
  ...[-0.03, 0.03, -0.015, 0.015].flatMap((e, k) => [
    { set: "strained", strain: e, stdev: 0.05, seed: 11 + k },
    { set: "rattled", strain: 0, stdev: 0.1, seed: 21 + k },
  ]),
  ...[25, 26, 27, 28].map((seed) => ({ set: "rattled", strain: 0, stdev: 0.1, seed })),
];

const known: Frame[] = existsSync(path) ? await readFrames(path) : [];
const frames: Frame[] = [];
const engine = await openEngine(spec);
for (const info of wanted) {
  const stored = known.find((f) => Object.entries(info).every(([key, value]) => f.info?.[key] === value));
  if (stored) {
    frames.push(stored);
    continue;
  }
  const structure = rattle(strain(cube, info.strain), info);
  const { energy, forces, seconds = 0 } = await engine.calculate(structure, ["energy", "forces"]);
  frames.push({ structure, result: { energy, forces }, info: { ...info, engine: engine.version, options: JSON.stringify(spec), seconds } });
  await writeFrames(path, frames);
  console.log(`${frames.length} of ${wanted.length}: ${info.set}, strain ${info.strain}, ${energy} eV, ${seconds} s`);
}
await engine.close();
