/** Completions at a cursor, from TypeScript's language service. */

import type { Cells } from "./cells.ts";
import ts from "./typescript.js";

/** Content of a complete_reply, without status; places in UTF-16 units. */
export interface Completions {
  readonly matches: readonly string[];
  readonly start: number;
  readonly end: number;
  /** What each is: `function`, `const`, `property` and so on. */
  readonly kinds: readonly string[];
}

/** Names that begin with what stands before `cursor`, best first; if none does by case, those that do without. */
export function complete(cells: Cells, code: string, cursor: number): Completions {
  const path = cells.sketch(code);
  const found = cells.project.service.getCompletionsAtPosition(path, cursor, {
    includeCompletionsWithInsertText: false,
    includeCompletionsForModuleExports: false,
  });
  const word = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, cursor))?.[0] ?? "";
  const none = { matches: [], start: cursor, end: cursor, kinds: [] };
  if (found === undefined) return none;
  const span = found.optionalReplacementSpan ?? found.entries.find(({ replacementSpan }) => replacementSpan)?.replacementSpan;
  const start = span && span.start <= cursor ? span.start : cursor - word.length;
  const typed = code.slice(start, cursor);
  const offered = found.entries
    .filter(({ name, kind }) => !name.startsWith("__qmml") && kind !== ts.ScriptElementKind.warning)
    .toSorted((a, b) => compare(a.sortText, b.sortText) || compare(a.name, b.name));
  const exact = offered.filter(({ name }) => name.startsWith(typed));
  const entries = exact.length > 0 ? exact : offered.filter(({ name }) => name.toLowerCase().startsWith(typed.toLowerCase()));
  if (entries.length === 0) return none;
  return { matches: entries.map(({ name }) => name), start, end: cursor, kinds: entries.map(({ kind }) => kind) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
