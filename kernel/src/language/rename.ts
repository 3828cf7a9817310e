/**
 * Names that packages look for. A notebook's variables are visible to every module in the process, so a cell's own `process` or `window`
 * must have another name there; stack traces, types and completion keep the cell's.
 */
import ts from "./typescript.js";

/** Not in Node's global scope, yet read by modules: they are a module's own, or tell a browser from Node. */
const FOREIGN = ["require", "module", "exports", "define", "window", "document", "self", "importScripts", "__filename", "__dirname"];

const TAKEN: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(globalThis), ...FOREIGN]);

/** Name of the shared variable that holds the notebook's `name`. */
export function slotName(name: string): string {
  return TAKEN.has(name) ? `__qmml_${name}` : name;
}

/**
 * A transformer of TypeScript that writes slot names for `names`; run it before TypeScript's own.
 * @param declared identifiers that declare them at the top level
 */
export function rename(checker: ts.TypeChecker, declared: readonly ts.Identifier[]): ts.TransformerFactory<ts.SourceFile> {
  const clashing = declared.filter(({ text }) => slotName(text) !== text);
  if (clashing.length === 0) return () => (file) => file;
  const symbols = new Set(clashing.map((node) => checker.getSymbolAtLocation(node)));
  const { factory } = ts;
  return (context) => {
    const slot = (node: ts.Identifier): ts.Identifier => {
      const renamed = factory.createIdentifier(slotName(node.text));
      return ts.setTextRange(ts.setOriginalNode(renamed, node), node);
    };
    const isSlot = (node: ts.Node): node is ts.Identifier => ts.isIdentifier(node) && symbols.has(checker.getSymbolAtLocation(node));
    const visit = (node: ts.Node): ts.Node => {
      if (ts.isShorthandPropertyAssignment(node) && symbols.has(checker.getShorthandAssignmentValueSymbol(node))) {
        const { name, objectAssignmentInitializer: initial } = node;
        const value = initial ? factory.createAssignment(slot(name), ts.visitNode(initial, visit) as ts.Expression) : slot(name);
        return factory.createPropertyAssignment(name, value);
      }
      if (ts.isBindingElement(node) && isSlot(node.name)) {
        const { dotDotDotToken, propertyName, name, initializer } = node;
        const key =
          propertyName ?? (ts.isObjectBindingPattern(node.parent) && !dotDotDotToken ? factory.createIdentifier(name.text) : undefined);
        const value = initializer && (ts.visitNode(initializer, visit) as ts.Expression);
        return factory.updateBindingElement(node, dotDotDotToken, key, slot(name), value);
      }
      if (isSlot(node)) return slot(node);
      return ts.visitEachChild(node, visit, context);
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}
