/** What a notebook's kernel and a value know of each other: two symbols. */

/** Key of the method by which a value draws itself: it returns a MIME bundle. */
export const JUPYTER_DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** Under this key of `globalThis` qmml's kernel says what it can do; other kernels have nothing there. */
const KERNEL = Symbol.for("qmml.kernel");

/** The signal of the cell that runs now, aborted when it is interrupted; undefined outside of a notebook. */
export function cellSignal(): AbortSignal | undefined {
  const kernel = (globalThis as { [KERNEL]?: { signal(): AbortSignal | undefined } })[KERNEL];
  return kernel?.signal();
}
