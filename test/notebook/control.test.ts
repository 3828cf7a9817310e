/** What a view may ask for: a study stops, goes on to its end, and what cannot be done is said in one sentence. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { controlStudy, study } from "../../src/index.ts";
import { openStore } from "../../src/qm/store.ts";
import { isRunning, withStudy } from "../../src/study/folder.ts";
import { lastMeans } from "../../src/study/launch.ts";
import { emptyFolder, studyFolder } from "../study/process.ts";
import { TINY, tinySlab } from "../study/tinyStudy.ts";

it("stops a study and has it go on to its end, with the store that it had", async () => {
  const [folder, store] = [join(emptyFolder(), "tiny"), join(emptyFolder(), "store")];
  study("tiny", { ...TINY, structure: tinySlab(), folder, threads: 2, store });
  while (!isRunning(folder)) await sleep(10);
  await controlStudy(folder, "stop");
  assert.equal(isRunning(folder), false);
  await assert.rejects(controlStudy(folder, "stop"), { message: "the study tiny is not running" });
  await controlStudy(folder, "resume");
  while (isRunning(folder)) await sleep(20);
  const last = await withStudy(folder, ({ events }) => events.at(-1)?.kind);
  assert.equal(last, "study-finished");
  assert.deepEqual(lastMeans(folder), { threads: 2, store });
  const calculated = await withStudy(folder, ({ events }) => events.filter((e) => e.kind === "qm-finished" && !e.payload.reused).length);
  const shared = openStore(store);
  assert.equal(shared.list().length, calculated);
  shared.close();
  await assert.rejects(controlStudy(folder, "resume"), { message: "the study tiny is finished" });
});

it("says in one sentence what it cannot do", async () => {
  const folder = join(emptyFolder(), "none");
  mkdirSync(folder);
  await assert.rejects(controlStudy(folder, "stop"), /holds no study/);
  const own = await studyFolder();
  await assert.rejects(controlStudy(own, "burn"), RangeError);
});
