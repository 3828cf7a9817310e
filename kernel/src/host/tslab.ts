/** `import * as tslab from "tslab"`: what its display API shows goes to this kernel. Everything else of it, its types too, is the package's own. */
import type { KernelApi } from "./api.ts";

/** A `tslab.Display` from within: all of its methods end in `raw`. */
interface Drawing {
  /** Of a display that `newDisplay()` made. */
  readonly id?: string;
  raw(this: Drawing, mime: string, data: string | Uint8Array): void;
}

/** Displays that were shown once. */
const shown = new WeakSet<Drawing>();

/**
 * Takes over what tslab draws.
 * @param module the namespace of tslab, as it was loaded
 * @throws TypeError if it has no display API, as no version of tslab but a very old one
 */
export function attachTslab(module: Readonly<Record<string, unknown>>): void {
  const { display } = ("display" in module ? module : module.default) as { readonly display?: Drawing };
  if (typeof display?.raw !== "function") throw new TypeError("this tslab has no display API; install tslab 1.0.22");
  const api = (globalThis as unknown as Record<symbol, KernelApi>)[Symbol.for("qmml.kernel")];
  // What `newDisplay()` makes has the same prototype.
  (Object.getPrototypeOf(display) as Drawing).raw = function (mime, data) {
    api.display({ [mime]: data }, { displayId: this.id, update: shown.has(this) });
    if (this.id !== undefined) shown.add(this);
  };
}
