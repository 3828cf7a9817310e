/** History of a study that was really calculated: what the writers of events put there is what the tables hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { calculator } from "../../src/calculators/registry.ts";
import { costChart } from "../../src/display/cost.ts";
import { trainingChart } from "../../src/display/training.ts";
import { trajectoryChart } from "../../src/display/trajectory.ts";
import { type History, history } from "../../src/history/history.ts";
import { ofKind } from "../../src/history/record.ts";
import { SCHEMES, summarize } from "../../src/history/summary.ts";
import { qmService, settingsOf } from "../../src/qm/image.ts";
import type { StudyEvent } from "../../src/study/events.ts";
import { readJournal } from "../../src/study/journal.ts";
import { plan } from "../../src/study/plan.ts";
import { goOn } from "../study/inProcess.ts";
import { emptyFolder } from "../study/process.ts";
import { tinyStudy } from "../study/tinyStudy.ts";

const { events, h } = await calculated();

async function calculated(): Promise<{ events: readonly StudyEvent[]; h: History }> {
  // Tighter than the tiny study's own: retraining shall have to move the surface.
  const study = tinyStudy({ tolerance: { energy: 0.005, force: 0.05 } });
  const folder = emptyFolder();
  await goOn(folder, study, (image) => qmService(calculator(study.file.qm), settingsOf(study.file.qm, "0"), image));
  const journal = readJournal(folder);
  const { core, atoms } = plan(study).cluster;
  const record = { ...study, core, cluster: atoms, events: journal.events(), array: journal.array };
  const made = history(record);
  journal.close();
  return { events: record.events, h: made };
}

test("every training has a curve that ends where its event says and passes through the errors of its event", () => {
  const trainings = ofKind(events, "training");
  assert.ok(trainings.some((e) => e.payload.evaluations > 0) && trainings.length > 4);
  for (const { scheme, member, image, payload: p } of trainings) {
    const curve = h.training.filter((r) => r.scheme === scheme && r.member === member && r.image === image);
    assert.equal(curve.at(-1)?.evaluation, p.evaluations);
    assert.ok(curve.some((r) => r.loss === p.loss && r.energyRmse === p.energyRmse && r.forceRmse === p.forceRmse));
    for (const [k, r] of curve.entries()) {
      assert.ok(r.energyRmse > 0 && r.forceRmse > 0 && r.seconds >= 0);
      assert.ok(k === 0 || (r.evaluation > curve[k - 1].evaluation && r.seconds >= curve[k - 1].seconds));
    }
  }
});

test("no panel of a finished study is empty, and each model has its curve", () => {
  for (const chart of [trajectoryChart(h), trainingChart(h), costChart(h)]) {
    for (const panel of chart.rows.flatMap((r) => r.panels)) {
      assert.equal(panel.empty, undefined, panel.title);
      assert.ok(panel.marks.length > 0, panel.title);
    }
  }
  for (const panel of trainingChart(h).rows.flatMap((r) => r.panels)) {
    const models = panel.marks.flatMap((m) => (m.mark === "line" && m.weight === "model" ? [m] : []));
    assert.deepEqual(
      models.map((m) => m.name),
      ["model 0", "model 1"],
    );
    for (const m of models) assert.ok(m.y.filter((v) => !Number.isNaN(v)).length > 1);
  }
});

test("the step before is evaluated again exactly where retraining moved the surface", () => {
  const moved = h.steps.filter((r) => r.previousEnergy !== null);
  assert.ok(moved.length > 0);
  for (const r of h.steps) {
    const images = events.flatMap((e) =>
      e.kind === "training" && e.scheme === r.scheme && e.step === r.step && (r.member === null || e.member === r.member)
        ? [e.payload]
        : [],
    );
    const learnt = images.some((p) => p.evaluations > 0);
    assert.equal(r.previousEnergy !== null, r.step !== 0 && learnt, `${r.scheme} ${r.member} ${r.step}`);
  }
});

test("frames hold every atom, and the summary counts distinct images of pre-training, gate and steps", () => {
  for (const f of h.trajectory) assert.deepEqual([f.positions.length, f.forces.length], [3 * h.atoms.length, 3 * h.atoms.length]);
  const { schemes } = summarize(events);
  const set = [...ofKind(events, "pretraining").map((e) => e.payload.hash), ...ofKind(events, "gate").flatMap((e) => e.payload.images)];
  assert.equal(ofKind(events, "gate")[0].payload.images.length, 5);
  for (const scheme of SCHEMES) {
    for (const row of schemes[scheme] ?? []) {
      const own = ofKind(events, "qm-finished").filter((e) => e.scheme === scheme && e.member === row.member && e.image !== null);
      const hashes = new Set([...own.map((e) => e.payload.hash), ...(scheme === "full-qm" ? [] : set)]);
      assert.equal(row.qmCalls, hashes.size);
      const extra = h.messages.filter((m) => m.kind === "qm-requested" && m.scheme === scheme && m.member === row.member);
      assert.equal(own.length, row.steps + 1 + extra.length);
      assert.notEqual(row.energyError, null);
      assert.notEqual(row.coreRmsd, null);
      assert.ok((row.verification?.qmCalls ?? 0) > 0);
    }
  }
});

test("frames hold what QM and the models say of the QM cluster: their difference is what the hybrid corrects", () => {
  const inside = (k: number): boolean => h.atoms[Math.floor(k / 3)].role !== "environment";
  for (const f of h.trajectory) {
    if (f.scheme === "full-qm") {
      assert.deepEqual([f.qmForces, f.mlForces, f.forcesSigma], [f.forces.map(Math.fround), null, null]);
      continue;
    }
    const { qmForces, mlForces } = f;
    assert.ok(qmForces && mlForces);
    for (const forces of [qmForces, mlForces]) assert.ok(forces.every((x, k) => Number.isFinite(x) === inside(k)));
    const error = qmForces.reduce((sum, x, k) => (inside(k) ? sum + (x - mlForces[k]) ** 2 : sum), 0);
    const rmse = Math.sqrt(error / qmForces.filter((_, k) => inside(k)).length);
    // A retrained model has learnt the image of its step within the tolerance, which bounds the RMSE; a frozen one has not.
    assert.ok(rmse > 0 && (f.scheme === "frozen" || rmse < 0.05), `${f.scheme} ${f.step}: ${rmse}`);
    if (f.scheme === "committee") assert.ok(f.forcesSigma?.some((s) => s > 0));
    assert.ok(f.forcesSigma === null || f.forcesSigma.every((s) => s >= 0));
  }
});

test("a committee is one relaxation: a spread at each step, its QM calls in rows without member, its models' training in theirs", () => {
  const steps = h.steps.filter((r) => r.scheme === "committee");
  assert.ok(steps.length > 1 && steps.every((r) => r.member === null && r.sigma !== null && r.sigma > 0));
  assert.ok(h.steps.every((r) => r.scheme === "committee" || r.sigma === null));
  const cost = h.cost.filter((r) => r.scheme === "committee");
  const images = new Set(cost.map((r) => r.image)).size;
  for (const member of [null, 0, 1]) {
    const own = cost.filter((r) => r.member === member);
    assert.equal(own.length, images);
    assert.ok(own.every((r) => (r.qmSeconds !== null) === (member === null) && (r.converged !== null) === (member !== null)));
  }
  const rows = h.summary.filter((r) => r.scheme === "committee");
  assert.deepEqual(
    rows.map((r) => r.member),
    [null],
  );
  const training = ofKind(events, "training").filter((e) => e.scheme === "committee" || e.scheme === null);
  const seconds = training.reduce((sum, e) => sum + e.payload.seconds, 0);
  // The same few dozen numbers in another order.
  assert.ok(Math.abs(rows[0].trainingSeconds - seconds) < 1e-9);
});
