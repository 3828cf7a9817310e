/** Whether a console should run what was typed or wait for more. */
import ts from "./typescript.js";

/** Content of an is_complete_reply. */
export type Completeness = { readonly status: "complete" | "invalid" } | { readonly status: "incomplete"; readonly indent: string };

/** Errors that more text can mend wherever they are reported: unterminated template, comment. */
const OPEN = [1160, 1010];

const INDENT = "  ";

/** `incomplete` if the first error lies at the end of the text; the indent is that of the last line, one deeper after an opening bracket. */
export function isComplete(code: string): Completeness {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest) as ts.SourceFile & {
    parseDiagnostics: readonly ts.Diagnostic[];
  };
  const [first] = file.parseDiagnostics;
  if (first === undefined) return { status: "complete" };
  if (!OPEN.includes(first.code) && (first.start ?? 0) < code.trimEnd().length) return { status: "invalid" };
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  return { status: "incomplete", indent: /[{([]$/.test(line) ? indent + INDENT : indent };
}
