import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { EngineSpec, Result } from "../../src/calculators/calculator.ts";
import { type CheckOptions, checkCalculator } from "../../src/calculators/check.ts";
import { type QmEngine, Unconverged } from "../../src/qm/engine.ts";
import { checkedSpec, ENGINES, openEngine, withAgreedState, withState } from "../../src/qm/engines.ts";
import { pythonPath } from "../../src/qm/worker.ts";
import { gfn1Xtb, gfn2Xtb } from "../../src/qm/xtb.ts";
import { type Pbc, type Structure, structure } from "../../src/structure/structure.ts";

interface Case {
  readonly name: string;
  readonly engine: string;
  readonly options: Record<string, unknown>;
  readonly charge: number | null;
  readonly multiplicity: number | null;
  readonly symbols: string[];
  readonly positions: number[][];
  readonly cell: number[][];
  readonly pbc: Pbc;
  readonly energy: number;
  readonly energies: number[];
  readonly forces: number[][];
  readonly stress: number[] | null;
  readonly charges: number[] | null;
}
interface Reference {
  readonly made_with: Record<string, string>;
  readonly cases: Case[];
}
const SCRIPT = fileURLToPath(new URL("../reference/qm.py", import.meta.url));
const stored = JSON.parse(readFileSync(SCRIPT.replace(/py$/, "json"), "utf8")) as Reference;
const fresh = JSON.parse(
  execFileSync(pythonPath(), [SCRIPT], { encoding: "utf8", env: { ...process.env, OMP_NUM_THREADS: "1" } }),
) as Reference;

const opened = new Map<string, Promise<QmEngine>>();
const open = (spec: EngineSpec): Promise<QmEngine> => {
  const key = JSON.stringify(spec);
  if (!opened.has(key)) opened.set(key, openEngine(spec));
  return opened.get(key) as Promise<QmEngine>;
};
after(async () => {
  for (const engine of opened.values()) await (await engine).close();
});

function structureOf(c: Case): Structure {
  const { charge, multiplicity } = c;
  return { ...structure(c), ...(charge !== null && { charge }), ...(multiplicity !== null && { multiplicity }) };
}

async function answerTo(c: Case): Promise<Result> {
  const engine = await open({ ...c.options, engine: c.engine });
  return engine.calculate(
    structureOf(c),
    engine.properties.filter((p) => p !== "stress" || c.stress !== null),
  );
}

const numbers = (c: Case): number[] => [c.energy, ...c.energies, ...c.forces.flat(), ...(c.stress ?? []), ...(c.charges ?? [])];
const answered = ({ energy, energies, forces, stress, charges }: Result): number[] =>
  [[energy], energies, forces, stress, charges].flatMap((values) => [...(values ?? [])]);

describe("Python engines against ASE without a worker", () => {
  for (const c of fresh.cases) {
    it(`${c.engine}, ${c.name}: the same bits`, async () => {
      assert.deepEqual(answered(await answerTo(c)), numbers(c));
    });
  }

  it("the figures stored are those of this machine", () => {
    const { ase, tblite } = stored.made_with;
    assert.deepEqual([fresh.made_with.ase, fresh.made_with.tblite], [ase, tblite]);
    for (const [k, c] of fresh.cases.entries()) {
      const [here, there] = [numbers(c), numbers(stored.cases[k])];
      assert.equal(here.length, there.length);
      // eV, eV/Å, e: the linear algebra differs from processor to processor, and self-consistency at accuracy 1 is no finer.
      for (const [i, x] of here.entries()) assert.ok(Math.abs(x - there[i]) < 1e-5, `${c.name}, number ${i}: ${x}, ${there[i]}`);
    }
  });

  it("EMT here and ASE's agree", async () => {
    for (const c of fresh.cases.filter(({ engine }) => engine === "ase-emt")) {
      const found = await answerTo({ ...c, engine: "emt" });
      // Rounding: the order of summation differs.
      for (const [i, x] of answered(found).entries()) assert.ok(Math.abs(x - numbers(c)[i]) < 1e-9, `${c.name}, number ${i}`);
    }
  });
});

