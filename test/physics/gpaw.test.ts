/** GPAW, built by qmml's own command into .cache/engines (minutes, once); density functional theory takes its time. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { EngineSpec, Result } from "../../src/calculators/calculator.ts";
import { type QmEngine, Unconverged } from "../../src/qm/engine.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { gpaw } from "../../src/qm/gpaw.ts";
import { gpawFolder } from "../../src/qm/gpawPlaces.ts";
import { imageHash, type QmImage, qmService, settingsOf } from "../../src/qm/image.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { type Structure, structure, withPositions } from "../../src/structure/structure.ts";
import { qmml } from "../cli/qmml.ts";
import { ENGINES } from "../engine/engines.ts";

const water = structure({ symbols: ["O", "H", "H"], positions: [0, 0, 0.1, 0.76, 0.1, 0.6, -0.7, 0.2, 0.65] });
const coarse = { h: 0.25, vacuum: 3.5 } as const;

const opened = new Map<string, Promise<QmEngine>>();
const open = (spec: EngineSpec): Promise<QmEngine> => {
  const key = JSON.stringify(spec);
  if (!opened.has(key)) opened.set(key, openEngine(spec));
  return opened.get(key) as Promise<QmEngine>;
};
const bits = ({ energy, forces = new Float64Array(0) }: Result): number[] => [energy, ...forces];

describe("gpaw", () => {
  before(async () => {
    process.env.QMML_ENGINES = ENGINES;
    const { status, stderr } = await qmml(["qm", "install", "gpaw"]);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.ok(gpawFolder().startsWith(ENGINES));
  });
  after(async () => {
    for (const engine of opened.values()) await (await engine.catch(() => undefined))?.close();
  });

  it("gives here what it gave elsewhere, and is listed", async () => {
    const { status, stdout } = await qmml(["qm", "check", "gpaw", "--json"]);
    assert.equal(status, 0, stdout);
    const listed = JSON.parse((await qmml(["qm", "list", "--json"])).stdout) as { engines: { name: string; loads: boolean }[] };
    assert.ok(listed.engines.find(({ name }) => name === "gpaw")?.loads);
  });

  // Measured 2e-3 eV/Å in all three: the grid of 0.2 Å, and a step of 0.02 Å.
  for (const mode of ["lcao", "pw", "fd"] as const) {
    it(`${mode}: forces are derivatives, the same bits again after another structure`, async (test) => {
      const engine = await open(gpaw({ vacuum: 3, mode, convDensity: 1e-6 }));
      const found = await engine.calculate(water, ["forces"]);
      const [k, step] = [4, 0.02];
      const energies: number[] = [];
      for (const sign of [-1, 1]) {
        const moved = water.positions.with(k, water.positions[k] + sign * step);
        energies.push((await engine.calculate(withPositions(water, moved), ["energy"])).energy);
      }
      const error = (energies[0] - energies[1]) / (2 * step) - (found.forces?.[k] ?? Number.NaN);
      test.diagnostic(`off by ${error.toExponential(1)} eV/Å`);
      assert.ok(Math.abs(error) < 5e-3, `off by ${error} eV/Å`);
      assert.deepEqual(bits(await engine.calculate(water, ["forces"])), bits(found));
    });
  }

  it("a structure that is moved by a whole grid step has the same energy", async () => {
    const engine = await open(gpaw(coarse));
    const [here, there] = [
      water,
      withPositions(
        water,
        water.positions.map((x) => x + 4 * coarse.h),
      ),
    ];
    const [a, b] = [await engine.calculate(here, ["forces"]), await engine.calculate(there, ["forces"])];
    // Rounding alone, eV.
    assert.ok(Math.abs(a.energy - b.energy) < 1e-8);
  });

  it("copper with plane waves: the stress is the derivative of the energy by the strain", async (test) => {
    const engine = await open(gpaw({ mode: "pw", ecut: 600, kpts: [3, 3, 3], convDensity: 1e-6 }));
    const cell = (a: number): Structure => bulk("Cu", { a });
    const [a, step] = [3.7, 0.01];
    const { stress = [] } = await engine.calculate(cell(a), ["stress"]);
    const [less, more] = [
      (await engine.calculate(cell(a - step), ["energy"])).energy,
      (await engine.calculate(cell(a + step), ["energy"])).energy,
    ];
    // V = a³/4 for the primitive cell, and dE/da = 3 V σ / a.
    const derived = (((more - less) / (2 * step)) * a) / (3 * (a ** 3 / 4));
    const mean = (stress[0] + stress[1] + stress[2]) / 3;
    test.diagnostic(`${mean} eV/Å³, by differences ${derived}`);
    // eV/Å³, measured 1.4e-3: at a fixed energy the number of plane waves changes with the cell.
    assert.ok(Math.abs(mean - derived) < 3e-3);
    assert.deepEqual(engine.properties, ["energy", "forces", "stress"]);
    assert.deepEqual((await open(gpaw(coarse))).properties, ["energy", "forces"]);
  });

  it("a warm start ends where a cold one does, in the same bits each time", async () => {
    const walk = async (spec: EngineSpec): Promise<QmImage[]> => {
      const engine = await openEngine(spec);
      const service = qmService(engine, settingsOf(spec, engine.version), () => undefined);
      const images: QmImage[] = [];
      for (const step of [0, 1]) {
        const s = withPositions(
          water,
          water.positions.map((x, k) => x + 0.01 * step * Math.sin(k)),
        );
        images.push((await service.ask(s, undefined, images.at(-1)?.hash)).image);
      }
      await engine.close();
      return images;
    };
    const [cold, warm, again] = [
      await walk(gpaw(coarse)),
      await walk(gpaw({ ...coarse, warm: true })),
      await walk(gpaw({ ...coarse, warm: true })),
    ];
    assert.deepEqual(warm.map(bits), again.map(bits));
    assert.equal(warm[1].hash, imageHash(warm[1].structure, warm[1].settings, warm[0].hash));
    // eV: what a density converged to 1e-5 leaves.
    assert.ok(Math.abs(warm[1].energy - cold[1].energy) < 1e-6);
  });

  it("what does not converge, and what it cannot do, in one sentence", async () => {
    await assert.rejects((await open(gpaw({ ...coarse, maxIterations: 3 }))).calculate(water, ["energy"]), (error) => {
      return (
        error instanceof Unconverged && error.message.startsWith("gpaw did not converge for H2O: the density did not converge in 3 iter")
      );
    });
    await assert.rejects(openEngine(gpaw({ xc: "B3LYP" })), { message: /^gpaw: its xc is "B3LYP", which this GPAW does not have; / });
    await assert.rejects(openEngine(gpaw({ basis: "xyz" })), { message: /^gpaw: it has no setups for xc "PBE" with basis "xyz"; / });
    const { accepts } = await open(gpaw(coarse));
    const one = (symbol: string): Structure => structure({ symbols: [symbol], positions: [0, 0, 0] });
    assert.throws(() => accepts(one("U")), { message: /^gpaw has no U with basis dzp, and U has; give another basis$/ });
    assert.throws(() => accepts(one("H")), { message: /^H with charge 0 has an odd number of electrons; set spin_polarized to true/ });
    assert.throws(() => accepts({ ...one("O"), multiplicity: 3 }), { message: /^O has a multiplicity of 3; set spin_polarized to true$/ });
    accepts(one("Cu"));
  });
});
