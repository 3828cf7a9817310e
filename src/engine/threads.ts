/**
 * A pool of worker threads for tasks of one kind, over piscina. It adds what long calculations need: messages while a task runs, and
 * an abort that kills the thread in the midst of a loop. Tasks and results travel by structured clone; arrays in shared memory are not copied.
 */
import { availableParallelism } from "node:os";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Envelope } from "./threadTask.ts";

/** What goes with one task. */
export interface RunOptions<M> {
  /** Kills the running task; the thread is replaced when the next one comes. */
  readonly signal?: AbortSignal;
  /** Is given each message of the task in order, the last one before the result. */
  readonly onMessage?: (message: M) => void;
}

/** Threads that wait for tasks T, send messages M while at them, and end them with a result R. */
export interface Pool<T, R, M> {
  /** Runs a task on the first free thread. Rejects with what the task throws, or with the signal's reason. */
  run(task: T, options?: RunOptions<M>): Promise<R>;
  /** Ends the threads; what still runs is rejected. */
  close(): Promise<void>;
}

/** Threads and processes run TypeScript where this file is TypeScript, and are silent about it. */
const TYPESCRIPT = import.meta.url.endsWith(".ts");
/** What Node is given to run programs of the package in this way. */
export const NODE_FLAGS: readonly string[] = [
  "--disable-warning=ExperimentalWarning",
  ...(TYPESCRIPT ? ["--experimental-strip-types"] : []),
];

/** Threads that this process can run side by side. */
export function cores(): number {
  return availableParallelism();
}

/** Lets whatever else waits on the calling thread go first. */
export function othersFirst(): Promise<void> {
  return setImmediate();
}

/** ms that a thread is given to load its modules before it is killed all the same. */
const LOADING = 5000;

/**
 * A pool. Its threads stay, and do not keep the process alive when they have nothing to do.
 * @param module the task module's source beside the caller, e.g. `new URL("./trainingWorker.ts", import.meta.url)`; its default export is
 * made by `threadTask`. In the built package the `.js` of the same name is taken.
 * @param threads 1 or more
 * @param start `now` loads as many threads as there are processors while the caller does something else; otherwise they come with the first tasks
 * @throws RangeError for another number of threads.
 */
export function threadPool<T, R, M = never>(module: URL, threads: number, start: "now" | "with tasks" = "with tasks"): Pool<T, R, M> {
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`the number of threads is ${threads}; give a whole number of 1 or more`);
  const piscina = new Piscina<Envelope<T>, R>({
    filename: TYPESCRIPT ? module.href : module.href.replace(/\.ts$/, ".js"),
    minThreads: start === "now" ? Math.min(threads, cores()) : 0,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: "disabled",
    execArgv: [...NODE_FLAGS],
  });
  const loaded = new Set<unknown>();
  piscina.on("workerCreate", (thread) => loaded.add(thread));
  piscina.on("workerDestroy", (thread) => loaded.delete(thread));
  return {
    async run(task, { signal, onMessage } = {}) {
      signal?.throwIfAborted();
      const { port1: port, port2: far } = new MessageChannel();
      if (onMessage) port.on("message", onMessage).unref();
      try {
        const result = await piscina.run({ task, port: far }, { transferList: [far], signal });
        // The result may overtake messages, which came on a port of their own.
        for (let last = receiveMessageOnPort(port); last; last = receiveMessageOnPort(port)) onMessage?.(last.message);
        return result;
      } catch (error) {
        throw signal?.aborted ? signal.reason : error;
      } finally {
        port.close();
      }
    },
    async close() {
      // Node 22 takes the whole process down if a thread is killed while it loads its modules: those that still do are waited for.
      for (const until = Date.now() + LOADING; loaded.size < piscina.threads.length && Date.now() < until; ) await sleep(5);
      await piscina.destroy();
    },
  };
}
