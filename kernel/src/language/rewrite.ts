/**
 * From the JavaScript of a module to a function that runs as a cell. Declarations of the top level become assignments to variables that all
 * cells share, functions first; imports go, because the modules are loaded before; each `await` and each `import()` passes through the
 * runtime, so that an interrupt ends the waiting and packages are found from the notebook's folder.
 */
import { type Copying, isClosedLoop, onCopies, RUNTIME } from "./loops.ts";
import { boundIdentifiers } from "./names.ts";
import ts from "./typescript.js";

/** What the rewriting learned. */
export interface Rewritten {
  /** Whether the top level awaits. */
  waits: boolean;
}

const { factory } = ts;

/**
 * A transformer of emitted JavaScript; run it after TypeScript's own.
 * @param slots names that are variables of the notebook
 * @param copying see `onCopies`
 * @param last the source's last statement, if it is an expression: its value is returned as `[value]`
 * @param learned is written to
 */
export function rewrite(
  slots: ReadonlySet<string>,
  copying: ReadonlyMap<string, Copying>,
  last: ts.Statement | undefined,
  learned: Rewritten,
): ts.TransformerFactory<ts.SourceFile> {
  return (context) => (file) => {
    let depth = 0;
    let inLoop = false;
    const visit = (node: ts.Node): ts.Node => {
      if (depth === 0 && !inLoop && isClosedLoop(node)) {
        inLoop = true;
        const visited = visit(node) as ts.Statement;
        inLoop = false;
        return onCopies(visited, copying, context);
      }
      if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) {
        depth += 1;
        const visited = ts.visitEachChild(node, visit, context);
        depth -= 1;
        return visited;
      }
      // Not always at the top: around a `using` there is a `try`.
      if (last !== undefined && ts.isExpressionStatement(node) && ts.getOriginalNode(node) === last) {
        // In an array: a property would give its name to a function that has none.
        const value = factory.createArrayLiteralExpression([visitExpression(node.expression)]);
        return ts.setTextRange(factory.createReturnStatement(value), node);
      }
      if (depth === 0 && ts.isVariableStatement(node) && isSharedVar(node.declarationList, slots))
        return ts.setTextRange(factory.createExpressionStatement(assignments(node.declarationList, visit)), node);
      if (depth === 0 && ts.isForStatement(node) && node.initializer && isSharedVar(node.initializer, slots)) {
        const first = assignments(node.initializer as ts.VariableDeclarationList, visit);
        return ts.visitEachChild(factory.updateForStatement(node, first, node.condition, node.incrementor, node.statement), visit, context);
      }
      if (ts.isForInStatement(node) || ts.isForOfStatement(node)) return visitFor(node);
      if (ts.isAwaitExpression(node)) {
        if (depth === 0) learned.waits = true;
        return factory.updateAwaitExpression(node, runtime("guard", [visitExpression(node.expression)]));
      }
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
        return ts.setTextRange(runtime("load", node.arguments.map(visitExpression)), node);
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return member("meta");
      return ts.visitEachChild(node, visit, context);
    };
    const visitExpression = (node: ts.Expression): ts.Expression => ts.visitNode(node, visit) as ts.Expression;

    const visitFor = (node: ts.ForInStatement | ts.ForOfStatement): ts.Node => {
      const shared = depth === 0 && isSharedVar(node.initializer, slots);
      const first = shared ? target((node.initializer as ts.VariableDeclarationList).declarations[0].name, visit) : node.initializer;
      if (ts.isForInStatement(node)) {
        return ts.visitEachChild(factory.updateForInStatement(node, first, node.expression, node.statement), visit, context);
      }
      if (node.awaitModifier && depth === 0) learned.waits = true;
      const iterable = node.awaitModifier ? runtime("iterable", [node.expression]) : node.expression;
      return ts.visitEachChild(factory.updateForOfStatement(node, node.awaitModifier, first, iterable, node.statement), visit, context);
    };

    const functions: ts.Statement[] = [];
    const others: ts.Statement[] = [];
    for (const statement of file.statements) {
      if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) continue;
      if (ts.isFunctionDeclaration(statement) && statement.name && slots.has(statement.name.text)) {
        // Without a name of its own: recursion, too, goes through the shared variable, and assignment names it all the same.
        const { asteriskToken, modifiers, parameters, body, name } = visit(statement) as ts.FunctionDeclaration;
        const kept = modifiers?.filter((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword);
        const value = factory.createFunctionExpression(kept, asteriskToken, undefined, undefined, parameters, undefined, body ?? EMPTY);
        functions.push(assign(name as ts.Identifier, ts.setTextRange(value, statement), statement));
      } else if (ts.isClassDeclaration(statement) && statement.name && slots.has(statement.name.text)) {
        const { modifiers, name, heritageClauses, members } = visit(statement) as ts.ClassDeclaration;
        const kept = modifiers?.filter(ts.isDecorator);
        const value = factory.createClassExpression(kept, name, undefined, heritageClauses, members);
        others.push(assign(name as ts.Identifier, ts.setTextRange(value, statement), statement));
      } else if (ts.isVariableStatement(statement) && isShared(statement.declarationList, slots)) {
        const { declarations, flags } = statement.declarationList;
        const own = ts.getOriginalNode(statement).kind === ts.SyntaxKind.VariableStatement;
        for (const { name, initializer } of declarations) {
          // `var x` alone leaves a value as it is; `let x` and the variable of an enum or a namespace begin anew.
          if (initializer === undefined && own && !(flags & ts.NodeFlags.BlockScoped)) continue;
          const value = initializer ? visitExpression(initializer) : factory.createVoidZero();
          others.push(assign(target(name, visit), value, statement));
        }
      } else if (ts.isExportAssignment(statement)) {
        others.push(ts.setTextRange(factory.createExpressionStatement(visitExpression(statement.expression)), statement));
      } else if (ts.isClassDeclaration(statement) && statement.name === undefined) {
        // Of `export default class`: nobody can name it, but its static blocks run.
        const { heritageClauses, members } = visit(statement) as ts.ClassDeclaration;
        const value = factory.createClassExpression(undefined, undefined, undefined, heritageClauses, members);
        others.push(ts.setTextRange(factory.createExpressionStatement(factory.createParenthesizedExpression(value)), statement));
      } else if (!ts.isFunctionDeclaration(statement) || statement.name !== undefined) others.push(visit(statement) as ts.Statement);
    }
    return factory.updateSourceFile(file, [...functions, ...others]);
  };
}

