import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { type DescriptorSettings, defaultDescriptors, fingerprintSize } from "../../src/descriptors/settings.ts";
import { committeeCalculator } from "../../src/ensemble/calculator.ts";
import { enginePredict } from "../../src/ensemble/enginePredict.ts";
import { type Architecture, drawModel, type Model } from "../../src/ensemble/model.ts";
import { type Prediction, predict } from "../../src/ensemble/predict.ts";
import { predictAside } from "../../src/ensemble/predictAside.ts";
import { random } from "../../src/linalg/random.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { repeat } from "../../src/structure/repeat.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";
import { ARCHITECTURE, CLUSTER, CRYSTAL } from "./smallSet.ts";

/** Models with ranges of their own; a third of the functions was never seen to change. */
function drawn(a: Architecture, many: number, seed = 1): Model[] {
  const size = a.descriptors.elements.length * fingerprintSize(a.descriptors);
  return Array.from({ length: many }, (_, m) => {
    const { uniform } = random(seed, m);
    const low = Float64Array.from({ length: size }, () => uniform());
    const high = low.map((l, k) => ((k + m) % 3 === 0 ? l : l + 0.5 + 3 * uniform()));
    const model = drawModel(a, { low, high }, seed, m);
    return { ...model, offsets: model.offsets.map(() => 4 * uniform() - 2) };
  });
}

/** 1e-12 of the largest number there is, or of 0.1: terms of at least that size cancel where atoms stand symmetrically. */
function assertNear(a: Float64Array, b: Float64Array, what: string): void {
  const scale = Math.max(0.1, ...b.map(Math.abs));
  assert.equal(a.length, b.length);
  a.forEach((x, k) => {
    assert.ok(Math.abs(x - b[k]) <= 1e-12 * scale, `${what}[${k}]: ${x} against ${b[k]}`);
  });
}

function assertSame(engine: readonly Prediction[], oracle: readonly Prediction[]): void {
  assert.equal(engine.length, oracle.length);
  engine.forEach((p, m) => {
    const q = oracle[m];
    assertNear(p.energies, q.energies, "energies");
    const terms = q.energies.reduce((sum, e) => sum + Math.abs(e), 0);
    assert.ok(Math.abs(p.energy - q.energy) <= 1e-12 * terms, `energy: ${p.energy} against ${q.energy}`);
    assertNear(p.forces, q.forces, "forces");
    assert.equal(p.stress === undefined, q.stress === undefined);
    if (p.stress && q.stress) assertNear(p.stress, q.stress, "stress");
    // A difference of numbers of the size of 1.
    assert.ok(Math.abs(p.novelty - q.novelty) <= 1e-12 * (1 + q.novelty), `novelty: ${p.novelty} against ${q.novelty}`);
  });
}

const unit = fc.double({ min: -1, max: 1, noNaN: true });
const positive = fc.double({ min: 0, max: 1, noNaN: true });

/** One atom in each of some boxes, so that no two are in one place, in all sorts of cells. */
const structures: fc.Arbitrary<Structure> = fc
  .record({
    sides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
    moves: fc.array(unit, { minLength: 54, maxLength: 54 }),
    elements: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 18, maxLength: 18 }),
    tilt: fc.array(unit, { minLength: 9, maxLength: 9 }),
    pbc: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  })
  .map(({ sides: [p, q, r], moves, elements, tilt, pbc }) => {
    const places = Array.from({ length: p * q * r }, (_, k) => [k % p, Math.floor(k / p) % q, Math.floor(k / (p * q))]);
    return structure({
      symbols: places.map((_, k) => ["H", "O", "Cu"][elements[k]]),
      positions: places.flatMap((at, k) => at.map((x, c) => 2.2 * x + 0.6 * moves[3 * k + c])),
      cell: [p, q, r].flatMap((side, k) => [0, 1, 2].map((c) => (k === c ? 2.2 * side : 0) + 0.3 * tilt[3 * k + c])),
      pbc,
    });
  });

const angular = fc.record({ eta: positive, zeta: fc.constantFrom(1, 2, 4, 1.5), gamma: fc.constantFrom(1, -1) });
const settings: fc.Arbitrary<DescriptorSettings> = fc.record({
  cutoff: fc.double({ min: 2.5, max: 4, noNaN: true }),
  cutoffFunction: fc.constantFrom<DescriptorSettings["cutoffFunction"]>("cosine", { polynomial: 4 }),
  elements: fc.constant([1, 8, 29]),
  g2: fc.array(fc.record({ eta: fc.double({ min: 0, max: 30, noNaN: true }), rs: fc.double({ min: 0, max: 3, noNaN: true }) }), {
    maxLength: 3,
  }),
  g4: fc.array(angular, { minLength: 1, maxLength: 3 }),
  g5: fc.array(angular, { maxLength: 2 }),
});
const hidden = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 });

/** Larger than three blocks, in an order that has nothing to do with space. */
const LARGE = shuffled(rattle(repeat(bulk("Cu", { cubic: true }), [10, 10, 8]), { stdev: 0.1, seed: 3 }));
const PLAIN: Architecture = {
  descriptors: { ...defaultDescriptors([29], 3), g2: [{ eta: 4, rs: 2 }], g4: [{ eta: 0.1, zeta: 1, gamma: -1 }] },
  hidden: [3],
};

function shuffled(s: Structure): Structure {
  const { uniform } = random(1, 0);
  const order = Array.from(s.numbers, (_, i) => ({ i, at: uniform() })).sort((a, b) => a.at - b.at);
  return { ...s, positions: Float64Array.from(order.flatMap(({ i }) => Array.from(s.positions.subarray(3 * i, 3 * i + 3)))) };
}

