/**
 * What a study costs outside QM: study A whose QM calls take a second each and no processor, so that all that is used of it is the study's own
 * (EMT's 2 ms a call apart). The call's own overhead, from asking a worker to its answer, is not in it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { emtCalculator } from "../src/calculators/emt.ts";
import { trainer } from "../src/ensemble/trainer.ts";
import { qmService } from "../src/qm/image.ts";
import { studyA } from "../src/study/examples.ts";
import { writeJournal } from "../src/study/journal.ts";
import { memoryOf } from "../src/study/memory.ts";
import { runStudy } from "../src/study/run.ts";
import { OURS } from "./harness/figures.ts";
import { timed } from "./harness/measure.ts";
import type { Workload } from "./harness/workload.ts";

/** s of a QM call, and the part of all of them that the study may cost besides, issue 9. */
const [CALL, BAR] = [1, 0.05];

export const workload: Workload = {
  name: "overhead",
  title: "A study outside QM, where a QM call takes a second",
  peers: [],
  async run({ quick, cores, scratch, log }) {
    const study = studyA({
      schemes: ["full-qm", "retrained"],
      verify: false,
      members: quick ? 2 : 10,
      ...(quick && { optimizer: { maxSteps: 1 } }),
    });
    const emt = emtCalculator();
    const journal = writeJournal(scratch);
    const workers = trainer(cores);
    let calls = 0;
    const slow: typeof emt = {
      ...emt,
      async calculate(s, properties, signal) {
        calls++;
        await sleep(1000 * CALL, undefined, { signal });
        return emt.calculate(s, properties, signal);
      },
    };
    const resources = {
      qm: qmService(slow, "{}", journal.image),
      trainer: workers,
      threads: cores,
      memory: memoryOf(journal),
      versions: {},
    };
    const [wall, cpu] = await timed(async () => {
      for await (const { happening, image } of runStudy(study, resources)) journal.commit(happening, image);
    });
    await workers.close();
    journal.close();
    const part = cpu / (calls * CALL);
    const found = `${calls} calls of ${CALL} s; ${cpu.toFixed(1)} s of processor for all else, ${(100 * part).toFixed(1)} % of theirs (bar: ${100 * BAR} %)`;
    log(found);
    const figure = { task: "study A, all but QM", who: OURS, threads: cores, seconds: wall, quartiles: null, cpu, runs: 1 } as const;
    return { figures: [figure], checks: [found] };
  },
};
