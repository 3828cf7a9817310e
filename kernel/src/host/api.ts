import type { Comms } from "./comms.ts";
import type { Asking } from "./helpers/input.ts";

/** What code in cells, and qmml, find at `globalThis[Symbol.for("qmml.kernel")]`. */
export interface KernelApi {
  /** Shows a MIME bundle below the running cell; with `update` wherever `displayId` was shown before. @throws TypeError if it is none */
  display(
    bundle: Readonly<Record<string, unknown>>,
    options?: { readonly displayId?: string; readonly update?: boolean; readonly metadata?: Readonly<Record<string, unknown>> },
  ): void;
  /** Clears what the cell has shown. @param wait until there is something new */
  clearOutput(wait?: boolean): void;
  readonly comms: Comms;
  /** Signal of the running cell, aborted by an interrupt. */
  signal(): AbortSignal;
  /** Asks whoever runs the cell for a line of text. */
  readonly input: Asking["input"];
}
