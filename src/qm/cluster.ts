/**
 * Calls of processes by the workers of a Dask cluster (Rocklin, Proc. 14th Python in Science Conf., 126 (2015)): one Python process with Dask's
 * client stands between (see `python/cluster.py`), and any number of calls may be under way. A calculation is done by the same program in the same way as
 * without a cluster, and comes to the same bits. Workers need qmml, its Python and its Node at the same paths as this machine.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineSpec } from "../calculators/calculator.ts";
import { framed, messages } from "../io/packets.ts";
import { counted } from "../io/words.ts";
import { EngineLoss, TimedOut } from "./engine.ts";
import { pythonPath, WorkerDeath } from "./worker.ts";

/** What is called: a program that reads and writes framed messages, says something when it is ready, and ends with its standard input. */
export interface Program {
  readonly command: readonly string[];
  /** In addition to the worker's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Workers elsewhere. */
export interface Cluster {
  /** Who is there, in a sentence. */
  readonly message: string;
  /** Where a browser sees what the scheduler does. */
  readonly dashboard: string;
  /**
   * Has the program answer a message on the next free worker, where it stays for the next one.
   * @param timeout s that it may take; it is then killed
   * @throws WorkerDeath if the program or the worker dies before it has answered.
   * @throws TimedOut if it takes too long.
   * @throws EngineLoss if the program cannot be started there, or the cluster is gone.
   * @throws the signal's reason at once if it is aborted; what runs is killed.
   */
  call(program: Program, message: string, options?: { readonly signal?: AbortSignal; readonly timeout?: number }): Promise<string>;
  /** Lets go of it: of one on this machine nothing is left, of others none of the processes that were called. */
  close(): Promise<void>;
}

/** A cluster's first word. */
interface Greeting {
  readonly dashboard: string;
  readonly workers: readonly { readonly host: string; readonly threads: number; readonly cores: number | null }[];
}

/** An answer to a call. */
interface Reply {
  readonly id: number;
  readonly answer?: string;
  readonly lost?: string;
  readonly late?: string;
  readonly missing?: string;
}

const SCRIPT = fileURLToPath(new URL("python/cluster.py", import.meta.url));

/** Characters of stderr that are kept, and ms that a bridge is given to take its leave. */
const [TAIL, PARTING] = [4000, 1500];

/**
 * A cluster's address, `local:N` for N workers of one thread on this machine or `tcp://host:port` of a scheduler, once it is clear that it goes with
 * an engine.
 * @throws RangeError with one sentence if it does not.
 */
export function checkedCluster(address: string, spec: EngineSpec): string {
  const workers = Number(/^local:([1-9]\d*)$/.exec(address)?.[1] ?? 0);
  if (workers === 0 && !/^tcp:\/\/[^/]+:\d+$/.test(address))
    throw new RangeError(
      `the cluster is "${address}"; give local:N for N workers on this machine, or the tcp://host:port that a Dask scheduler prints`,
    );
  if (spec.warm)
    throw new RangeError(
      `${spec.engine} is to start from densities that one machine keeps, and a cluster spreads its calls; leave warm out, or the cluster`,
    );
  checkRoom(workers, availableParallelism(), "this machine", spec);
  return address;
}

/** @throws RangeError if workers of one thread would have more threads than there are cores. */
function checkRoom(workers: number, cores: number, where: string, { engine, threads = 1 }: EngineSpec): void {
  if (workers * (threads as number) <= cores) return;
  const each = threads === 1 ? "" : `, ${threads} threads of ${engine} each`;
  throw new RangeError(`the cluster has ${counted(workers, "worker")} on ${where}${each}, and ${counted(cores, "core")} there; give fewer`);
}

/**
 * Connects to a cluster, or starts one.
 * @param spec of the engine whose calls it will get
 * @throws RangeError if the address is wrong or does not go with the engine.
 * @throws Error with one sentence if nobody answers, within seconds, or a package is missing.
 */
export async function openCluster(address: string, spec: EngineSpec, signal?: AbortSignal): Promise<Cluster> {
  checkedCluster(address, spec);
  signal?.throwIfAborted();
  const bridge = bridgeTo(address);
  const abandon = (): void => bridge.kill(signal?.reason);
  signal?.addEventListener("abort", abandon, { once: true });
  try {
    const { dashboard, workers } = await bridge.hello;
    for (const host of new Set(workers.map((w) => w.host))) {
      const there = workers.filter((w) => w.host === host);
      const threads = there.reduce((sum, w) => sum + w.threads, 0);
      checkRoom(threads, there[0].cores ?? Number.POSITIVE_INFINITY, host, spec);
    }
    const where = address.startsWith("local:") ? "this machine" : address;
    const message = `the cluster has ${counted(workers.length, "worker")} on ${where}; dashboard ${dashboard}`;
    return { message, dashboard, call: bridge.call, close: bridge.close };
  } catch (error) {
    await bridge.close();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abandon);
  }
}

