/** A fifth of all QM calculations fails on purpose, in every way, and what is checked of a study to which that happened. */
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { report } from "../../src/display/report.ts";
import { history } from "../../src/history/history.ts";
import { ofKind } from "../../src/history/record.ts";
import { pythonPath } from "../../src/qm/worker.ts";
import { withStudy } from "../../src/study/folder.ts";
import { readJournal } from "../../src/study/journal.ts";
import { qmml } from "../cli/qmml.ts";
import { emptyFolder, eventsOf } from "../study/process.ts";

const NAMES = ["QMML_PYTHON", "QMML_FATES", "QMML_MET", "QMML_SALT"] as const;
const before = NAMES.map((name) => [name, process.env[name]] as const);
after(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

/** From now on engines run behind the injecting calculator; with the fates of another run, if they are given. */
export function inject(salt: string, fates?: string): string {
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

/** What was struck: the kinds of failure, images that were lost or had at another attempt, images that were had. */
interface Found {
  readonly kinds: readonly string[];
  readonly lost: number;
  readonly retried: number;
  readonly images: number;
}

/** Nothing that failed is anywhere but among the failures; and there it is, in words, wherever a reader looks. */
export async function check(folder: string): Promise<Found> {
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
