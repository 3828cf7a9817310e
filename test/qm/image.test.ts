import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Calculator } from "../../src/calculators/calculator.ts";
import { emtCalculator, emtResult } from "../../src/calculators/emt.ts";
import { asCalculated, imageHash, type QmImage, qmService, settingsOf } from "../../src/qm/image.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";

const cell = [3.1, 0.2, 0, 0, 4.2, 0.1, 0.3, 0, 5.3];
const dimer = (z: number): Structure =>
  structure({
    symbols: ["Cu", "N"],
    positions: [
      [0, 0, 0],
      [0.1, -0.2, z],
    ],
    cell,
    pbc: [true, false, false],
  });

describe("imageHash", () => {
  const settings = settingsOf({ engine: "emt" }, "1");

  it("changes with a geometry beyond its rounding, elements, pbc, charge, spin and settings, and with nothing else", () => {
    const s = dimer(1.9);
    const hash = imageHash(s, settings);
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(imageHash({ ...s, tags: Int32Array.of(1, 2), fixed: Uint8Array.of(1, 0), charge: 0 }, settings), hash);
    assert.equal(imageHash(dimer(1.9 + 4e-11), settings), hash);
    const others: Structure[] = [
      dimer(1.9 + 6e-11),
      { ...s, charge: 1 },
      { ...s, multiplicity: 1 },
      { ...s, multiplicity: 2 },
      { ...s, numbers: Uint8Array.of(7, 29) },
      { ...s, pbc: [true, true, false] },
      { ...s, cell: s.cell.with(4, 4.3) },
      { ...s, positions: s.positions.with(3, -0.2).with(4, 0.1) },
    ];
    const hashes = [...others.map((o) => imageHash(o, settings)), imageHash(s, settingsOf({ engine: "emt" }, "2")), hash];
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it("stands for the geometry that is calculated, which rounding again does not change", () => {
    const length = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(fc.array(length, { minLength: 6, maxLength: 6 }), (x) => {
        const s: Structure = { ...dimer(0), positions: Float64Array.from(x) };
        const once = asCalculated(s);
        assert.deepEqual(asCalculated(once), once);
        // Half of the last decimal, and what doubles of that size round by themselves.
        assert.ok(once.positions.every((y, k) => Math.abs(y - x[k]) <= 0.5e-10 + 4e-12));
      }),
    );
  });

  it("leaves charge and spin to the structure", () => {
    assert.equal(settingsOf({ engine: "gfn2-xtb", charge: 1, multiplicity: 2 }, "1"), settingsOf({ engine: "gfn2-xtb" }, "1"));
  });

  it("knows no sign of zero and no order of options", () => {
    assert.equal(imageHash(dimer(-0), settings), imageHash(dimer(0), settings));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.integer()), (options) => {
        const backwards = Object.fromEntries(Object.entries(options).reverse());
        assert.equal(settingsOf({ ...options, engine: "emt" }, "1"), settingsOf({ engine: "emt", ...backwards }, "1"));
      }),
    );
  });
});

/** EMT that takes its time and counts; it hears an abort. */
function slowEmt(ms: number): { readonly calculator: Calculator; calls: number; aborted: number } {
  const seen = {
    calls: 0,
    aborted: 0,
    calculator: {
      ...emtCalculator(),
      async calculate(s, properties, signal) {
        seen.calls++;
        await sleep(ms, undefined, { signal }).catch((error) => {
          seen.aborted++;
          throw error;
        });
        return emtResult(s, properties);
      },
    } satisfies Calculator,
  };
  return seen;
}

describe("qmService", () => {
  const none = (): undefined => undefined;

  it("calculates what several ask for at once only once, and what is stored not at all", async () => {
    const engine = slowEmt(20);
    const store = new Map<string, QmImage>();
    const qm = qmService(engine.calculator, "s", (hash) => store.get(hash));
    const [a, b, c] = await Promise.all([qm.ask(dimer(1.9)), qm.ask(dimer(1.9)), qm.ask(dimer(2.1))]);
    assert.equal(engine.calls, 2);
    assert.deepEqual([a.reused, b.reused, c.reused], [false, false, false]);
    assert.equal(a.image, b.image);
    assert.deepEqual(a.image.forces, emtResult(dimer(1.9), ["forces"]).forces);
    assert.equal(a.image.hash, imageHash(dimer(1.9), "s"));
    assert.ok(a.image.seconds >= 0.015); // timers may fire a few ms early
    // Calculated but not stored yet: still not again.
    assert.equal((await qm.ask(dimer(1.9))).image, a.image);
    store.set(a.image.hash, a.image);
    assert.deepEqual(await qm.ask(dimer(1.9)), { image: a.image, reused: true });
    assert.equal(engine.calls, 2);
    // The store is asked first: what it has lost is calculated again.
    store.clear();
    await qm.ask(dimer(1.9));
    assert.equal(engine.calls, 3);
  });

  it("forgets a failure: the next who asks starts anew", async () => {
    let broken = true;
    const engine: Calculator = {
      ...emtCalculator(),
      calculate: async (s, properties) => {
        if (broken) throw new Error("no licence");
        return emtResult(s, properties);
      },
    };
    const qm = qmService(engine, "s", none);
    const both = await Promise.allSettled([qm.ask(dimer(1.9)), qm.ask(dimer(1.9))]);
    assert.deepEqual(
      both.map((r) => r.status === "rejected" && r.reason.message),
      ["no licence", "no licence"],
    );
    broken = false;
    assert.equal((await qm.ask(dimer(1.9))).image.energy, emtResult(dimer(1.9), []).energy);
  });

  it("refuses energies and forces that are not finite", async () => {
    for (const [energy, forces] of [
      [Number.NaN, new Float64Array(6)],
      [1, Float64Array.of(0, 0, 0, Number.POSITIVE_INFINITY, 0, 0)],
      [1, undefined],
    ] as const) {
      const qm = qmService({ ...emtCalculator(), name: "odd", calculate: async () => ({ energy, forces }) }, "s", none);
      await assert.rejects(
        qm.ask(dimer(1.9)),
        /^Absurd: odd gave an energy of (NaN|1) eV or forces that are not finite for 2 atoms; check the geometry$/,
      );
    }
    // Atoms on top of each other.
    await assert.rejects(qmService(emtCalculator(), "s", none).ask({ ...dimer(0), positions: new Float64Array(6) }), /not finite/);
  });

  it("lets go at once of one who gives up; the others get their answer, and the engine hears only when all have left", async () => {
    const engine = slowEmt(50);
    const qm = qmService(engine.calculator, "s", none);
    const [one, two] = [new AbortController(), new AbortController()];
    const asked = [qm.ask(dimer(1.9), one.signal), qm.ask(dimer(1.9), two.signal)];
    one.abort(new Error("enough"));
    await assert.rejects(asked[0], /enough/);
    assert.equal((await asked[1]).image.energy, emtResult(dimer(1.9), []).energy);
    assert.deepEqual([engine.calls, engine.aborted], [1, 0]);

    const again = [new AbortController(), new AbortController()];
    const left = again.map((c) => assert.rejects(qm.ask(dimer(2.5), c.signal), /enough/));
    for (const c of again) c.abort(new Error("enough"));
    await Promise.all(left);
    await sleep(0);
    assert.deepEqual([engine.calls, engine.aborted], [2, 1]);
    // Whoever comes then does not get the abandoned one.
    assert.ok(Number.isFinite((await qm.ask(dimer(2.5))).image.energy));
    await assert.rejects(qm.ask(dimer(3), AbortSignal.abort(new Error("before"))), /before/);
    assert.equal(engine.calls, 3);
  });
});
