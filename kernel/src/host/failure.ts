/** What was thrown, in Jupyter's words. */
import { inspect } from "node:util";
import type { Failure } from "../threads.ts";
import { errorText, isError, titleOf } from "./show/error.ts";
import { capped } from "./show/plainText.ts";

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
  try {
    if (isError(thrown)) {
      const { name, message } = titleOf(thrown);
      return {
        status: "error",
        ename: name,
        evalue: capped(message),
        traceback: capped(errorText(thrown, { name: red, elsewhere: grey })).split("\n"),
      };
    }
    const value = capped(inspect(thrown));
    return { status: "error", ename: "Thrown", evalue: value, traceback: [`${red("Thrown")}: ${value}`] };
  } catch {
    // A proxy or a getter that throws in its turn.
    return {
      status: "error",
      ename: "Thrown",
      evalue: "something that cannot be shown",
      traceback: ["Thrown: something that cannot be shown"],
    };
  }
}

/** As terminals and notebooks understand it. */
function red(text: string): string {
  return `\x1b[31m${text}\x1b[39m`;
}

function grey(text: string): string {
  return `\x1b[90m${text}\x1b[39m`;
}
