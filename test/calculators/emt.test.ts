import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Property } from "../../src/calculators/calculator.ts";
import { emt, emtCalculator } from "../../src/calculators/emt.ts";
import { calculator } from "../../src/calculators/registry.ts";
import { structure } from "../../src/structure/structure.ts";

interface Case {
  readonly name: string;
  readonly asap_cutoff: boolean;
  readonly symbols: string[];
  readonly positions: number[][];
  readonly cell: number[][];
  readonly pbc: [boolean, boolean, boolean];
  readonly energy: number;
  readonly energies: number[];
  readonly forces: number[][];
  readonly stress: number[] | null;
}

const { cases }: { cases: Case[] } = JSON.parse(readFileSync(new URL("../reference/emt.json", import.meta.url), "utf8"));

/** eV, eV/Å and eV/Å³: the order of summation differs from ASE's; what is left is rounding, about 1e-12. */
const ROUNDING = 1e-9;

for (const c of cases) {
  test(`EMT is ASE's: ${c.name}, asap_cutoff ${c.asap_cutoff}`, async () => {
    const properties: Property[] = ["energy", "energies", "forces", ...(c.stress ? (["stress"] as const) : [])];
    const result = await calculator(emt({ asapCutoff: c.asap_cutoff })).calculate(structure(c), properties);
    const pairs: [string, ArrayLike<number>, ArrayLike<number>][] = [
      ["energy", [result.energy], [c.energy]],
      ["energies", result.energies ?? [], c.energies],
      ["forces", result.forces ?? [], c.forces.flat()],
      ["stress", result.stress ?? [], c.stress ?? []],
    ];
    for (const [what, actual, expected] of pairs) {
      assert.equal(actual.length, expected.length, what);
      for (let i = 0; i < expected.length; i++)
        assert.ok(Math.abs(actual[i] - expected[i]) <= ROUNDING, `${what} ${i}: ${actual[i]} against ${expected[i]}`);
    }
  });
}

test("only what is asked is answered", async () => {
  const s = structure({ symbols: ["Cu", "Cu"], positions: [0, 0, 0, 2, 1, 0.5] });
  assert.deepEqual(Object.keys(await emtCalculator().calculate(s, ["energy"])), ["energy"]);
  assert.deepEqual(Object.keys(await emtCalculator().calculate(s, ["forces"])), ["energy", "forces"]);
});

test("what EMT cannot do is refused in one sentence", async () => {
  const iron = structure({ symbols: ["Cu", "Fe"], positions: [0, 0, 0, 2, 1, 0.5] });
  await assert.rejects(emtCalculator().calculate(iron, ["energy"]), /EMT has no parameters for Fe; it knows Al Cu/);
  const copper = structure({ symbols: ["Cu"], positions: [0, 0, 0] });
  await assert.rejects(emtCalculator().calculate(copper, ["stress"]), /the stress needs 3 lattice vectors, and the structure has 0/);
  await assert.rejects(emtCalculator().calculate(copper, ["energy"], AbortSignal.abort(new Error("enough"))), /enough/);
});

test("engines are made from specifications that survive JSON", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(emt({ asapCutoff: true }))), { engine: "emt", asap_cutoff: true });
  assert.equal(calculator(emt()).name, "emt");
  assert.throws(() => calculator({ engine: "ETM" }), /no analytical engine "ETM"; there is emt/);
  assert.throws(() => calculator({ engine: "emt", asapCutoff: true }), /emt has no option "asapCutoff"; it has asap_cutoff/);
  assert.throws(() => calculator({ engine: "emt", asap_cutoff: "yes" }), /asap_cutoff is "yes"; give true or false/);
});
