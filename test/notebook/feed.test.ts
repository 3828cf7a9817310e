/** A reader that starts with a bundle and follows the feed ends with the tables of the last bundle, whenever it asks. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { tableFromIPC } from "apache-arrow";
import { VIEW_TABLES } from "../../src/display/bundle.ts";
import { rowsOf } from "../../src/history/arrow.ts";
import { arrowTables, type History, history, type TableName } from "../../src/history/history.ts";
import { type FeedAnswer, type FeedOptions, type FeedReader, studyFeed } from "../../src/notebook/feed.ts";
import type { Happening } from "../../src/study/events.ts";
import { pathsOf, takeLock, withStudy } from "../../src/study/folder.ts";
import { readJournal, writeJournal } from "../../src/study/journal.ts";
import { fc } from "../properties.ts";
import { emptyFolder, eventsOf, run, studyFolder } from "../study/process.ts";

type Rows = Record<string, unknown[]>;

const NAMES = VIEW_TABLES.study;

function rowsOfTables(h: History, names: readonly TableName[] = NAMES): Rows {
  return Object.fromEntries(Object.entries(arrowTables(h, names)).map(([name, table]) => [name, rowsOf(table)]));
}

/** The tables that a bundle would hold now. */
function bundled(folder: string, names?: readonly TableName[]): Promise<Rows> {
  return withStudy(folder, (study) => rowsOfTables(history(study), names));
}

function lengths(rows: Rows): Record<string, number> {
  return Object.fromEntries(Object.entries(rows).map(([name, r]) => [name, r.length]));
}

/** What the view does with an answer. */
function apply(rows: Rows, { tables }: FeedAnswer): void {
  for (const { name, from, ipc } of tables) {
    // The promise is 400 kB; a row more or less of the widest table decides.
    assert.ok(ipc.length < 420_000, `${ipc.length} bytes of ${name}`);
    const more = rowsOf(tableFromIPC(ipc));
    assert.ok(from === 0 || from === rows[name].length, `${name} has ${rows[name]?.length} rows, and is sent from ${from} on`);
    rows[name] = from === 0 ? more : [...rows[name], ...more];
  }
}

/** Everything that there is to come. */
function drain(feed: FeedReader, rows: Rows): FeedAnswer | undefined {
  let last: FeedAnswer | undefined;
  for (let answer = feed.next(); answer; answer = feed.next()) {
    apply(rows, answer);
    last = answer;
  }
  return last;
}

const finished = await studyFolder();
await run(finished);
const told = happenings(finished);

/** The events of a study as they can be committed to another journal. */
function happenings(folder: string): Happening[] {
  const journal = readJournal(folder);
  const all = journal.events().map(({ sequence, time: _, ...rest }) => {
    const arrays = ["positions", "forces", "curve"].flatMap((name) => {
      const data = journal.array(sequence, name);
      return data ? [[name, data] as const] : [];
    });
    return { ...rest, arrays: Object.fromEntries(arrays) } as Happening;
  });
  journal.close();
  return all;
}

