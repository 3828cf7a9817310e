/** The hybrid of study B in miniature on true electronic structure: hexanoic acid, of which GFN2-xTB sees CH2CH2COOH with a link hydrogen. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { modelCalculator } from "../../src/ensemble/calculator.ts";
import { drawModel } from "../../src/ensemble/model.ts";
import { carve } from "../../src/hybrid/carve.ts";
import { subtractive } from "../../src/hybrid/subtractive.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { bonded, select } from "../../src/structure/regions.ts";
import { moved } from "../descriptors/surroundings.ts";
import { crooked } from "../structure/molecules.ts";

const qm = await openEngine({ engine: "gfn2-xtb", accuracy: 0.01 });
after(() => qm.close());

describe("forces of the hybrid of GFN2-xTB in a model that has learnt nothing", () => {
  const even = fattyAcid(6, { torsion: 60 });
  const s = crooked(even, 4, 0.03);
  const architecture = { descriptors: defaultDescriptors(s.numbers, 3.25), hidden: [5, 4] };
  const ml = modelCalculator(
    architecture,
    drawModel(architecture, rangeOf([fingerprints(s, architecture.descriptors)], architecture.descriptors), 7, 0),
  );

  for (const links of ["ratio", "length"] as const) {
    it(`are the derivative of its energy to 1e-6 eV/Å, the link at a fixed ${links}`, async () => {
      const cluster = carve(even, select(even, bonded(2, "O")), { buffer: { bonds: 1 }, links });
      const [{ inside, outside }] = cluster.links;
      assert.deepEqual([inside, outside, cluster.links.length], [7, 10, 1]);
      const hybrid = subtractive(ml, qm, cluster);
      const { forces = new Float64Array(0) } = await hybrid.calculate(s, ["energy", "forces"]);
      const step = 1e-3; // what is left is noise of tblite, 6e-8 eV/Å; the error of the formula, of fourth order in the step, takes over at 2e-3
      const energyAt = async (k: number, h: number): Promise<number> => (await hybrid.calculate(moved(s, k, h), ["energy"])).energy;
      for (const k of [3 * inside, 3 * inside + 1, 3 * outside, 3 * outside + 1, 3 * outside + 2, 3 * cluster.core[3] + 1]) {
        const [a, b, c, d] = [await energyAt(k, -2 * step), await energyAt(k, -step), await energyAt(k, step), await energyAt(k, 2 * step)];
        const expected = -(8 * (c - b) - (d - a)) / (12 * step);
        assert.ok(Math.abs(forces[k] - expected) <= 1e-6, `coordinate ${k}: ${forces[k]} against ${expected}`);
      }
    });
  }
});
