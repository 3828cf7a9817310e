import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Calculator, Property, Result } from "../../src/calculators/calculator.ts";
import { checkCalculator } from "../../src/calculators/check.ts";
import { committee, meanResult } from "../../src/calculators/committee.ts";
import { emtCalculator } from "../../src/calculators/emt.ts";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { committeeCalculator, modelCalculator } from "../../src/ensemble/calculator.ts";
import { drawModel } from "../../src/ensemble/model.ts";
import { carve, cut } from "../../src/hybrid/carve.ts";
import { subtractive } from "../../src/hybrid/subtractive.ts";
import { structure } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";

const CRYSTAL = structure({
  symbols: ["Cu", "Cu", "Cu", "N", "Cu"],
  positions: [0, 0, 0, 2.4, 0.3, -0.2, 0.9, 2.3, 0.4, 1.1, 0.8, 1.6, 1.3, -0.7, 3.3],
  cell: [4.6, 0.4, -0.3, 0.7, 4.9, 0.5, -0.6, 0.2, 5.3],
  pbc: true,
});
const ARCHITECTURE = { descriptors: defaultDescriptors([7, 29], 4), hidden: [6, 5] };
const range = rangeOf([fingerprints(CRYSTAL, ARCHITECTURE.descriptors)], ARCHITECTURE.descriptors);
const models = [1, 2, 3, 4].map((seed) => drawModel(ARCHITECTURE, range, seed, 0));
const surfaces = models.map((m) => modelCalculator(ARCHITECTURE, m));
const ALL: readonly Property[] = ["energy", "energies", "forces", "stress"];

/** Answers the same always, after a while. */
function saying(result: Result, properties: readonly Property[] = ["energy", "forces"], wait = 0): Calculator {
  return { name: "fixed", properties, calculate: () => new Promise((resolve) => setTimeout(resolve, wait, result)) };
}

const numbers = (r: Result): Record<string, number[]> =>
  Object.fromEntries(Object.entries(r).map(([key, v]) => [key, typeof v === "number" ? [v] : Array.from(v as Float64Array)]));

const real = fc.double({ min: -100, max: 100, noNaN: true });
const rows = fc.array(fc.array(real, { minLength: 6, maxLength: 6 }), { minLength: 2, maxLength: 6 });
const resultsOf = (table: number[][]): Result[] => table.map(([energy, ...forces]) => ({ energy, forces: Float64Array.from(forces) }));

// Sums of up to six numbers below 100 and their squares.
const ROUNDING = 1e-11;