describe("the feed of a study", () => {
  it("brings every reader to the tables of the last bundle, whenever its own was made and whenever it asks", async () => {
    const folder = await studyFolder();
    const moment = fc.integer({ min: 0, max: told.length });
    await fc.assert(
      fc.asyncProperty(moment, fc.uniqueArray(moment, { maxLength: 12 }), fc.subarray([...NAMES]), async (start, polls, subset) => {
        const names = subset.length === 0 ? NAMES : subset;
        for (const end of ["", "-wal", "-shm"]) rmSync(`${pathsOf(folder).journal}${end}`, { force: true });
        const journal = writeJournal(folder);
        const lock = takeLock(folder);
        let feed: FeedReader | undefined;
        let rows: Rows = {};
        for (let k = 0; k <= told.length; k++) {
          if (k === start) {
            rows = await bundled(folder, names);
            feed = studyFeed(folder, { sequence: k, tables: lengths(rows), patience: 0, share: 1 });
          }
          if (feed && polls.includes(k)) {
            const answer = feed.next();
            if (answer) {
              apply(rows, answer);
              assert.deepEqual([answer.sequence, answer.ended], [k, false]);
            }
            assert.equal(feed.next(), undefined);
            assert.deepEqual(rows, await bundled(folder, names));
          }
          if (k < told.length) journal.commit(told[k]);
        }
        journal.close();
        lock?.release();
        assert.ok(feed);
        assert.deepEqual(drain(feed, rows), { sequence: told.length, state: "finished", tables: [], ended: true });
        assert.equal(feed.next(), undefined);
        feed.close();
        assert.deepEqual(rows, await bundled(folder, names));
      }),
      { numRuns: 12 },
    );
  });

  it("gives everything to a reader with nothing, or with rows that cannot be", async () => {
    const expected = await bundled(finished);
    const readers: FeedOptions[] = [
      {},
      { sequence: told.length },
      { sequence: told.length + 1, tables: lengths(expected) },
      { sequence: 3, tables: { ...lengths(expected), training: 1 } },
    ];
    for (const reader of readers) {
      const rows: Rows = reader.tables ? { ...expected } : {};
      const feed = studyFeed(finished, { ...reader, share: 1 });
      drain(feed, rows);
      feed.close();
      assert.deepEqual(rows, expected);
    }
  });

  it("sends what is larger than a message in several, in order", async () => {
    const folder = await studyFolder();
    const journal = writeJournal(folder);
    const long = told.find((h) => h.kind === "training");
    assert.ok(long?.kind === "training");
    const curve = Float64Array.from({ length: 5 * 30_000 }, (_, k) => (k % 5 === 0 ? k / 5 : 1 / (k + 1)));
    journal.commit({ ...long, payload: { ...long.payload, evaluations: 29_999 }, arrays: { curve } });
    journal.close();
    const rows: Rows = {};
    const feed = studyFeed(folder);
    const first = feed.next();
    assert.ok(first);
    apply(rows, first);
    assert.ok(first.tables.filter((t) => t.name === "training").length > 2);
    assert.deepEqual(rows.training, (await bundled(folder)).training);
    feed.close();
  });

  it("waits for a study that has not begun, and follows one that is killed and goes on", async () => {
    const folder = await studyFolder();
    const rows = await bundled(folder);
    const feed = studyFeed(folder, { tables: lengths(rows), patience: 60_000, share: 1 });
    assert.equal(feed.next(), undefined);
    let going = true;
    const reading = (async () => {
      for (; going; await sleep(50)) for (let answer = feed.next(); answer; answer = feed.next()) apply(rows, answer);
    })();
    await run(folder, 2, async (child) => {
      while (!eventsOf(folder).some((e) => e.kind === "step")) await sleep(5);
      child.kill("SIGKILL");
    });
    await run(folder);
    going = false;
    await reading;
    drain(feed, rows);
    feed.close();
    assert.ok(eventsOf(folder).some((e) => e.kind === "resumed"));
    assert.deepEqual(rows, await bundled(folder));
  });

  it("of a study that stays without a process ends by saying that it was interrupted", async () => {
    const folder = await studyFolder();
    const journal = writeJournal(folder);
    for (const happening of told.slice(0, 5)) journal.commit(happening);
    journal.close();
    const feed = studyFeed(folder, { patience: 0, share: 1 });
    assert.deepEqual(drain(feed, {}), { sequence: 5, state: "interrupted", tables: [], ended: true });
    feed.close();
  });

  it("rests after an answer, a second at most, and then goes on", async () => {
    const folder = await studyFolder();
    const journal = writeJournal(folder);
    journal.commit(told[0]);
    const feed = studyFeed(folder, { share: 1e-6 });
    assert.equal(feed.next()?.sequence, 1);
    const answered = performance.now();
    journal.commit(told[1]);
    journal.close();
    let answer = feed.next();
    assert.equal(answer, undefined);
    for (; !answer; answer = feed.next()) await sleep(10);
    assert.equal(answer.sequence, 2);
    // Timers may fire a little early.
    assert.ok(performance.now() - answered > 990);
    feed.close();
  });

  it("says in one sentence what it cannot read", () => {
    assert.throws(() => studyFeed(emptyFolder()), /holds no study; make one with qmml run/);
    assert.throws(
      () => studyFeed(finished, { tables: { about: 1, tables: 2 } }),
      /^RangeError: there is no table "tables"; there are about, /,
    );
  });
});
