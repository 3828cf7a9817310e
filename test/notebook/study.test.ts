/** The handle of a study, used as a notebook uses it; `cells` is checked by the compiler as well. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { MimeBundle, ViewPayload } from "../../src/display/bundle.ts";
import { studyBundle } from "../../src/display/study.ts";
import { decode, rowsOf } from "../../src/history/arrow.ts";
import { history } from "../../src/history/history.ts";
import { addAdsorbate, emt, fcc100, type StudyHandle, type StudyOptions, study, studyFeed, summarize, within } from "../../src/index.ts";
import { isRunning, pathsOf, withStudy } from "../../src/study/folder.ts";
import { emptyFolder } from "../study/process.ts";
import { TINY, tinySlab } from "../study/tinyStudy.ts";

const DISPLAY = Symbol.for("Jupyter.display");
const KERNEL = Symbol.for("qmml.kernel");

/** What the kernel does with the last value of a cell. */
function shown(value: object): MimeBundle {
  return (value as Record<symbol, () => MimeBundle>)[DISPLAY]();
}

function payload(bundle: MimeBundle, view: string): ViewPayload {
  return bundle[`application/vnd.qmml.${view}.v1+json`] as ViewPayload;
}

const { structure: _, ...rest } = { structure: undefined, ...TINY };
const TINY_OPTIONS: StudyOptions = { structure: tinySlab(), ...rest, threads: 2 };

function begin(folder: string, other: Partial<StudyOptions> = {}): StudyHandle {
  return study("tiny", { ...TINY_OPTIONS, folder, ...other });
}

afterEach(() => {
  delete (globalThis as Record<symbol, unknown>)[KERNEL];
});