/** The process that speaks to the cluster. */
function bridgeTo(address: string): Pick<Cluster, "call" | "close"> & { readonly hello: Promise<Greeting>; kill(reason: unknown): void } {
  const python = pythonPath();
  const folder = mkdtempSync(join(tmpdir(), "qmml-cluster-"));
  // It leads a process group of its own, so that what it starts ends with it, whatever state it is in.
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const child = spawn(python, [SCRIPT, address, folder], { stdio: "pipe", detached: true, env });
  const pending = new Map<number, PromiseWithResolvers<string>>();
  const hello = Promise.withResolvers<Greeting>();
  hello.promise.catch(() => {});
  const gone = Promise.withResolvers<void>();
  let [told, last] = ["", 0];
  let death: unknown;
  const die = (reason: unknown): void => {
    death ??= reason;
    hello.reject(death);
    for (const { reject } of pending.values()) reject(death);
    pending.clear();
  };
  const kill = (reason: unknown): void => {
    die(reason);
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  };
  const send = (message: object): void => void child.stdin.write(framed(JSON.stringify(message)));
  const tidy = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  child.once("error", () => {
    tidy();
    die(new EngineLoss(`${python} does not start; run npm start in a clone of qmml, or set QMML_PYTHON`));
    gone.resolve(undefined);
  });
  child.once("exit", () => {
    tidy();
    const line = told.trim().split("\n").at(-1);
    const isMissing = /No module named '(dask|distributed)/.test(told);
    const how = isMissing
      ? `a cluster needs Dask, which ${python} cannot import; install it there: python -m pip install distributed bokeh`
      : `the process that speaks to the cluster ${address} ended${line ? ` after "${line}"` : ""}`;
    die(new EngineLoss(how));
    gone.resolve(undefined);
  });
  // What cannot be written any more was for a process whose end is told by `exit`.
  child.stdin.on("error", () => {});
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told = (told + text).slice(-TAIL);
  });
  const receive = (message: Reply | Greeting | { readonly failed: string } | { readonly gone: true }): void => {
    if ("failed" in message) die(new EngineLoss(failure(address, message.failed)));
    else if ("gone" in message) die(new EngineLoss(`the scheduler at ${address} is gone; start it again, or give another cluster`));
    else if ("workers" in message) hello.resolve(message);
    else {
      const { id, answer, lost, late, missing } = message;
      const asked = pending.get(id);
      pending.delete(id);
      if (answer !== undefined) asked?.resolve(answer);
      else if (lost !== undefined) asked?.reject(new WorkerDeath(lost));
      else if (late !== undefined) asked?.reject(new TimedOut(late));
      else
        asked?.reject(
          new EngineLoss(`${missing}; the workers of a cluster need qmml, its Python and its Node at the same paths as this machine`),
        );
    }
  };
  child.stdout.on(
    "data",
    messages((text) => receive(JSON.parse(text))),
  );
  return {
    hello: hello.promise,
    kill,
    async call({ command, environment = {} }, message, { signal, timeout } = {}) {
      signal?.throwIfAborted();
      if (death !== undefined) throw death;
      const id = last++;
      const reply = Promise.withResolvers<string>();
      pending.set(id, reply);
      const forget = (): void => {
        pending.delete(id);
        send({ forget: id });
        reply.reject(signal?.reason);
      };
      signal?.addEventListener("abort", forget, { once: true });
      send({ id, command, environment, timeout: timeout ?? null, message });
      try {
        return await reply.promise;
      } finally {
        signal?.removeEventListener("abort", forget);
      }
    },
    async close() {
      const reason = new EngineLoss("the cluster was let go of");
      die(reason);
      child.stdin.end();
      const late = setTimeout(kill, PARTING, reason);
      await gone.promise;
      clearTimeout(late);
    },
  };
}

/** Why there is no cluster, in a sentence. */
function failure(address: string, message: string): string {
  if (address.startsWith("local:"))
    return `the cluster ${address} did not start (${message}); see to the machine, or run without a cluster`;
  return `nobody answers at ${address} (${message}); start a scheduler there with dask scheduler, or give the address that it prints`;
}
