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
import { type Cluster, carve, cut } from "../../src/hybrid/carve.ts";
import { subtractive } from "../../src/hybrid/subtractive.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { bonded, select, within } from "../../src/structure/regions.ts";
import { repeat } from "../../src/structure/repeat.ts";
import { type Structure, size, structure, subset } from "../../src/structure/structure.ts";
import { derivative, moved } from "../descriptors/surroundings.ts";
import { fc } from "../properties.ts";
import { crooked, polyethylene, wrapped } from "../structure/molecules.ts";

const qm = emtCalculator();
const descriptors = defaultDescriptors([7, 29], 4);

/** A model that has learnt nothing: the hybrid's forces are the derivative of its energy whatever the model. */
function model(of: Structure): Calculator {
  const architecture = { descriptors, hidden: [6, 5] };
  return modelCalculator(architecture, drawModel(architecture, rangeOf([fingerprints(of, descriptors)], descriptors), 4, 0));
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

  it("says what both levels give for Q alone, nothing for other atoms", async () => {
    const ml = model(studyA);
    const { forces = [], qmForces, mlForces } = await subtractive(ml, qm, clusterA).calculate(studyA, ["energy", "forces"]);
    const { forces: whole = [] } = await ml.calculate(studyA, ["energy", "forces"]);
    assert.ok(qmForces && mlForces);
    const inside = new Set(clusterA.atoms);
    assert.ok(qmForces.every((f, k) => Number.isNaN(f) !== inside.has(Math.floor(k / 3))));
    // The same three numbers added in another order.
    for (const i of inside)
      for (const k of [3 * i, 3 * i + 1, 3 * i + 2]) assert.ok(Math.abs(whole[k] + qmForces[k] - mlForces[k] - forces[k]) < 1e-12);
    assert.deepEqual((await subtractive(ml, qm, clusterA).calculate(studyA, ["energy"])).qmForces, undefined);
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

describe("the subtractive scheme with link atoms", () => {
  const organic = emtCalculator();

  /** A model of H, C and O that has learnt nothing. */
  function ignorant(of: Structure): Calculator {
    const architecture = { descriptors: defaultDescriptors([1, 6, 8], 3.25), hidden: [6, 5] };
    return modelCalculator(
      architecture,
      drawModel(architecture, rangeOf([fingerprints(of, architecture.descriptors)], architecture.descriptors), 7, 0),
    );
  }

  /** An acid in vacuum or a chain without end in a crooked cell, cut on both sides or one. */
  interface Case {
    readonly seed: number;
    readonly periodic: boolean;
    readonly fraction: number;
    readonly carbon: number;
    readonly links: "ratio" | "length";
  }
  const cases: fc.Arbitrary<Case> = fc.record({
    seed: fc.nat(),
    periodic: fc.boolean(),
    fraction: fc.double({ min: 0, max: 1, noNaN: true }),
    carbon: fc.integer({ min: 1, max: 5 }),
    links: fc.constantFrom("ratio", "length"),
  });

  /** The structure that the cluster is decided on, its cluster, and a crooked geometry of it. */
  function made({ seed, periodic, fraction, carbon, links }: Case): { even: Structure; cluster: Cluster; s: Structure } {
    const even = periodic ? wrapped(polyethylene(6), fraction) : fattyAcid(7, { torsion: 60 });
    const core = select(even, bonded(0, [select(even, { element: "C" })[carbon]]));
    const cluster = carve(even, core, { buffer: { bonds: 1 }, links, grow: true });
    assert.ok(cluster.links.length >= 1);
    return { even, cluster, s: crooked(even, seed) };
  }

  const energyOf = async (calculator: Calculator, s: Structure): Promise<number> => (await calculator.calculate(s, ["energy"])).energy;

  it("has forces that are the derivative of its energy: inside, outside, core and elsewhere", async () => {
    const property = fc.asyncProperty(cases, fc.nat(2), async (c, direction) => {
      const { cluster, s } = made(c);
      const hybrid = subtractive(ignorant(s), organic, cluster);
      const { forces = new Float64Array(0) } = await hybrid.calculate(s, ["energy", "forces"]);
      const { inside, outside } = cluster.links[0];
      const elsewhere = Array.from(s.numbers.keys()).find((i) => !cluster.atoms.includes(i) && i !== outside) as number;
      for (const i of [inside, outside, cluster.core[0], elsewhere]) {
        const k = 3 * i + direction;
        const step = 1e-4; // EMT's energy has steps of about 1e-7 eV at its cutoff: a small step meets few of them
        const [a, b, d, e] = await Promise.all([-2, -1, 1, 2].map((n) => energyOf(hybrid, moved(s, k, n * step))));
        const expected = -(8 * (d - b) - (e - a)) / (12 * step);
        assert.ok(Math.abs(forces[k] - expected) <= 1e-6, `atom ${i}: ${forces[k]} against ${expected}`);
      }
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it("has no net force, and in vacuum no torque", async () => {
    const property = fc.asyncProperty(cases, async (c) => {
      const { cluster, s } = made(c);
      const { forces: f = new Float64Array(0) } = await subtractive(ignorant(s), organic, cluster).calculate(s, ["energy", "forces"]);
      const sum = [0, 0, 0, 0, 0, 0];
      s.numbers.forEach((_, i) => {
        const [x, y, z] = s.positions.subarray(3 * i, 3 * i + 3);
        const [p, q, r] = f.subarray(3 * i, 3 * i + 3);
        [p, q, r, y * r - z * q, z * p - x * r, x * q - y * p].forEach((value, k) => {
          sum[k] += value;
        });
      });
      // Rounding of some ten forces of up to 100 eV/Å, 10 Å away.
      assert.ok(
        sum.slice(0, c.periodic ? 3 : 6).every((x) => Math.abs(x) < 1e-9),
        `${sum}`,
      );
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it("does not depend on the order of the atoms, nor on where the cell's wall runs", async () => {
    const property = fc.asyncProperty(cases, fc.gen(), async (c, gen) => {
      const { even, cluster, s } = made(c);
      const n = size(s);
      const order = gen(fc.shuffledSubarray, [...s.numbers.keys()], { minLength: n });
      const expected = await subtractive(ignorant(s), organic, cluster).calculate(s, ["energy", "forces"]);
      const across = (of: Structure): Structure => subset(c.periodic ? wrapped(of, 0.37) : of, order);
      const core = Uint32Array.from(cluster.core, (i) => order.indexOf(i)).sort();
      const other = carve(across(even), core, { buffer: { bonds: 1 }, links: c.links, grow: true });
      const { energy, forces = [] } = await subtractive(ignorant(s), organic, other).calculate(across(s), ["energy", "forces"]);
      // The same numbers added in another order.
      assert.ok(Math.abs(energy - expected.energy) < 1e-10);
      order.forEach((i, at) => {
        for (let k = 0; k < 3; k++) assert.ok(Math.abs(forces[3 * at + k] - (expected.forces as Float64Array)[3 * i + k]) < 1e-9);
      });
    });
    await fc.assert(property, { numRuns: 20 });
  });

  it("keeps the contract of calculators, stress included, with links of both kinds", async () => {
    for (const links of ["ratio", "length"] as const) {
      for (const periodic of [true, false]) {
        const { cluster, s } = made({ seed: 11, periodic, fraction: 0.45, carbon: 3, links });
        assert.equal(cluster.links.length, 2);
        const report = await checkCalculator(subtractive(ignorant(s), organic, cluster), [s], { step: 1e-4, coordinates: 8 });
        const others = new Set(["the order of the atoms does not matter", "an atom moved by a lattice vector is the same atom"]);
        assert.deepEqual(
          report.checks.filter((c) => !c.ok && !others.has(c.name)),
          [],
        );
        assert.equal(
          report.checks.some((c) => c.name === "stress is the derivative of the energy"),
          periodic,
        );
      }
    }
  });

  it("is QM where all atoms are core, and where the model is", async () => {
    const acid = crooked(fattyAcid(4), 5);
    const expected = await organic.calculate(acid, ["energy", "forces"]);
    const all = carve(acid, Uint32Array.from(acid.numbers.keys()), { buffer: 1 });
    // The same number added and taken away: the last bits.
    assertSame(await subtractive(ignorant(acid), organic, all).calculate(acid, ["energy", "forces"]), expected, 1e-11);
    const part = carve(acid, select(acid, bonded(2, "O")), { buffer: { bonds: 0 } });
    assert.equal(part.links.length, 1);
    assertSame(await subtractive(organic, organic, part).calculate(acid, ["energy", "forces"]), expected, 1e-11);
  });
});
