import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import type { EngineSpec, Result } from "../../src/calculators/calculator.ts";
import { type CheckOptions, checkCalculator } from "../../src/calculators/check.ts";
import { type QmEngine, Unconverged } from "../../src/qm/engine.ts";
import { checkedSpec, ENGINES, hasElectrons, openEngine } from "../../src/qm/engines.ts";
import { pyscf } from "../../src/qm/pyscf.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";

interface Case {
  readonly name: string;
  readonly options: Record<string, unknown>;
  readonly charge: number;
  readonly multiplicity: number;
  readonly symbols: string[];
  readonly positions: number[][];
  readonly energy: number;
  readonly forces: number[][];
  readonly charges: number[];
}
const { cases } = JSON.parse(readFileSync(new URL("../reference/pyscf.json", import.meta.url), "utf8")) as { cases: Case[] };
const structureOf = ({ symbols, positions, charge, multiplicity }: Case): Structure => ({
  ...structure({ symbols, positions }),
  charge,
  multiplicity,
});
const [water, , methyl] = cases.map(structureOf);

const opened = new Map<string, Promise<QmEngine>>();
const open = (spec: EngineSpec): Promise<QmEngine> => {
  const key = JSON.stringify(spec);
  if (!opened.has(key)) opened.set(key, openEngine(spec));
  return opened.get(key) as Promise<QmEngine>;
};
after(async () => {
  for (const engine of opened.values()) await (await engine.catch(() => undefined))?.close();
});

/** In a small basis, so that it takes moments. */
const small = { basis: "sto-3g", convTol: 1e-12 };

