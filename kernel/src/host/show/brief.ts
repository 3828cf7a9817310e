/** A value in one short line, for a cell of a table. */
import { inspect } from "node:util";
import { counted, written } from "./digits.ts";

/** Characters. */
const LONGEST = 60;

/** Characters of a string, which may be what the table is for. */
const LONGEST_STRING = 200;

/** One line without control characters, cut with an ellipsis; "" of undefined. */
export function brief(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "";
    case "string":
      return cut(value, LONGEST_STRING);
    case "number":
      return written(value);
    case "bigint":
      return String(value);
    case "object":
      return value === null ? "null" : object(value);
    default:
      return cut(inspect(value), LONGEST);
  }
}

/** `text` on one line of at most `longest` characters. */
export function cut(text: string, longest: number): string {
  // A string of megabytes is not searched to its end.
  const line = text.slice(0, longest + 1).replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return text.length > longest ? `${line.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…` : line;
}

function object(value: object): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString().replace("T00:00:00.000Z", "");
  const numbers = sequence(value);
  if (numbers !== undefined) {
    const all = numbers.length <= LONGEST ? `[${Array.from(numbers, brief).join(", ")}]` : "";
    if (all !== "" && all.length <= LONGEST) return all;
    return `[${Array.from(numbers.slice(0, 3), (item) => cut(brief(item), 16)).join(", ")}, …] (${counted(numbers.length)})`;
  }
  const name = value.constructor?.name ?? "";
  const whole = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 4, maxStringLength: LONGEST });
  if (whole.length <= LONGEST) return cut(whole, LONGEST);
  return cut(`${name === "Object" ? "" : `${name} `}{ ${Object.keys(value).join(", ")} }`, LONGEST);
}

/** What is written in brackets: arrays, typed arrays, and Arrow's vectors of lists. */
function sequence(value: object): { readonly length: number; slice(from: number, to: number): ArrayLike<unknown> } | undefined {
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) return value as unknown as unknown[];
  const { toArray, length } = value as { toArray?: () => unknown[]; length?: number };
  return typeof toArray === "function" && typeof length === "number" ? toArray.call(value) : undefined;
}