describe("the contract", () => {
  const [water, thiol] = stored.cases.filter(({ engine }) => engine === "gfn2-xtb").map(structureOf);
  const ice = structureOf(stored.cases.find(({ stress }) => stress !== null) as Case);
  const cluster = {
    ...structure({
      symbols: ["Cu", "Cu", "Cu", "N", "Cu"],
      positions: [0, 0, 0, 2.4, 0.3, -0.2, 0.9, 2.3, 0.4, 1.1, 0.8, 1.6, 1.3, -0.7, 3.3],
    }),
    multiplicity: 2,
  };
  // What self-consistency at accuracy 0.01 leaves, eV and eV/Å: measured 1e-13 and 2e-7.
  const molecules = { energy: 1e-9, force: 2e-6, coordinates: 12 };
  // In a cell of 5 Å tblite's sums over images let a translation change the energy by 6e-6 eV and the forces by 7e-6 eV/Å; differences leave 4e-7
  // eV/Å and 9e-7 eV/Å³.
  const cells = { energy: 2e-5, force: 2e-5, stress: 5e-6, coordinates: 2 };
  const kept: [string, EngineSpec, Structure[], CheckOptions][] = [
    ["gfn2-xtb, molecules", gfn2Xtb({ accuracy: 0.01 }), [water, thiol], molecules],
    ["gfn1-xtb, a cell", gfn1Xtb({ accuracy: 0.01 }), [ice], cells],
    ["gfn1-xtb, a molecule and a metal", gfn1Xtb({ accuracy: 0.01, electronicTemperature: 1000 }), [water, cluster], molecules],
    ["ase-emt", { engine: "ase-emt" }, [cluster], {}],
  ];
  for (const [name, spec, structures, bounds] of kept) {
    it(`${name}: kept`, async () => {
      const { checks } = await checkCalculator(await open(spec), structures, bounds);
      assert.deepEqual(
        checks.filter(({ ok }) => !ok),
        [],
      );
    });
  }

  it("charge and multiplicity of the specification are for structures that state none", async () => {
    const spec = gfn2Xtb({ charge: 1 });
    assert.deepEqual(withState(water, spec).charge, 0);
    const { charge: _c, multiplicity: _m, ...bare } = structureOf(stored.cases[3]);
    assert.deepEqual(withState(bare, { ...spec, multiplicity: 1 }), { ...bare, charge: 1, multiplicity: 1 });
    assert.equal(withState(bare, gfn2Xtb()).charge, undefined);
    assert.deepEqual(withAgreedState(bare, spec), withState(bare, spec));
    assert.throws(
      () => withAgreedState(water, spec),
      /^RangeError: the structure's file states a charge of 0, the engine's options one of 1; take one away$/,
    );
    assert.throws(() => withAgreedState({ ...bare, multiplicity: 2 }, { ...spec, multiplicity: 4 }), /states a multiplicity of 2/);
    assert.equal((await (await open(spec)).calculate(bare, ["energy"])).energy, stored.cases[3].energy);
  });

  it("the version names what the figures depend on, a specification survives JSON and is not completed", async () => {
    assert.match((await open(gfn2Xtb())).version, /^tblite \d+\.\d+\.\d+, ASE \d+\.\d+\.\d+$/);
    assert.match((await open({ engine: "ase-emt" })).version, /^ASE \d+\.\d+\.\d+$/);
    const here = await open({ engine: "emt" });
    assert.match(here.version, /^qmml \d+\.\d+\.\d+$/);
    assert.equal((await here.calculate(cluster, ["energy"])).node, hostname());
    assert.deepEqual(gfn1Xtb({ electronicTemperature: 1000 }), { engine: "gfn1-xtb", electronic_temperature: 1000 });
    const molecule = { charge: -1, multiplicity: 2, threads: 1, warm: true };
    const all = gfn2Xtb({ accuracy: 0.01, electronicTemperature: 500, maxIterations: 9, mixerDamping: 0.2, ...molecule });
    assert.deepEqual(checkedSpec(JSON.parse(JSON.stringify(all)) as EngineSpec), all);
    assert.deepEqual(Object.keys(all).slice(1), Object.keys(ENGINES["gfn2-xtb"].options));
  });
});

