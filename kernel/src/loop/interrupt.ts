/**
 * Interrupts of the main thread. One that awaits hears the message and ends its cell itself. One in a loop cannot: V8 is told, over an
 * inspector session, to end what runs there; variables stay as they are, and then the message is heard.
 */
import { Session } from "node:inspector";

/** The way to stop the main thread. */
export interface Interrupter {
  interrupt(): void;
  /** The main thread has heard; its cell may still catch the error and go on. */
  heard(): void;
  /** The cell has ended. */
  done(): void;
  close(): void;
}

/** ms after which a thread that has not heard is taken to be in a loop. */
const PATIENCE = 150;

/** ms from the hearing to the end of the cell; more than a cell is given for its `finally`. */
const GRACE = 400;

/** @param post sends the message to the main thread */
export function openInterrupter(post: () => void): Interrupter {
  const session = new Session();
  session.connectToMainThread();
  let pending: NodeJS.Timeout | undefined;
  const wait = (ms: number): void => {
    clearTimeout(pending);
    pending = setTimeout(() => {
      session.post("Runtime.terminateExecution");
      // What ended may have been the hearing of it.
      post();
      wait(PATIENCE);
    }, ms);
  };
  const done = (): void => {
    clearTimeout(pending);
    pending = undefined;
  };
  return {
    interrupt() {
      if (pending) return;
      post();
      wait(PATIENCE);
    },
    heard() {
      if (pending) wait(GRACE);
    },
    done,
    close() {
      done();
      session.disconnect();
    },
  };
}
