/** `input(prompt)`: a question to whoever runs the cell. The loop asks it; an interrupt takes it back. */
import type { FromMain, InputReply, Parent } from "../../threads.ts";

/** How a question is asked. */
export interface InputOptions {
  /** Not to be shown while it is typed. Default false. */
  readonly password?: boolean;
}

/** Questions of the main thread. */
export interface Asking {
  /** The line that was typed. @throws Error with one sentence if the client cannot be asked; the signal's reason if the cell is interrupted */
  input(prompt?: string, options?: InputOptions): Promise<string>;
  receive(reply: InputReply): void;
}

/** @param parent of what is asked now @param signal of the running cell */
export function openAsking(send: (message: FromMain) => void, parent: () => Parent, signal: () => AbortSignal): Asking {
  const waiting = new Map<number, { resolve(value: string): void; reject(reason: unknown): void }>();
  let last = 0;
  return {
    input: (prompt = "", { password = false } = {}) =>
      new Promise((resolve, reject) => {
        const cell = signal();
        cell.throwIfAborted();
        last += 1;
        const id = last;
        const end = <T>(settle: (value: T) => void) => {
          return (value: T): void => {
            waiting.delete(id);
            cell.removeEventListener("abort", interrupted);
            settle(value);
          };
        };
        const interrupted = (): void => waiting.get(id)?.reject(cell.reason);
        cell.addEventListener("abort", interrupted);
        waiting.set(id, { resolve: end(resolve), reject: end(reject) });
        send({ kind: "input", id, prompt: String(prompt), password, parent: parent() });
      }),
    receive({ id, value, error }) {
      if (error === undefined) waiting.get(id)?.resolve(value ?? "");
      else waiting.get(id)?.reject(new Error(error));
    },
  };
}
