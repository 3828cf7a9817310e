/** Studies some of whose QM images cannot be had: by each policy, killed after each failure; what fails is never learnt. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Calculator } from "../../src/calculators/calculator.ts";
import { emtCalculator, emtResult } from "../../src/calculators/emt.ts";
import { history } from "../../src/history/history.ts";
import { ofKind } from "../../src/history/record.ts";
import { summarize } from "../../src/history/summary.ts";
import type { QmEngine, Retry } from "../../src/qm/engine.ts";
import { TimedOut, Unconverged } from "../../src/qm/engine.ts";
import { imageHash, qmService } from "../../src/qm/image.ts";
import type { Structure } from "../../src/structure/structure.ts";
import type { Happening, StudyEvent } from "../../src/study/events.ts";
import { inputsOf } from "../../src/study/folder.ts";
import { readJournal, writeJournal } from "../../src/study/journal.ts";
import type { Study, StudyInput } from "../../src/study/studyFile.ts";
import { goOn, type Options } from "./inProcess.ts";
import { emptyFolder, eventsOf, outcome } from "./process.ts";
import { tinyStudy } from "./tinyStudy.ts";

const SETTINGS = '{"engine":"emt"}';
const RETRIES: readonly Retry[] = [
  { name: "more cycles", options: { cycles: 100 } },
  { name: "stronger damping", options: { cycles: 100, damping: 0.1 } },
];

/** How often an image fails before it is had; Infinity: it never is. By its hash, a fifth of all. */
type Fate = (hash: string, s: Structure) => number;

const fifth: Fate = (hash) =>
  Number.parseInt(hash.slice(0, 8), 16) % 5 > 0 ? 0 : [1, 2, Number.POSITIVE_INFINITY][Number.parseInt(hash[9], 16) % 3];

/** EMT that does not converge so often as fate will have it: the retries' options count as one attempt each. */
function fateful(fate: Fate): QmEngine {
  const calculating =
    (attempt: number): Calculator["calculate"] =>
    async (s, properties) => {
      if (fate(imageHash(s, SETTINGS), s) > attempt) throw new Unconverged(`attempt ${attempt} did not converge`);
      return emtResult(s, properties);
    };
  const { name, properties } = emtCalculator();
  return {
    ...{ name, properties, version: "0", accepts: () => {}, close: async () => {} },
    calculate: calculating(0),
    instead: (options) => calculating("damping" in options ? 2 : 1),
  };
}

/** Runs a study in a folder, or goes on with it. */
function calculate(folder: string, input: Study, fate: Fate, options?: Options): Promise<void> {
  const patience = { retries: RETRIES, maxForce: 100 };
  return goOn(folder, input, (image, failed) => qmService(fateful(fate), SETTINGS, image, undefined, { ...patience, failed }), options);
}

function commit(folder: string, happening: Happening): void {
  const journal = writeJournal(folder);
  journal.commit(happening);
  journal.close();
}

/** Whatever befell it: failures stand in the journal with what was tried next, and no image that failed for good is anywhere else. */
function checkFailures(folder: string): { lost: Set<string>; events: StudyEvent[] } {
  const events = eventsOf(folder);
  const failed = ofKind(events, "qm-failed");
  const lost = new Set(failed.filter((e) => e.payload.next === null).map((e) => e.payload.hash));
  const journal = readJournal(folder);
  for (const hash of lost) assert.equal(journal.image(hash), undefined);
  journal.close();
  for (const e of [...ofKind(events, "qm-finished"), ...ofKind(events, "pretraining")]) assert.ok(!lost.has(e.payload.hash));
  for (const { payload: p } of failed) {
    assert.equal(p.kind, "unconverged");
    assert.equal(p.next, RETRIES[(p.attempt as number) - 1]?.name ?? null);
    if (p.next !== null)
      assert.ok(ofKind(events, "qm-requested").some((e) => e.payload.hash === p.hash && e.payload.reason === `retry: ${p.next}`));
  }
  return { lost, events };
}

const study = (other: Partial<StudyInput> = {}): Study => tinyStudy({ optimizer: { fmax: 0.05, maxSteps: 12 }, ...other });

