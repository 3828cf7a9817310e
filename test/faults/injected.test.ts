/** Real engines a fifth of whose calculations fail on purpose, in every way: the studies finish, and learn nothing of what failed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Study, StudyInput } from "../../src/study/studyFile.ts";
import { until, workers } from "../qm/workers.ts";
import { eventsOf, outcome, run, studyFolder } from "../study/process.ts";
import { tinyMolecule } from "../study/tinyMolecule.ts";
import { tinyStudy } from "../study/tinyStudy.ts";
import { check, inject } from "./injecting.ts";

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
