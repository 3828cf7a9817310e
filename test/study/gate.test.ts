/** The lattice gate: what it compares, what it says, and what becomes of a study then. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Calculator } from "../../src/calculators/calculator.ts";
import { emtCalculator, emtResult } from "../../src/calculators/emt.ts";
import { rescaled } from "../../src/calculators/rescaled.ts";
import { modelCalculator } from "../../src/ensemble/calculator.ts";
import { unpackModel } from "../../src/ensemble/model.ts";
import { ofKind } from "../../src/history/record.ts";
import { summarize } from "../../src/history/summary.ts";
import { cut } from "../../src/hybrid/carve.ts";
import { subtractive } from "../../src/hybrid/subtractive.ts";
import { lattice } from "../../src/optimize/lattice.ts";
import { qmService } from "../../src/qm/image.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { bonded } from "../../src/structure/regions.ts";
import { withPositions } from "../../src/structure/structure.ts";
import type { Payloads } from "../../src/study/events.ts";
import { studyOf } from "../../src/study/folder.ts";
import { gatePlan } from "../../src/study/gate.ts";
import { readJournal } from "../../src/study/journal.ts";
import { plan } from "../../src/study/plan.ts";
import type { StudyInput } from "../../src/study/studyFile.ts";
import { goOn, type Options } from "./inProcess.ts";
import { emptyFolder, eventsOf, outcome } from "./process.ts";
import { tinySlab, tinyStudy } from "./tinyStudy.ts";

const QUICK: Partial<StudyInput> = { schemes: ["frozen"], optimizer: { maxSteps: 1 }, verify: false };

/** Runs the tiny study with other inputs, or goes on with it. */
function calculate(
  folder: string,
  other: Partial<StudyInput> = {},
  engine: Calculator = emtCalculator(),
  options?: Options,
): Promise<void> {
  return goOn(folder, tinyStudy({ ...QUICK, ...other }), (image) => qmService(engine, "emt", image), options);
}

function gateIn(folder: string): Payloads["gate"] {
  const gates = ofKind(eventsOf(folder), "gate");
  assert.equal(gates.length, 1);
  return gates[0].payload;
}

