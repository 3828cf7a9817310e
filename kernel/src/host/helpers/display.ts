/** `display(value)`: shows any value below the cell, as its last line would, and again as often as it changes. */
import { randomUUID } from "node:crypto";
import type { KernelApi } from "../api.ts";
import { bundleOf, DISPLAY, type Shown } from "../bundle.ts";

/** What was shown, for showing something else in its place. */
export interface Displayed {
  readonly id: string;
  /** Shows `value` wherever this was shown. Resolved when it is sent, which is at once unless the value has to be waited for. */
  update(value: unknown, options?: { readonly metadata?: Readonly<Record<string, unknown>> }): Promise<void>;
}

/** How a value is shown. */
export interface DisplayOptions {
  /** Name for later updates. Default: one that nobody else has. */
  readonly id?: string;
  /** Shows it where `id` was shown before, instead of below the cell. */
  readonly update?: boolean;
  /** By MIME type. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A way to the place below the cell that runs when it is asked for. */
export type Place = () => KernelApi["display"];

/** @returns the function that cells call */
export function displayAt(place: Place): (value: unknown, options?: DisplayOptions) => Displayed & Promise<Displayed> {
  return (value, { id = randomUUID(), update = false, metadata } = {}) => {
    let last = Promise.resolve();
    let waiting = 0;
    const show = (next: unknown, options: Parameters<KernelApi["display"]>[1]): Promise<void> => {
      const put = place();
      const send = (bundle: Shown): void => {
        if (bundle !== undefined) put(bundle, { displayId: id, ...options });
      };
      const bundle = waiting > 0 ? last.then(() => bundleOf(next)) : bundleOf(next);
      // At once where nothing has to be waited for: what a cell prints and what it shows keep their order.
      if (!(bundle instanceof Promise)) {
        send(bundle);
        return Promise.resolve();
      }
      waiting += 1;
      const sent = bundle.then(send).finally(() => {
        waiting -= 1;
      });
      last = sent.catch(() => {});
      return sent;
    };
    const handle: Displayed = {
      id,
      update: (next, options) => show(next, { update: true, ...options }),
    };
    // As the last line of a cell it was shown already.
    Object.defineProperty(handle, DISPLAY, { value: () => undefined });
    const shown = show(value, { update, metadata }).then(() => handle);
    return Object.assign(shown, handle);
  };
}
