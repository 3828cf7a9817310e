/** The far side of `threads.ts`: what a task module exports. */
import type { MessagePort } from "node:worker_threads";

/** A task and the port for its messages, as they reach the thread. */
export interface Envelope<T> {
  readonly task: T;
  readonly port: MessagePort;
}

/** Makes the default export of a task module from a function of the task and of `report`, which sends a message while the task runs. */
export function threadTask<T, R, M = never>(work: (task: T, report: (message: M) => void) => R): (envelope: Envelope<T>) => R {
  return ({ task, port }) => {
    try {
      return work(task, (message) => port.postMessage(message));
    } finally {
      port.close();
    }
  };
}
