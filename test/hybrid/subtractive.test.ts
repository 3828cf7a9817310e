import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Calculator, Result } from "../../src/calculators/calculator.ts";
import { checkCalculator } from "../../src/calculators/check.ts";
import { emtCalculator } from "../../src/calculators/emt.ts";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { modelCalculator } from "../../src/ensemble/calculator.ts";
import { drawModel } from "../../src/ensemble/model.ts";
import { carve, cut } from "../../src/hybrid/carve.ts";
import { subtractive } from "../../src/hybrid/subtractive.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { select, within } from "../../src/structure/regions.ts";
import { repeat } from "../../src/structure/repeat.ts";
import { type Structure, size, structure } from "../../src/structure/structure.ts";
import { derivative } from "../descriptors/surroundings.ts";

const qm = emtCalculator();
const descriptors = defaultDescriptors([7, 29], 4);

/** A model that has learnt nothing: the hybrid's forces are the derivative of its energy whatever the model. */
function model(of: Structure): Calculator {
  const architecture = { descriptors, hidden: [6, 5] };
  return modelCalculator(architecture, drawModel(architecture, rangeOf([fingerprints(of, descriptors)], 2), 4, 0));
}

const ALL = ["energy", "forces", "stress"] as const;

function assertSame(actual: Result, expected: Result, bound: number): void {
  const numbers = (r: Result): number[] => [r.energy, ...(r.forces ?? []), ...(r.stress ?? [])];
  const [a, b] = [numbers(actual), numbers(expected)];
  assert.equal(a.length, b.length);
  a.forEach((x, k) => {
    assert.ok(Math.abs(x - b[k]) <= bound, `${k}: ${x} against ${b[k]}`);
  });
}

const studyA = rattle(
  addAdsorbate(fcc100("Cu", { size: [6, 6, 4], a: 3.5898, vacuum: 8, fixedLayers: 1 }), "N", { site: "hollow", height: 1.4 }),
  { stdev: 0.05, seed: 3 },
);
const clusterA = carve(studyA, select(studyA, within(2.6, "N")), { buffer: 5.2 });

/** Copper with one nitrogen in place of an atom, strained and crooked, 32 atoms; the core's surroundings reach across the boundary. */
const alloy = ((): Structure => {
  const s = rattle(repeat(bulk("Cu", { a: 3.62, cubic: true }), [2, 2, 2]), { stdev: 0.08, seed: 2 });
  const cell = s.cell.map((x, k) => x + [0.1, 0.2, -0.3, 0.4, -0.2, 0.1, 0.05, 0.3, 0.2][k]);
  return { ...s, cell, numbers: s.numbers.map((z, i) => (i === 5 ? 7 : z)) };
})();

describe("the subtractive scheme", () => {
  it("is QM where all atoms are core", async () => {
    const s = structure({ symbols: ["Cu", "N", "Cu", "Cu"], positions: [0, 0, 0, 1.9, 0.3, 0.1, 3.1, 1.6, -0.4, 0.8, 1.9, 1.2] });
    const hybrid = subtractive(model(s), qm, carve(s, Uint32Array.of(0, 1, 2, 3), { buffer: 1 }));
    // E_ML(S) - E_ML(Q) of one geometry cancels to the last bit or two.
    assertSame(await hybrid.calculate(s, ["energy", "forces"]), await qm.calculate(s, ["energy", "forces"]), 1e-12);
  });

  it("is QM where the model is", async () => {
    // The same number added and taken away: the last bit.
    const hybrid = subtractive(qm, qm, clusterA);
    assertSame(await hybrid.calculate(studyA, ALL), await qm.calculate(studyA, ALL), 1e-12);
    const inside = subtractive(qm, qm, carve(alloy, select(alloy, within(2, "N")), { buffer: 2.7 }));
    assertSame(await inside.calculate(alloy, ALL), await qm.calculate(alloy, ALL), 1e-12);
  });

  it("is the formula", async () => {
    const ml = model(studyA);
    const [s, q] = [studyA, cut(studyA, clusterA)];
    const [a, b, c] = [await ml.calculate(s, ["energy"]), await qm.calculate(q, ["energy"]), await ml.calculate(q, ["energy"])];
    const { energy, forces, stress } = await subtractive(ml, qm, clusterA).calculate(s, ["energy"]);
    assert.deepEqual([energy, forces, stress], [a.energy + b.energy - c.energy, undefined, undefined]);
  });

  it("on study A has forces that are the derivative of its energy: core, buffer, and outside", async () => {
    const hybrid = subtractive(model(studyA), qm, clusterA);
    const { forces = new Float64Array(0) } = await hybrid.calculate(studyA, ["energy", "forces"]);
    const environment = Array.from({ length: size(studyA) }, (_, i) => i).filter((i) => !clusterA.atoms.includes(i));
    const atoms = [
      144,
      ...clusterA.core.slice(0, 3),
      ...[2, 17, 33, 51].map((m) => clusterA.atoms[m]),
      ...[3, 28, 47].map((m) => environment[m]),
    ];
    // EMT's energy has steps of about 1e-7 eV at its cutoff: a small step meets few of them.
    const step = 1e-4;
    for (const [at, i] of atoms.entries()) {
      const k = 3 * i + (at % 3);
      const energies = new Map<number, number>();
      for (const h of [-2 * step, -step, step, 2 * step]) {
        energies.set(
          h,
          (await hybrid.calculate({ ...studyA, positions: studyA.positions.with(k, studyA.positions[k] + h) }, ["energy"])).energy,
        );
      }
      const expected = -derivative((h) => energies.get(h) as number, step);
      assert.ok(Math.abs(forces[k] - expected) <= 1e-6, `atom ${i}: ${forces[k]} against ${expected}`);
    }
  });

  it("in a crystal keeps the contract of calculators, stress included", async () => {
    const cluster = carve(alloy, select(alloy, within(2, "N")), { buffer: 2.7 });
    assert.ok(
      cluster.shifts.some((x) => x !== 0),
      "Q must reach across the boundary",
    );
    const report = await checkCalculator(subtractive(model(alloy), qm, cluster), [alloy], { step: 1e-4, coordinates: 12 });
    // Q knows its atoms by index and image, so that these two changes need a cluster of their own.
    const others = new Set(["the order of the atoms does not matter", "an atom moved by a lattice vector is the same atom"]);
    assert.deepEqual(
      report.checks.filter((c) => !c.ok && !others.has(c.name)),
      [],
    );
    assert.ok(report.checks.some((c) => c.name === "stress is the derivative of the energy"));
  });

  it("promises no more than its low level, and asks QM for nothing that it does not need", async () => {
    const asked: string[] = [];
    const listening: Calculator = {
      ...qm,
      calculate: (s, properties, signal) => {
        asked.push(properties.join(" "));
        return qm.calculate(s, properties, signal);
      },
    };
    const ml: Calculator = { ...model(studyA), properties: ["energy", "forces"] };
    const hybrid = subtractive(ml, listening, clusterA);
    assert.deepEqual(hybrid.properties, ["energy", "forces"]);
    await hybrid.calculate(studyA, ["energy"]);
    await hybrid.calculate(studyA, ["energy", "forces"]);
    assert.deepEqual(asked, ["energy", "energy forces"]);
  });
});
