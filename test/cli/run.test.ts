/** `qmml run`, `status`, `stop` and `report` on a real study of two seconds. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Calculation } from "../../src/history/calls.ts";
import type { MemberSummary, Summary } from "../../src/history/summary.ts";
import { readFrames } from "../../src/io/files.ts";
import { aseCalculator } from "../../src/qm/aseEngine.ts";
import { asCalculated } from "../../src/qm/image.ts";
import { type Structure, structure as structureOf } from "../../src/structure/structure.ts";
import { isRunning, makeFolder, pathsOf, readStudy, studyIn } from "../../src/study/folder.ts";
import { readJournal } from "../../src/study/journal.ts";
import { eventsOf, outcome, run as runner } from "../study/process.ts";
import { tinySlab } from "../study/tinyStudy.ts";
import { type Ended, folder, qmml } from "./qmml.ts";
import { studyFile } from "./studyFile.ts";

const at = folder();
const file = studyFile(at);
const done = join(at, "done");
let first: Ended;
let expected: Record<string, string>;

before(async () => {
  first = await qmml(["run", file, "--out", done, "--threads", "2", "--json"]);
  expected = outcome(done);
});

const summaryOf = (text: string): Summary => JSON.parse(text) as Summary;
const ended = async (path: string): Promise<void> => {
  while (isRunning(path)) await sleep(10);
};
/** Waits until a study is at work. */
const begun = async (path: string): Promise<void> => {
  for (const until = Date.now() + 60_000; !eventsOf(path).some((e) => e.kind === "qm-finished"); await sleep(10))
    assert.ok(Date.now() < until, "the study did not begin");
};

