/** A study in the test's own process: on any QM, and stopped after any event. */
import { trainer } from "../../src/ensemble/trainer.ts";
import type { QmService } from "../../src/qm/image.ts";
import type { StudyEvent } from "../../src/study/events.ts";
import { type Journal, writeJournal } from "../../src/study/journal.ts";
import { type Memory, memoryOf } from "../../src/study/memory.ts";
import { type Resources, runStudy } from "../../src/study/run.ts";
import type { Study } from "../../src/study/studyFile.ts";

/** Makes a study's QM, given what its journal knows: images by hash, and how often each failed. */
export type Service = (image: Journal["image"], failures: Memory["failures"]) => QmService;

export interface Options extends Pick<Resources, "threads" | "signal"> {
  /** Ends the study when it says so of an event that was just committed; what was done since is lost, as by a kill. Default: at its own end. */
  readonly enough?: (event: StudyEvent) => boolean;
}

/**
 * Runs a study in a folder, or goes on with it where its journal ends.
 * @throws whatever ended the study
 */
export async function goOn(folder: string, study: Study, service: Service, options: Options = {}): Promise<void> {
  const { enough = () => false, ...others } = options;
  const journal = writeJournal(folder);
  try {
    const memory = memoryOf(journal, study.file.onFailure);
    const resources = { qm: service(journal.image, memory.failures), trainer: trainer(0), memory, versions: {}, ...others };
    for await (const { happening, image } of runStudy(study, resources)) if (enough(journal.commit(happening, image))) break;
  } finally {
    journal.close();
  }
}