describe("predictions by the engine", () => {
  it("are those of plain TypeScript, for all structures, functions, networks and committees", () => {
    fc.assert(
      fc.property(structures, settings, hidden, fc.integer({ min: 0, max: 4 }), (s, descriptors, nodes, many) => {
        const architecture = { descriptors, hidden: nodes };
        const models = drawn(architecture, many);
        assertSame(enginePredict(architecture, models, s), predict(architecture, models, s));
      }),
      { numRuns: 60 },
    );
  });

  it("of several blocks too", () => {
    const models = drawn(PLAIN, 3);
    assertSame(enginePredict(PLAIN, models, LARGE), predict(PLAIN, models, LARGE));
  });

  it("have the same bits alone and in company", () => {
    const models = drawn(ARCHITECTURE, 5);
    for (const s of [CLUSTER, CRYSTAL]) {
      const together = enginePredict(ARCHITECTURE, models, s);
      models.forEach((m, k) => {
        assert.deepEqual(enginePredict(ARCHITECTURE, [m], s), [together[k]]);
      });
    }
  });

  it("have the same bits on one, two and eight threads", async () => {
    const models = drawn(PLAIN, 3);
    const alone = enginePredict(PLAIN, models, LARGE);
    for (const threads of [1, 2, 8]) assert.deepEqual(await predictAside(PLAIN, models, LARGE, { threads }), alone, `${threads} threads`);
  });

  it("may be asked for side by side", async () => {
    const models = drawn(ARCHITECTURE, 2);
    const other = drawn(PLAIN, 1);
    const [a, b, c] = await Promise.all([
      predictAside(PLAIN, other, LARGE, { threads: 1 }),
      predictAside(ARCHITECTURE, models, CLUSTER),
      predictAside(PLAIN, other, LARGE, { threads: 1 }),
    ]);
    assert.deepEqual(b, enginePredict(ARCHITECTURE, models, CLUSTER));
    assert.deepEqual([a, c], [enginePredict(PLAIN, other, LARGE), enginePredict(PLAIN, other, LARGE)]);
  });

  it("leave the event loop free", async () => {
    const slow: Architecture = { descriptors: defaultDescriptors([29], 5), hidden: [4] };
    for (const threads of [1, 2]) {
      let ticks = 0;
      const clock = setInterval(() => ticks++, 1);
      const began = process.cpuUsage();
      await predictAside(slow, drawn(slow, 2), LARGE, { threads });
      const { user, system } = process.cpuUsage(began);
      clearInterval(clock);
      // Slices are of 20 ms. The processor's time, because a busy machine may stop all of us for longer.
      assert.ok(ticks >= (user + system) / 60_000 - 1, `${ticks} ticks in ${(user + system) / 1000} ms`);
    }
  });

  it("stop when they are told to, and can be asked for again", async () => {
    const slow: Architecture = { descriptors: defaultDescriptors([29], 6), hidden: [4] };
    const models = drawn(slow, 1);
    for (const threads of [1, 2]) {
      const controller = new AbortController();
      const promise = predictAside(slow, models, LARGE, { threads, signal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), 30);
      const began = performance.now();
      await assert.rejects(promise, /^Error: enough$/);
      assert.ok(performance.now() - began < 10_000);
      await assert.rejects(committeeCalculator(slow, models).calculate(LARGE, ["energy"], controller.signal), /^Error: enough$/);
    }
    assert.equal((await predictAside(PLAIN, drawn(PLAIN, 1), LARGE, { threads: 2 })).length, 1);
  });

  it("refuse what plain TypeScript refuses, in the same words, on threads too", async () => {
    const models = drawn(PLAIN, 1);
    const gold = structure({ symbols: ["Au"], positions: [0, 0, 0] });
    const twice = { ...LARGE, positions: LARGE.positions.slice() };
    twice.positions.copyWithin(3000, 300, 303);
    const flat = { ...CRYSTAL, cell: new Float64Array(9) };
    for (const s of [gold, twice, flat]) {
      let message = "";
      assert.throws(
        () => predict(PLAIN, models, s),
        (error: Error) => {
          message = error.message;
          return error instanceof RangeError;
        },
      );
      const same = { name: "RangeError", message };
      assert.throws(() => enginePredict(PLAIN, models, s), same);
      await assert.rejects(predictAside(PLAIN, models, s, { threads: 2 }), same);
    }
    await assert.rejects(predictAside(PLAIN, models, gold, { threads: 0 }), /^RangeError: the number of threads is 0; give a whole number/);
  });

  it("on threads let a process end", () => {
    const script = `
      import { committeeCalculator } from ${JSON.stringify(new URL("../../src/ensemble/calculator.ts", import.meta.url).href)};
      import { structure } from ${JSON.stringify(new URL("../../src/structure/structure.ts", import.meta.url).href)};
      const [architecture, model] = ${JSON.stringify([PLAIN, drawn(PLAIN, 1)[0]], (_, x) => (x instanceof Float64Array ? [...x] : x))};
      const arrays = Object.fromEntries(Object.entries(model).map(([k, x]) => [k, Float64Array.from(x)]));
      const s = structure({ symbols: Array(4000).fill("Cu"), positions: Array.from({ length: 12000 }, (_, k) => 2.5 * Math.floor(k / 3 / [400, 20, 1][k % 3]) % [25, 50, 50][k % 3]) });
      const { energy } = await committeeCalculator(architecture, [arrays], { threads: 2 }).calculate(s, ["energy"]);
      console.log(Number.isFinite(energy));
    `;
    const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
    const { stdout, stderr, status } = spawnSync(process.execPath, flags, { timeout: 180_000, encoding: "utf8" });
    assert.deepEqual([stdout, stderr, status], ["true\n", "", 0]);
  });
});