describe("pyscf", () => {
  // What self-consistency at 1e-12 Hartree and two-electron integrals cut at 1e-13 leave, eV and eV/Å: measured 1e-12 and 1e-6.
  const exact = { energy: 1e-7, force: 2e-5, coordinates: 2 };
  // A functional's grid turns with nothing: at level 3 the forces of a molecule that is turned change by 4e-4 eV/Å.
  const grid = { energy: 1e-3, force: 5e-3, coordinates: 1 };
  const kept: [string, EngineSpec, Structure, CheckOptions][] = [
    ["Hartree-Fock", pyscf(small), water, exact],
    ["unrestricted", pyscf({ ...small, densityFitting: true }), methyl, exact],
    ["PBE", pyscf({ ...small, xc: "pbe" }), water, grid],
  ];
  for (const [name, spec, s, bounds] of kept) {
    it(`${name}: the contract`, async (test) => {
      const { checks } = await checkCalculator(await open(spec), [s], bounds);
      for (const { name, measured, unit } of checks) test.diagnostic(`${name}: ${measured.toExponential(1)} ${unit}`);
      assert.deepEqual(
        checks.filter(({ ok }) => !ok),
        [],
      );
    });
  }

  for (const c of cases) {
    it(`${c.name}: as PySCF alone`, async () => {
      const engine = await open({ engine: "pyscf", ...c.options });
      const found = await engine.calculate(structureOf(c), ["energy", "forces", "charges"]);
      // eV, eV/Å, e: what self-consistency at 1e-9 Hartree leaves, which differs from processor to processor.
      assert.ok(Math.abs(found.energy - c.energy) < 1e-6, `${found.energy}, ${c.energy}`);
      for (const [k, f] of c.forces.flat().entries()) assert.ok(Math.abs((found.forces?.[k] ?? Number.NaN) - f) < 5e-4, `force ${k}`);
      for (const [k, q] of c.charges.entries()) assert.ok(Math.abs((found.charges?.[k] ?? Number.NaN) - q) < 1e-4, `charge ${k}`);
    });
  }

  it("equal bits after another structure, and by another worker; what it took is told", async () => {
    const bits = ({ energy, forces = new Float64Array(0) }: Result): number[] => [energy, ...forces];
    const engine = await open(pyscf({ basis: "sto-3g", xc: "pbe", densityFitting: true }));
    const first = await engine.calculate(water, ["forces"]);
    await engine.calculate(methyl, ["forces"]);
    assert.deepEqual(bits(await engine.calculate(water, ["forces"])), bits(first));
    const other = await openEngine(pyscf({ basis: "sto-3g", xc: "pbe", densityFitting: true }));
    assert.deepEqual(bits(await other.calculate(water, ["forces"])), bits(first));
    await other.close();
    assert.ok((first.peakMemory ?? 0) > 5e7 && (first.peakMemory ?? 0) < 5e9);
    assert.ok(first.seconds !== undefined && first.node);
  });

  it("each way out of what does not converge gives what converges", async () => {
    const easy = await (await open(pyscf(small))).calculate(water, ["energy"]);
    await assert.rejects((await open(pyscf({ ...small, maxCycle: 2 }))).calculate(water, ["energy"]), (error) => {
      const message = "pyscf did not converge for H2O: the self-consistent field did not converge in 2 cycles; ";
      return error instanceof Unconverged && error.message.startsWith(message);
    });
    for (const { name, options } of ENGINES.pyscf.retries) {
      const engine = await open(checkedSpec({ ...pyscf({ ...small, maxCycle: 2 }), ...options }));
      const { energy } = await engine.calculate(water, ["energy"]);
      // eV; all end in the same state.
      assert.ok(Math.abs(energy - easy.energy) < 1e-7, name);
    }
  });

  const refused: [string, EngineSpec, RegExp][] = [
    ["an unknown basis", pyscf({ basis: "6-31h" }), /^pyscf: its basis is "6-31h", which PySCF does not know; give one such as /],
    ["an unknown functional", pyscf({ xc: "pbee" }), /^pyscf: its xc is "pbee", which PySCF does not know; give one such as pbe or b3lyp$/],
    ["an empty functional", { engine: "pyscf", xc: " " }, /^pyscf's option xc is " "; give the name of a functional/],
    ["damping of one", pyscf({ damping: 1 }), /^pyscf's option damping is 1; give a number from 0 to 0\.95$/],
    ["a grid of ten", pyscf({ grid: 10 }), /^pyscf's option grid is 10; give a whole number from 0 to 9$/],
    ["too many threads", pyscf({ threads: 4096 }), /^pyscf's option threads is 4096 and this machine has \d+ cores; give \d+ or less$/],
  ];
  for (const [what, spec, message] of refused) {
    it(`${what} is refused before anything runs`, async () => {
      await assert.rejects(openEngine(spec), { name: "RangeError", message });
    });
  }

  const one = (symbol: string): Structure => structure({ symbols: [symbol], positions: [0, 0, 0] });
  const cell = { cell: Float64Array.of(5, 0, 0, 0, 5, 0, 0, 0, 5), pbc: [false, false, true] } as const;
  const structures: [string, Structure, RegExp][] = [
    ["an element that the basis lacks", one("Ba"), /^pyscf has no Ba with basis sto-3g, and Ba has; give another basis$/],
    ["a structure that repeats", { ...one("He"), ...cell }, /^pyscf calculates molecules, and He repeats; set pbc to F F F, or take gpaw$/],
    ["an odd number of electrons", one("H"), /^H with charge 0 has 1 electrons, an odd number; state the multiplicity, /],
  ];
  for (const [what, s, message] of structures) {
    it(`${what} is refused before it runs`, async () => {
      const { accepts, calculate } = await open(pyscf(small));
      assert.throws(() => accepts(s), { name: "RangeError", message });
      await assert.rejects(calculate(s, ["energy"]), { name: "RangeError", message });
    });
  }

  it("what it does not give is said in one sentence", async () => {
    const message = "pyscf does not give stress; it gives energy, forces, charges";
    await assert.rejects((await open(pyscf(small))).calculate(water, ["stress"]), { name: "RangeError", message });
  });

  it("a specification survives JSON; its electrons count", () => {
    const all = pyscf({ xc: "pbe", basis: "sto-3g", densityFitting: true, initGuess: "atom", newton: false, charge: 1, warm: true });
    assert.deepEqual(checkedSpec(JSON.parse(JSON.stringify(all)) as EngineSpec), {
      ...{ engine: "pyscf", xc: "pbe", basis: "sto-3g", density_fitting: true, init_guess: "atom", newton: false, charge: 1, warm: true },
    });
    assert.ok(hasElectrons(all));
  });
});