describe("the lattice gate", () => {
  it("compares each model's lattice constant with QM's, by five QM calls that nothing learns from", async () => {
    const [folder, without] = [emptyFolder(), emptyFolder()];
    await calculate(folder);
    await calculate(without, { lattice: "off" });
    const gate = gateIn(folder);
    const exact = await lattice(emtCalculator(), { element: "Cu", crystal: "fcc" });
    // The equation of state is not quite EMT's own curve.
    assert.ok(Math.abs((gate.aQm as number) - exact.a) < 1e-4);
    assert.ok(Math.abs((gate.bulkModulusQm as number) / exact.bulkModulus - 1) < 0.01);
    const journal = readJournal(folder);
    const { architecture } = plan(tinyStudy(QUICK));
    for (const e of ofKind(journal.events(), "training").filter((t) => t.scheme === null)) {
      const model = unpackModel(architecture, journal.array(e.sequence, "model") as Float64Array);
      const own = await lattice(modelCalculator(architecture, model), { element: "Cu", crystal: "fcc", a: gate.aQm });
      const row = gate.models[e.member as number];
      assert.deepEqual([row.a, row.bulkModulus], [own.a, own.bulkModulus]);
      const there = emtResult(bulk("Cu", { a: own.a }), []).energy;
      // Again the fit: 0.05 meV at 3 % from the minimum.
      assert.ok(Math.abs((row.energyError as number) - (there - exact.energyPerAtom)) < 1e-4);
    }
    journal.close();
    const calls = ofKind(eventsOf(folder), "qm-finished").filter((e) => e.payload.reason.startsWith("lattice gate: "));
    assert.deepEqual(
      calls.map((e) => e.payload.hash),
      gate.images,
    );
    assert.equal(gate.images.length, 5);
    assert.deepEqual(gateIn(without).images, []);
    // All else is the same to the last bit.
    const apart = (all: Record<string, string>): [string, string][] =>
      Object.entries(all).filter(([key]) => !key.startsWith("gate") && !gate.images.some((hash) => key.endsWith(hash)));
    assert.deepEqual(apart(outcome(folder)), apart(outcome(without)));
  });

  it("goes on to the same bits wherever it is killed", async () => {
    const calm = emptyFolder();
    await calculate(calm);
    const events = eventsOf(calm);
    const first = events.findIndex((e) => e.kind === "qm-requested" && e.payload.reason.startsWith("lattice gate: "));
    const last = events.findIndex((e) => e.kind === "gate");
    assert.equal(last - first, 10);
    for (let kill = first; kill <= last + 1; kill++) {
      const folder = emptyFolder();
      await calculate(folder, {}, undefined, { enough: (e) => e.sequence === kill });
      assert.equal(eventsOf(folder).length, kill);
      await calculate(folder);
      assert.deepEqual(outcome(folder), outcome(calm));
      const calls = ofKind(eventsOf(folder), "qm-finished").filter(
        (e) => !e.payload.reused && e.payload.reason.startsWith("lattice gate: "),
      );
      assert.equal(calls.length, 5);
    }
  });

  it("says what has failed, and the study goes on, ends, or rescales", async () => {
    // Without strained cells, and a QM whose lattice is 2 % larger than the structure's.
    const larger = rescaled(emtCalculator(), 1 / 1.02);
    const other = { pretraining: { rattled: 1, pieces: 0, strained: 0 }, tolerance: { energy: 1e-5, force: 0.5 } };
    const [warned, stopped, scaled] = [emptyFolder(), emptyFolder(), emptyFolder()];
    await calculate(warned, other, larger);
    const gate = gateIn(warned);
    assert.equal(gate.status, "failed");
    assert.match(
      gate.sentence,
      /^QM's lattice constant of fcc Cu is 3\.66\d\d Å.*; the structure's own, 3\.5898 Å, is strained in QM; the lattice of models? [01]/,
    );
    assert.match(gate.sentence, /strains the boundary; more strained cells \(pretraining\.strained\) teach it$/);
    assert.equal(summarize(eventsOf(warned)).gate?.status, "failed");

    await assert.rejects(calculate(stopped, { ...other, lattice: "stop" }, larger), /strains the boundary; .*; the study ends here/);
    assert.ok(!eventsOf(stopped).some((e) => e.kind === "step"));
    await assert.rejects(calculate(stopped, { ...other, lattice: "stop" }, larger), /the study ends here/);

    await calculate(scaled, { ...other, lattice: "rescale" }, larger);
    const { factors = [], models, aQm = 0 } = gateIn(scaled);
    assert.deepEqual(
      factors,
      models.map((m) => (m.a ?? aQm) / aQm),
    );
  });

  it("rescales the models on S and on Q: energies and forces of the first step", async () => {
    const folder = emptyFolder();
    await calculate(folder, { lattice: "rescale" });
    const { factors = [] } = gateIn(folder);
    const { architecture, cluster } = plan(tinyStudy(QUICK));
    const journal = readJournal(folder);
    const events = journal.events();
    const member = factors.findIndex((f) => f !== 1);
    const trained = ofKind(events, "training").find((e) => e.scheme === null && e.member === member);
    const model = unpackModel(architecture, journal.array(trained?.sequence as number, "model") as Float64Array);
    const ml = modelCalculator(architecture, model);
    const step = ofKind(events, "step").find((e) => e.member === member && e.step === 0);
    const s = tinySlab();
    // E_ML(λS) + E_QM(Q) - E_ML(λQ), by hand.
    const scaled = (t: typeof s): typeof s => ({
      ...withPositions(
        t,
        t.positions.map((x) => x * factors[member]),
      ),
      cell: t.cell.map((x) => x * factors[member]),
    });
    const energy = async (t: typeof s): Promise<number> => (await ml.calculate(scaled(t), ["energy"])).energy;
    const q = cut(s, cluster);
    const expected = (await energy(s)) + emtResult(q, []).energy - (await energy(q));
    // QM calculates lengths rounded to ten decimals.
    assert.ok(Math.abs((step?.payload.energy as number) - expected) < 1e-8);
    const hybrid = subtractive(rescaled(ml, factors[member]), emtCalculator(), cluster);
    const { forces = new Float64Array(0) } = await hybrid.calculate(s, ["energy", "forces"]);
    const journalled = journal.array(step?.sequence as number, "forces") as Float64Array;
    assert.ok(journalled.every((f, k) => Math.abs(f - forces[k]) < 1e-7));
    journal.close();
  });

  it("follows QM to a lattice further away, and says where there is none", async () => {
    const far = emptyFolder();
    await calculate(far, {}, rescaled(emtCalculator(), 1 / 1.06));
    const gate = gateIn(far);
    assert.ok(Math.abs((gate.aQm as number) - 1.06 * 3.58983) < 1e-3);
    // From -3 .. 3 % to 3 .. 6 % or beyond, a call for each 1.5 %.
    assert.ok(gate.images.length > 5 && gate.images.length <= 9);

    const none = emptyFolder();
    await calculate(none, {}, rescaled(emtCalculator(), 1 / 1.15));
    assert.match(
      gateIn(none).sentence,
      /^QM's lattice constant of fcc Cu was not found: its energy has no minimum within 7\.5 % of the structure's own 3\.590 Å/,
    );
  });

  it("is not applicable to molecules, nor where QM cannot calculate the crystal, and can be left out", () => {
    const acid = studyOf("acid", fattyAcid(6), { core: bonded(2, "O"), qm: { engine: "gfn2-xtb" } });
    assert.deepEqual(gatePlan(acid), {
      status: "not applicable",
      sentence: "no lattice constants to compare: there is no fcc or bcc metal",
    });
    const other = gatePlan(tinyStudy({ qm: { engine: "gfn2-xtb" } }));
    assert.ok("status" in other && other.status === "not applicable");
    assert.match(other.sentence, /gfn2-xtb is unreliable on transition metals/);
    assert.ok("crystal" in gatePlan(tinyStudy()));
    assert.deepEqual(gatePlan(tinyStudy({ lattice: "off" })), {
      status: "off",
      sentence: "lattice constants are not compared, as the study asks",
    });
  });
});
