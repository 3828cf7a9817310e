/**
 * Trains on a cluster's worker what `clusterTraining.ts` sends there: framed messages from standard input, answered one after the other; ends with
 * its standard input, also in mid-training.
 */
import { trainer } from "../ensemble/trainer.ts";
import { framed, messages } from "../io/packets.ts";
import { trainedHere } from "./clusterTraining.ts";

const here = trainer(1);
let before: Promise<unknown> = Promise.resolve();

process.stdin.on(
  "data",
  messages((message) => {
    before = before.then(async () => process.stdout.write(framed(await trainedHere(message, here))));
  }),
);
process.stdin.on("end", () => process.exit());
process.stdout.write(framed("{}"));