describe("qmml run", () => {
  it("prints one object whose numbers are the journal's", async () => {
    assert.deepEqual([first.status, first.stderr], [0, ""]);
    assert.match(first.stdout, /^\{.*\}\n$/);
    const { state, schemes, warnings } = summaryOf(first.stdout);
    assert.equal(state, "finished");
    assert.deepEqual(Object.keys(schemes), ["full-qm", "frozen", "retrained", "committee"]);
    assert.match(warnings[0], /^the QM cluster comes within 2\.54 Å of its own periodic image/);
    const events = eventsOf(done);
    const journal = readJournal(done);
    for (const [scheme, members] of Object.entries(schemes) as [string, readonly MemberSummary[]][]) {
      assert.deepEqual(
        members.map((m) => m.member),
        scheme === "full-qm" || scheme === "committee" ? [null] : [0, 1],
      );
      for (const row of members) {
        const own = events.filter((e) => e.scheme === scheme && e.member === row.member);
        const steps = own.flatMap((e) => (e.kind === "step" ? [e] : []));
        const last = steps[steps.length - 1];
        assert.deepEqual([row.converged, row.energy, row.steps], [true, last.payload.energy, last.step]);
        assert.equal(row.steps, steps.length - 1);
        // An image a step, and where a model knew too little a piece or two besides; each is counted once, and with the set of five and the five of the lattice gate.
        const asked = own.flatMap((e) => (e.kind === "qm-finished" && e.image !== null ? [e.payload.hash] : []));
        const learns = scheme === "retrained" || scheme === "committee";
        assert.ok(learns ? asked.length >= steps.length : asked.length === steps.length);
        assert.equal(row.qmCalls, new Set(asked).size + (scheme === "full-qm" ? 0 : 10));
        const verified = own.find((e) => e.kind === "verified");
        assert.ok(verified?.kind === "verified");
        assert.deepEqual([row.energyError, row.coreRmsd], [verified.payload.energyError, verified.payload.coreRmsd]);
        // A committee's members all train on its images; their costs are added up.
        const trained = events.filter((e) => e.scheme === scheme && (scheme === "committee" || e.member === row.member));
        const trainings = trained.flatMap((e) => (e.kind === "training" ? [e] : []));
        const sum = (image: number, of: "evaluations" | "seconds"): number =>
          trainings.filter((e) => e.image === image).reduce((total, e) => total + e.payload[of], 0);
        assert.deepEqual(
          row.costs,
          Array.from({ length: learns ? asked.length : 0 }, (_, image) => ({
            image,
            evaluations: sum(image, "evaluations"),
            seconds: sum(image, "seconds"),
          })),
        );
        assert.equal(trainings.length, learns ? asked.length * (scheme === "committee" ? 2 : 1) : 0);
        // The energy where it ended, by full QM, against full QM's minimum: recomputed from the images.
        const minimum = events.find((e) => e.kind === "verified" && e.scheme === "full-qm");
        const where = own.findLast((e) => e.kind === "qm-finished" && e.payload.reason.startsWith("comparison: full QM"));
        assert.ok(minimum?.kind === "verified" && where?.kind === "qm-finished");
        assert.equal(row.energyError, (journal.image(where.payload.hash)?.energy as number) - minimum.payload.energy);
        const final: Structure = { ...tinySlab(), positions: journal.array(last.sequence, "positions") as Float64Array };
        assert.deepEqual(journal.image(where.payload.hash)?.structure.positions, asCalculated(final).positions);
      }
    }
    journal.close();
  });

  it("of a finished study shows it and calculates nothing, from whichever study file", async () => {
    const events = eventsOf(done);
    const again = await qmml(["run", pathsOf(done).file, "--out", done]);
    assert.deepEqual([again.status, again.stderr], [0, ""]);
    assert.match(again.stdout, /^tiny: .*Cu27N/m);
    assert.deepEqual(eventsOf(done), events);
  });

  it("--dry-run estimates, writes the cluster and begins nothing", async () => {
    const out = join(at, "dry", "run");
    const { status, stdout, stderr } = await qmml(["run", file, "--out", out, "--dry-run", "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    const { cluster, clusterAtoms, core, cutBonds, qmCalls, qmMinutes, state, warnings } = JSON.parse(stdout);
    // EMT has no electrons.
    assert.equal(state, null);
    const [{ structure }] = await readFrames(cluster);
    assert.equal(structure.numbers.length, 18);
    assert.deepEqual([clusterAtoms.length, core.length, cutBonds, warnings.length], [18, 5, [], 1]);
    assert.ok(qmCalls.cluster > 5 && qmCalls.full > 0 && qmCalls.comparison > 0 && qmMinutes > 0);
    assert.ok(!existsSync(pathsOf(out).file));
    const told = await qmml(["run", file, "--out", out, "--dry-run"]);
    assert.match(told.stdout, /about \d+ calls on the cluster, \d+ on all atoms/);
    assert.doesNotMatch(told.stdout, /charge|multiplicity/);
  });

  // The study is about to be launched; it trains; it relaxes.
  for (const moment of ["study-file", "qm-finished", "step"] as const) {
    it(`Ctrl-C (first ${moment}) returns 130 within a second, the study stops, and a second run finishes it`, async () => {
      const out = join(at, `interrupted ${moment}`);
      let pressed = 0;
      const { status, stderr } = await qmml(["run", file, "--out", out], async (child) => {
        const reached = moment === "study-file" ? () => existsSync(pathsOf(out).file) : () => eventsOf(out).some((e) => e.kind === moment);
        while (!reached()) await sleep(5);
        pressed = performance.now();
        child.kill("SIGINT");
      });
      const took = performance.now() - pressed;
      assert.deepEqual([status, stderr], [130, ""]);
      // A second is what is promised; the bound tells a stop from a hang on a machine however loaded.
      assert.ok(took < 10_000, `it took ${took} ms`);
      // A process that had only just been started hears of it when it is there.
      for (const until = Date.now() + 6000; Date.now() < until && (isRunning(out) || eventsOf(out).length === 0); ) await sleep(20);
      assert.equal(isRunning(out), false);
      assert.ok(!eventsOf(out).some((e) => e.kind === "study-finished"));
      const again = await qmml(["run", file, "--out", out]);
      assert.deepEqual([again.status, again.stderr], [0, ""]);
      assert.deepEqual(outcome(out), expected);
    });
  }

  it("stops with one sentence and status 1 when QM fails, trains on nothing of it, and tries again the next time", async () => {
    const slab = tinySlab();
    const n = slab.numbers.length - 1;
    // Nitrogen on top of a copper atom of the fixed layer: EMT has no number for that.
    slab.positions.set(slab.positions.subarray(12, 15), 3 * n);
    const sick = join(at, "sick");
    mkdirSync(sick);
    const out = join(sick, "out");
    const words = ["run", studyFile(sick, { schemes: ["full-qm"], onFailure: "stop" }, slab), "--out", out];
    const { status, stdout, stderr } = await qmml([...words, "--json"]);
    assert.equal(status, 1);
    assert.equal(summaryOf(stdout).state, "failed");
    assert.match(
      stderr,
      /^qmml run: the study tiny failed: emt gave an energy of .* not finite for 28 atoms; check the geometry; run it again .*\n$/,
    );
    const kinds = eventsOf(out).map((e) => e.kind);
    assert.deepEqual(kinds.slice(-3), ["qm-requested", "qm-failed", "failed"]);
    assert.ok(!kinds.includes("qm-finished"));
    assert.equal((await qmml(words)).status, 1);
    assert.deepEqual(
      eventsOf(out)
        .map((e) => e.kind)
        .slice(kinds.length),
      ["resumed", "qm-requested", "qm-failed", "failed"],
    );
  });

  it("that ended for want of QM names the cause, asks again when it is run again, and goes on with other limits", async () => {
    const strict = join(at, "strict");
    mkdirSync(strict);
    const out = join(strict, "out");
    const words = (maxForce: number): string[] => [
      "run",
      studyFile(strict, { schemes: ["full-qm"], verify: false, maxForce }),
      "--out",
      out,
    ];
    const kinds = (): string[] => eventsOf(out).map((e) => e.kind);
    const refused = await qmml(words(0.001));
    assert.match(
      refused.stderr,
      /failed: QM gave nothing for the first image of any relaxation: emt gave a force of .* more than maxForce \(0\.001 eV\/Å\); .*; run it again .*also with another timeout or maxForce/,
    );
    const before = kinds().length;
    assert.equal((await qmml(words(0.001))).status, 1);
    assert.deepEqual(kinds().slice(before), ["resumed", "qm-requested", "qm-failed", "failed", "failed"]);
    const { status, stdout, stderr } = await qmml(words(90));
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^goes on where the journal ends, maxForce 90 eV\/Å instead of 0\.001 eV\/Å$/m);
    const { schemes } = summaryOf((await qmml(["status", out, "--json"])).stdout);
    assert.deepEqual([schemes["full-qm"]?.[0].converged, schemes["full-qm"]?.[0].failure], [true, null]);
    assert.equal((await studyIn(out)).file.maxForce, 90);
  });

  it("that the guard has stopped says why, and where the frame is, which opens", async () => {
    const fusing = join(at, "fusing");
    mkdirSync(fusing);
    const out = join(fusing, "out");
    // Two carbons whose only minimum is at 0.67 Å.
    const close = structureOf({ symbols: ["C", "C"], positions: [0, 0, 0, 0, 0, 1.2] });
    const qm = aseCalculator("lj", { sigma: 0.6, epsilon: 1, rc: 10 });
    const path = studyFile(fusing, { schemes: ["full-qm"], core: { atoms: [0, 1] }, qm, verify: false }, close);
    const { status, stdout } = await qmml(["run", path, "--out", out]);
    assert.equal(status, 0);
    assert.match(stdout, /^warning: full-qm: stopped after \d+ steps: C0 and C1 would fuse$/m);
    const told = await qmml(["status", out]);
    const frame = /^full-qm: stopped after \d+ steps: C0 and C1 would fuse; that geometry is in (.*stopped-full-qm\.xyz)$/m.exec(
      told.stdout,
    );
    assert.ok(frame, told.stdout);
    const [{ structure }] = await readFrames(frame[1]);
    assert.ok(Math.abs(structure.positions[5] - structure.positions[2]) < 0.912);
    // What calculated it, where, and with how much memory.
    assert.match(told.stdout, /^QM: \d+ calculations by ASE \S+ on \S+ with at most \d+ MB$/m);
    const { calls } = JSON.parse((await qmml(["status", out, "--json"])).stdout);
    assert.ok(
      calls.length > 1 && calls.every((c: Calculation) => (c.peakMemory as number) > 1e6 && c.node && c.version?.startsWith("ASE ")),
    );
  });

  const wrong: readonly (readonly [string, () => readonly string[], number, RegExp])[] = [
    ["no --out", () => ["run", file], 2, /--out: give a folder, e\.g\. --out studies\/a/],
    [
      "no such study file",
      () => ["run", join(at, "none.json"), "--out", at],
      1,
      /the study file .*none\.json cannot be read; check the path/,
    ],
    [
      "a folder of another study",
      () => ["run", changed({ seed: 8 }), "--out", done],
      1,
      /holds a study with other inputs \(seed: 7, not 8\)/,
    ],
    ["a folder that is a file", () => ["run", file, "--out", file], 1, /tiny\.json/],
    [
      "an unknown engine",
      () => ["run", changed({ qm: { engine: "vasp" } }), "--out", join(at, "x")],
      1,
      /there is no engine "vasp"; there are emt, ase-emt, gfn1-xtb, gfn2-xtb/,
    ],
    [
      "a core without atoms",
      () => ["run", changed({ core: { element: "O" } }), "--out", join(at, "x")],
      1,
      /the structure has no O atom to select/,
    ],
    ["no structure", () => ["run", changed({ structure: "none.xyz" }), "--out", join(at, "x")], 1, /none\.xyz/],
    ["status of a folder without a study", () => ["status", at], 1, /holds no study; make one with qmml run/],
    ["stop of no folder", () => ["stop", join(at, "no where")], 1, /no where holds no study/],
    ["report of no folder", () => ["report", join(at, "no where"), "-o", join(at, "r.html")], 1, /no where holds no study/],
    ["report into no folder", () => ["report", done, "-o", join(at, "no", "r.html")], 1, /there is no folder .*no to write/],
  ];
  function changed(other: object): string {
    const folderOf = join(at, `changed ${Object.keys(other).join()}`);
    mkdirSync(folderOf, { recursive: true });
    return studyFile(folderOf, other);
  }
  for (const [what, words, status, sentence] of wrong) {
    it(`refuses ${what} in one sentence`, async () => {
      const { stderr, stdout, ...rest } = await qmml(words());
      assert.equal(rest.status, status, stderr);
      assert.match(stderr, sentence);
      assert.match(stderr, /^qmml [a-z]+: .*\n$/);
      assert.equal(stdout, "");
      assert.ok(!existsSync(join(at, "x")));
    });
  }
});

describe("qmml status, stop and report", () => {
  it("--detach returns; status tells the journal's numbers while it runs; stop stops it; the next run finishes it", async () => {
    const out = join(at, "detached");
    const detached = await qmml(["run", file, "--out", out, "--detach", "--json"]);
    assert.deepEqual([detached.status, JSON.parse(detached.stdout)], [0, { out, state: "running" }]);
    await begun(out);
    const during = await qmml(["status", out, "--json"]);
    assert.equal(during.status, 0);
    assert.ok(["running", "finished"].includes(summaryOf(during.stdout).state));
    const stopped = await qmml(["stop", out, "--json"]);
    assert.deepEqual([stopped.status, stopped.stderr], [0, ""]);
    // A fast machine may have finished it before.
    const state = eventsOf(out).at(-1)?.kind === "study-finished" ? "finished" : "stopped";
    assert.deepEqual(JSON.parse(stopped.stdout), { stopped: state === "stopped" });
    assert.equal(isRunning(out), false);
    assert.equal(summaryOf((await qmml(["status", out, "--json"])).stdout).state, state);
    assert.deepEqual(JSON.parse((await qmml(["stop", out, "--json"])).stdout), { stopped: false });
    assert.equal((await qmml(["run", file, "--out", out])).status, 0);
    assert.deepEqual(outcome(out), expected);
  });

  it("status of a finished study is what run printed; of a killed one it says so, and how to go on", async () => {
    assert.deepEqual(summaryOf((await qmml(["status", done, "--json"])).stdout), summaryOf(first.stdout));
    const out = join(at, "killed");
    await makeFolder(out, await readStudy(file));
    await runner(out, 2, async (child) => {
      await begun(out);
      child.kill("SIGKILL");
    });
    const told = await qmml(["status", out]);
    assert.match(told.stdout, /The study's process is gone; qmml run STUDY\.json --out .*killed goes on where the journal ends\./);
    const { state, schemes } = summaryOf((await qmml(["status", out, "--json"])).stdout);
    assert.equal(state, "interrupted");
    assert.equal(
      schemes["full-qm"]?.[0].steps,
      Math.max(0, ...eventsOf(out).flatMap((e) => (e.kind === "step" && e.scheme === "full-qm" ? [e.step ?? 0] : []))),
    );
    const page = join(at, "killed.html");
    const report = await qmml(["report", out, "-o", page, "--json"]);
    assert.equal(report.status, 0);
    assert.equal(JSON.parse(report.stdout).report, page);
    assert.match(readFileSync(page, "utf8"), /^<!doctype html>/i);
  });

  it("report makes one page of several studies that needs nothing else, over an old one", async () => {
    const page = join(at, "report.html");
    writeFileSync(page, "old");
    const { status, stdout } = await qmml(["report", done, done, "-o", page]);
    assert.equal(status, 0);
    assert.match(stdout, /report: .*report\.html\n$/);
    const html = readFileSync(page, "utf8");
    assert.doesNotMatch(html, /(src|href)="(?!#|data:)/);
    assert.match(html, /<svg/);
  });

  it("a finished study has a snapshot and an empty log", async () => {
    await ended(done);
    assert.equal(readFileSync(pathsOf(done).log, "utf8"), "");
    const view = JSON.parse(readFileSync(pathsOf(done).view, "utf8"));
    assert.ok(Object.keys(view).includes("text/plain"));
  });
});
