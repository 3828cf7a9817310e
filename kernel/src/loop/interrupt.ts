/**
 * Interrupts of the main thread. One that awaits hears the message and ends its cell itself. One in a loop cannot: V8 is told, over an
 * inspector session, to end what runs there; variables stay as they are, and then the message is heard.
 */
import { Session } from "node:inspector";

/** The way to stop the main thread. */
export interface Interrupter {
  interrupt(): void;
  /** The main thread has heard. */
  heard(): void;
  close(): void;
}

/** ms after which a thread that has not heard is taken to be in a loop. */
const PATIENCE = 150;

/** @param post sends the message to the main thread */
export function openInterrupter(post: () => void): Interrupter {
  const session = new Session();
  session.connectToMainThread();
  let pending: NodeJS.Timeout | undefined;
  const heard = (): void => {
    clearInterval(pending);
    pending = undefined;
  };
  return {
    interrupt() {
      if (pending) return;
      post();
      pending = setInterval(() => {
        session.post("Runtime.terminateExecution");
        // What ended may have been the hearing of it.
        post();
      }, PATIENCE);
    },
    heard,
    close() {
      heard();
      session.disconnect();
    },
  };
}
