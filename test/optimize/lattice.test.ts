import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Calculator } from "../../src/calculators/calculator.ts";
import { calculator } from "../../src/calculators/registry.ts";
import { type CubicCrystal, type Lattice, lattice } from "../../src/optimize/lattice.ts";

interface Row extends Lattice {
  readonly element: string;
  readonly crystal: CubicCrystal;
}
const { rows } = JSON.parse(readFileSync(new URL("../reference/lattice.json", import.meta.url), "utf8")) as { rows: Row[] };
const emt = calculator({ engine: "emt" });

/** An fcc surface E(a) in eV per atom. */
function curve(energy: (a: number) => number): Calculator {
  return { name: "curve", properties: ["energy"], calculate: async ({ cell }) => ({ energy: energy(2 * Math.max(...cell)) }) };
}

describe("lattice constant", () => {
  for (const row of rows) {
    const { element, crystal } = row;
    it(`EMT ${crystal} ${element} as ASE's, from a guess of its own and from a given one`, async () => {
      for (const a of [undefined, 1.02 * row.a]) {
        const found = await lattice(emt, { element, crystal, a });
        // Five-point error at a spacing of 0.2 %, of fourth order: below 1e-7 Å.
        assert.ok(Math.abs(found.a - row.a) < 2e-7, `a ${found.a}`);
        // The energy is stationary there: only rounding is left.
        assert.ok(Math.abs(found.energyPerAtom - row.energyPerAtom) < 1e-11);
        // The same error in the second derivative is largest where a shell of neighbours lies on EMT's steep cutoff (sc Cu: 2e-5).
        assert.ok(Math.abs(found.bulkModulus / row.bulkModulus - 1) < 5e-5, `B ${found.bulkModulus}`);
      }
    });
  }

  it("a repeated cell has the crystal's numbers, and edges as long as was asked", async () => {
    const edges = new Set<number>();
    const seen: Calculator = {
      ...emt,
      calculate: (s, properties) => {
        edges.add(Math.cbrt(s.numbers.length / 4));
        assert.ok(s.cell[0] > 6.9 && s.cell[1] === 0);
        return emt.calculate(s, properties);
      },
    };
    const one = await lattice(emt, { element: "Cu", crystal: "fcc", a: 3.6 });
    const found = await lattice(seen, { element: "Cu", crystal: "fcc", a: 3.6, leastEdge: 7 });
    assert.deepEqual([...edges], [2]);
    // Rounding of the energy of 32 atoms, divided by a spacing of 0.007 Å once and twice.
    assert.ok(Math.abs(found.a - one.a) < 1e-9);
    assert.ok(Math.abs(found.bulkModulus / one.bulkModulus - 1) < 1e-6);
  });

  it("a surface that is true only near its minimum is never asked elsewhere when a guess is given", async () => {
    const asked: number[] = [];
    const narrow = curve((a) => {
      asked.push(a);
      return Math.abs(a - 4) < 0.15 ? 3 * (a - 4) ** 2 : -100;
    });
    const { a, bulkModulus } = await lattice(narrow, { element: "Cu", crystal: "fcc", a: 4.05 });
    // Five points are exact for a parabola; rounding of squares of about 1e-4 eV remains.
    assert.ok(Math.abs(a - 4) < 1e-10);
    // E'' = 6 eV/Å², v = 1/4: B = 6 / (9 a / 4), in GPa.
    assert.ok(Math.abs(bulkModulus - (6 / 9) * 160.21766208) < 1e-6);
    assert.ok(asked.every((x) => Math.abs(x - 4) < 0.15));
  });

  it("says in one sentence that there is no minimum, no smoothness, no such crystal", async () => {
    const cu = { element: "Cu", crystal: "fcc" } as const;
    await assert.rejects(
      lattice(
        curve((a) => -a),
        cu,
      ),
      /^RangeError: no energy minimum of curve for fcc Cu between 2\.53 and 5\.78 Å; give a better guess/,
    );
    await assert.rejects(
      lattice(
        curve((a) => (a - 4) ** 2),
        { ...cu, a: 3.6 },
      ),
      /between 3\.42 and 3\.78 Å/,
    );
    await assert.rejects(
      lattice(
        curve((a) => (a < 3.5 ? 1 : 0)),
        cu,
      ),
      /is not smooth around its least value/,
    );
    await assert.rejects(
      lattice(
        curve(() => Number.NaN),
        cu,
      ),
      /curve gave the energy NaN for fcc Cu at a = 3\.6100 Å/,
    );
    await assert.rejects(lattice(emt, { element: "Cu", crystal: "hcp" as "fcc" }), /"hcp" is not a cubic crystal/);
    await assert.rejects(lattice(emt, { element: "Cx", crystal: "fcc" }), /"Cx" is not a chemical symbol/);
  });
});
