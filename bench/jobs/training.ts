/** cu20.xyz on disk to ten trained models on disk, by `qmml train` itself, several times in one process: the first time compilers have seen nothing yet. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { command } from "../../src/cli/train.ts";
import { CU20, MEMBERS, TOLERANCE } from "../harness/cu20.ts";
import { type Sample, timed } from "../harness/measure.ts";

/** What a process came to. */
export interface Trained {
  readonly samples: readonly Sample[];
  /** Evaluations of each member; the same each time. */
  readonly evaluations: readonly number[];
  readonly converged: number;
}

/** @param input.times how often, @param input.folder for the model file */
export async function job(input: { readonly threads: number; readonly times: number; readonly folder: string }): Promise<Trained> {
  const output = join(input.folder, `models-${process.pid}.json`);
  const values = {
    data: CU20.xyz,
    output,
    models: String(MEMBERS),
    energyRmse: String(TOLERANCE.energy),
    forceRmse: String(TOLERANCE.force),
    descriptors: CU20.json,
    threads: String(input.threads),
  };
  const io = { print() {}, live() {}, warn() {}, json: true, signal: new AbortController().signal };
  const samples: Sample[] = [];
  let members: { readonly evaluations: number; readonly converged: boolean }[] = [];
  for (let k = 0; k < input.times; k++) {
    rmSync(output, { force: true });
    samples.push(
      await timed(async () => {
        ({ members } = (await command.run(values, io)).json as { members: typeof members });
      }),
    );
  }
  return { samples, evaluations: members.map((m) => m.evaluations), converged: members.filter((m) => m.converged).length };
}
