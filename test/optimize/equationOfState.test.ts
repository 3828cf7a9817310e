/** A fitted equation of state: exact on its own curve, and beside `lattice` on a real surface. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { emtCalculator } from "../../src/calculators/emt.ts";
import { equationOfState } from "../../src/optimize/equationOfState.ts";
import { lattice } from "../../src/optimize/lattice.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { GPA_PER_EV_A3 } from "../../src/units.ts";
import { fc } from "../properties.ts";

const STRAINS = [-0.03, -0.015, 0, 0.015, 0.03];

/** Birch's own form: eV per atom at a, with V0 and B in eV/Å³. */
function birch(a: number, a0: number, e0: number, b: number, slope: number, atoms: number): number {
  const v0 = a0 ** 3 / atoms;
  const x = (a0 / a) ** 2;
  return e0 + ((9 * v0 * b) / 16) * ((x - 1) ** 3 * slope + (x - 1) ** 2 * (6 - 4 * x));
}

describe("an equation of state", () => {
  it("gives back the constants of Birch's form, from points off its middle", () => {
    const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        number(2.5, 6),
        number(-9, 1),
        number(0.05, 2.5),
        number(2, 7),
        number(-0.02, 0.02),
        fc.constantFrom(["fcc", 4] as const, ["bcc", 2] as const),
        (a0, e0, b, slope, off, [crystal, atoms]) => {
          const points = STRAINS.map((s) => {
            const a = a0 * (1 + off) * (1 + s);
            return { a, energyPerAtom: birch(a, a0, e0, b, slope, atoms) };
          });
          const found = equationOfState(points, crystal);
          // Energies of eV are known to 1e-15, differences of meV between the points to 1e-11 of them.
          assert.ok(Math.abs(found.a / a0 - 1) < 1e-9);
          assert.ok(Math.abs(found.energyPerAtom - e0) < 1e-11);
          assert.ok(Math.abs(found.bulkModulus / GPA_PER_EV_A3 / b - 1) < 1e-7);
          assert.ok(Math.abs(found.energyAt(a0 * 1.01) - birch(a0 * 1.01, a0, e0, b, slope, atoms)) < 1e-11);
        },
      ),
    );
  });

  for (const [element, guess] of [
    ["Cu", 3.61],
    ["Al", 4.0],
    ["Pt", 3.92],
  ] as const) {
    it(`has the lattice constant of EMT ${element} from five energies`, async () => {
      const exact = await lattice(emtCalculator(), { element, crystal: "fcc" });
      const points = [];
      for (const s of STRAINS) {
        const a = guess * (1 + s);
        const { energy } = await emtCalculator().calculate(bulk(element, { a }), ["energy"]);
        points.push({ a, energyPerAtom: energy });
      }
      const found = equationOfState(points, "fcc");
      // EMT's curve is not of Birch's form over 6 %: 2e-4 Å in Al, less in the others, a twentieth of what models are asked for.
      assert.ok(Math.abs(found.a - exact.a) < 3e-4);
      // And for the same reason 0.06 meV in Al's energy and 3 % in its bulk modulus.
      assert.ok(Math.abs(found.energyPerAtom - exact.energyPerAtom) < 1e-4);
      assert.ok(Math.abs(found.bulkModulus / exact.bulkModulus - 1) < 0.04);
    });
  }

  it("refuses too few points, and points on one side of the minimum", () => {
    const at = (...a: number[]): { a: number; energyPerAtom: number }[] => a.map((x) => ({ a: x, energyPerAtom: (x - 4) ** 2 }));
    assert.throws(() => equationOfState(at(3.9, 4, 4.1, 4.1), "fcc"), /3 lattice constants were given .* give 4 or more/);
    assert.throws(() => equationOfState(at(4.1, 4.2, 4.3, 4.4, 4.5), "fcc"), /no energy minimum between 4.100 and 4.500 Å/);
    assert.throws(
      () =>
        equationOfState(
          at(3.9, 4, 4.05, 4.1).map((p) => ({ ...p, energyPerAtom: -p.energyPerAtom })),
          "fcc",
        ),
      /no energy minimum/,
    );
  });
});