describe("a committee", () => {
  it("keeps the contract of calculators, stress included", async () => {
    const report = await checkCalculator(committee([emtCalculator(), ...surfaces]), undefined, { step: 2e-4 });
    assert.equal(report.calculator, "committee of 5");
    assert.deepEqual(
      report.checks.filter((c) => !c.ok),
      [],
    );
    assert.ok(report.checks.some((c) => c.name === "stress is the derivative of the energy"));
  });

  it("of trained models is theirs in one pass, to the bit", async () => {
    const [apart, together] = [committee(surfaces), committeeCalculator(ARCHITECTURE, models)];
    for (const asked of [["energy"], ALL] as const) {
      const [a, b] = [await apart.calculate(CRYSTAL, asked), await together.calculate(CRYSTAL, asked)];
      assert.deepEqual(numbers(a), numbers(b));
    }
    assert.equal(apart.name, together.name);
  });

  it("answers what all its members answer", () => {
    const members = [saying({ energy: 1 }, ["energy", "charges", "forces"]), saying({ energy: 1 }, ["stress", "forces", "energy"])];
    assert.deepEqual(committee(members).properties, ["energy", "forces"]);
    assert.throws(() => committee([]), /^RangeError: a committee of 0 members has no mean; give at least one calculator$/);
  });

  it("has no spread alone, and says nothing of a property that one result lacks", async () => {
    const [one] = resultsOf([[2, 1, 2, 3, 4, 5]]);
    assert.deepEqual(await committee([saying(one)]).calculate(CRYSTAL, ["energy", "forces"]), one);
    assert.deepEqual(Object.keys(meanResult([one, { energy: 3 }])).sort(), ["energy", "energySigma"]);
    assert.deepEqual(meanResult([{ energy: 1, charges: Float64Array.of(1, -1) }]).charges, Float64Array.of(1, -1));
  });

  it("asks its members side by side, and depends on no order of arrival", async () => {
    const results = resultsOf([
      [0.1, 1, 2, 3, 4, 5],
      [0.2, 5, 4, 3, 2, 1],
      [0.3, 7, 1, 0, 1, 9],
    ]);
    const started: number[] = [];
    const members = results.map((r, k): Calculator => {
      const inner = saying(r, ["energy", "forces"], [30, 0, 15][k]);
      return {
        ...inner,
        calculate: (...asked) => {
          started.push(k);
          return inner.calculate(...asked);
        },
      };
    });
    const answer = committee(members).calculate(CRYSTAL, ["energy", "forces"]);
    assert.deepEqual(started, [0, 1, 2]);
    assert.deepEqual(await answer, meanResult(results));
  });

  it("has mean and spread that move with a shift, scale with a factor, and know no order", () => {
    fc.assert(
      fc.property(rows, real, fc.double({ min: -3, max: 3, noNaN: true }), (table, shift, factor) => {
        const plain = meanResult(resultsOf(table));
        const changed = meanResult(resultsOf(table.map((row) => row.map((x) => factor * x + shift)).reverse()));
        const near = (a: number | undefined, b: number | undefined): void =>
          assert.ok(Math.abs((a as number) - (b as number)) < ROUNDING * 100, `${a} against ${b}`);
        near(changed.energy, factor * plain.energy + shift);
        near(changed.energySigma, Math.abs(factor) * (plain.energySigma as number));
        (plain.forcesSigma as Float64Array).forEach((sigma, k) => {
          near(changed.forcesSigma?.[k], Math.abs(factor) * sigma);
        });
        // The variance from all pairs, which needs no mean.
        const pairs = table.flatMap(([a], i) => table.slice(i + 1).map(([b]) => (a - b) ** 2));
        const variance = pairs.reduce((sum, x) => sum + x, 0) / table.length / (table.length - 1);
        assert.ok(Math.abs((plain.energySigma as number) ** 2 - variance) < ROUNDING * 1e4);
      }),
    );
  });

  it("of hybrids disagrees by what its models disagree on: E_ML(S) - E_ML(Q)", async () => {
    const qm = emtCalculator();
    const open = { ...CRYSTAL, cell: new Float64Array(9), pbc: [false, false, false] as const };
    const cluster = carve(open, Uint32Array.of(3), { buffer: 2.2 });
    assert.ok(cluster.atoms.length < open.numbers.length && cluster.atoms.length > 1);
    const q = cut(open, cluster);
    const hybrids = committee(surfaces.map((ml) => subtractive(ml, qm, cluster)));
    const { energy, energySigma, forcesSigma } = await hybrids.calculate(open, ["energy", "forces"]);
    const differences = await Promise.all(
      surfaces.map(async (ml) => (await ml.calculate(open, ["energy"])).energy - (await ml.calculate(q, ["energy"])).energy),
    );
    const mean = differences.reduce((sum, x) => sum + x, 0) / 4;
    const sigma = Math.sqrt(differences.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3);
    // E_QM is added to each and leaves again: its last bits.
    assert.ok(sigma > 1e-3 && Math.abs((energySigma as number) - sigma) < ROUNDING, `${energySigma} against ${sigma}`);
    assert.ok(Math.abs(energy - mean - (await qm.calculate(q, ["energy"])).energy) < ROUNDING);
    assert.equal(forcesSigma?.length, 15);
    const whole = carve(open, Uint32Array.of(0, 1, 2, 3, 4), { buffer: 1 });
    const none = await committee(surfaces.map((ml) => subtractive(ml, qm, whole))).calculate(open, ["energy", "forces"]);
    assert.ok((none.energySigma as number) < ROUNDING && (none.forcesSigma as Float64Array).every((s) => s < ROUNDING));
  });
});
