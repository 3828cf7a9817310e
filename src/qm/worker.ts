/**
 * One Python process that calculates, and the way to it: messages of a 4-byte little-endian length and that many bytes of JSON over its
 * stdin and stdout (see `python/worker.py`). It takes one request at a time. While it has none it does not keep this process alive, and it
 * ends by itself as soon as this process is gone.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Property } from "../calculators/calculator.ts";
import { PACKAGE } from "../io/package.ts";
import { framed, messages } from "../io/packets.ts";
import type { Structure } from "../structure/structure.ts";

/** What a worker is asked. */
export interface QmRequest {
  readonly engine: string;
  /** As the engine's Python side takes them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly threads: number;
  readonly structure: Structure;
  /** 2S + 1; null for a structure that states none, of an engine without electrons. */
  readonly multiplicity: number | null;
  readonly properties: readonly Property[];
  /** Files of densities: to start from, null for none, and to leave. */
  readonly guess?: { readonly from: string | null; readonly to: string };
}

/** A package is missing, the input is refused, a program is absent, a property is lacking, a program failed, or anything else. */
type FailureKind = "missing" | "input" | "unconverged" | "absurd" | "absent" | "lacking" | "program" | "failed";

/** What went wrong. */
export interface QmFailure {
  readonly error: { readonly kind: FailureKind; readonly message: string };
}

/** What a worker answers; lengths and units as in `Result`, memory in bytes. */
export type QmAnswer =
  | ({ readonly energy: number; readonly seconds: number; readonly peakMemory: number; readonly node: string } & {
      readonly [K in Exclude<Property, "energy">]?: readonly number[];
    })
  | QmFailure;

/** What an engine says of itself with certain options. */
export type OpenAnswer =
  | { readonly version: string; readonly properties: readonly Property[] | null; readonly elements: readonly number[] | null }
  | QmFailure;

/** How a worker is started. */
export interface WorkerOptions {
  /** Default: `pythonPath()`. */
  readonly python?: string;
  /** Of one calculation. Default 1. */
  readonly threads?: number;
}

/** A worker that is not there any more; the message says how it ended and what it said last. */
export class WorkerDeath extends Error {
  override readonly name = "WorkerDeath";
}

/** A running worker. */
export interface QmWorker {
  /** Whether it has not ended. */
  alive(): boolean;
  /**
   * What an engine says of itself.
   * @throws as `ask` does
   */
  open(engine: string, options: object, signal?: AbortSignal): Promise<OpenAnswer>;
  /**
   * @throws WorkerDeath if it ends before it has answered.
   * @throws the signal's reason at once if it is aborted; the worker is then killed.
   */
  ask(request: QmRequest, signal?: AbortSignal): Promise<QmAnswer>;
  /** Kills it; resolves when it is gone. */
  close(): Promise<void>;
}

/** What libraries read the number of their threads from: several calculations run side by side in several workers. */
const THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

/** Characters of stderr that are kept, for its last line. */
const TAIL = 2000;

/** The program of a worker. */
export const WORKER: string = fileURLToPath(new URL("python/worker.py", import.meta.url));

/** The Python that calculates: `QMML_PYTHON`, or that of the package's own environment. */
export function pythonPath(): string {
  return process.env.QMML_PYTHON || fileURLToPath(new URL(".venv/bin/python", PACKAGE));
}

/** What a worker finds in its environment. */
export function workerEnvironment(threads: number): Record<string, string> {
  return { ...Object.fromEntries(THREADS.map((name) => [name, String(threads)])), PYTHONDONTWRITEBYTECODE: "1" };
}

/** A request as a worker reads it. */
export function requestMessage({ structure, ...request }: QmRequest): object {
  const { positions, cell, numbers, pbc, charge = 0 } = structure;
  return { ...request, numbers: [...numbers], positions: [...positions], cell: [...cell], pbc, charge };
}

/**
 * Starts a worker.
 * @throws WorkerDeath if there is no such Python or it ends before it is ready.
 * @throws the signal's reason if it is aborted.
 */
export async function startWorker(signal?: AbortSignal, { python = pythonPath(), threads = 1 }: WorkerOptions = {}): Promise<QmWorker> {
  signal?.throwIfAborted();
  const child = spawn(python, [WORKER], { stdio: "pipe", env: { ...process.env, ...workerEnvironment(threads) } });
  let told = "";
  let death: WorkerDeath | undefined;
  let ready = false;
  let receive: (text: string) => void = () => {};
  let fail: (reason: unknown) => void = () => {};
  const gone = new Promise<void>((resolve) => {
    const end = (how: string, remedy = ""): void => {
      const last = told.trim().split("\n").at(-1);
      death = new WorkerDeath(`${last ? `${how} after "${last}"` : how}${remedy}`);
      fail(death);
      resolve();
    };
    child.once("error", () => end(`${python} does not start; run npm start in a clone of qmml, or set QMML_PYTHON`));
    child.once("close", (status, by) =>
      end(`the Python process ended with ${by ?? `status ${status}`}`, ready || by ? "" : "; qmml doctor names what is missing"),
    );
  });
  // What cannot be written any more was for a process whose end is told by `close`.
  child.stdin.on("error", () => {});
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told = (told + text).slice(-TAIL);
  });
  child.stdout.on(
    "data",
    messages((text) => receive(text)),
  );

  const kill = (): void => {
    death ??= new WorkerDeath("the Python process was ended");
    child.kill("SIGKILL");
  };
  /** The next message; meanwhile the process is held alive, and an abort kills the worker. */
  const next = async (abort?: AbortSignal): Promise<unknown> => {
    const abandon = (): void => {
      kill();
      fail(abort?.reason);
    };
    hold(child, true);
    abort?.addEventListener("abort", abandon, { once: true });
    try {
      const text = await new Promise<string>((resolve, reject) => {
        [receive, fail] = [resolve, reject];
        if (death) reject(death);
      });
      return JSON.parse(text);
    } finally {
      abort?.removeEventListener("abort", abandon);
      // Of one that was killed the end is worth waiting for.
      if (!death) hold(child, false);
    }
  };

  const exchange = (message: object, abort?: AbortSignal): Promise<unknown> => {
    abort?.throwIfAborted();
    const answer = next(abort);
    child.stdin.write(framed(JSON.stringify(message)));
    return answer;
  };

  await next(signal);
  ready = true;
  return {
    alive: () => death === undefined,
    open: (engine, options, abort) => exchange({ open: engine, options }, abort) as Promise<OpenAnswer>,
    ask: (request, abort) => exchange(requestMessage(request), abort) as Promise<QmAnswer>,
    async close() {
      kill();
      hold(child, true);
      await gone;
    },
  };
}

/** Whether a child and its pipes keep this process alive. */
function hold(child: ChildProcess, held: boolean): void {
  for (const part of [child, child.stdin, child.stdout, child.stderr] as Socket[]) held ? part.ref() : part.unref();
}
