/**
 * Loops of the top level at the speed of loops in a function. V8 keeps a variable of the global scope in memory, and a number with a fraction
 * in a new object with each assignment; so a loop that does not await works on copies of its own:
 *
 *     { const write = (a) => { s = a; }, copies = [s], turn = Float64Array.of(s);
 *       __qmml.loop = () => write(turn[0]);
 *       { let s = copies[0];
 *         try { for (...) { turn[0] = s; ... } } finally { __qmml.loop = undefined; write(s); } } }
 *
 * Nobody else looks at them meanwhile: copied are constants, and variables that no function refers to; of those that the loop assigns to
 * only numbers, which `turn` holds without objects of their own. A loop that an interrupt cuts off runs no `finally`: the runner calls
 * `__qmml.loop`, and the variables are those of the start of the turn. More than this store within the `try`, such as a call, and V8 would
 * take the numbers for objects again, five times as slow.
 */
import ts from "./typescript.js";

/** Parameter of a cell's function; named so that no cell takes the name. */
export const RUNTIME = "__qmml";

/** How a variable of the notebook may be copied: for reading if the loop does not assign to it, or as a number in any case. */
export type Copying = "read" | "number";

const { factory } = ts;
const WRITE = `${RUNTIME}_write`;
const COPIES = `${RUNTIME}_copies`;
const TURN = `${RUNTIME}_turn`;

/** Whether it is a loop that ends before anything else runs, with its label if it has one. */
export function isClosedLoop(node: ts.Node): node is ts.IterationStatement | ts.LabeledStatement {
  if (ts.isLabeledStatement(node)) return isClosedLoop(node.statement);
  return ts.isIterationStatement(node, false) && !waits(node);
}

/** The loop on copies of the notebook's variables that it names; as it is, if there are none. @param copying by slot name */
export function onCopies(loop: ts.Statement, copying: ReadonlyMap<string, Copying>, context: ts.TransformationContext): ts.Statement {
  const { named, assigned, inFunctions } = namesIn(loop);
  const slots = [...named].filter(
    (name) => copying.has(name) && !inFunctions.has(name) && (copying.get(name) === "number" || !assigned.has(name)),
  );
  if (slots.length === 0) return loop;
  const numbers = slots.filter((slot) => assigned.has(slot));
  const copies: [string, ts.Expression][] = [[COPIES, factory.createArrayLiteralExpression(slots.map(name))]];
  const locals = declaration(
    ts.NodeFlags.Let,
    slots.map((slot, i) => [slot, element(COPIES, i)]),
  );
  if (numbers.length === 0) return factory.createBlock([declaration(ts.NodeFlags.Const, copies), factory.createBlock([locals, loop])]);

  const parameters = numbers.map((_, i) => `${RUNTIME}_${i}`);
  const write = arrow(
    parameters,
    numbers.map((slot, i) => assignment(name(slot), name(parameters[i]))),
  );
  const writeBack = (values: readonly ts.Expression[]): ts.Statement =>
    factory.createExpressionStatement(factory.createCallExpression(name(WRITE), undefined, values));
  const turn = factory.createCallExpression(
    factory.createPropertyAccessExpression(name("Float64Array"), "of"),
    undefined,
    numbers.map(name),
  );
  const cutOff = arrow([], [writeBack(numbers.map((_, i) => element(TURN, i)))]);
  const hook = factory.createPropertyAccessExpression(name(RUNTIME), "loop");
  const turned = eachTurn(loop, () => numbers.map((slot, i) => assignment(element(TURN, i), name(slot))), context);
  const end = factory.createBlock([assignment(hook, factory.createVoidZero()), writeBack(numbers.map(name))]);
  return factory.createBlock([
    declaration(ts.NodeFlags.Const, [[WRITE, write], ...copies, [TURN, turn]]),
    assignment(hook, cutOff),
    factory.createBlock([locals, factory.createTryStatement(factory.createBlock([turned]), undefined, end)]),
  ]);
}

/** Every name in the loop, those assigned to, and those in its functions. Too many of the first, such as names of properties, do no harm. */
function namesIn(loop: ts.Node): Readonly<Record<"named" | "assigned" | "inFunctions", ReadonlySet<string>>> {
  const named = new Set<string>();
  const assigned = new Set<string>();
  const inFunctions = new Set<string>();
  const target = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) assigned.add(node.text);
    else if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) ts.forEachChild(node, target);
  };
  const visit = (node: ts.Node, within: boolean): void => {
    if (ts.isIdentifier(node)) {
      named.add(node.text);
      if (within) inFunctions.add(node.text);
    } else if (ts.isBinaryExpression(node) && assigns(node.operatorToken.kind)) target(node.left);
    else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) target(node.operand);
    else if (ts.isForInStatement(node) || ts.isForOfStatement(node)) target(node.initializer);
    const inner = within || ts.isFunctionLike(node) || ts.isClassLike(node);
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(loop, false);
  return { named, assigned, inFunctions };
}

function assigns(operator: ts.SyntaxKind): boolean {
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}

/** With statements at the start of each turn of the loop and of the loops in it. */
function eachTurn(loop: ts.Statement, first: () => readonly ts.Statement[], context: ts.TransformationContext): ts.Statement {
  const body = (statement: ts.Statement): ts.Statement => {
    const rest = ts.isBlock(statement) ? statement.statements : [statement];
    return ts.setTextRange(factory.createBlock([...first(), ...rest]), statement);
  };
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return node;
    const visited = ts.visitEachChild(node, visit, context);
    if (ts.isForStatement(visited))
      return factory.updateForStatement(visited, visited.initializer, visited.condition, visited.incrementor, body(visited.statement));
    if (ts.isForInStatement(visited))
      return factory.updateForInStatement(visited, visited.initializer, visited.expression, body(visited.statement));
    if (ts.isForOfStatement(visited))
      return factory.updateForOfStatement(visited, visited.awaitModifier, visited.initializer, visited.expression, body(visited.statement));
    if (ts.isWhileStatement(visited)) return factory.updateWhileStatement(visited, visited.expression, body(visited.statement));
    if (ts.isDoStatement(visited)) return factory.updateDoStatement(visited, body(visited.statement), visited.expression);
    return visited;
  };
  return visit(loop) as ts.Statement;
}

function waits(node: ts.Node): boolean {
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
  if (ts.isFunctionLike(node)) return false;
  return ts.forEachChild(node, waits) ?? false;
}

function name(text: string): ts.Identifier {
  return factory.createIdentifier(text);
}

function element(array: string, index: number): ts.Expression {
  return factory.createElementAccessExpression(name(array), index);
}

function assignment(left: ts.Expression, right: ts.Expression): ts.Statement {
  return factory.createExpressionStatement(factory.createAssignment(left, right));
}

function arrow(parameters: readonly string[], statements: readonly ts.Statement[]): ts.Expression {
  const declared = parameters.map((parameter) => factory.createParameterDeclaration(undefined, undefined, parameter));
  return factory.createArrowFunction(undefined, undefined, declared, undefined, undefined, factory.createBlock(statements));
}

function declaration(flags: ts.NodeFlags, variables: readonly (readonly [string, ts.Expression])[]): ts.Statement {
  const list = variables.map(([variable, value]) => factory.createVariableDeclaration(variable, undefined, undefined, value));
  return factory.createVariableStatement(undefined, factory.createVariableDeclarationList(list, flags));
}