describe("the handle of a study", () => {
  it("reads in a notebook as the design says, draws itself at once and at the end, and tells what was done", async () => {
    const folder = join(emptyFolder(), "n on cu");
    // cells
    const slab = addAdsorbate(fcc100("Cu", { size: [3, 3, 3], a: 3.5898, vacuum: 6, fixedLayers: 1 }), "N", {
      site: "hollow",
      height: 1.2,
    });
    const run = study("tiny", {
      ...TINY_OPTIONS,
      structure: slab,
      core: within(2.3, "N"),
      qm: emt(),
      schemes: ["full-qm", "frozen", "retrained", "committee"],
      folder,
    });
    const first = shown(run);
    await run.finished;
    // end of cells

    assert.ok(!("then" in run));
    const reference = { id: "tiny", path: relative(process.cwd(), folder) };
    assert.deepEqual(payload(first, "study").study, { ...reference, sequence: 0 });
    const last = shown(run);
    const held = await withStudy(folder, ({ events }) => events);
    assert.deepEqual(payload(last, "study").study, { ...reference, sequence: held.length });
    assert.ok(last["image/svg+xml"] && last["text/plain"]);
    // What stands in view.json is what the journal says.
    assert.deepEqual(last, await withStudy(folder, (record) => studyBundle(history(record), { ...reference })));
    writeFileSync(pathsOf(folder).view, "{");
    assert.deepEqual(shown(run), last);

    // From the first bundle the feed leads to the last.
    const rows = tablesOf(first);
    const feed = studyFeed(folder, {
      sequence: 0,
      tables: Object.fromEntries(Object.entries(rows).map(([name, r]) => [name, r.length])),
      share: 1,
    });
    const answer = feed.next();
    assert.equal(answer?.sequence, held.length);
    assert.deepEqual(feed.next(), { sequence: held.length, state: "finished", tables: [], ended: true });
    feed.close();

    const tables = tablesOf(last);
    assert.deepEqual([run.cost.rows, run.training.rows, run.trajectory.rows], [tables.cost, tables.training, tables.trajectory]);
    for (const view of ["cost", "training", "trajectory"] as const) {
      const bundle = shown(run[view]);
      assert.deepEqual(payload(bundle, view).study, { ...reference, sequence: held.length });
      assert.ok(bundle["image/svg+xml"] && bundle["text/plain"]);
    }
    assert.deepEqual(run.status(), summarize(held));
    assert.deepEqual(run.events(), held);
    assert.deepEqual([run.name, run.folder], ["tiny", folder]);
    assert.match(String(run.explain()), /^tiny\nCu27N, 28 atoms/);
    assert.equal(shown(run.explain())["text/plain"], String(run.explain()));
    assert.match(String(run.methods()), /qmml \d+\.\d+\.\d+ on Node\.js\s[\s\S]*@article\{zhang2018,/);
    assert.match(shown(run.methods())["text/markdown"] as string, /\[@zhang2018\][\s\S]*```bibtex\n@article\{zhang2018,/);

    // Attached again, it is finished.
    const again = begin(folder, { structure: slab });
    await again.finished;
    assert.deepEqual(again.events(), held);
    assert.equal(isRunning(folder), false);
  });

  it("ends the waiting of an interrupted cell and not the study; stopped, it says so, and made again it goes on", async () => {
    const folder = join(emptyFolder(), "s");
    const cell = new AbortController();
    (globalThis as Record<symbol, unknown>)[KERNEL] = { signal: () => cell.signal };
    const run = begin(folder);
    const waiting = run.finished;
    while (run.events().length < 3) await sleep(5);
    cell.abort(new Error("KeyboardInterrupt"));
    await assert.rejects(waiting, /^Error: the waiting was interrupted; the study tiny goes on$/);
    assert.ok(isRunning(folder));
    delete (globalThis as Record<symbol, unknown>)[KERNEL];
    const stopped = assert.rejects(
      run.finished,
      /^Error: the study tiny was stopped; run its cell again and it goes on where its journal ends$/,
    );
    await run.stop();
    await stopped;
    assert.equal(run.status().state, "stopped");
    await run.stop();
    assert.ok(!existsSync(pathsOf(folder).stop));
    const again = begin(folder);
    await again.finished;
    assert.equal(again.status().state, "finished");
    assert.match(String(again.explain()), /Interruptions and other messages \(2\)\n {2}· stopped on request.*\n {2}· goes on where/);
  });

  it("of a study that fails says why; one that was killed is interrupted", async () => {
    const folder = join(emptyFolder(), "s");
    const slab = addAdsorbate(fcc100("Cu", { size: [3, 3, 3], vacuum: 6, fixedLayers: 1 }), "S", { site: "hollow", height: 1.6 });
    const failing = begin(folder, { structure: slab, core: within(2.6, "S"), onFailure: "stop" });
    await assert.rejects(
      failing.finished,
      /^Error: the study tiny failed: .*S.*; run its cell again and it goes on where its journal ends$/,
    );
    assert.match(shown(failing)["text/plain"] as string, /The study failed before its end/);
    assert.match(String(failing.methods()), /The study is not finished \(failed\)/);

    const killed = begin(join(emptyFolder(), "k"));
    while (killed.events().length < 3) await sleep(5);
    process.kill(pidOf(killed.folder), "SIGKILL");
    await assert.rejects(killed.finished, /ended before the study did \(it was killed\)/);
    assert.equal(killed.status().state, "interrupted");
  });

  it("refuses wrong inputs at once, in one sentence, and leaves no folder", async () => {
    const place = emptyFolder();
    const folder = join(place, "s");
    assert.throws(() => begin(folder, { core: within(2.3, "O") }), /^RangeError: .*O/);
    assert.throws(() => begin(folder, { qm: { engine: "emmt" } }), /there is no engine "emmt"; did you mean emt\?/);
    assert.throws(() => begin(folder, { members: 0 }), /members is 0; give a whole number from 1 to 100/);
    assert.throws(() => begin(folder, { threads: 0 }), /threads is 0/);
    for (const name of ["", "..", "a/b"]) assert.throws(() => study(name, TINY_OPTIONS), /a study cannot be called/);
    assert.ok(!existsSync(folder));
    const run = begin(folder);
    assert.throws(() => begin(folder, { seed: 8 }), /holds a study with other inputs \(seed: 7, not 8\); give another folder/);
    await run.stop();
  });
});

function tablesOf(bundle: MimeBundle): Record<string, object[]> {
  return Object.fromEntries(Object.entries(payload(bundle, "study").tables).map(([name, table]) => [name, rowsOf<object>(decode(table))]));
}

/** The process of a study, found by its arguments. */
function pidOf(folder: string): number {
  const all = process.platform === "linux" ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  const pid = all.find((p) => {
    try {
      return readFileSync(`/proc/${p}/cmdline`, "utf8").includes(`\0${folder}\0`);
    } catch {
      return false;
    }
  });
  assert.ok(pid, `no process has ${folder} among its arguments`);
  return Number(pid);
}
