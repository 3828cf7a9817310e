/** A study whose QM starts from the density of the step before, by GFN2-xTB: whole, after a kill, with failures, and where it is compared with full QM. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { ofKind } from "../../src/history/record.ts";
import type { Guess, QmEngine, Retry } from "../../src/qm/engine.ts";
import { Unconverged } from "../../src/qm/engine.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { imageHash, qmService, settingsOf } from "../../src/qm/image.ts";
import type { StudyEvent } from "../../src/study/events.ts";
import { readJournal } from "../../src/study/journal.ts";
import { goOn, type Service } from "./inProcess.ts";
import { emptyFolder, eventsOf, outcome } from "./process.ts";
import { tinyMolecule } from "./tinyMolecule.ts";

const study = tinyMolecule({ schemes: ["full-qm", "retrained"], members: 1 }, { warm: true });
const RETRIES: readonly Retry[] = [{ name: "stronger damping", options: { mixer_damping: 0.2 } }];

/** What the engine was asked to start from, and what it was asked to leave. */
interface Asked extends Partial<Guess> {
  readonly options?: Retry["options"];
}

/** Goes on with a study in a folder until `enough`; how often each image is to fail says `fails`. */
async function calculate(folder: string, enough?: (e: StudyEvent) => boolean, fails: (hash: string) => number = () => 0): Promise<Asked[]> {
  const asked: Asked[] = [];
  const engine = await openEngine(study.file.qm);
  const left = new Map<string, number>();
  const watched =
    (calculate: QmEngine["calculate"], options?: Retry["options"]): QmEngine["calculate"] =>
    async (s, properties, signal, guess) => {
      asked.push({ ...guess, ...(options && { options }) });
      const hash = guess?.as ?? asked.findLast((a) => a.as)?.as ?? "";
      const more = left.get(hash) ?? fails(hash);
      left.set(hash, more - 1);
      if (more > 0) throw new Unconverged("it was to fail");
      return calculate(s, properties, signal, guess);
    };
  const spied: QmEngine = {
    ...engine,
    calculate: watched(engine.calculate),
    instead: (options) => watched((engine.instead as NonNullable<QmEngine["instead"]>)(options), options),
  };
  const settings = settingsOf(study.file.qm, engine.version);
  try {
    const service: Service = (image, failed) => qmService(spied, settings, image, undefined, { retries: RETRIES, failed });
    await goOn(folder, study, service, { enough });
  } finally {
    await engine.close();
  }
  return asked;
}

/** The QM images of a relaxation, its comparison last, in order. */
function chain(events: readonly StudyEvent[], scheme: string): Extract<StudyEvent, { kind: "qm-finished" }>[] {
  return ofKind(events, "qm-finished").filter(
    (e) => e.scheme === scheme && !/comparison: full QM|half-ranges|differs/.test(e.payload.reason),
  );
}

describe("a study with warm starts", () => {
  const calm = emptyFolder();
  before(async () => {
    await calculate(calm);
  });

  it("starts each image of a relaxation from the one before, its comparison's too, and the key says so", () => {
    const journal = readJournal(calm);
    const events = journal.events();
    for (const scheme of ["full-qm", "retrained"]) {
      const images = chain(events, scheme);
      assert.ok(images.filter((e) => e.image === null).length > 1);
      const [first, ...rest] = images;
      assert.equal(first.payload.start, undefined);
      let before = first.payload.hash;
      for (const { payload } of rest) {
        const image = journal.image(payload.hash);
        assert.ok(image);
        if (payload.reused) assert.equal(payload.hash, before);
        else {
          assert.equal(payload.start, before);
          assert.equal(payload.hash, imageHash(image.structure, image.settings, before));
        }
        before = payload.hash;
      }
    }
    journal.close();
  });

  it("calculates no geometry twice", () => {
    const journal = readJournal(calm);
    const hashes = new Set(ofKind(journal.events(), "qm-finished").map((e) => e.payload.hash));
    const geometries = Array.from(hashes, (hash) => {
      const image = journal.image(hash);
      return image && imageHash(image.structure, image.settings);
    });
    journal.close();
    assert.equal(new Set(geometries).size, geometries.length);
  });

  for (const [times, why] of [
    [1, "a start from scratch"],
    [2, "stronger damping"],
  ] as const)
    it(`that fail ${times === 1 ? "once" : "twice"}: ${why}, and only what was calculated as asked is started from`, async () => {
      const [, , third, fourth] = chain(eventsOf(calm), "full-qm");
      const { hash } = third.payload;
      const folder = emptyFolder();
      const asked = await calculate(folder, undefined, (h) => (h === hash ? times : 0));
      const first = asked.findIndex((a) => a.as === hash);
      const tries = asked.slice(first).filter((a, k) => a.as === hash || (k === 2 && a.options));
      assert.deepEqual(
        tries.map((a) => [a.from, a.options]),
        [[third.payload.start, undefined], [undefined, undefined], ...(times === 2 ? [[undefined, RETRIES[0].options]] : [])],
      );
      const images = chain(eventsOf(folder), "full-qm");
      const had = images[2].payload;
      assert.deepEqual([had.hash, had.reason, had.attempt, had.start], [hash, `retry: ${why}`, times + 1, undefined]);
      assert.deepEqual(images[3].payload.start, times === 1 ? hash : undefined);
      // A solution with other settings of the mixer is the same solution, but for what self-consistency leaves, eV.
      assert.ok(Math.abs(images[3].payload.energy - fourth.payload.energy) < 1e-4);
    });

  it("that is killed: what the journal has stands, the next image of each relaxation starts from scratch, those after it from the one before", async () => {
    const folder = emptyFolder();
    const kills = [
      (e: StudyEvent) => e.kind === "step" && e.scheme === "retrained" && e.step === 2,
      // Where it is compared.
      (e: StudyEvent) => e.kind === "qm-finished" && e.scheme === "retrained" && e.image === null && !e.payload.reused,
      () => false,
    ];
    const begins: number[] = [];
    for (const kill of kills) {
      const known = new Set(ofKind(eventsOf(folder), "qm-finished").map((e) => e.payload.hash));
      begins.push(eventsOf(folder).length);
      const asked = await calculate(folder, kill);
      assert.ok(asked.length > 0 && asked.every((a) => !known.has(a.as as string)));
    }
    const events = eventsOf(folder);
    for (const scheme of ["full-qm", "retrained"]) {
      const images = chain(events, scheme);
      const isFirst = (k: number): boolean =>
        begins.some((begin) => k === images.findIndex((e) => e.sequence > begin && !e.payload.reused));
      for (const [k, { payload }] of images.entries())
        if (!payload.reused) assert.equal(payload.start, isFirst(k) ? undefined : images[k - 1].payload.hash);
    }
    const minimum = (from: readonly StudyEvent[]): number => ofKind(from, "verified")[0].payload.energy;
    // Other bits, the same minimum, eV.
    assert.ok(Math.abs(minimum(events) - minimum(eventsOf(calm))) < 1e-4);
    const told = ofKind(events, "qm-finished").map((e) =>
      JSON.stringify([e.scheme, e.member, e.step, e.image, e.payload.hash, e.payload.reason]),
    );
    assert.equal(new Set(told).size, told.length);
    outcome(folder);
    // Run again after its end it does nothing, and says nothing again.
    assert.deepEqual(await calculate(folder), []);
    assert.equal(eventsOf(folder).length, events.length);
  });
});
