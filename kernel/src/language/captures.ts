/** Which variables of the notebook functions refer to: those may be read or written whenever anything is called. */
import type { Copying } from "./loops.ts";
import { isValue, type Name } from "./names.ts";
import { slotName } from "./rename.ts";
import ts from "./typescript.js";

/** By slot name; `true` if a function may also assign to it. */
export type Captures = Map<string, boolean>;

/**
 * Adds to `captures` what the functions and classes of a cell refer to.
 * @param names that the file knows, those of earlier cells included
 */
export function addCaptures(captures: Captures, checker: ts.TypeChecker, file: ts.SourceFile, names: readonly Name[]): void {
  const texts = new Set(names.map(({ text }) => text));
  const variables = new Map(names.map(({ node, variable }) => [checker.getSymbolAtLocation(node), variable]));
  const symbolOf = (node: ts.Identifier): ts.Symbol | undefined =>
    ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : ts.isExportSpecifier(node.parent)
        ? undefined
        : checker.getSymbolAtLocation(node);
  const visit = (node: ts.Node, within: boolean): void => {
    if (within && ts.isIdentifier(node) && texts.has(node.text)) {
      const variable = variables.get(symbolOf(node));
      const slot = slotName(node.text);
      if (variable !== undefined) captures.set(slot, variable || captures.get(slot) === true);
    }
    // What is evaluated as text may name any variable.
    if (ts.isIdentifier(node) && node.text === "eval") for (const text of texts) captures.set(slotName(text), true);
    const inner = within || ts.isFunctionLike(node) || ts.isClassLike(node);
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(file, false);
}

/** The variables that a loop may copy, by slot name. @param names that the file knows */
export function copyable(checker: ts.TypeChecker, names: readonly Name[], captures: Captures): Map<string, Copying> {
  const found = new Map<string, Copying>();
  for (const { text, node, variable, value } of names) {
    const captured = captures.get(slotName(text));
    if (variable ? captured !== undefined : captured === true || !value || !isValue(checker, node)) continue;
    const number = variable && Boolean(checker.getTypeAtLocation(node).flags & ts.TypeFlags.NumberLike);
    found.set(slotName(text), number ? "number" : "read");
  }
  return found;
}
