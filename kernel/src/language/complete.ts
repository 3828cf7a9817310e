/** Completions at a cursor, from TypeScript's language service; in a string that begins as a path, the files there. */
import { readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Cells } from "./cells.ts";
import { documentation, signature } from "./docs.ts";
import ts from "./typescript.js";

/** One way to go on. */
export interface Completion {
  readonly text: string;
  /** `function`, `const`, `property` and so on. */
  readonly type: string;
  /** Parameters and result of a function, `: type` of anything else; of the first ones only. */
  readonly signature?: string;
  /** What its author says of it, Markdown; of the first ones only. */
  readonly documentation?: string;
}

/** Places in UTF-16 units. */
export interface Completions {
  readonly completions: readonly Completion[];
  readonly start: number;
  readonly end: number;
}

/** Completions whose types are written out: more than a list shows at once, and few enough to be quick. */
const DESCRIBED = 25;

/** The beginning of a path, from the quote on. */
const PATH = /["'`]((?:\.{0,2}\/)[^"'`\n]*)$/;

/** Names that begin with what stands before `cursor`, best first; if none does by case, those that do without. */
export function complete(cells: Cells, code: string, cursor: number): Completions {
  const { service, path, offset } = cells.sketch(code);
  const found = service.getCompletionsAtPosition(path, offset + cursor, {
    includeCompletionsWithInsertText: false,
    includeCompletionsForModuleExports: false,
  });
  if (found === undefined || found.entries.length === 0) return files(cells, code, cursor);
  const word = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, cursor))?.[0] ?? "";
  const span = found.optionalReplacementSpan ?? found.entries.find(({ replacementSpan }) => replacementSpan)?.replacementSpan;
  const start = span && span.start <= offset + cursor ? span.start - offset : cursor - word.length;
  const offered = found.entries
    .filter(({ name, kind }) => !name.startsWith("__qmml") && kind !== ts.ScriptElementKind.warning)
    .toSorted((a, b) => compare(a.sortText, b.sortText) || compare(a.name, b.name));
  const entries = startingWith(code.slice(start, cursor), offered, ({ name }) => name);
  const completions = entries.map(({ name, kind, source, data }, i): Completion => {
    const plain = { text: name, type: kind === ts.ScriptElementKind.alias ? "variable" : kind };
    if (i >= DESCRIBED) return plain;
    const details = service.getCompletionEntryDetails(path, offset + cursor, name, undefined, source, undefined, data);
    if (details === undefined) return plain;
    const known = signature(details.displayParts, name, cells.readable);
    return {
      text: name,
      type: known.type ?? plain.type,
      signature: known.signature,
      documentation: documentation(details, cells.readable),
    };
  });
  return { completions, start, end: cursor };
}

/** Files and folders that go on with the path at the cursor, seen from the notebook's folder. */
function files(cells: Cells, code: string, cursor: number): Completions {
  const begun = PATH.exec(code.slice(0, cursor))?.[1];
  if (begun === undefined) return { completions: [], start: cursor, end: cursor };
  const last = begun.slice(begun.lastIndexOf("/") + 1);
  try {
    const listed = readdirSync(resolve(dirname(cells.project.path("cell")), begun.slice(0, begun.length - last.length)), {
      withFileTypes: true,
    });
    const seen = startingWith(last, listed, ({ name }) => name).filter(({ name }) => last.startsWith(".") || !name.startsWith("."));
    const completions = seen.map((entry) =>
      entry.isDirectory() ? { text: `${entry.name}/`, type: "directory" } : { text: entry.name, type: "file" },
    );
    return { completions, start: cursor - last.length, end: cursor };
  } catch {
    return { completions: [], start: cursor, end: cursor };
  }
}

function startingWith<T>(begun: string, all: readonly T[], name: (one: T) => string): readonly T[] {
  const exact = all.filter((one) => name(one).startsWith(begun));
  return exact.length > 0 ? exact : all.filter((one) => name(one).toLowerCase().startsWith(begun.toLowerCase()));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
