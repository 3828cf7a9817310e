/** Files that the arguments of a calculator name: parameters of a potential, weights of a model. What stands in them decides the result. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { EngineSpec } from "../calculators/calculator.ts";

/** Arguments that name what calculators write: it changes with every calculation, and decides nothing. */
const WRITTEN = new Set(["txt", "log", "logfile", "log_file", "outfile", "label", "directory", "trajectory"]);

/** The specification with the absolute paths of files that its arguments name as seen from a folder; of anything else, and of folders, nothing changes. */
export function withPaths(spec: EngineSpec, folder: string): EngineSpec {
  return mapped(spec, (text) => {
    const path = resolve(folder, text);
    return isFile(path) ? path : text;
  });
}

/**
 * The specification with the name and the SHA-256 of each file in place of its path: wherever it lies, equal contents are equal.
 * @throws Error with one sentence for a file that cannot be read.
 */
export function withContents(spec: EngineSpec): EngineSpec {
  return mapped(spec, (text) => {
    if (!isFile(text)) return text;
    try {
      return `${basename(text)} ${createHash("sha256").update(readFileSync(text)).digest("hex")}`;
    } catch {
      throw new Error(`${text}, which the arguments of ${spec.engine} name, cannot be read; check its permissions`);
    }
  });
}

/** Texts of the arguments, nested ones as well, that may name what is read. */
function mapped(spec: EngineSpec, change: (text: string) => string): EngineSpec {
  const deep = (value: unknown): unknown => {
    if (typeof value === "string") return change(value);
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, WRITTEN.has(key) ? inner : deep(inner)]));
  };
  return spec.arguments === undefined ? spec : { ...spec, arguments: deep(spec.arguments) };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Most texts are no paths.
    return false;
  }
}
