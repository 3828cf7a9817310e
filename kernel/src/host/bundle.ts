/** How a value is shown. */
import { inspect } from "node:util";
import type { Bundle } from "../threads.ts";

/** A value that knows how it is shown; the same symbol and form as Deno's. */
const DISPLAY = Symbol.for("Jupyter.display");

/**
 * MIME bundle of a value: its own if it has one, else what Node would print.
 * @throws TypeError if its own is not an object by MIME types.
 */
export async function bundleOf(value: unknown): Promise<Bundle> {
  const own = isObject(value) && DISPLAY in value ? value[DISPLAY] : undefined;
  if (typeof own !== "function") return { "text/plain": inspect(value) };
  return plain(await own.call(value));
}

/**
 * The bundle as JSON can carry it; bytes become base64.
 * @throws TypeError if it is not an object by MIME types.
 */
export function plain(bundle: unknown): Bundle {
  if (!isObject(bundle) || Array.isArray(bundle) || !Object.keys(bundle).every((key) => key.includes("/")))
    throw new TypeError(`a value is shown by an object of data by MIME type, such as {"text/plain": "..."}; got ${inspect(bundle)}`);
  const entries = Object.entries(bundle).map(([mime, data]) => [
    mime,
    data instanceof Uint8Array ? Buffer.from(data).toString("base64") : data,
  ]);
  return JSON.parse(JSON.stringify(Object.fromEntries(entries)));
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
