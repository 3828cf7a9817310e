/** A study that is killed again and again until it is finished, against one that nobody disturbed. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { random } from "../../src/linalg/random.ts";
import { isRunning } from "../../src/study/folder.ts";
import { eventsOf, outcome, run, studyFolder } from "../study/process.ts";

/** ms for which a process may live once it holds the lock: mostly too short for a training, now and then long enough for several. */
const [SHORT, LONG] = [250, 1500];

/**
 * Kills studies `kills` times altogether by SIGKILL, beginning a new one whenever one has finished, and checks after each kill that nothing
 * committed was lost, and at the end of each study that it came to the undisturbed one's results to the bit, each image calculated once.
 * @param say is told the seed and what happened
 */
export async function surviveKills(kills: number, seed: number, say: (line: string) => void): Promise<void> {
  say(`seed ${seed}`);
  const calm = await studyFolder();
  assert.equal((await run(calm)).output, "");
  const expected = outcome(calm);
  const { uniform } = random(seed, 0);
  let [done, studies, resumed] = [0, 0, 0];
  while (done < kills) {
    const folder = await studyFolder();
    for (let finished = false; !finished; ) {
      const before = eventsOf(folder);
      // One in five dies before or while it begins.
      const early = uniform() < 0.2;
      const delay = uniform() * (early ? 700 : uniform() < 0.25 ? LONG : SHORT);
      const ended = await run(folder, 1 + (done % 2), async (child) => {
        if (done >= kills) return;
        while (!early && child.exitCode === null && !isRunning(folder)) await sleep(5);
        await sleep(delay);
        child.kill("SIGKILL");
      });
      if (ended.signal === "SIGKILL") done++;
      assert.equal(ended.output, "");
      const events = eventsOf(folder);
      assert.deepEqual(events.slice(0, before.length), before, "an event was lost or changed");
      resumed += events.filter((e) => e.kind === "resumed").length - before.filter((e) => e.kind === "resumed").length;
      finished = events.at(-1)?.kind === "study-finished";
    }
    assert.deepEqual(outcome(folder), expected);
    studies++;
  }
  say(`${done} kills, ${studies} studies finished, ${resumed} resumptions`);
}
