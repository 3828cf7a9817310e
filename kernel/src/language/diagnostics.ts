/** Errors that TypeScript finds in a cell, in the words of a traceback. */
import type { Failure } from "../threads.ts";
import { remedied } from "./remedies.ts";
import ts from "./typescript.js";

/** Errors shown; the others follow from them more often than not. */
const SHOWN = 10;

/** "Cannot assign to 'x' because it is an import": the kernel's way to reach a constant of an earlier cell. */
const ASSIGNED_IMPORT = 2632;

/** "Import assignment cannot be used when targeting ECMAScript modules": in a cell it can. */
const IMPORT_ASSIGNMENT = 1202;

/**
 * The failure of a cell with errors, undefined for one without.
 * @param code the user's part, with which the file begins
 * @param readable puts TypeScript's words into the user's
 */
export function typeErrors(
  program: ts.Program,
  file: ts.SourceFile,
  code: string,
  name: string,
  readable: (text: string) => string,
): Failure | undefined {
  const syntax = program.getSyntacticDiagnostics(file);
  const found = syntax.length > 0 ? syntax : program.getSemanticDiagnostics(file);
  const errors = found.filter(
    ({ category, code: number, start = 0 }) =>
      category === ts.DiagnosticCategory.Error && number !== IMPORT_ASSIGNMENT && start <= code.length,
  );
  if (errors.length === 0) return undefined;
  const all = errors.map((error) => ({ ...describe(error, file, readable), ...place(file, code, error) }));
  const different = all.filter((error, k) => all.findIndex(({ message, line }) => message === error.message && line === error.line) === k);
  const texts = different.slice(0, SHOWN);
  const hidden = different.length - texts.length;
  const traceback = texts.flatMap(({ number, message, line, column, frame }) => [
    `${name}:${line}:${column} TS${number}: ${message}`,
    ...frame,
  ]);
  if (hidden > 0) traceback.push(`and ${hidden} more`);
  return { status: "error", ename: syntax.length > 0 ? "SyntaxError" : "TypeScriptError", evalue: texts[0].message, traceback };
}

function describe(
  error: ts.Diagnostic,
  file: ts.SourceFile,
  readable: (text: string) => string,
): { readonly number: number; readonly message: string } {
  const text = readable(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  const message = error.code === ASSIGNED_IMPORT ? text.replace("an import", "a constant") : remedied(text, error, file);
  return { number: error.code, message };
}

/** Line and column from 1, and the line itself with the place marked. */
function place(
  file: ts.SourceFile,
  code: string,
  { start = 0, length = 1 }: ts.Diagnostic,
): { line: number; column: number; frame: string[] } {
  const at = Math.min(start, code.length);
  const { line, character } = file.getLineAndCharacterOfPosition(at);
  const text = code.split("\n")[line] ?? "";
  const marks = "~".repeat(Math.max(1, Math.min(length, text.length - character)));
  return { line: line + 1, column: character + 1, frame: [`    ${text}`, `    ${" ".repeat(character)}${marks}`] };
}
