/** A study on a real QM engine: its workers, its process or both are killed in mid-study, or the engine gives no answer. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { StudyEvent } from "../../src/study/events.ts";
import { readJournal } from "../../src/study/journal.ts";
import { qmml } from "../cli/qmml.ts";
import { lives, until, workers } from "../qm/workers.ts";
import { eventsOf, outcome, run, studyFolder } from "../study/process.ts";
import { tinyMolecule } from "../study/tinyMolecule.ts";

/** A kill, once so much of the undisturbed study's number of events is in the journal. */
interface Kill {
  readonly of: "worker" | "study" | "both";
  readonly at: number;
}

/** Waits until a journal holds so many events and a QM image is asked for; false if the process ends before. */
async function working(folder: string, events: number, child: ChildProcess): Promise<boolean> {
  for (; child.exitCode === null && child.signalCode === null; await sleep(3)) {
    const so = eventsOf(folder);
    if (so.length >= events && so[so.length - 1].kind === "qm-requested") return true;
  }
  return false;
}

/** Kills all Python workers of a process. */
function killWorkers(child: ChildProcess): number[] {
  const pids = workers(child.pid);
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Its parent has just noticed that it is dead.
    }
  }
  return pids;
}

const kindsOf = (events: readonly StudyEvent[]): string[] => events.map((e) => e.kind);

let expected: Record<string, string> = {};
let many = 0;
before(async () => {
  const calm = await studyFolder(tinyMolecule());
  const ended = await run(calm);
  assert.deepEqual([ended.status, ended.output], [0, ""]);
  expected = outcome(calm);
  many = eventsOf(calm).length;
});

describe("a study on GFN2-xTB comes to the same bits, each image calculated once, no event lost, no worker left over", () => {
  // With two workers at a time, the second time could meet one that has not yet recovered from the first, which is another case (below).
  const table: readonly { readonly name: string; readonly threads: number; readonly kills: readonly Kill[] }[] = [
    { name: "its worker is killed four times", threads: 1, kills: [0.03, 0.25, 0.5, 0.8].map((at) => ({ of: "worker", at })) },
    {
      name: "its workers, its process and both are killed",
      threads: 2,
      kills: [
        { of: "worker", at: 0.1 },
        { of: "study", at: 0.2 },
        { of: "both", at: 0.45 },
        { of: "worker", at: 0.6 },
        { of: "study", at: 0.75 },
      ],
    },
  ];
  for (const { name, threads, kills } of table) {
    it(name, async () => {
      const folder = await studyFolder(tinyMolecule());
      const left = [...kills];
      let processes = 0;
      for (let finished = false; !finished; processes++) {
        const past = eventsOf(folder);
        let seen: number[] = [];
        const ended = await run(folder, threads, async (child) => {
          for (; left.length > 0 && (await working(folder, left[0].at * many, child)); left.shift()) {
            seen = [...seen, ...(left[0].of === "study" ? workers(child.pid) : killWorkers(child))];
            if (left[0].of !== "worker") child.kill("SIGKILL");
          }
        });
        assert.equal(ended.output, "");
        const events = eventsOf(folder);
        assert.deepEqual(events.slice(0, past.length), past, "an event was lost or changed");
        assert.ok(seen.length > 0 || left.length === 0, "no worker was met");
        await until(() => !seen.some(lives));
        finished = kindsOf(events).at(-1) === "study-finished";
      }
      assert.equal(processes, 1 + kills.filter((k) => k.of !== "worker").length);
      assert.deepEqual(left, []);
      assert.deepEqual(outcome(folder), expected);
    });
  }
});

describe("a study whose engine gives no answer ends with one sentence and status 1, having learnt nothing of it", () => {
  it("for workers that die again and again; run again, it comes to the same bits", async () => {
    const folder = await studyFolder(tinyMolecule());
    const ended = await run(folder, 1, async (child) => {
      if (!(await working(folder, 0.3 * many, child))) return;
      for (; child.exitCode === null; await sleep(3)) killWorkers(child);
    });
    assert.equal(ended.status, 1);
    const sentence = /^gfn2-xtb failed for C\d+H\d+O\d*: the Python process ended with SIGKILL$/;
    assert.match(ended.output.trimEnd().slice("Error: ".length), sentence);
    const events = eventsOf(folder);
    // What others had in hand at that moment may fail as well, or be committed after it; the image itself is nowhere.
    const failed = events.filter((e) => e.kind === "qm-failed").map((e) => e.payload);
    for (const { message, hash } of failed) {
      assert.match(message, sentence);
      assert.ok(!events.some((e) => e.kind === "qm-finished" && e.payload.hash === hash));
    }
    const last = events.at(-1)?.payload;
    assert.ok(last && "message" in last && failed.some((f) => f.message === last.message));
    assert.deepEqual(last, { message: last.message });
    assert.equal(ended.output.trimEnd(), `Error: ${last.message}`);
    assert.equal(events.at(-1)?.kind, "failed");
    assert.equal((await run(folder)).status, 0);
    assert.deepEqual(eventsOf(folder).slice(0, events.length), events);
    assert.deepEqual(outcome(folder), expected);
  });
});

describe("a study whose charges do not converge", () => {
  it("tries again with the engine's retries, and an image says by which settings it was had", async () => {
    // Ten cycles suffice for two rattled clusters and not for the third; a thousand do.
    const folder = await studyFolder(tinyMolecule({ schemes: ["retrained"], onFailure: "stop" }, { maxIterations: 10 }));
    const { status, stdout } = await qmml(["run", `${folder}/study.json`, "--out", folder]);
    assert.equal(status, 0, stdout);
    const events = eventsOf(folder);
    assert.equal(kindsOf(events).at(-1), "study-finished");
    const failed = events.filter((e) => e.kind === "qm-failed");
    // How many places tell of the same failure depends on which of them ask at the same time.
    assert.ok(new Set(failed.map((e) => e.payload.hash)).size > 2);
    const message =
      /^gfn2-xtb did not converge for C\d+H\d+O\d*: SCF not converged in 10 cycles; raise electronic_temperature or max_iterations$/;
    const journal = readJournal(folder);
    for (const { payload: p } of failed) {
      assert.match(p.message, message);
      assert.deepEqual([p.attempt, p.kind, p.next], [1, "unconverged", "more iterations"]);
      assert.equal(JSON.parse(journal.image(p.hash)?.settings ?? "{}").max_iterations, 1000);
    }
    const retried = events.filter((e) => e.kind === "qm-finished" && e.payload.attempt === 2 && !e.payload.reused);
    assert.equal(retried.length, new Set(failed.map((e) => e.payload.hash)).size);
    for (const e of retried) {
      assert.ok(e.kind === "qm-finished");
      const { reason, peakMemory = 0, node, version } = e.payload;
      // A Python with NumPy and tblite in it takes more than 20 MB; less would be another unit.
      assert.ok(reason === "retry: more iterations" && peakMemory > 20e6 && node && /^tblite /.test(version ?? ""));
    }
    journal.close();
  });
});
