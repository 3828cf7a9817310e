/**
 * An error as text: the sentence first, then where it was thrown, then what else it carries and what caused it. Properties that the sentence
 * holds already are left out.
 */
import { inspect, types } from "node:util";

/** Own properties that have a place of their own, or say in numbers what others say in words. */
const KNOWN: ReadonlySet<string> = new Set(["name", "message", "stack", "cause", "errors", "errno"]);

/** A place in a cell. */
const CELL = /\bcell\[/;

/** Causes of causes, at most. */
const DEEPEST = 8;

/** Frames that are shown of each end of a long stack. */
const [FIRST, LAST] = [12, 6];

/** Whether it is an error, also one of another context. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/** Name, such as `RangeError`, and the sentence; of errors as strange as they come. */
export function titleOf(error: Error): { readonly name: string; readonly message: string } {
  return { name: read(error, "name") || "Error", message: read(error, "message") };
}

/** "" if it has none, or throws when it is asked. */
function read(error: Error, key: "name" | "message" | "stack"): string {
  try {
    return String(error[key] ?? "");
  } catch {
    return "";
  }
}

/** Marks what is read first, and what is read last. */
export interface Paint {
  name(name: string): string;
  /** A place outside of the cells. */
  elsewhere(frame: string): string;
}

const UNPAINTED: Paint = { name: (name) => name, elsewhere: (frame) => frame };

/** The error in lines. */
export function errorText(error: Error, paint: Paint = UNPAINTED): string {
  return lines(error, paint, []).join("\n");
}

function lines(error: Error, paint: Paint, outer: readonly Error[]): string[] {
  const { name, message } = titleOf(error);
  const own = Object.entries(error).filter(([key, value]) => !KNOWN.has(key) && !isSaid(value, message));
  const above = new Set(outer.flatMap(frames));
  // Frames that the outer error names as well are not named again, but the first.
  const places = ends(frames(error).filter((frame, k) => k === 0 || !above.has(frame)));
  const all = [
    `${paint.name(name)}${message === "" ? "" : `: ${message}`}`,
    ...places.map((place) => (CELL.test(place) ? place : paint.elsewhere(place))),
    ...own.map(([key, value]) => `    ${key}: ${inspect(value, { depth: 1, maxArrayLength: 10, maxStringLength: 1000 })}`),
  ];
  const inside = (label: string, value: unknown): void => {
    if (!isError(value)) all.push(`${label}${inspect(value, { maxStringLength: 1000 })}`);
    else if (value === error || outer.includes(value) || outer.length >= DEEPEST) all.push(`${label}${titleOf(value).name}, as above`);
    else {
      const [first, ...rest] = lines(value, paint, [...outer, error]);
      all.push(`${label}${first}`, ...rest);
    }
  };
  if (error.cause !== undefined) inside("caused by ", error.cause);
  const { errors } = error as { errors?: unknown };
  if (Array.isArray(errors)) for (const [k, value] of errors.slice(0, 10).entries()) inside(`${k + 1} of ${errors.length}: `, value);
  return all;
}

/** The places in its stack, which follow the sentence. */
function frames(error: Error): string[] {
  // A message may itself hold the stack of another thread's error.
  return read(error, "stack")
    .replace(titleOf(error).message, () => "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
}

/** Where it was thrown, and which cell has led there. */
function ends(all: readonly string[]): readonly string[] {
  const hidden = all.length - FIRST - LAST;
  return hidden <= 1 ? all : [...all.slice(0, FIRST), `    … ${hidden} more`, ...all.slice(-LAST)];
}

function isSaid(value: unknown, message: string): boolean {
  return (
    value === undefined || value === "" || ((typeof value === "string" || typeof value === "number") && message.includes(String(value)))
  );
}
