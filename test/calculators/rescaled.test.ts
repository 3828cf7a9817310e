/** Lengths multiplied before a calculator sees them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkCalculator } from "../../src/calculators/check.ts";
import { emtCalculator } from "../../src/calculators/emt.ts";
import { rescaled } from "../../src/calculators/rescaled.ts";
import { lattice } from "../../src/optimize/lattice.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { repeat } from "../../src/structure/repeat.ts";
import { strain } from "../../src/structure/strain.ts";

describe("a rescaled calculator", () => {
  for (const factor of [0.98, 1.03]) {
    it(`keeps the contract with factor ${factor}: forces and stress are derivatives`, async () => {
      const { checks } = await checkCalculator(rescaled(emtCalculator(), factor));
      // Without a failed check the list is empty; with one its name and size are shown.
      assert.deepEqual(
        checks.filter((c) => !c.ok),
        [],
      );
    });
  }

  it("has a lattice constant smaller by the factor and a bulk modulus larger by its cube", async () => {
    const of = { element: "Cu", crystal: "fcc" } as const;
    const [own, other] = [await lattice(emtCalculator(), of), await lattice(rescaled(emtCalculator(), 1.02), of)];
    // Both minima are known to 1e-7 Å or better.
    assert.ok(Math.abs(own.a / other.a - 1.02) < 1e-7);
    assert.ok(Math.abs(other.energyPerAtom - own.energyPerAtom) < 1e-10);
    // Curvatures come from differences over 0.2 % of a: EMT's steps at its cutoff are felt to 1e-4.
    assert.ok(Math.abs(other.bulkModulus / own.bulkModulus / 1.02 ** 3 - 1) < 1e-3);
  });

  it("gives the energy of the larger structure", async () => {
    const s = rattle(repeat(bulk("Cu", { cubic: true }), [2, 1, 1]), { stdev: 0.1, seed: 3 });
    const [expected, { energy }] = [
      await emtCalculator().calculate(strain(s, 0.02), ["energy"]),
      await rescaled(emtCalculator(), 1.02).calculate(s, ["energy"]),
    ];
    // Lengths differ in the last bit: 1 + (1.02 - 1) is not 1.02.
    assert.ok(Math.abs(energy - expected.energy) < 1e-11);
  });

  it("is the calculator itself with factor 1, and refuses what is no factor", () => {
    const own = emtCalculator();
    assert.equal(rescaled(own, 1), own);
    for (const factor of [0, -1, Number.NaN, Infinity]) assert.throws(() => rescaled(own, factor), /give a positive number/);
  });
});
