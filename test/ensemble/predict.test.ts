import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkCalculator } from "../../src/calculators/check.ts";
import { committeeCalculator, modelCalculator } from "../../src/ensemble/calculator.ts";
import { predict } from "../../src/ensemble/predict.ts";
import { joined, type Structure, structure, withPositions } from "../../src/structure/structure.ts";
import { ARCHITECTURE, CLUSTER, CRYSTAL, images, untrained } from "./smallSet.ts";

const set = [...(await images(CLUSTER, 2)), ...(await images(CRYSTAL, 2))];
const models = [1, 2, 3].map((seed) => ({ ...untrained(set, seed), offsets: Float64Array.of(0.3 * seed, -0.2) }));
const skewed: Structure = { ...CRYSTAL, cell: Float64Array.of(3.6, 0.3, -0.2, 0.5, 3.9, 0.1, -0.4, 0.2, 4.1) };

/** Smaller than the usual, because second derivatives jump at the cutoff and a strain moves distant pairs across it. */
const STEP = 2e-4;

describe("a prediction", () => {
  for (const [name, calculator] of [
    ["one model", modelCalculator(ARCHITECTURE, models[0])],
    ["a committee", committeeCalculator(ARCHITECTURE, models)],
  ] as const) {
    it(`of ${name} keeps the contract of calculators, forces and stress included`, async () => {
      const { checks } = await checkCalculator(calculator, undefined, { step: STEP });
      assert.deepEqual(
        checks.filter((c) => !c.ok),
        [],
      );
      const mine = await checkCalculator(calculator, [skewed, CLUSTER], { step: STEP });
      assert.deepEqual(
        mine.checks.filter((c) => !c.ok),
        [],
      );
    });
  }

  it("of several models is that of each, in one pass", () => {
    const together = predict(ARCHITECTURE, models, skewed);
    models.forEach((m, k) => {
      assert.deepEqual(together[k], predict(ARCHITECTURE, [m], skewed)[0]);
    });
  });

  it("of a committee is the mean, with the deviation over n - 1", async () => {
    const each = predict(ARCHITECTURE, models, skewed);
    const all = await committeeCalculator(ARCHITECTURE, models).calculate(skewed, ["energy", "forces"]);
    const statistics = (x: number[]): [number, number] => {
      const mean = (x[0] + x[1] + x[2]) / 3;
      return [mean, Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 2)];
    };
    // Rounding of three numbers.
    const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-13, `${a} against ${b}`);
    const [energy, sigma] = statistics(each.map((p) => p.energy));
    near(all.energy, energy);
    near(all.energySigma as number, sigma);
    for (let k = 0; k < 12; k++) {
      const [force, deviation] = statistics(each.map((p) => p.forces[k]));
      near((all.forces as Float64Array)[k], force);
      near((all.forcesSigma as Float64Array)[k], deviation);
    }
    const alone = await committeeCalculator(ARCHITECTURE, models.slice(0, 1)).calculate(skewed, ["energy"]);
    assert.equal(alone.energySigma, undefined);
  });

  it("adds what each element's atom costs, and grows with the structure", () => {
    const far = joined([
      CLUSTER,
      withPositions(
        CLUSTER,
        CLUSTER.positions.map((x) => x + 50),
      ),
    ]);
    const [one] = predict(ARCHITECTURE, [models[0]], CLUSTER);
    const [two] = predict(ARCHITECTURE, [models[0]], far);
    assert.ok(Math.abs(two.energy - 2 * one.energy) < 1e-11); // positions 50 Å away carry less precision
    const [plain] = predict(ARCHITECTURE, [{ ...models[0], offsets: Float64Array.of(0, 0) }], CLUSTER);
    assert.ok(Math.abs(one.energy - plain.energy - (0.3 * 1 - 0.2 * 8)) < 1e-13);
    assert.equal(one.stress, undefined);
  });

  it("says how far it reaches beyond the set", () => {
    const [inside] = predict(ARCHITECTURE, [models[0]], CRYSTAL);
    const squeezed = { ...CRYSTAL, positions: CRYSTAL.positions.map((x) => 0.8 * x), cell: CRYSTAL.cell.map((x) => 0.8 * x) };
    const [outside] = predict(ARCHITECTURE, [models[0]], squeezed);
    assert.ok(inside.novelty < 0.5 && outside.novelty > 2, `${inside.novelty} and ${outside.novelty}`);
  });

  it("refuses elements that the model does not know", () => {
    assert.throws(() => predict(ARCHITECTURE, models, structure({ symbols: ["Au"], positions: [0, 0, 0] })), /know N, Cu but not Au/);
  });
});