const EMPTY = factory.createBlock([]);

function member(name: string): ts.Expression {
  return factory.createPropertyAccessExpression(factory.createIdentifier(RUNTIME), name);
}

function runtime(name: string, parameters: readonly ts.Expression[]): ts.Expression {
  return factory.createCallExpression(member(name), undefined, parameters);
}

function assign(left: ts.Expression, right: ts.Expression, place: ts.Node): ts.Statement {
  const assignment = factory.createAssignment(left, right);
  // A pattern in braces at the start of a statement would be a block.
  const whole = ts.isObjectLiteralExpression(left) ? factory.createParenthesizedExpression(assignment) : assignment;
  return ts.setTextRange(factory.createExpressionStatement(whole), place);
}

function isShared(list: ts.VariableDeclarationList, slots: ReadonlySet<string>): boolean {
  return list.declarations.every(({ name }) => boundIdentifiers(name).every(({ text }) => slots.has(text)));
}

function isSharedVar(node: ts.ForInitializer | ts.VariableDeclarationList, slots: ReadonlySet<string>): boolean {
  return ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped) && isShared(node, slots);
}

/** `a = 1, {b} = c` of a list of declarations; those without a value leave theirs. */
function assignments(list: ts.VariableDeclarationList, visit: ts.Visitor): ts.Expression {
  const all = list.declarations
    .filter(({ initializer }) => initializer !== undefined)
    .map(({ name, initializer }): ts.Expression => {
      const value = ts.visitNode(initializer, visit) as ts.Expression;
      const assignment = factory.createAssignment(target(name, visit), value);
      return ts.isIdentifier(name) ? assignment : factory.createParenthesizedExpression(assignment);
    });
  return all.length === 0 ? factory.createVoidZero() : all.reduce((left, right) => factory.createComma(left, right));
}

/** The assignment target that binds what a declaration's name or pattern binds. */
function target(name: ts.BindingName, visit: ts.Visitor): ts.Expression {
  if (ts.isIdentifier(name)) return name;
  const withDefault = (element: ts.BindingElement): ts.Expression => {
    const left = target(element.name, visit);
    return element.initializer ? factory.createAssignment(left, ts.visitNode(element.initializer, visit) as ts.Expression) : left;
  };
  if (ts.isArrayBindingPattern(name)) {
    const elements = name.elements.map((element) => {
      if (ts.isOmittedExpression(element)) return element;
      return element.dotDotDotToken ? factory.createSpreadElement(target(element.name, visit)) : withDefault(element);
    });
    return factory.createArrayLiteralExpression(elements);
  }
  const properties = name.elements.map((element) => {
    if (element.dotDotDotToken) return factory.createSpreadAssignment(target(element.name, visit));
    if (element.propertyName === undefined && ts.isIdentifier(element.name)) {
      const initializer = element.initializer && (ts.visitNode(element.initializer, visit) as ts.Expression);
      return factory.createShorthandPropertyAssignment(element.name, initializer);
    }
    const key = ts.visitNode(element.propertyName ?? (element.name as ts.Identifier), visit) as ts.PropertyName;
    return factory.createPropertyAssignment(key, withDefault(element));
  });
  return factory.createObjectLiteralExpression(properties);
}
