import assert from "node:assert/strict";
import { test } from "node:test";
import type { Calculator, Property, Result } from "../../src/calculators/calculator.ts";
import { type CheckOptions, checkCalculator } from "../../src/calculators/check.ts";
import { emtCalculator, emtResult } from "../../src/calculators/emt.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";

const failures = async (calculator: Calculator, structures?: readonly Structure[], options?: CheckOptions): Promise<string[]> => {
  const { checks, ok } = await checkCalculator(calculator, structures, options);
  const names = new Set(checks.filter((c) => !c.ok).map((c) => c.name));
  assert.equal(ok, names.size === 0);
  return [...names];
};

for (const asapCutoff of [false, true]) {
  test(`EMT keeps the contract, asapCutoff ${asapCutoff}`, async () => {
    const slab = rattle(addAdsorbate(fcc100("Cu", { size: [2, 2, 2], vacuum: 5 }), "N", { site: "hollow", height: 1.2 }), {
      stdev: 0.1,
      seed: 1,
    });
    const alloy = rattle(
      structure({
        symbols: ["Al", "Cu", "Ag", "Au", "Ni", "Pd", "Pt", "H", "C", "N", "O"],
        // Two by three by two places, the last one empty.
        positions: Array.from({ length: 11 }, (_, i) => [2.5 * (i % 2), 2.4 * (Math.floor(i / 2) % 3), 2.7 * Math.floor(i / 6)]),
        cell: [5.2, 0.3, 0.1, -0.4, 7.6, 0.6, 0.2, 0.5, 6.1],
        pbc: [true, false, true],
      }),
      { stdev: 0.15, seed: 2 },
    );
    // EMT's energy has steps where pairs meet the cutoff, larger ones by ASAP's: short steps, so that none does.
    const options = { step: asapCutoff ? 1e-4 : 1e-3 };
    assert.deepEqual(await failures(emtCalculator({ asapCutoff }), undefined, options), []);
    assert.deepEqual(await failures(emtCalculator({ asapCutoff }), [slab, alloy], options), []);
  });
}

test("every check is made, on both structures where it applies", async () => {
  const { calculator, checks } = await checkCalculator(emtCalculator());
  assert.equal(calculator, "emt");
  assert.equal(checks.filter((c) => c.structure === "0: Cu4N").length, 11);
  assert.equal(checks.filter((c) => c.structure === "1: Cu4N").length, 13);
  assert.ok(checks.every((c) => Number.isFinite(c.measured)));
});

/** EMT with its answer changed. */
function broken(change: (result: Result, s: Structure, asked: readonly Property[]) => Partial<Result>): Calculator {
  const properties: readonly Property[] = ["energy", "energies", "forces", "stress"];
  return {
    name: "broken",
    properties,
    calculate: async (s, asked, signal) => {
      signal?.throwIfAborted();
      const result = emtResult(s, asked);
      return { ...result, ...change(result, s, asked) };
    },
  };
}

const scaled = (x: Float64Array | undefined, by: number): Float64Array | undefined => x?.map((v) => v * by);
const FORCES = "forces are the derivative of the energy";
const STRESS = "stress is the derivative of the energy";
const BITS = "same bits when asked again, after another structure";
let calls = 0;
let last = 0;

const faults: [string, Calculator, string[]][] = [
  ["forces of the wrong sign", broken((r) => ({ forces: scaled(r.forces, -1) })), [FORCES]],
  ["stress of the wrong sign", broken((r) => ({ stress: scaled(r.stress, -1) })), [STRESS]],
  ["shear stresses in another order", broken((r) => ({ stress: r.stress?.map((_, k, s) => s[k < 3 ? k : 8 - k]) })), [STRESS]],
  ["stress twice as large in shear", broken((r) => ({ stress: r.stress?.map((x, k) => (k < 3 ? x : 2 * x)) })), [STRESS]],
  [
    "forces that are a little off",
    broken((r) => ({ forces: r.forces?.map((x, k) => (k === 4 ? x + 2e-6 : x)) })),
    ["forces add up to zero", FORCES],
  ],
  [
    "a swirling force, which no energy has",
    broken((r, s) => ({
      forces: r.forces?.map((x, k) => x + (k === 0 ? s.positions[1] - s.positions[4] : k === 3 ? s.positions[4] - s.positions[1] : 0)),
    })),
    [
      "rotation turns the forces along",
      "the order of the atoms does not matter",
      "an atom moved by a lattice vector is the same atom",
      FORCES,
    ],
  ],
  [
    "a memory of the structure before",
    broken((r) => {
      const energy = r.energy + 1e-12 * last;
      last = r.energy;
      return { energy };
    }),
    [BITS],
  ],
  ["a count of calls", broken((r) => ({ energy: r.energy + 1e-12 * calls++ })), [BITS]],
  [
    "energies that lack the reference",
    broken((r) => ({ energies: r.energies?.map((e) => e + 1) })),
    ["energies of the atoms add up to the energy"],
  ],
  [
    "an outer field",
    broken((r, s) => ({ energy: r.energy + s.positions[3] ** 2, forces: r.forces?.map((f, k) => (k === 3 ? f - 2 * s.positions[3] : f)) })),
    [
      "translation changes nothing",
      "rotation turns the forces along",
      "the order of the atoms does not matter",
      "forces add up to zero",
      STRESS,
      "energies of the atoms add up to the energy",
    ],
  ],
  [
    "an energy that is shifted when forces are asked",
    broken((r, _, asked) => ({ energy: r.energy + (asked.includes("forces") ? 1 : 0) })),
    ["the energy does not depend on what else is asked", "energies of the atoms add up to the energy"],
  ],
  ["forces missing", broken(() => ({ forces: undefined })), ["answers what is asked, in numbers", FORCES]],
  [
    "NaN",
    broken(() => ({ energy: Number.NaN })),
    [
      "answers what is asked, in numbers",
      "the energy does not depend on what else is asked",
      "translation changes nothing",
      "rotation turns the forces along",
      "the order of the atoms does not matter",
      "an atom moved by a lattice vector is the same atom",
      "energies of the atoms add up to the energy",
      FORCES,
      STRESS,
    ],
  ],
  [
    "a structure that is moved",
    broken((_, s) => {
      s.positions[0] += 1e-12;
      return {};
    }),
    ["leaves the structure as it was"],
  ],
  ["deafness", { ...emtCalculator(), calculate: async (s, asked) => emtResult(s, asked) }, ["an aborted signal is honoured"]],
];
for (const [fault, calculator, expected] of faults) {
  test(`found: ${fault}`, async () => {
    const found = await failures(calculator);
    assert.ok(found.length > 0);
    for (const name of expected) assert.ok(found.includes(name), `${name} not among ${found.join("; ")}`);
  });
}

test("what the calculator throws is reported, not thrown", async () => {
  const { ok, checks } = await checkCalculator(emtCalculator(), [structure({ symbols: ["Fe"], positions: [0, 0, 0] })]);
  assert.equal(ok, false);
  assert.match(checks[0].error ?? "", /EMT has no parameters for Fe/);
});

test("checking ends with its signal", async () => {
  await assert.rejects(checkCalculator(emtCalculator(), undefined, { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
});
