/** Several workers, each started when it is first needed and replaced when it has died; calls beyond their number wait their turn. */
import { EngineLoss, type EngineOptions, TimedOut } from "./engine.ts";
import { type OpenAnswer, type QmAnswer, type QmRequest, type QmWorker, WorkerDeath } from "./worker.ts";

/** Workers that share the calls. */
export interface WorkerPool {
  /** What an engine says of itself, to the worker that is asked first. */
  open(engine: string, options: object, signal?: AbortSignal): Promise<OpenAnswer>;
  /**
   * Asks the next free worker; a calculation whose worker died or took too long is asked of a fresh one, as often as the pool may try.
   * @throws WorkerDeath or TimedOut if the last one does so as well.
   * @throws EngineLoss if no worker can be started.
   * @throws the signal's reason within a moment if it is aborted; the worker is killed, and the next call gets a new one.
   */
  ask(request: QmRequest, signal?: AbortSignal): Promise<QmAnswer>;
  /** Ends all workers; calls under way fail. */
  close(): Promise<void>;
}

/** ms that a timer can wait at most. */
const LONGEST = 2 ** 31 - 1;

/** Errors that are the worker's; what it was asked may be asked of another. */
const LOSSES = [WorkerDeath, TimedOut, EngineLoss];

/** A place for one worker. */
interface Slot {
  worker?: QmWorker;
}

/**
 * Does something that a worker may be lost over, as often as it may be tried.
 * @param again is told of each loss after which it is tried once more
 */
export async function persistently<T>(tries: number, work: () => Promise<T>, again: (loss: Error) => void = () => {}): Promise<T> {
  for (let left = tries - 1; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0 || !LOSSES.some((loss) => error instanceof loss)) throw error;
      again(error as Error);
    }
  }
}

/**
 * @param first a worker that runs already
 * @param start makes another
 */
export function workerPool(
  slots: number,
  first: QmWorker,
  start: (signal: AbortSignal) => Promise<QmWorker>,
  { timeout, tries = 2 }: Pick<EngineOptions, "timeout" | "tries"> = {},
): WorkerPool {
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
    slot.worker = await start(signal).catch((error: unknown) => {
      throw error instanceof WorkerDeath ? new EngineLoss(error.message, { cause: error }) : error;
    });
    workers.add(slot.worker);
    return slot.worker;
  };

  const once = async (slot: Slot, request: QmRequest, signal: AbortSignal): Promise<QmAnswer> => {
    const worker = await manned(slot, signal);
    if (timeout === undefined) return worker.ask(request, signal);
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new TimedOut(`it took more than ${timeout} s; its process was killed`)),
      Math.min(1000 * timeout, LONGEST),
    );
    try {
      return await worker.ask(request, AbortSignal.any([signal, late.signal]));
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    open: first.open,
    async ask(request, abort) {
      const signal = abort ? AbortSignal.any([abort, closing.signal]) : closing.signal;
      signal.throwIfAborted();
      const slot = await acquire(signal);
      try {
        return await persistently(tries, () => once(slot, request, signal));
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
