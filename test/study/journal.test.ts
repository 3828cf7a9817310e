import assert from "node:assert/strict";
import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openDatabase } from "../../src/io/sqlite.ts";
import type { QmImage } from "../../src/qm/image.ts";
import type { Happening } from "../../src/study/events.ts";
import { readJournal, writeJournal } from "../../src/study/journal.ts";
import { memoryOf } from "../../src/study/memory.ts";
import { emptyFolder } from "./process.ts";
import { tinySlab } from "./tinyStudy.ts";

const { numbers, positions, cell, pbc } = tinySlab();
const image: QmImage = {
  hash: "h",
  settings: "{}",
  structure: { numbers, positions, cell, pbc, charge: -1, multiplicity: 2 },
  energy: -0.1 / 3,
  forces: Float64Array.from({ length: 84 }, (_, k) => Math.sin(k) / 7),
  seconds: 0.25,
};
const finished = (member: number): Happening => ({
  kind: "qm-finished",
  scheme: "frozen",
  member,
  step: 0,
  image: 0,
  payload: { hash: "h", reason: "r", energy: image.energy, seconds: 0.25, reused: false },
});

describe("a journal", () => {
  it("gives back every bit of events, arrays and images, also to a reader while it is open", () => {
    const folder = emptyFolder();
    const journal = writeJournal(folder);
    const odd = Float64Array.of(-0, Number.MIN_VALUE, Number.NaN, Number.NEGATIVE_INFINITY, 0.1 + 0.2);
    const first = journal.commit({ kind: "warning", payload: { message: "ünïcode\nand a break" } });
    const second = journal.commit({
      kind: "step",
      scheme: "retrained",
      member: 3,
      step: 0,
      payload: { energy: 0.1 + 0.2, previousEnergy: null, fmax: 1e-300, sigma: null, converged: false, seconds: 1 },
      // A view into a longer array: only its own numbers are written.
      arrays: { positions: new Float64Array([9, ...odd, 9]).subarray(1, 6), forces: new Float64Array(0) },
    });
    const third = journal.commit(finished(0), image);
    const reader = readJournal(folder);
    assert.deepEqual(reader.events(), [first, second, third]);
    assert.deepEqual(reader.events(second.sequence), [third]);
    assert.deepEqual([first.sequence, second.sequence, third.sequence], [1, 2, 3]);
    assert.deepEqual([first.scheme, first.member, first.step, first.image], [null, null, null, null]);
    assert.ok(Math.abs(first.time - Date.now() / 1000) < 60);
    assert.deepEqual(reader.array(2, "positions"), odd);
    assert.ok(Object.is(reader.array(2, "positions")?.[0], -0));
    assert.deepEqual(reader.array(2, "forces"), new Float64Array(0));
    assert.equal(reader.array(2, "model"), undefined);
    assert.deepEqual(reader.image("h"), image);
    assert.equal(reader.image("other"), undefined);
    reader.close();
    journal.close();
    const again = writeJournal(folder);
    assert.deepEqual(again.events(), [first, second, third]);
    again.close();
  });

  it("goes on with a study of version 0.1.0, whose images had no charge", () => {
    const folder = emptyFolder();
    const journal = writeJournal(folder);
    const neutral = { ...image, structure: { numbers, positions, cell, pbc, charge: 0 } };
    journal.commit(finished(0), neutral);
    journal.close();
    const old = openDatabase(join(folder, "study.sqlite"));
    old.exec("alter table images drop column charge; alter table images drop column multiplicity");
    old.close();
    const again = writeJournal(folder);
    assert.deepEqual(again.image("h"), neutral);
    again.commit(finished(1), { ...image, hash: "new" });
    assert.deepEqual(again.image("new"), { ...image, hash: "new" });
    again.close();
  });

  it("lets one asker pay for an image; those that waited with it have reused it", () => {
    const journal = writeJournal(emptyFolder());
    const events = [0, 1, 2].map((member) => journal.commit(finished(member), image));
    assert.deepEqual(
      events.map((e) => e.kind === "qm-finished" && e.payload.reused),
      [false, true, true],
    );
    assert.deepEqual(journal.events(), events);
    journal.close();
  });

  it("writes an event whole or not at all, and goes on after a failure", () => {
    const folder = emptyFolder();
    const journal = writeJournal(folder);
    const bad = { ...finished(0), arrays: { forces: Float64Array.of(1), broken: null as unknown as Float64Array } };
    assert.throws(
      () => journal.commit(bad, image),
      /^Error: the journal in .* cannot be written \(.*\); see to the disk, then run the study again/,
    );
    assert.deepEqual([journal.events(), journal.image("h")], [[], undefined]);
    assert.equal(journal.commit(finished(0), image).sequence, 1);
    journal.close();
  });

  it("that was closed is one file, whoever is reading it", () => {
    const folder = emptyFolder();
    const journal = writeJournal(folder);
    const reader = readJournal(folder);
    const events = [journal.commit(finished(0), image), journal.commit(finished(1), image)];
    assert.deepEqual(reader.events(), events);
    journal.close();
    const copy = emptyFolder();
    copyFileSync(join(folder, "study.sqlite"), join(copy, "study.sqlite"));
    const copied = readJournal(copy);
    assert.deepEqual(copied.events(), events);
    copied.close();
    reader.close();
  });

  it("is made whole: a reader finds either none or one with its tables", () => {
    const folder = emptyFolder();
    assert.throws(() => readJournal(folder), /unable to open/);
    writeJournal(folder).close();
    assert.deepEqual(readdirSync(folder), ["study.sqlite"]);
    const reader = readJournal(folder);
    assert.deepEqual(reader.events(), []);
    reader.close();
    assert.throws(() => writeJournal(join(folder, "missing")), /^Error: the journal in .*missing cannot be written/);
    assert.ok(!existsSync(join(folder, "missing")));
  });
});

describe("memoryOf", () => {
  it("recalls the event of a kind at a place, with its arrays, and of nothing else", () => {
    const journal = writeJournal(emptyFolder());
    const step = (member: number, energy: number): Happening => ({
      kind: "step",
      scheme: "frozen",
      member,
      step: 1,
      payload: { energy, previousEnergy: null, fmax: 1, sigma: null, converged: false, seconds: 1 },
      arrays: { positions: Float64Array.of(energy) },
    });
    journal.commit(step(1, 10));
    journal.commit(step(11, 20));
    journal.commit({ kind: "warning", image: 0, payload: { message: "w" } });
    const memory = memoryOf(journal);
    const recalled = memory.recall("step", { scheme: "frozen", member: 11, step: 1 });
    assert.equal(recalled?.payload.energy, 20);
    assert.deepEqual(recalled?.array("positions"), Float64Array.of(20));
    assert.equal(recalled?.array("forces"), undefined);
    // 0 is a place, null and nothing are none.
    assert.equal(memory.recall("warning", { image: 0 })?.payload.message, "w");
    for (const elsewhere of [{}, { image: null }, { image: 1 }, { image: 0, step: 0 }, { member: 0 }])
      assert.equal(memory.recall("warning", elsewhere), undefined);
    assert.equal(memory.recall("step", { scheme: "retrained", member: 11, step: 1 }), undefined);
    assert.equal(memory.recall("training", { scheme: "frozen", member: 11, step: 1 }), undefined);
    // What comes later is not the past.
    journal.commit(step(2, 30));
    assert.equal(memory.recall("step", { scheme: "frozen", member: 2, step: 1 }), undefined);
    journal.close();
  });
});
