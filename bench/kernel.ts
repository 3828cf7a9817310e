/** The Jupyter kernel as a client meets it, over ZeroMQ, beside ipykernel where the project's Python has it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonPath } from "../src/qm/worker.ts";
import { type Figure, OURS } from "./harness/figures.ts";
import { figureOf } from "./harness/measure.ts";
import type { Workload } from "./harness/workload.ts";

/** s that issue 7 asks for. */
const BARS: Readonly<Record<string, number>> = {
  "start to ready": 2.5,
  "first import of a package": 1,
  "1 + 1": 0.01,
  "completion after 50 cells": 0.15,
};
/** MB that an idle kernel may hold. */
const MEMORY = 200;

/** Their names for Jupyter, and in the tables; numpy is what ipykernel imports. */
const NAMES: Readonly<Record<string, string>> = { qmml: OURS, python3: "ipykernel" };

const ROOT = fileURLToPath(new URL("../", import.meta.url));

interface Measured {
  readonly times: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  readonly memory: Readonly<Record<string, number>>;
}

export const workload: Workload = {
  name: "kernel",
  title: "The Jupyter kernel",
  peers: ["ipykernel"],
  async run(bench) {
    const run = promisify(execFile);
    await run(process.execPath, [join(ROOT, "dist", "cli", "main.js"), "kernel", "install", "--prefix", bench.scratch]);
    const env = { ...process.env, JUPYTER_PATH: join(bench.scratch, "share", "jupyter"), QMML_HISTORY: "", PYTHONWARNINGS: "ignore" };
    const script = join(ROOT, "bench", "peers", "kernels.py");
    const { stdout } = await run(pythonPath(), [script, bench.quick ? "1" : "5"], { env });
    const { times, memory } = JSON.parse(stdout) as Measured;
    const figures = Object.entries(BARS).flatMap(([task, bar]) =>
      Object.entries(times).map(([kernel, found]): Figure => {
        const samples = found[task].map((wall) => [wall, 0] as const);
        // Whatever a kernel's process does besides is no part of the answer.
        return { ...figureOf(task, NAMES[kernel], null, samples), cpu: null, ...(kernel === "qmml" && { bar }) };
      }),
    );
    const held = Object.entries(memory).map(([kernel, mb]) => `${NAMES[kernel]} ${mb.toFixed(0)} MB`);
    return { figures, checks: [`Idle memory: ${held.join(", ")} (bar ${MEMORY} MB)`] };
  },
};
