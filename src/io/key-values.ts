/**
 * The second line of an extended XYZ frame: `key=value` pairs, as ASE 3.28 writes and reads them. Values are numbers, T and F,
 * several of one kind, strings, or, after the word _JSON, anything that JSON can say. A key alone is true.
 */
import type { Info, InfoValue } from "./frame.ts";

const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", "{": "}", "[": "]" };
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|nan|inf)$/i;
const TRUTH: ReadonlyMap<string, boolean> = new Map(
  Object.entries({ T: true, F: false, true: true, false: false, True: true, False: false, TRUE: true, FALSE: false }),
);

/** The number that a text is, `nan` and `inf` included; undefined if it is none. */
export function parseNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isNaN(value)) return value;
  return /nan/i.test(text) ? Number.NaN : text.startsWith("-") ? -Infinity : Infinity;
}

/** What T, F or a longer spelling of them says; undefined if it is none. */
export function parseTruth(text: string): boolean | undefined {
  return TRUTH.get(text);
}

/** A number with 17 significant digits, so that the very same one is read again. */
export function formatReal(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  return Object.is(x, -0) ? "-0.0000000000000000" : x.toPrecision(17);
}

/**
 * The pairs of a line; of a key given twice the last one counts.
 * @throws RangeError if a quotation mark or bracket is not closed, or JSON is not well formed.
 */
export function parseKeyValues(line: string): Info {
  const pairs: [string, InfoValue][] = [];
  let at = 0;
  const skipSpace = (): void => {
    while (/\s/.test(line[at] ?? "")) at++;
  };
  for (skipSpace(); at < line.length; skipSpace()) {
    const key = word(true);
    const here = at;
    skipSpace();
    if (line[at] !== "=") {
      at = here;
      pairs.push([key, true]);
      continue;
    }
    at++;
    skipSpace();
    pairs.push([key, parseValue(word(false))]);
  }
  return Object.fromEntries(pairs);

  /** Characters up to the next space (of a key, also to the equals sign); quoted ones count as they are. */
  function word(isKey: boolean): string {
    let text = "";
    let closing: string | undefined;
    let depth = 0;
    for (; at < line.length; at++) {
      const c = line[at];
      if (c === "\\" && at + 1 < line.length) text += line[++at];
      else if (closing !== undefined) {
        if (c === "[" && closing === "]") depth++;
        if (c === closing && depth-- === 0) closing = undefined;
        else text += c;
      } else if (CLOSING[c]) [closing, depth] = [CLOSING[c], 0];
      else if (/\s/.test(c) || (isKey && c === "=")) break;
      else text += c;
    }
    if (closing !== undefined) throw new RangeError(`a ${closing} is missing before the end of the line`);
    return text;
  }
}

/** One line with all pairs, to be read again as they are. */
export function formatKeyValues(info: Info): string {
  return Object.entries(info)
    .map(([key, value]) => `${quoted(key)}=${quoted(formatValue(value))}`)
    .join(" ");
}

function parseValue(text: string): InfoValue {
  if (text.startsWith("_JSON ")) {
    try {
      return JSON.parse(text.slice(6)) as InfoValue;
    } catch {
      throw new RangeError(`"${text}" is not well-formed JSON`);
    }
  }
  const words = text.split(/[\s,]+/).filter((w) => w !== "");
  if (words.length === 0) return text;
  const of = (parse: (word: string) => number | boolean | undefined): InfoValue | undefined => {
    const values = words.map((w) => parse(w));
    if (!values.every((v) => v !== undefined)) return undefined;
    return values.length === 1 ? values[0] : values;
  };
  return of(parseNumber) ?? of(parseTruth) ?? text;
}

function formatValue(value: InfoValue): string {
  if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : formatReal(value);
  if (typeof value === "boolean") return value ? "T" : "F";
  if (typeof value === "string" && value.trim() !== "" && !/[\r\n]/.test(value) && parsesAs(value)) return value;
  const isOf = (kind: "number" | "boolean"): boolean => Array.isArray(value) && value.length > 1 && value.every((v) => typeof v === kind);
  if (isOf("number") || isOf("boolean")) return (value as readonly InfoValue[]).map(formatValue).join(" ");
  return `_JSON ${JSON.stringify(value)}`;
}

/** Whether a string written bare is read as that string. */
function parsesAs(text: string): boolean {
  return !text.startsWith("_JSON ") && parseValue(text) === text;
}

function quoted(text: string): string {
  return /^[\w.+:/-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}
