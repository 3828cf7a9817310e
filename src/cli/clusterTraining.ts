/** Trainings as calls of a program of the package by the workers of a cluster: both ends of what travels. */
import { deserialize, serialize } from "node:v8";
import { NODE_FLAGS } from "../engine/threads.ts";
import { type CarriedTask, clusterTrainer, trainCarried } from "../ensemble/clusterTrainer.ts";
import type { Training } from "../ensemble/train.ts";
import type { Trainer } from "../ensemble/trainer.ts";
import { programPath } from "../io/package.ts";
import type { Cluster, Program } from "../qm/cluster.ts";
import { persistently } from "../qm/pool.ts";

const PROGRAM: Program = { command: [process.execPath, ...NODE_FLAGS, programPath("cli/clusterWorker")] };

/** How often a training is begun whose worker is lost. */
const TRIES = 3;

/** What the program answers. */
type Answer = { readonly training: string } | { readonly error: string };

/**
 * A trainer on a cluster.
 * @param warn is told of each training that is begun again
 */
export function trainerOn(cluster: Cluster, warn: (message: string) => void): Trainer {
  return clusterTrainer(async (task, signal) => {
    const message = pack(task);
    const work = (): Promise<string> => cluster.call(PROGRAM, message, { signal });
    const again = (loss: Error): void => warn(`a training is begun again: ${loss.message}`);
    const answer = JSON.parse(await persistently(TRIES, work, again)) as Answer;
    if ("error" in answer) throw new Error(answer.error);
    return unpack(answer.training) as Training;
  });
}

/** The program's answer to a message. */
export async function trainedHere(message: string, here: Trainer): Promise<string> {
  const answer = await trainCarried(unpack(message) as CarriedTask, here).then(
    (training): Answer => ({ training: pack(training) }),
    (error: Error): Answer => ({ error: error.message }),
  );
  return JSON.stringify(answer);
}

/** Every bit of every number, as text. */
function pack(value: object): string {
  return serialize(value).toString("base64");
}

function unpack(text: string): unknown {
  return deserialize(Buffer.from(text, "base64"));
}
