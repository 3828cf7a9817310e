/**
 * How a value is shown: as it says itself by `Symbol.for("Jupyter.display")`, else as the drawing, the table or the image that it is, else as
 * Node prints it. A promise is awaited, as in a cell's last line `relaxed()` or `sh("ls")` its value is what is meant; one that is assigned
 * goes on by itself.
 */
import { inspect, types } from "node:util";
import type { Bundle } from "../threads.ts";
import { errorText } from "./show/error.ts";
import { imageBundle } from "./show/image.ts";
import { capped, plainText } from "./show/plainText.ts";
import { tableBundle } from "./show/table.ts";
import { tableOf } from "./show/tabular.ts";

/** A value that knows how it is shown; the same symbol and form as Deno's. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

const MIME = /^(application|audio|image|text|video)\/\S+$/;
const JSON_TYPE = /[/+]json$/;

/** Undefined shows nothing. */
export type Shown = Bundle | undefined;

/**
 * MIME bundle of a value, at once unless it has to be waited for.
 * @throws TypeError if the value shows itself by something else than an object by MIME types.
 */
export function bundleOf(value: unknown): Shown | Promise<Shown> {
  if (!isObject(value)) return { "text/plain": plainText(value) };
  const own = safely(value, () => ownDisplay(value));
  if (typeof own === "object") return own;
  if (own) return whenThere(own.call(value), (bundle) => (bundle === undefined ? undefined : plain(bundle)));
  if (types.isPromise(value)) return value.then((result) => (result === undefined ? undefined : bundleOf(result)));
  return safely(value, () => bundleOfObject(value));
}

/** Getters, proxies and inspectors of other packages may throw; the cell has done its work all the same. */
function safely<T>(value: object, make: () => T): T | Bundle {
  try {
    return make();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { "text/plain": `${typeof value === "function" ? "a function" : "an object"} that cannot be shown: ${why}` };
  }
}

function bundleOfObject(value: object): Bundle {
  if (types.isNativeError(value) || value instanceof Error) return { "text/plain": capped(errorText(value)) };
  const drawn = drawing(value);
  if (drawn) return drawn;
  const image = value instanceof Uint8Array ? imageBundle(value) : undefined;
  if (image) return image;
  const column = arrowVector(value);
  if (column) return { "text/plain": plainText(column) };
  const table = tableOf(value);
  if (table === undefined) return { "text/plain": plainText(value) };
  const bundle = tableBundle(table);
  // What Node prints on one line is as good in text, and can be typed in.
  const short = Array.isArray(value) || value instanceof Map || value instanceof Set ? inspect(value) : "\n";
  return short.includes("\n") ? bundle : { ...bundle, "text/plain": short };
}

/** What is ready to be shown: data by MIME type, such as a Vega specification, and elements of a page, as libraries for plots make them. */
function drawing(value: object): Bundle | undefined {
  // Millions of numbers are not asked for their names.
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return undefined;
  const data = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(data);
  if (keys.length > 0 && keys.every((mime) => MIME.test(mime) && isData(mime, data[mime]))) return plain(data);
  const { outerHTML } = data;
  if (typeof outerHTML !== "string") return undefined;
  return { "text/html": outerHTML, "text/plain": /^<[^>]*>/.exec(outerHTML)?.[0] ?? outerHTML };
}

function isData(mime: string, data: unknown): boolean {
  return typeof data === "string" || data instanceof Uint8Array || (isObject(data) && JSON_TYPE.test(mime));
}

/**
 * The bundle as JSON can carry it; bytes become base64.
 * @throws TypeError if it is not an object by MIME types.
 */
export function plain(bundle: unknown): Bundle {
  if (!isObject(bundle) || Array.isArray(bundle) || !Object.keys(bundle).every((key) => key.includes("/")))
    throw new TypeError(`a value is shown by an object of data by MIME type, such as {"text/plain": "..."}; got ${inspect(bundle)}`);
  const entries = Object.entries(bundle).flatMap(([mime, data]) => (data === undefined ? [] : [[mime, carried(mime, data)]]));
  return Object.fromEntries(entries);
}

function carried(mime: string, data: unknown): unknown {
  if (typeof data === "string") return data;
  if (data instanceof Uint8Array) return Buffer.from(data).toString("base64");
  return JSON_TYPE.test(mime) ? JSON.parse(JSON.stringify(data)) : String(data);
}

function ownDisplay(value: Record<PropertyKey, unknown>): ((this: unknown) => unknown) | undefined {
  const own = DISPLAY in value ? value[DISPLAY] : undefined;
  return typeof own === "function" ? (own as () => unknown) : undefined;
}

function whenThere(value: unknown, then: (value: unknown) => Shown): Shown | Promise<Shown> {
  return isObject(value) && typeof value.then === "function" ? Promise.resolve(value).then(then) : then(value);
}

/** The values of a column of apache-arrow, of any version. */
function arrowVector(value: object): unknown {
  const { toArray, get, type, nullCount } = value as Readonly<Record<string, unknown>>;
  const isVector = typeof toArray === "function" && typeof get === "function" && type !== undefined && typeof nullCount === "number";
  return isVector ? toArray.call(value) : undefined;
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
