/** What Node would print of a value, and where that would be pages of numbers, what they are like. */
import { inspect, types } from "node:util";
import { counted, written } from "./digits.ts";
import { shapeOf } from "./tabular.ts";

/** Characters of text/plain, of which a browser has to draw every one. */
const LONGEST = 100_000;

/** Characters after which lists within an object are shortened. */
const LONG = 1000;

/** Items that are printed in full, as Node does; and how many of each end are printed of more. */
const [MOST, FIRST, LAST] = [100, 6, 3];

/** Bytes shown of the start of raw memory. */
const BYTES = 16;

type Numbers = ArrayLike<number | bigint>;

/** Text of any value; says so where it leaves something out. */
export function plainText(value: unknown): string {
  if (typeof value === "string") return capped(inspect(value, { maxStringLength: LONGEST }));
  if (typeof value !== "object" || value === null) return capped(inspect(value));
  return capped(numbersText(value) ?? bytesText(value) ?? objectText(value));
}

/** Cuts text that is too long for a page. */
export function capped(text: string): string {
  if (text.length <= LONGEST) return text;
  return `${text.slice(0, LONGEST)}\n… ${counted(text.length - LONGEST)} more characters; write it to a file to see them all`;
}

function objectText(value: object): string {
  const whole = inspect(value, { maxStringLength: LONGEST });
  return whole.length <= LONG || Array.isArray(value) ? whole : inspect(value, { maxArrayLength: 12, maxStringLength: 1000 });
}

/** Many numbers: how many, of which shape and range, and the first and last. */
function numbersText(value: object): string | undefined {
  const { data, shape } = value as { data?: unknown; shape?: unknown };
  if (isMany(value)) return summary(value, typeName(value), shape);
  // `{ data, shape }` of other packages.
  return isMany(data) && shapeOf(shape, data.length) ? summary(data, typeName(data), shape) : undefined;
}

function isMany(value: unknown): value is Numbers {
  if (Array.isArray(value)) return value.length > MOST && value.every((item) => typeof item === "number");
  return types.isTypedArray(value) && !Buffer.isBuffer(value) && value.length > MOST;
}

function typeName(value: object): string {
  return Array.isArray(value) ? "Array" : Object.prototype.toString.call(value).slice("[object ".length, -1);
}

function summary(values: Numbers, type: string, given: unknown): string {
  const shape = shapeOf(given, values.length) ?? [values.length];
  const item = (k: number): string => (typeof values[k] === "bigint" ? `${values[k]}n` : written(values[k] as number));
  const first = Array.from({ length: FIRST }, (_, k) => item(k));
  const last = Array.from({ length: LAST }, (_, k) => item(values.length - LAST + k));
  return `${type}(${shape.map(counted).join(" × ")}), ${range(values)}\n[ ${first.join(", ")}, …, ${last.join(", ")} ]`;
}

function range(values: Numbers): string {
  let low: number | bigint = Number.POSITIVE_INFINITY;
  let high: number | bigint = Number.NEGATIVE_INFINITY;
  let [sum, known] = [0, 0];
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (typeof value === "number" && !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    known += 1;
    sum += Number(value);
  }
  const others = known === values.length ? "" : `, ${counted(values.length - known)} not finite`;
  if (known === 0) return "none of them finite";
  const [from, to] = [low, high].map((end) => (typeof end === "bigint" ? `${end}n` : written(end)));
  return from === to ? `all ${from}${others}` : `from ${from} to ${to}, mean ${written(sum / known)}${others}`;
}

/** Raw memory: how much, and how it begins. */
function bytesText(value: object): string | undefined {
  if (!types.isAnyArrayBuffer(value) && !types.isDataView(value)) return undefined;
  const bytes = types.isDataView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, Math.min(BYTES, value.byteLength))
    : new Uint8Array(value, 0, Math.min(BYTES, value.byteLength));
  const shown = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const more = value.byteLength > BYTES ? " …" : "";
  return `${typeName(value)} of ${counted(value.byteLength)} bytes${shown === "" ? "" : `: ${shown}${more}`}`;
}
