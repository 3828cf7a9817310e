/** What a notebook's kernel and a value know of each other: two symbols, and Node's own for those kernels that print values. */
import { inspect } from "node:util";
import type { MimeBundle } from "../display/bundle.ts";

/** Key of the method by which a value draws itself: it returns a MIME bundle. */
export const JUPYTER_DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** A value that draws itself. */
export interface Drawing {
  [JUPYTER_DISPLAY](): MimeBundle;
}

/** Gives a value its picture; where values are printed, as by `console.log` and in stock tslab, it is the text of it. */
export function drawing<T extends object>(value: T, bundle: () => MimeBundle): T & Drawing {
  const methods = { [JUPYTER_DISPLAY]: bundle, [inspect.custom]: () => String(bundle()["text/plain"]) };
  return Object.defineProperties(value as T & Drawing, Object.getOwnPropertyDescriptors(methods));
}

/** Under this key of `globalThis` qmml's kernel says what it can do; other kernels have nothing there. */
const KERNEL = Symbol.for("qmml.kernel");

/** The signal of the cell that runs now, aborted when it is interrupted; undefined outside of a notebook. */
export function cellSignal(): AbortSignal | undefined {
  const kernel = (globalThis as { [KERNEL]?: { signal(): AbortSignal | undefined } })[KERNEL];
  return kernel?.signal();
}
