/**
 * A thread that says when SIGINT comes. Node hands signals to the main thread alone, and only between two of its turns, so that a loop there
 * would never be stopped by one. But a script of node:vm with `breakOnSigint` is cut off at once, in whatever thread it runs: this one waits
 * in such a script.
 */
import { Script } from "node:vm";
import { parentPort } from "node:worker_threads";

const CUT_OFF = "ERR_SCRIPT_EXECUTION_INTERRUPTED";

const options = { breakOnSigint: true };
const wait = new Script("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)");
// Without a script that listens the signal would end the process: while the inner one begins anew, the outer one still does.
const turns = new Script("for (;;) this.turn()");

const untilSignal = (script: Script): void => {
  try {
    script.runInThisContext(options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== CUT_OFF) throw error;
    parentPort?.postMessage("SIGINT");
  }
};

Object.assign(globalThis, { turn: () => untilSignal(wait) });
for (;;) untilSignal(turns);
