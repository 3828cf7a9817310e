import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { qmml } from "./qmml.ts";

interface Row {
  readonly element: string;
  readonly crystal: string;
  readonly a: number;
  readonly energyPerAtom: number;
  readonly bulkModulus: number;
}
const reference = JSON.parse(readFileSync(new URL("../reference/lattice.json", import.meta.url), "utf8")) as { rows: Row[] };
const [row] = reference.rows;

describe("qmml lattice", () => {
  it("--json prints ASE's numbers for fcc Cu in one object", async () => {
    const { status, stdout, stderr } = await qmml(["lattice", "--element", "Cu", "--crystal", "fcc", "--calculator", "emt", "--json"]);
    assert.deepEqual([status, stderr, row.element, row.crystal], [0, "", "Cu", "fcc"]);
    const found = JSON.parse(stdout) as Row;
    assert.deepEqual(Object.keys(found), ["a", "energyPerAtom", "bulkModulus"]);
    // Five-point differences of fourth order at a spacing of 0.2 %.
    assert.ok(Math.abs(found.a - row.a) < 2e-7);
    assert.ok(Math.abs(found.energyPerAtom - row.energyPerAtom) < 1e-11);
    assert.ok(Math.abs(found.bulkModulus / row.bulkModulus - 1) < 5e-5);
  });

  it("options of the calculator arrive: the other cutoff is another crystal", async () => {
    const words = ["lattice", "--element", "Cu", "--crystal", "fcc", "--calculator", "emt", "--option", "asap_cutoff=true", "--json"];
    const found = JSON.parse((await qmml(words)).stdout) as Row;
    assert.ok(Math.abs(found.a - row.a) > 1e-5);
  });

  it("human output has the units", async () => {
    const { stdout } = await qmml(["lattice", "--element", "Cu", "--crystal", "fcc", "--calculator", "emt", "--a", "3.6"]);
    assert.match(stdout, /a +3\.589826 Å\n +energy +-0\.007036 eV\/atom\n +bulk modulus +134\.48 GPa\n$/);
  });

  it("an engine that the crystal is not for: status 1, its reason in one line", async () => {
    const { status, stdout, stderr } = await qmml(["lattice", "--element", "Cu", "--crystal", "fcc", "--calculator", "gfn2-xtb", "--json"]);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.equal(stderr, "qmml lattice: gfn2-xtb is unreliable on transition metals, and Cu32 has Cu; use gfn1-xtb\n");
  });

  it("an element that the calculator does not know: status 1, one line", async () => {
    const { status, stdout, stderr } = await qmml(["lattice", "--element", "U", "--crystal", "fcc", "--calculator", "emt", "--json"]);
    assert.deepEqual([status, stdout, stderr.split("\n").length], [1, "", 2]);
    assert.match(stderr, /^qmml lattice: EMT has no parameters for U; it knows Al/);
  });
});
