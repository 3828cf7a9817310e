/** The verdict on a study: seconds and error of one model against full QM, or why it was not measured. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CostRow } from "../../src/history/cost.ts";
import { history } from "../../src/history/history.ts";
import { spendings } from "../../src/history/spending.ts";
import { median } from "../../src/history/spread.ts";
import type { StepRow } from "../../src/history/steps.ts";
import type { SummaryRow } from "../../src/history/summary.ts";
import { verdictOf } from "../../src/history/verdict.ts";
import type { Scheme } from "../../src/study/events.ts";
import { fixture } from "./fixture.ts";

type Rows = Parameters<typeof verdictOf>[0];

function summaryRow(scheme: Scheme, member: number | null, energyError: number | null, failure: string | null = null): SummaryRow {
  const none = { energy: 0, coreRmsd: 0, steps: 1, qmCalls: 1, qmSeconds: 0, trainingSeconds: 0 };
  return { scheme, member, converged: failure === null, energyError, failure, verificationCalls: null, verificationSeconds: null, ...none };
}

function costRow(scheme: Scheme | null, member: number | null, qmSeconds: number, trainingSeconds: number): CostRow {
  const place = scheme === null ? { image: null, step: null } : { image: 0, step: 0 };
  return { scheme, member, ...place, evaluations: 1, trainingSeconds, qmSeconds, qmReused: false, novelty: null, converged: true };
}

function stepRow(scheme: Scheme, member: number | null, seconds: number): StepRow {
  return { scheme, member, step: 0, energy: 0, previousEnergy: null, fmax: 0.01, sigma: null, converged: true, seconds };
}

/** Three retrained models: 3 + 2 s of pre-training, 1 s of QM, 2, 4 and 6 s of training, 1 s of the rest: 9, 11, 13 s; full QM 110 s. */
function rows(errors: readonly (number | null)[] = [0.004, 0.006, 0.02], fullSeconds = 110): Rows {
  const failure = (e: number | null): string | null => (e === null ? "the forces exceed 1000 eV/Å" : null);
  return {
    about: { state: "finished" },
    summary: [summaryRow("full-qm", null, null), ...errors.map((e, m) => summaryRow("retrained", m, e, failure(e)))],
    cost: [
      ...errors.map((_, m) => costRow(null, m, 3, 2)),
      costRow("full-qm", null, fullSeconds, 0),
      ...errors.map((_, m) => costRow("retrained", m, 1, 2 * m + 2)),
    ],
    steps: [stepRow("full-qm", null, 0), ...errors.map((_, m) => stepRow("retrained", m, 1))],
  };
}

test("it paid where the median model is cheaper than full QM and near its minimum", () => {
  assert.deepEqual(verdictOf(rows()), {
    paid: true,
    ratio: 10,
    errorMeV: 6,
    sentence: "QM/ML paid here: 10x (11 s against 110 s, 6 meV)",
  });
});

test("it did not pay where it is dearer, or too far off", () => {
  const dear = verdictOf(rows(undefined, 2.75));
  assert.deepEqual([dear.paid, dear.ratio], [false, 0.25]);
  assert.equal(dear.sentence, "QM/ML did not pay here: it cost 4x full QM (11 s against 2.8 s, 6 meV)");
  const far = verdictOf(rows([0.004, 0.06, 0.07]));
  assert.deepEqual([far.paid, far.ratio, far.errorMeV], [false, 10, 60]);
  assert.match(far.sentence, /^QM\/ML did not pay here: 10x .*, 60 meV\), which is not within 43 meV of full QM's minimum$/);
});

test("a model that failed counts as infinitely far off", () => {
  assert.equal(verdictOf(rows([0.004, 0.006, null])).errorMeV, 6);
  const lost = verdictOf(rows([0.004, null, null]));
  assert.deepEqual([lost.paid, lost.errorMeV], [false, null]);
  assert.match(lost.sentence, /most models failed/);
});

test("what was not measured is said, with its reason", () => {
  const whole = rows();
  const without = (scheme: Scheme): Rows => ({ ...whole, summary: whole.summary.filter((r) => r.scheme !== scheme) });
  const unconverged = { ...whole, summary: whole.summary.map((r) => ({ ...r, converged: false })) };
  const unverified = { ...whole, summary: whole.summary.map((r) => ({ ...r, energyError: null })) };
  const older = { ...whole, cost: whole.cost.map((r) => ({ ...r, step: null })) };
  for (const [h, why] of [
    [{ ...whole, about: { state: "stopped" } }, "the study is not finished"],
    [without("full-qm"), "full QM was not run"],
    [without("retrained"), "only full QM was run"],
    [unconverged, "full QM did not converge"],
    [unverified, "the final geometries were not compared by full QM"],
    [older, "the journal does not say what each step cost"],
  ] as const) {
    const verdict = verdictOf(h);
    assert.deepEqual([verdict.paid, verdict.ratio, verdict.errorMeV], [null, null, null]);
    assert.equal(verdict.sentence, `Whether QM/ML paid here was not measured: ${why}`);
  }
});

test("of a study with several schemes the retrained models are judged, by the seconds that the figure of costs draws", () => {
  const h = history(fixture({ acid: true }));
  const [full, retrained] = (["full-qm", "retrained"] as const).map((scheme) =>
    spendings(h)
      .find((s) => s.scheme === scheme)
      ?.middle.at(-1),
  );
  assert.equal(verdictOf(h).ratio, (full as number) / (retrained as number));
  const errors = h.summary.filter((r) => r.scheme === "retrained").map((r) => 1000 * (r.energyError ?? Number.POSITIVE_INFINITY));
  // The median is taken in eV there: one rounding of a number below 100.
  assert.ok(Math.abs((verdictOf(h).errorMeV as number) - median(errors)) < 1e-12);
});
