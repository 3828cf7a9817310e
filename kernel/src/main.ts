#!/usr/bin/env node
/**
 * The kernel: `node main.js CONNECTION_FILE`, started by a Jupyter client in the notebook's folder. This thread runs the cells; the loop,
 * in a thread of its own, speaks with the client.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import { endChildren } from "./children.ts";
import { openHost } from "./host/host.ts";
import { log } from "./log.ts";
import type { LoopData } from "./loop/worker.ts";
import type { FromMain } from "./threads.ts";

const [connectionFile] = process.argv.slice(2);
if (connectionFile === undefined) {
  process.stderr.write("usage: main.js CONNECTION_FILE; Jupyter starts it, see qmml kernel install --help\n");
  process.exit(2);
}
// Of kernel.json: with the threshold fixed, glibc gives freed memory back, 15 MB of an idle kernel. Not meant for what cells start.
delete process.env.MALLOC_MMAP_THRESHOLD_;
// Cells are given another one.
const exit = process.exit.bind(process);
const folder = process.cwd();
const { port1: near, port2: far } = new MessageChannel();
const loop = new Worker(new URL("./loop/worker.js", import.meta.url), {
  workerData: { port: far, folder, connectionFile } satisfies LoopData,
  transferList: [far],
});
loop.on("error", (error) => {
  log(error instanceof RangeError ? error.message : (error.stack ?? error.message));
  exit(1);
});
loop.on("exit", (status) => exit(status));
// A loop here is not told: a thread of the message loop's sees to that, once a cell takes long.
process.on("SIGINT", () => near.postMessage({ kind: "signal" } satisfies FromMain));
process.on("exit", () => {
  process.on("SIGTERM", () => {});
  endChildren();
});
openHost(near, folder);
