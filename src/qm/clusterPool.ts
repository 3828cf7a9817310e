/** QM calculations on the workers of a cluster, by the same program as on this machine. */
import type { Cluster, Program } from "./cluster.ts";
import type { EngineOptions } from "./engine.ts";
import { persistently, type WorkerPool } from "./pool.ts";
import { type OpenAnswer, type QmAnswer, requestMessage, WORKER, workerEnvironment } from "./worker.ts";

/** What a pool on a cluster is made from. */
export interface ClusterPool extends Pick<EngineOptions, "timeout" | "tries"> {
  /** The engine's, there as here. */
  readonly python: string;
  /** Of one calculation. */
  readonly threads: number;
}

/** A pool whose workers are a cluster's; closing it lets go of its calls, the cluster stays. */
export function clusterPool(cluster: Cluster, { python, threads, timeout, tries = 2 }: ClusterPool): WorkerPool {
  const program: Program = { command: [python, WORKER], environment: workerEnvironment(threads) };
  const closing = new AbortController();
  const until = (abort?: AbortSignal): AbortSignal => (abort ? AbortSignal.any([abort, closing.signal]) : closing.signal);
  return {
    async open(engine, options, abort) {
      const message = JSON.stringify({ open: engine, options });
      return JSON.parse(await persistently(tries, () => cluster.call(program, message, { signal: until(abort) }))) as OpenAnswer;
    },
    async ask(request, abort) {
      const [message, signal] = [JSON.stringify(requestMessage(request)), until(abort)];
      return JSON.parse(await persistently(tries, () => cluster.call(program, message, { signal, timeout }))) as QmAnswer;
    },
    close: async () => closing.abort(new Error("the engine was closed")),
  };
}
