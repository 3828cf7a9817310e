/** Real engines a fifth of whose calculations fail on purpose, in every way: the studies finish, and learn nothing of what failed. */
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { report } from "../../src/display/report.ts";
import { history } from "../../src/history/history.ts";
import { pythonPath } from "../../src/qm/worker.ts";
import type { StudyEvent } from "../../src/study/events.ts";
import { withStudy } from "../../src/study/folder.ts";
import { readJournal } from "../../src/study/journal.ts";
import type { Study, StudyInput } from "../../src/study/studyFile.ts";
import { qmml } from "../cli/qmml.ts";
import { until, workers } from "../qm/workers.ts";
import { emptyFolder, eventsOf, outcome, run, studyFolder } from "../study/process.ts";
import { tinyMolecule } from "../study/tinyMolecule.ts";
import { tinyStudy } from "../study/tinyStudy.ts";

const NAMES = ["QMML_PYTHON", "QMML_FATES", "QMML_MET", "QMML_SALT"] as const;
const before = NAMES.map((name) => [name, process.env[name]] as const);
after(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

/** From now on engines run behind the injecting calculator; with the fates of another run, if they are given. */
function inject(salt: string, fates?: string): string {
  const folder = emptyFolder();
  const [python, own, met] = ["python", "fates", "met"].map((name) => join(folder, name));
  process.env.QMML_PYTHON = before[0][1];
  if (before[0][1] === undefined) delete process.env.QMML_PYTHON;
  const real = pythonPath();
  writeFileSync(python, `#!/bin/sh\nexec "${real}" "${fileURLToPath(new URL("inject.py", import.meta.url))}" "$@"\n`);
  chmodSync(python, 0o755);
  mkdirSync(met);
  if (fates === undefined) mkdirSync(own);
  else cpSync(fates, own, { recursive: true });
  Object.assign(process.env, { QMML_PYTHON: python, QMML_FATES: own, QMML_MET: met, QMML_SALT: salt });
  return own;
}

type Of<K extends StudyEvent["kind"]> = Extract<StudyEvent, { kind: K }>;
const ofKind = <K extends StudyEvent["kind"]>(events: readonly StudyEvent[], kind: K): Of<K>[] =>
  events.filter((e): e is Of<K> => e.kind === kind);

/** Nothing that failed is anywhere but among the failures; and there it is, in words, wherever a reader looks. */
async function check(folder: string): Promise<{ kinds: string[]; lost: number; retried: number; images: number }> {
  const events = eventsOf(folder);
  assert.equal(events.at(-1)?.kind, "study-finished");
  const failed = ofKind(events, "qm-failed");
  const had = new Set(ofKind(events, "qm-finished").map((e) => e.payload.hash));
  const lost = new Set(failed.filter((e) => e.payload.next === null).map((e) => e.payload.hash));
  const journal = readJournal(folder);
  for (const hash of lost) assert.ok(!had.has(hash) && journal.image(hash) === undefined);
  for (const hash of had) {
    const image = journal.image(hash);
    assert.ok(image && Number.isFinite(image.energy) && image.forces.every((f) => Math.abs(f) < 100), "an absurd result was kept");
  }
  // The images of a set stand in the journal in the order in which they are learnt: each training is of one that was had.
  for (const e of ofKind(events, "pretraining")) assert.ok(had.has(e.payload.hash));
  for (const e of ofKind(events, "training")) {
    if (e.image === null) continue;
    assert.ok(
      ofKind(events, "qm-finished").some(
        (q) => q.scheme === e.scheme && q.step === e.step && q.image === e.image && q.sequence < e.sequence && !lost.has(q.payload.hash),
      ),
    );
  }
  journal.close();
  const { stdout } = await qmml(["status", folder]);
  if (lost.size > 0) assert.match(stdout, new RegExp(`QM gave nothing for ${lost.size} images:`));
  await withStudy(folder, (study) => {
    const shown = history(study);
    const told = shown.messages.filter((m) => m.kind === "qm-failed" && m.serious);
    assert.equal(told.length, failed.length);
    const page = report([shown], new Date());
    for (const { message } of told) assert.ok(page.includes(message.slice(0, 40).replaceAll('"', "&quot;")), message);
  });
  const kinds = [...new Set(failed.map((e) => e.payload.kind as string))].sort();
  return { kinds, lost: lost.size, retried: new Set(failed.map((e) => e.payload.hash)).size - lost.size, images: had.size };
}

/** Both studies with little to do: a worker that hangs costs the timeout. */
const LITTLE: Partial<StudyInput> = { schemes: ["full-qm", "retrained"], timeout: 5 };

describe("a fifth of all QM fails: not converged, killed, hung, not finite, absurd", () => {
  const studies: readonly (readonly [string, string, () => Study])[] = [
    ["A, by ASE's EMT", "1", () => tinyStudy({ ...LITTLE, qm: { engine: "ase-emt" }, optimizer: { fmax: 0.2, maxSteps: 8 } })],
    ["B, by GFN2-xTB", "1", () => tinyMolecule(LITTLE)],
  ];
  for (const [name, salt, study] of studies) {
    it(`study ${name}, finishes; none of it is learnt, all of it is listed`, async (t) => {
      inject(salt);
      const folder = await studyFolder(study());
      const ended = await run(folder);
      assert.deepEqual([ended.status, ended.output], [0, ""]);
      const found = await check(folder);
      t.diagnostic(`${ended.seconds.toFixed(0)} s; ${JSON.stringify(found)}`);
      // Which images there are depends on the bits of the engine; that some fail does not.
      assert.ok(found.lost > 0 && found.kinds.length >= 3);
      await until(() => workers().length === 0);
    });
  }

  it("study B, killed in the midst of retries, comes to the same bits", async (t) => {
    // What is struck once costs nothing here, and hangs would cost time.
    const fates = inject("1");
    const calm = await studyFolder(tinyMolecule(LITTLE));
    await run(calm, 1);
    inject("1", fates);
    const folder = await studyFolder(tinyMolecule(LITTLE));
    let kills = 0;
    for (let seen = 0, finished = false; !finished; ) {
      await run(folder, 1, async (child) => {
        for (; kills < 4 && child.exitCode === null && child.signalCode === null; await sleep(2)) {
          const events = eventsOf(folder);
          const last = events.at(-1);
          if (last?.kind !== "qm-requested" || !last.payload.reason.startsWith("retry: ") || events.length <= seen) continue;
          seen = events.length + 4;
          kills++;
          child.kill("SIGKILL");
          return;
        }
      });
      finished = eventsOf(folder).at(-1)?.kind === "study-finished";
    }
    t.diagnostic(`${kills} kills`);
    assert.ok(kills > 0);
    assert.deepEqual(outcome(folder), outcome(calm));
    await check(folder);
  });
});
