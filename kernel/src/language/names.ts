/** The names that a cell gives to the notebook: what its top level declares or imports, and each `var` in its blocks. */
import ts from "./typescript.js";

/** How a later cell may use a name. */
export interface Name {
  readonly text: string;
  /** The identifier that declares it first. */
  readonly node: ts.Identifier;
  /** Whether it may be assigned to. */
  readonly variable: boolean;
  /** Whether it is there when the cell runs. */
  readonly value: boolean;
  /** Whether the cell itself exports it. */
  readonly exported: boolean;
}

/** Names declared by the file, each once; a name that is a type and a value at once counts as a value. */
export function declaredNames(file: ts.SourceFile): Name[] {
  const names = new Map<string, Name>();
  const add = (node: ts.Identifier | undefined, kind: Partial<Pick<Name, "variable" | "value" | "exported">>): void => {
    if (node === undefined) return;
    const { variable = false, value = true, exported = false } = kind;
    const known = names.get(node.text);
    if (known === undefined) names.set(node.text, { text: node.text, node, variable, value, exported });
    else names.set(node.text, { ...known, variable: known.variable || variable, value: known.value || value });
  };
  const addList = (list: ts.VariableDeclarationList, exported: boolean, value = true): void => {
    for (const declaration of list.declarations) {
      for (const node of boundIdentifiers(declaration.name)) add(node, { variable: !(list.flags & ts.NodeFlags.Const), value, exported });
    }
  };
  for (const statement of file.statements) {
    const exported = hasModifier(statement, ts.SyntaxKind.ExportKeyword) && !hasModifier(statement, ts.SyntaxKind.DefaultKeyword);
    const value = !hasModifier(statement, ts.SyntaxKind.DeclareKeyword);
    if (ts.isVariableStatement(statement)) addList(statement.declarationList, exported, value);
    else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) add(statement.name, { exported, value });
    else if (ts.isEnumDeclaration(statement)) add(statement.name, { exported, value });
    else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) add(statement.name, { exported, value: false });
    else if (ts.isModuleDeclaration(statement)) {
      if (ts.isIdentifier(statement.name) && statement.name.text !== "global") add(statement.name, { exported, value });
    } else if (ts.isImportDeclaration(statement)) for (const { node, type } of imported(statement)) add(node, { value: !type });
    else if (ts.isImportEqualsDeclaration(statement)) add(statement.name, { exported, value: !statement.isTypeOnly });
    else for (const list of nestedVars(statement)) addList(list, false);
  }
  return [...names.values()];
}

/** Whether other cells see the file without naming it: it declares globals or foreign modules. */
export function isAmbient(file: ts.SourceFile): boolean {
  return file.statements.some((node) => ts.isModuleDeclaration(node) && (ts.isStringLiteral(node.name) || node.name.text === "global"));
}

/** What an import declaration binds: the identifier, its name in the module (`default`, `*` for all of it), whether it is a type only. */
export function imported(node: ts.ImportDeclaration): { node: ts.Identifier; name: string; type: boolean }[] {
  const clause = node.importClause;
  if (clause === undefined) return [];
  const type = clause.isTypeOnly;
  const found = clause.name ? [{ node: clause.name, name: "default", type }] : [];
  const bindings = clause.namedBindings;
  if (bindings === undefined) return found;
  if (ts.isNamespaceImport(bindings)) return [...found, { node: bindings.name, name: "*", type }];
  return [
    ...found,
    ...bindings.elements.map(({ name, propertyName = name, isTypeOnly }) => ({
      node: name,
      name: propertyName.text,
      type: type || isTypeOnly,
    })),
  ];
}

/** Whether an imported name is there when the program runs; what TypeScript does not know is taken to be. */
export function isValue(checker: ts.TypeChecker, node: ts.Identifier): boolean {
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol === undefined || !(symbol.flags & ts.SymbolFlags.Alias)) return true;
  const target = checker.getAliasedSymbol(symbol);
  return target.name === "unknown" || Boolean(target.flags & ts.SymbolFlags.Value);
}

/** Identifiers of a declaration's name, which may be a pattern. */
export function boundIdentifiers(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundIdentifiers(element.name)));
}

/** Whether a statement carries a modifier such as `export`. */
function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false);
}

/** `var` lists within a statement but not within its functions. */
function nestedVars(statement: ts.Node): ts.VariableDeclarationList[] {
  const found: ts.VariableDeclarationList[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(statement);
  return found;
}
