/** Several workers, each started when it is first needed and replaced when it has died; calls beyond their number wait their turn. */
import { type QmAnswer, type QmRequest, type QmWorker, WorkerDeath } from "./worker.ts";

/** Workers that share the calls. */
export interface WorkerPool {
  /**
   * Asks the next free worker; a calculation whose worker died is asked once more of a fresh one.
   * @throws WorkerDeath if that dies as well, or no worker can be started.
   * @throws the signal's reason within a moment if it is aborted; the worker is killed, and the next call gets a new one.
   */
  ask(request: QmRequest, signal?: AbortSignal): Promise<QmAnswer>;
  /** Ends all workers; calls under way fail. */
  close(): Promise<void>;
}

/** A place for one worker. */
interface Slot {
  worker?: QmWorker;
}

/**
 * @param first a worker that runs already
 * @param start makes another
 */
export function workerPool(slots: number, first: QmWorker, start: (signal: AbortSignal) => Promise<QmWorker>): WorkerPool {
  const free: Slot[] = Array.from({ length: slots }, (_, k) => (k === 0 ? { worker: first } : {}));
  const waiting: ((slot: Slot) => void)[] = [];
  const workers = new Set([first]);
  const closing = new AbortController();

  const release = (slot: Slot): void => {
    const next = waiting.shift();
    if (next) next(slot);
    // The one used last is the next: an engine asked one thing at a time needs one process.
    else free.unshift(slot);
  };

  const acquire = (signal: AbortSignal): Promise<Slot> => {
    const slot = free.shift();
    if (slot) return Promise.resolve(slot);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(take), 1);
        reject(signal.reason);
      };
      const take = (free: Slot): void => {
        signal.removeEventListener("abort", giveUp);
        resolve(free);
      };
      waiting.push(take);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  };

  /** The slot's worker, or a new one if it has none that lives. */
  const manned = async (slot: Slot, signal: AbortSignal): Promise<QmWorker> => {
    if (slot.worker?.alive()) return slot.worker;
    if (slot.worker) workers.delete(slot.worker);
    slot.worker = await start(signal);
    workers.add(slot.worker);
    return slot.worker;
  };

  return {
    async ask(request, abort) {
      const signal = abort ? AbortSignal.any([abort, closing.signal]) : closing.signal;
      signal.throwIfAborted();
      const slot = await acquire(signal);
      try {
        const once = async (): Promise<QmAnswer> => (await manned(slot, signal)).ask(request, signal);
        return await once().catch((error: unknown) => {
          if (!(error instanceof WorkerDeath)) throw error;
          return once();
        });
      } finally {
        release(slot);
      }
    },
    async close() {
      closing.abort(new Error("the engine was closed"));
      await Promise.all([...workers].map((worker) => worker.close()));
    },
  };
}
