import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";
import type { EngineSpec } from "../../src/calculators/calculator.ts";
import { checkedSpec, openEngine } from "../../src/qm/engines.ts";
import { imageHash, type QmImage, qmService, settingsOf } from "../../src/qm/image.ts";
import { pyscf } from "../../src/qm/pyscf.ts";
import { gfn2Xtb } from "../../src/qm/xtb.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";

/** Water on its way. */
const at = (step: number): Structure =>
  structure({
    symbols: ["O", "H", "H"],
    positions: [0, 0, 0.1, 0.76, 0.1, 0.6, -0.7, 0.2, 0.65].map((x, k) => x + 0.01 * step * Math.sin(k + 1)),
  });

const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("qmml-densities-"));

/** Three steps, each after the one before. */
async function walk(spec: EngineSpec): Promise<QmImage[]> {
  const engine = await openEngine(spec, { slots: 2 });
  const service = qmService(engine, settingsOf(spec, engine.version), () => undefined);
  const images: QmImage[] = [];
  for (const step of [0, 1, 2]) images.push((await service.ask(at(step), undefined, images.at(-1)?.hash)).image);
  await engine.close();
  return images;
}

const numbers = ({ hash, energy, forces }: QmImage): unknown[] => [hash, energy, ...forces];

describe("warm starts", () => {
  const specs = [gfn2Xtb({ accuracy: 0.01 }), pyscf({ basis: "sto-3g" })];
  for (const spec of specs) {
    it(`${spec.engine}: the key names what it started from, the walk repeats to the bit, and ends where a cold one does`, async () => {
      const before = folders();
      const [cold, warm, again] = [await walk(spec), await walk({ ...spec, warm: true }), await walk({ ...spec, warm: true })];
      assert.deepEqual(warm.map(numbers), again.map(numbers));
      assert.deepEqual(numbers(warm[0]), numbers(cold[0]));
      for (const k of [1, 2]) {
        assert.equal(warm[k].hash, imageHash(at(k), warm[k].settings, warm[k - 1].hash));
        assert.notEqual(warm[k].hash, cold[k].hash);
        // Another way to the same solution: the bits differ, by what self-consistency leaves, eV.
        assert.notEqual(warm[k].energy, cold[k].energy);
        assert.ok(Math.abs(warm[k].energy - cold[k].energy) < 1e-6);
      }
      assert.deepEqual(folders(), before);
    });
  }

  it("what cannot be started from is started from atoms, under the key of that", async (test) => {
    const spec = gfn2Xtb({ warm: true });
    const engine = await openEngine(spec);
    test.after(engine.close);
    const settings = settingsOf(spec, engine.version);
    const stored = new Map<string, QmImage>();
    const service = qmService(engine, settings, (hash) => stored.get(hash));
    const cold = imageHash(at(1), settings);
    // Of another run.
    assert.equal(service.hashes(at(1), "f".repeat(64))[0], cold);
    const { image } = await service.ask(at(1), undefined, "f".repeat(64));
    assert.equal(image.hash, cold);
    // With another composition.
    const hydroxide = { ...at(0), charge: -1, numbers: at(0).numbers.subarray(0, 2), positions: at(0).positions.subarray(0, 6) };
    assert.equal(service.hashes(hydroxide, image.hash)[0], imageHash(hydroxide, settings));
    // One that stands under either key is not calculated again.
    stored.set(cold, image);
    assert.deepEqual(await service.ask(at(1), undefined, image.hash), { image, reused: true });
  });

  it("off by default: nobody keeps anything", async (test) => {
    const engine = await openEngine(gfn2Xtb());
    test.after(engine.close);
    assert.equal(engine.holds, undefined);
    const service = qmService(engine, "{}", () => undefined);
    const { image } = await service.ask(at(0));
    assert.deepEqual(service.hashes(at(1), image.hash), [imageHash(at(1), "{}")]);
    assert.equal(settingsOf(gfn2Xtb({ warm: true }), "1"), settingsOf(gfn2Xtb(), "1"));
  });

  it("an engine without such a start has no such option", () => {
    assert.throws(() => checkedSpec({ engine: "ase-emt", warm: true }), { message: 'ase-emt has no option "warm"; it has asap_cutoff' });
  });
});
