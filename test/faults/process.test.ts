/** What may befall a study's process and its folder, other than a kill at work. */
import assert from "node:assert/strict";
import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { EventKind, StudyEvent } from "../../src/study/events.ts";
import { askToStop, isRunning, makeFolder, openStudy, pathsOf, readStudy, studyIn, studyOf, takeLock } from "../../src/study/folder.ts";
import { launch, watch } from "../../src/study/launch.ts";
import { emptyFolder, eventsOf, FLAGS, outcome, RUNNER, run, studyFolder } from "../study/process.ts";
import { TINY, tinySlab, tinyStudy } from "../study/tinyStudy.ts";

/** Waits until a study has come to an event of a kind. */
async function until(folder: string, kind: EventKind): Promise<void> {
  for (const end = Date.now() + 60_000; !eventsOf(folder).some((e) => e.kind === kind); await sleep(5))
    assert.ok(Date.now() < end, `no ${kind} within 60 s`);
}

const kindsOf = (events: readonly StudyEvent[]): string[] => events.map((e) => e.kind);

describe("a study's process", () => {
  let expected: Record<string, string> = {};
  before(async () => {
    const calm = await studyFolder();
    await run(calm, 2);
    expected = outcome(calm);
  });

  it("comes to the same bits with one thread, though its models' events come in another order", async () => {
    const folder = await studyFolder();
    assert.deepEqual([(await run(folder, 1)).status, outcome(folder)], [0, expected]);
  });

  // study-started: while it begins; training: one training ended, the other goes on in its thread; step: relaxations.
  for (const [how, kind] of [
    ["SIGTERM", "study-started"],
    ["control/stop", "training"],
    ["SIGTERM", "step"],
  ] as const) {
    it(`stops within a second of ${how} after its first ${kind}, says so, and goes on to the same bits`, async () => {
      const folder = await studyFolder();
      let asked = 0;
      const ended = await run(folder, 2, async (child) => {
        await until(folder, kind);
        asked = Date.now() / 1000;
        if (how === "SIGTERM") child.kill(how);
        else await askToStop(folder);
      });
      assert.deepEqual([ended.status, ended.output], [0, ""]);
      const last = eventsOf(folder).at(-1);
      assert.ok(last?.kind === "stopped");
      // A second is what is promised; the bound tells a stop from a hang on a machine however loaded.
      assert.ok(last.time - asked < 10, `it took ${last.time - asked} s`);
      assert.ok(!existsSync(pathsOf(folder).stop));
      assert.equal((await run(folder)).status, 0);
      assert.deepEqual(outcome(folder), expected);
      assert.ok(existsSync(pathsOf(folder).view));
    });
  }

  it("leaves, having written nothing, where another one is at work or the study is finished", async () => {
    const folder = await studyFolder();
    const [one, two, three] = await Promise.all([run(folder), run(folder), run(folder)]);
    assert.deepEqual(
      [one, two, three].map((e) => [e.status, e.output]),
      Array(3).fill([0, ""]),
    );
    assert.deepEqual(outcome(folder), expected);
    const events = eventsOf(folder);
    assert.ok(!kindsOf(events).includes("resumed"));
    assert.equal((await run(folder)).status, 0);
    assert.deepEqual(eventsOf(folder), events);
  });

  it("is not kept from beginning by those who ask whether it runs, nor taken for running because somebody else asks", async () => {
    const folder = await studyFolder();
    let asking = true;
    const asked = (async () => {
      for (; asking; await sleep(1)) for (let k = 0; k < 20; k++) isRunning(folder);
    })();
    assert.equal((await run(folder)).status, 0);
    asking = false;
    await asked;
    assert.deepEqual(outcome(folder), expected);
    const somebody = new DatabaseSync(pathsOf(folder).lock, { readOnly: true });
    somebody.exec("begin; select count(*) from sqlite_schema");
    assert.equal(isRunning(folder), false);
    somebody.close();
    const lock = takeLock(folder);
    assert.ok(lock && isRunning(folder));
    lock.release();
    assert.equal(isRunning(folder), false);
  });

  it("adds up the seconds of all processes, and not those between them", async () => {
    const folder = await studyFolder();
    const first = await run(folder, 2, async (child) => {
      await until(folder, "step");
      child.kill("SIGKILL");
    });
    await sleep(3000);
    const second = await run(folder);
    const [begin, ...rest] = eventsOf(folder);
    const last = rest[rest.length - 1];
    assert.ok(last.kind === "study-finished");
    assert.ok(last.payload.seconds < last.time - begin.time - 3, "the pause was counted");
    const resumed = rest.findIndex((e) => e.kind === "resumed");
    // The second process spends the time before `resumed` on starting, and its own clock starts later, a moment or, on a busy machine, some tenths
    // of a second; the pause of 3 s is more than either.
    const counted = rest[resumed - 1].time - begin.time + last.time - rest[resumed].time;
    assert.ok(Math.abs(last.payload.seconds - counted) < 2.5, `${last.payload.seconds} s, ${counted} s by the journal`);
    assert.ok(last.payload.seconds < first.seconds + second.seconds);
  });

  it("of other versions than those that began the study says so, once", async () => {
    const folder = await studyFolder();
    const interrupt = async (child: ChildProcess): Promise<void> => {
      for (const before = eventsOf(folder).length; eventsOf(folder).length < before + 5; ) await sleep(5);
      child.kill("SIGTERM");
    };
    await run(folder, 2, interrupt);
    const journal = new DatabaseSync(pathsOf(folder).journal);
    journal.exec(`update events set payload = json_set(payload, '$.versions.qmml', '0.0.9') where kind = 'study-started'`);
    journal.close();
    await run(folder, 2, interrupt);
    assert.equal((await run(folder)).status, 0);
    const said = eventsOf(folder).flatMap((e) =>
      e.kind === "warning" && e.scheme === null && e.image === null ? [e.payload.message] : [],
    );
    assert.equal(said.length, 1);
    assert.match(said[0], /^begun with qmml 0\.0\.9, node .*, engine .*, gone on with qmml .*, node .*, engine .*: the numbers may differ/);
  });

  it("that was killed while its folder was made finds or makes it whole", async () => {
    const folder = emptyFolder();
    const study = tinyStudy();
    const paths = pathsOf(folder);
    // Every state that an interrupted `makeFolder` can leave.
    mkdirSync(paths.control);
    await makeFolder(folder, study);
    rmSync(paths.file);
    writeFileSync(`${paths.structure}.1.part`, "28\nhalf");
    writeFileSync(`${paths.file}.1.part`, "{");
    await assert.rejects(studyIn(folder), /holds no study; make one with qmml run/);
    await makeFolder(folder, study);
    // And an interrupted making of the journal.
    writeFileSync(`${paths.journal}.part`, "half a journal");
    assert.equal((await run(folder)).status, 0);
    assert.deepEqual(outcome(folder), expected);
    assert.ok(!existsSync(`${paths.journal}.part`));
  });

  it("on a full disk ends with one sentence and goes on when there is room", async () => {
    const folder = await studyFolder();
    // A limit on the size of files, in kB, fails a write as a full disk does.
    const script = `ulimit -f 400; exec "$@"`;
    const { status, stderr } = spawnSync("bash", ["-c", script, "bash", process.execPath, ...FLAGS, RUNNER, folder, "--threads", "2"], {
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /^Error: the journal in .* cannot be written \(.*\); see to the disk, then run the study again and it goes on\n/);
    assert.doesNotMatch(stderr, /^ {4}at /m);
    assert.equal((await run(folder)).status, 0);
    assert.deepEqual(outcome(folder), expected);
  });

  it("launched where it ends at once: those who watch are told why in one sentence", async () => {
    const folder = await studyFolder();
    truncateSync(pathsOf(folder).structure, 40);
    await launch(folder, { threads: 1 });
    await assert.rejects(async () => {
      for await (const _ of watch(folder));
    }, /^Error: the study's process ended before the study did \(Error: .*start\.xyz.*\); run it again and it goes on/);
  });

  it("launched and watched: every event once and in order; a killed one is said to have been killed", async () => {
    const folder = await studyFolder();
    await launch(folder, { threads: 2 });
    await launch(folder, { threads: 2 }); // runs already
    const seen: StudyEvent[] = [];
    for await (const event of watch(folder)) seen.push(event);
    assert.deepEqual(seen, eventsOf(folder));
    assert.deepEqual(outcome(folder), expected);
    assert.equal(readFileSync(pathsOf(folder).log, "utf8"), "");

    const other = await studyFolder();
    const dying = run(other, 2, async (child) => {
      await until(other, "step");
      child.kill("SIGKILL");
    });
    while (!isRunning(other)) await sleep(5);
    await assert.rejects(async () => {
      for await (const _ of watch(other));
    }, /ended before the study did \(it was killed\)/);
    await dying;
  });

  it("watched by one who gives up, goes on", async () => {
    const folder = await studyFolder();
    await launch(folder, { threads: 2 });
    const giveUp = new AbortController();
    setTimeout(() => giveUp.abort(new Error("enough")), 300);
    await assert.rejects(async () => {
      for await (const _ of watch(folder, giveUp.signal));
    }, /enough/);
    assert.equal(isRunning(folder), true);
    for await (const _ of watch(folder));
    assert.deepEqual(outcome(folder), expected);
  });
});

describe("a study's folder", () => {
  it("that holds a study with other inputs is refused, naming the first that differs", async () => {
    const folder = await studyFolder();
    await makeFolder(folder, tinyStudy());
    await assert.rejects(
      makeFolder(folder, tinyStudy({ members: 3 })),
      /holds a study with other inputs \(members: 2, not 3\); give another folder/,
    );
    await assert.rejects(makeFolder(folder, { ...tinyStudy(), name: "other" }), /name: "tiny", not "other"/);
    const slab = tinySlab();
    slab.positions[5] += 1e-9;
    await assert.rejects(makeFolder(folder, studyOf("tiny", slab, TINY)), /another structure/);
  });

  it("takes other limits, unless the study runs", async () => {
    const folder = await studyFolder();
    await makeFolder(folder, tinyStudy({ timeout: 30 }));
    assert.equal((await studyIn(folder)).file.timeout, 30);
    const lock = takeLock(folder);
    await makeFolder(folder, tinyStudy({ timeout: 30 }));
    await assert.rejects(makeFolder(folder, tinyStudy()), /holds a study that runs with another timeout; stop it first, then run it again/);
    lock?.release();
    await makeFolder(folder, tinyStudy());
    assert.equal((await studyIn(folder)).file.timeout, undefined);
  });

  it("takes its own study file back", async () => {
    const folder = await studyFolder();
    await makeFolder(folder, await readStudy(pathsOf(folder).file));
    const { structure } = await studyIn(folder);
    assert.deepEqual(structure.positions, tinySlab().positions);
    assert.deepEqual(structure.fixed, tinySlab().fixed);
  });

  it("says in one sentence what is wrong with its files", async () => {
    const folder = await studyFolder();
    const paths = pathsOf(folder);
    const [file, xyz] = [readFileSync(paths.file, "utf8"), readFileSync(paths.structure, "utf8")];
    const refused = async (pattern: RegExp): Promise<void> => {
      await assert.rejects(studyIn(folder), (error: Error) => pattern.test(error.message) && !error.message.includes("\n"));
    };
    writeFileSync(paths.file, file.slice(0, 100));
    await refused(/^the study file .*study\.json is not JSON: /);
    writeFileSync(paths.file, file.replace('"seed": 7', '"sead": 7'));
    await refused(/^the study file's sead is unknown; did you mean seed\?/);
    writeFileSync(paths.file, file);
    for (const [broken, why] of [
      ["", /start\.xyz/],
      [xyz.slice(0, 200), /start\.xyz/],
      [xyz.replace("Cu", "Xx"), /start\.xyz.*Xx/],
    ] as const) {
      writeFileSync(paths.structure, broken);
      await refused(why);
    }
    rmSync(paths.structure);
    await refused(/start\.xyz/);
  });

  it("that was never begun opens without events", async () => {
    const study = await openStudy(await studyFolder());
    assert.deepEqual([study.events, study.core.length, study.cluster.length, study.array(1, "positions")], [[], 5, 18, undefined]);
    study.close();
    await assert.rejects(openStudy(join(emptyFolder(), "no where")), /no where holds no study/);
  });
});
