/** Memory that work has used and does not need. V8 by itself lets garbage grow to more than what lives before it looks. */
import { Session } from "node:inspector";
import { getHeapStatistics } from "node:v8";

/** Bytes of garbage that are collected when there is nothing to do, and those that are collected at once. */
const LITTLE = 8e6;
const MUCH = 32e6;

/** ms after which there is nothing to do. */
const IDLE = 1000;

/** Collects all garbage of this thread and gives the pages back. Takes a tenth of a second. */
export function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  return new Promise((resolve) => {
    session.post("HeapProfiler.collectGarbage", () => {
      resolve();
      // Not here: its own answer would come to a session that is gone.
      setImmediate(() => session.disconnect());
    });
  });
}

/** @returns a function to be called after each piece of work; it collects the garbage of many. */
export function openTidying(): () => void {
  const used = (): number => getHeapStatistics().used_heap_size;
  let kept = used();
  let timer: NodeJS.Timeout | undefined;
  const collect = async (): Promise<void> => {
    await collectGarbage();
    kept = used();
  };
  return () => {
    const garbage = used() - kept;
    clearTimeout(timer);
    if (garbage > LITTLE) timer = setTimeout(collect, garbage > MUCH ? 0 : IDLE);
  };
}
