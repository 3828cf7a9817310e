/** The main thread's side of the kernel: cells in, what they show out. */
import { stripVTControlCharacters } from "node:util";
import type { MessagePort } from "node:worker_threads";
import { collectGarbage } from "../memory.ts";
import type { FromMain, Parent, ToMain } from "../threads.ts";
import type { KernelApi } from "./api.ts";
import { plain } from "./bundle.ts";
import { openRunner } from "./cell.ts";
import { openComms } from "./comms.ts";
import { keepAlive } from "./exit.ts";
import { failureOf } from "./failure.ts";
import { displayAt } from "./helpers/display.ts";
import { openAsking } from "./helpers/input.ts";
import { progressAt } from "./helpers/progress.ts";
import { shellAt } from "./helpers/sh.ts";
import { timeitAt } from "./helpers/timeit.ts";
import { modulesFrom } from "./modules.ts";
import { readableStacks } from "./stack.ts";
import { installTimers } from "./timers.ts";

/** Serves `port` for as long as the process lives. @param folder the notebook's, absolute */
export function openHost(port: MessagePort, folder: string): void {
  const exit = keepAlive();
  let parent: Parent = {};
  const send = (message: FromMain): void => void port.postMessage(message);
  const comms = openComms(send, () => parent);
  const modules = modulesFrom(folder);
  const runner = openRunner(modules);
  const asking = openAsking(send, () => parent, runner.signal);
  /** Below the cell that runs now, also for what is there only later. */
  const place = (): KernelApi["display"] => {
    const here = parent;
    return (bundle, { displayId, update = false, metadata = {} } = {}) =>
      send({ kind: "display", data: plain(bundle), metadata, displayId, update, parent: here });
  };
  const api: KernelApi = {
    display: (bundle, options) => place()(bundle, options),
    clearOutput: (wait = false) => send({ kind: "clear", wait, parent }),
    comms: comms.api,
    signal: runner.signal,
    input: asking.input,
  };
  Object.defineProperty(globalThis, Symbol.for("qmml.kernel"), { value: api });
  const globals = {
    display: displayAt(place),
    clearOutput: api.clearOutput,
    progress: progressAt(api),
    input: api.input,
    sh: shellAt(api),
    timeit: timeitAt(api),
    cellSignal: api.signal,
  };
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  readableStacks();
  // What a timer brings later belongs to the cell that has set it.
  installTimers((callback) => {
    const cell = parent;
    return function (...parameters) {
      const now = parent;
      parent = cell;
      try {
        callback.apply(this, parameters);
      } finally {
        parent = now;
      }
    };
  });
  for (const name of ["stdout", "stderr"] as const) divert(name, (text) => send({ kind: "stream", name, text, parent }));
  const complain = (error: unknown): void => {
    process.stderr.write(`${stripVTControlCharacters(failureOf(error).traceback.join("\n"))}\n`);
  };
  // What a cell left behind may fail when the cell is long over: it is shown, the kernel lives.
  process.on("uncaughtException", complain);
  process.on("unhandledRejection", complain);

  // Loaded while TypeScript loads on its thread: the first cell of nearly every notebook imports it. Where it is missing, that cell says so.
  modules.load("qmml").then(collectGarbage, () => {});

  port.on("message", (message: ToMain) => {
    if (message.kind === "run") {
      parent = message.parent;
      runner.run(message.cell, (outcome) => send({ kind: "done", id: message.id, outcome }));
    } else if (message.kind === "interrupt") {
      send({ kind: "interrupted" });
      runner.interrupt();
    } else if (message.kind === "input-reply") asking.receive(message);
    else if (message.kind === "exit") exit(0);
    else {
      const before = parent;
      parent = message.parent;
      try {
        comms.receive(message);
      } catch (error) {
        complain(error);
      } finally {
        parent = before;
      }
    }
  });
}

/** Sends what is written to a stream of the process elsewhere. */
function divert(name: "stdout" | "stderr", take: (text: string) => void): void {
  const decoder = new TextDecoder();
  process[name].write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
    take(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
    const done = typeof encoding === "function" ? encoding : callback;
    if (typeof done === "function") process.nextTick(done as () => void);
    return true;
  };
}