describe("what is refused, in one sentence", () => {
  const specs: [EngineSpec, RegExp][] = [
    [{ engine: "gfn2-xbt" }, /^there is no engine "gfn2-xbt"; did you mean gfn2-xtb\?$/],
    [{ engine: "gaussian" }, /^there is no engine "gaussian"; there are emt, ase-emt, gfn1-xtb, gfn2-xtb, pyscf, gpaw, ase, ipi$/],
    [{ engine: "constructor" }, /^there is no engine "constructor"; /],
    [{ engine: "gfn2-xtb", acuracy: 1 }, /^gfn2-xtb has no option "acuracy"; did you mean accuracy\?$/],
    [{ engine: "ase-emt", accuracy: 1 }, /^ase-emt has no option "accuracy"; it has asap_cutoff$/],
    [{ engine: "emt", asap_cutoff: 1 }, /^emt's option asap_cutoff is 1; give true or false$/],
    [{ engine: "gfn2-xtb", accuracy: 0 }, /^gfn2-xtb's option accuracy is 0; give a number from 0\.0001 to 1000$/],
    [{ engine: "gfn2-xtb", electronic_temperature: "hot" }, /electronic_temperature is "hot"; give a temperature above 0 K$/],
    [{ engine: "gfn1-xtb", max_iterations: 2.5 }, /max_iterations is 2\.5; give a whole number of 1 or more$/],
    [{ engine: "gfn1-xtb", charge: 0.5 }, /charge is 0\.5; give a whole number of e$/],
    [{ engine: "gfn1-xtb", multiplicity: 0 }, /multiplicity is 0; give a whole number of 1 or more$/],
  ];
  for (const [spec, message] of specs) {
    it(`specification ${JSON.stringify(spec)}`, async () => {
      assert.throws(() => checkedSpec(spec), { name: "RangeError", message });
      await assert.rejects(openEngine(spec), { name: "RangeError", message });
    });
  }

  it("no slots", async () => {
    for (const slots of [0, 1.5])
      await assert.rejects(openEngine(gfn2Xtb(), { slots }), {
        name: "RangeError",
        message: new RegExp(`^${slots} slots were asked for; `),
      });
  });

  const one = (symbol: string, state = {}): Structure => ({ ...structure({ symbols: [symbol], positions: [0, 0, 0] }), ...state });
  const slab: Structure = { ...one("He"), cell: Float64Array.of(5, 0, 0, 0, 5, 0, 0, 0, 9), pbc: [true, true, false] };
  const structures: [string, Structure, RegExp][] = [
    ["gfn2-xtb", one("Cu"), /^gfn2-xtb is unreliable on transition metals, and Cu has Cu; use gfn1-xtb$/],
    ["gfn2-xtb", one("La"), /^gfn2-xtb is unreliable on transition metals, and La has La; /],
    ["gfn1-xtb", one("U"), /^gfn1-xtb has parameters up to Rn, and U has U; /],
    ["gfn1-xtb", one("Cu"), /^Cu with charge 0 has 29 electrons, an odd number; state the multiplicity, /],
    ["gfn2-xtb", one("H", { charge: 0.5 }), /^the charge of H is 0\.5; give a whole number of e$/],
    ["gfn2-xtb", one("H", { charge: 2 }), /^H with charge 2 has -1 electrons; /],
    ["gfn2-xtb", one("He", { multiplicity: 2 }), /^He with charge 0 has 2 electrons, which do not allow a multiplicity of 2; /],
    ["gfn2-xtb", slab, /^gfn2-xtb needs a structure that repeats in all three directions or in none, not in 2; /],
    ["gfn2-xtb", one("He", { positions: Float64Array.of(0, Number.NaN, 0) }), /^a coordinate of atom 0 is NaN; /],
    ["gfn2-xtb", structure({ symbols: [], positions: [] }), /^gfn2-xtb was given no atoms; /],
    ["emt", one("U"), /^EMT has no parameters for U; it knows Al /],
    ["ase-emt", one("U"), /^EMT has no parameters for U; it knows Al /],
  ];
  for (const [engine, s, message] of structures) {
    it(`${engine}: ${message.source.slice(1, 60)}`, async () => {
      const { accepts, calculate } = await open({ engine });
      assert.throws(() => accepts(s), { name: "RangeError", message });
      await assert.rejects(calculate(s, ["energy"]), { name: "RangeError", message });
    });
  }

  it("accepted: what the refusals above are next to", async () => {
    const accepted: [string, Structure][] = [
      ["gfn1-xtb", one("Cu", { multiplicity: 2 })],
      ["gfn1-xtb", one("Cu", { charge: 1 })],
      ["gfn2-xtb", one("Rn")],
      ["gfn2-xtb", one("Ga", { charge: 1 })],
      ["gfn2-xtb", { ...slab, pbc: [true, true, true] }],
      ["ase-emt", one("Cu")],
    ];
    for (const [engine, s] of accepted) (await open({ engine })).accepts(s);
  });

  const water = structureOf(stored.cases[0]);
  it("the stress of what has no cell", async () => {
    await assert.rejects((await open(gfn2Xtb())).calculate(water, ["stress"]), {
      name: "RangeError",
      message: /^the stress needs 3 lattice /,
    });
  });

  it("atoms in one place", async () => {
    const fused = { ...water, positions: water.positions.map((x, k) => (k < 6 ? water.positions[k % 3] : x)) };
    const message = "gfn2-xtb refuses H2O: Too close interatomic distances found; check the geometry";
    await assert.rejects((await open(gfn2Xtb())).calculate(fused, ["energy"]), { name: "RangeError", message });
  });

  it("what does not converge is told from what fails", async () => {
    const message = "gfn2-xtb did not converge for H2O: SCF not converged in 2 cycles; raise electronic_temperature or max_iterations";
    const failed = (await open(gfn2Xtb({ maxIterations: 2 }))).calculate(water, ["energy"]);
    await assert.rejects(failed, (error) => error instanceof Unconverged && error.message === message);
  });
});
