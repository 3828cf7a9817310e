/** What was thrown, in Jupyter's words. */
import { inspect } from "node:util";
import type { Failure } from "../threads.ts";

/** Thrown into what waits, and into qmml by the cell's signal, when the user interrupts. Without a stack: where it stopped is nobody's mistake. */
export class KeyboardInterrupt extends Error {
  override readonly name = "KeyboardInterrupt";
  override readonly stack = "KeyboardInterrupt: the cell was interrupted";

  constructor() {
    super("the cell was interrupted");
  }
}

/** ename, evalue and traceback of anything that can be thrown; causes and own properties of an error are in the traceback. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error))
    return { status: "error", ename: "Thrown", evalue: inspect(thrown), traceback: [`Thrown: ${inspect(thrown)}`] };
  const { name, message } = thrown;
  return {
    status: "error",
    ename: String(name),
    evalue: String(message),
    traceback: inspect(thrown)
      .replace(/^\[(.*)\]$/, "$1")
      .split("\n"),
  };
}