describe("a study a fifth of whose images fail", () => {
  for (const onFailure of ["rewind", "skip"] as const) {
    it(`${onFailure}: is finished, says so, and comes to the same bits when it is killed after each failure, warning and step back`, async (t) => {
      const folder = emptyFolder();
      await calculate(folder, study({ onFailure }), fifth);
      const { lost, events } = checkFailures(folder);
      t.diagnostic(
        `${lost.size} images lost, ${ofKind(events, "qm-finished").filter((e) => e.payload.settings).length} had by other settings`,
      );
      assert.ok(lost.size > 3);
      assert.equal(events.at(-1)?.kind, "study-finished");
      // An image that was had by other settings says so, in its event and in itself.
      const journal = readJournal(folder);
      const retried = ofKind(events, "qm-finished").filter((e) => (e.payload.attempt as number) > 1);
      assert.ok(retried.length > 3);
      for (const { payload: p } of retried) {
        // Whoever came later has it for a reason of its own.
        assert.ok(p.reused || /^retry: (more cycles|stronger damping)$/.test(p.reason), p.reason);
        assert.match(p.settings as string, /"cycles":100/);
        assert.equal(journal.image(p.hash)?.settings, p.settings);
      }
      const record = { ...inputsOf(study({ onFailure })), events, array: journal.array };
      const told = history(record).messages.filter((m) => m.kind === "qm-failed");
      assert.equal(told.length, ofKind(events, "qm-failed").length);
      journal.close();
      if (onFailure === "rewind") assert.ok(ofKind(events, "rewound").some((e) => /QM gave nothing where it led/.test(e.payload.message)));
      else {
        const alone = ofKind(events, "step").filter((e) => e.payload.alone);
        assert.ok(alone.length > 0 && alone.every((e) => e.scheme !== "full-qm" && !e.payload.converged));
        for (const e of alone)
          assert.ok(ofKind(events, "warning").some((w) => w.scheme === e.scheme && w.member === e.member && w.step === e.step));
      }
      const again = emptyFolder();
      const known = new Set<string>();
      for (let over = false; !over; ) {
        const enough = (e: StudyEvent): boolean => {
          over = e.kind === "study-finished";
          if (e.kind !== "qm-failed" && e.kind !== "rewound" && e.kind !== "warning") return false;
          // Once for each: what a comparison asks for is asked again after a kill.
          return known.size < known.add(JSON.stringify([e.kind, e.scheme, e.member, e.step, e.payload])).size;
        };
        await calculate(again, study({ onFailure }), fifth, { enough });
      }
      const kills = known.size;
      t.diagnostic(`${kills} kills`);
      assert.deepEqual(outcome(again), outcome(folder));
      checkFailures(again);
    });
  }

  it("stop: ends with the sentence; run again it asks again, and comes to the undisturbed bits if it is answered", async () => {
    const [folder, calm] = [emptyFolder(), emptyFolder()];
    const never: Fate = () => Number.POSITIVE_INFINITY;
    const input = study({ onFailure: "stop", schemes: ["retrained"] });
    for (let time = 1; time <= 2; time++) {
      await assert.rejects(calculate(folder, input, never), { message: /^attempt 2 did not converge$/ });
      const { events } = checkFailures(folder);
      assert.equal(ofKind(events, "qm-failed").length, 3 * time);
      assert.equal(events.at(-1)?.kind, "qm-failed");
    }
    await calculate(folder, input, () => 0);
    await calculate(calm, input, () => 0);
    assert.deepEqual(outcome(folder), outcome(calm));
  });

  it("that cannot have its first image ends that relaxation with a sentence, and goes on with the others", async () => {
    const input = study({ schemes: ["full-qm", "retrained"] });
    const folder = emptyFolder();
    const whole = input.structure.numbers.length;
    await calculate(folder, input, (_, s) => (s.numbers.length === whole ? Number.POSITIVE_INFINITY : 0));
    const { events } = checkFailures(folder);
    const [failed, ...more] = ofKind(events, "failed");
    assert.deepEqual(
      [failed.scheme, failed.payload.message, more],
      ["full-qm", "QM gave nothing for its first image (attempt 2 did not converge), and there is nothing to go back to", []],
    );
    assert.ok(ofKind(events, "step").filter((e) => e.scheme === "retrained").length > 4);
  });

  it("that cannot have any image of its pre-training ends with a sentence", async () => {
    const ended = calculate(emptyFolder(), study({ schemes: ["frozen"] }), () => Number.POSITIVE_INFINITY);
    const message =
      /^QM gave nothing for any of the 5 structures of the pre-training: attempt 2 did not converge; see that emt can calculate them$/;
    await assert.rejects(ended, { message });
  });

  it("whose QM takes too long ends with the limit that it has passed, and what to do about it", async () => {
    const input = study({ schemes: ["full-qm"], timeout: 2 });
    const late = async (): Promise<never> => {
      throw new TimedOut("it took more than 2 s");
    };
    const slow = { ...fateful(() => 0), calculate: late };
    const ended = goOn(emptyFolder(), input, (image, failed) => qmService(slow, SETTINGS, image, undefined, { failed }));
    const message = "QM gave nothing for the first image of any relaxation: it took more than 2 s; raise timeout (2 s) in the study file";
    await assert.rejects(ended, { message });
  });

  it("that ended for want of QM asks again for what nothing stands on, and comes to the undisturbed bits if it is answered", async () => {
    const [folder, calm] = [emptyFolder(), emptyFolder()];
    const input = study({ schemes: ["full-qm", "retrained"] });
    const never: Fate = () => Number.POSITIVE_INFINITY;
    for (let time = 1; time <= 2; time++) {
      await assert.rejects(calculate(folder, input, never), /^Error: QM gave nothing for any of the 5 structures of the pre-training: /);
      // As the study's process does.
      commit(folder, { kind: "failed", payload: { message: "for want of QM" } });
      const first = ofKind(checkFailures(folder).events, "qm-failed").filter((e) => e.scheme === "full-qm");
      assert.deepEqual(
        first.map((e) => e.payload.attempt),
        Array.from({ length: 3 * time }, (_, k) => (k % 3) + 1),
      );
    }
    await calculate(folder, input, () => 0);
    await calculate(calm, input, () => 0);
    assert.deepEqual(outcome(folder), outcome(calm));
    assert.equal(summarize(eventsOf(folder)).schemes["full-qm"]?.[0].failure, null);
  });

  it("that goes on with other limits asks again for the relaxation that failed, and leaves what was made without QM as it is", async () => {
    const input = study({ schemes: ["full-qm", "retrained"], verify: false });
    const whole = input.structure.numbers.length;
    const folder = emptyFolder();
    let count = 0;
    // Full QM cannot have its first image, and the pre-training not its second.
    const fate: Fate = (_, s) => (s.numbers.length === whole || count++ === 1 ? Number.POSITIVE_INFINITY : 0);
    const lost = new Set<string>();
    const sticking: Fate = (hash, s) => {
      if (lost.has(hash)) return Number.POSITIVE_INFINITY;
      const often = fate(hash, s);
      if (often > 0) lost.add(hash);
      return often;
    };
    await calculate(folder, input, sticking, { enough: (e) => e.kind === "step" && e.scheme === "retrained" && e.step === 2 });
    const before = eventsOf(folder);
    assert.equal(ofKind(before, "failed").length, 1);
    await calculate(folder, input, () => 0, { enough: (e) => e.kind === "step" && e.scheme === "retrained" && e.step === 3 });
    assert.ok(!ofKind(eventsOf(folder), "step").some((e) => e.scheme === "full-qm"), "the limits are the same");
    commit(folder, { kind: "resumed", payload: { message: "goes on", limits: { timeout: 9, maxForce: 100 } } });
    await calculate(folder, input, () => 0);
    const events = eventsOf(folder);
    assert.ok(ofKind(events, "step").findLast((e) => e.scheme === "full-qm")?.payload.converged);
    // Nothing twice, and the models' set as it was.
    outcome(folder);
    assert.equal(ofKind(events, "pretraining").length, ofKind(before, "pretraining").length);
    assert.equal(summarize(events).schemes["full-qm"]?.[0].failure, null);
  });

  it("goes back half way to the last geometry that is trusted, as often as it takes", async () => {
    const input = study({ schemes: ["full-qm"], verify: false });
    const folder = emptyFolder();
    // The third geometry fails, and so do the next two that are tried in its place.
    const seen = new Map<string, number>();
    const where: Structure[] = [];
    const fate: Fate = (hash, s) => {
      if (!seen.has(hash)) seen.set(hash, where.push(s) - 1);
      return [2, 3].includes(seen.get(hash) as number) ? Number.POSITIVE_INFINITY : 0;
    };
    await calculate(folder, input, fate);
    const { events } = checkFailures(folder);
    assert.deepEqual(
      ofKind(events, "rewound").map((e) => [e.step, e.payload.message]),
      [
        [2, "step 2 is shortened to 1/2: QM gave nothing where it led"],
        [2, "step 2 is shortened to 1/4: QM gave nothing where it led"],
      ],
    );
    const journal = readJournal(folder);
    const positions = ofKind(events, "step").map((e) => journal.array(e.sequence, "positions") as Float64Array);
    journal.close();
    const [, trusted, here] = positions;
    for (const [k, x] of here.entries()) {
      // Structures are calculated with ten decimals.
      assert.ok(Math.abs(x - trusted[k] - (where[2].positions[k] - trusted[k]) / 4) < 1e-9);
    }
    assert.ok(ofKind(events, "step").at(-1)?.payload.converged);
  });
});
