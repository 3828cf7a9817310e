/**
 * The cells of a notebook as modules that import from one another. A cell's text is followed by lines of the kernel's: imports of the names
 * that earlier cells declared last, `declare let` where they may be assigned to, and an export of its own. A cell that was compiled is
 * replaced by its declarations, so that later cells infer nothing anew.
 */

import type { CompiledCell, Failure } from "../threads.ts";
import { typeErrors } from "./diagnostics.ts";
import { declaredNames, imported, isAmbient, type Name } from "./names.ts";
import { openProject, type Project } from "./project.ts";
import { rename, slotName } from "./rename.ts";
import { type Rewritten, RUNTIME, rewrite } from "./rewrite.ts";
import ts from "./typescript.js";

/** Where a name comes from. */
interface Origin {
  readonly module: string;
  readonly variable: boolean;
}

/** A notebook's cells so far. */
export interface Cells {
  readonly project: Project;
  /**
   * Checks a cell and makes it runnable; its names are known from now on, even if it throws when it runs.
   * @param name `cell[3]`, for stack traces
   * @param keep false: its names are forgotten, as those of an expression that only asks
   */
  compile(code: string, name: string, keep: boolean): CompiledCell | Failure;
  /** Puts `code` into a file of its own in which all names of the notebook are known; for questions about it. @returns its path */
  sketch(code: string): string;
}

/** @param folder the notebook's, absolute */
export function openCells(folder: string): Cells {
  const project = openProject(folder);
  const { service } = project;
  const origins = new Map<string, Origin>();
  let count = 0;

  const epilogue = (code: string, own: readonly Name[]): string => {
    const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest);
    const used = new Set(code.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
    const declared = new Set(own.map(({ text }) => text));
    const lines = [...origins]
      .filter(([name]) => used.has(name) && !declared.has(name))
      .map(([name, { module, variable }]) =>
        variable ? `declare let ${name}: typeof import("${module}").${name};` : `import { ${name} } from "${module}";`,
      );
    const listed = new Set(exportedElsewhere(file));
    const exported = own.filter(({ text, exported }) => !exported && !listed.has(text)).map(({ text }) => text);
    return `\n${lines.join("\n")}\nexport { ${exported.join(", ")} };\n`;
  };

  return {
    project,
    compile(code, name, keep) {
      count += 1;
      const module = `./__qmml_cell${count}`;
      const path = project.path(`${module}.ts`);
      const names = declaredNames(ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true));
      project.write(path, code + epilogue(code, names), true);
      const program = service.getProgram() as ts.Program;
      const file = program.getSourceFile(path) as ts.SourceFile;
      const failure = typeErrors(program, file, code, name);
      if (failure) {
        project.remove(path);
        return failure;
      }
      const { cell, declarations } = emit(program, file, code.length, name);
      if (!keep) {
        project.remove(path);
        return cell;
      }
      const ambient = isAmbient(file);
      project.write(path, declarations ?? code + epilogue(code, names), ambient);
      for (const { text, variable } of names) origins.set(text, { module, variable });
      return cell;
    },
    sketch(code) {
      const path = project.path("__qmml_sketch.ts");
      const own = declaredNames(ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true));
      // All names are offered, not only those already written.
      project.write(path, code + epilogue(`${code}\n${[...origins.keys()].join(" ")}`, own), true);
      return path;
    },
  };
}

/** Names in a cell's own `export { ... }`. */
function exportedElsewhere(file: ts.SourceFile): string[] {
  return file.statements.flatMap((node) =>
    ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause)
      ? node.exportClause.elements.map(({ name }) => name.text)
      : [],
  );
}

/** JavaScript of a cell, and its declarations where TypeScript can write them. @param length of the user's part of the file */
function emit(program: ts.Program, file: ts.SourceFile, length: number, name: string): { cell: CompiledCell; declarations?: string } {
  const checker = program.getTypeChecker();
  const own = file.statements.filter((statement) => statement.getStart(file) < length);
  const names = declaredNames(file);
  const slots = names.filter(({ value, node }) => value && node.pos < length).map(({ text }) => slotName(text));
  const last = own.at(-1);
  const learned: Rewritten = { waits: false };
  const written = new Map<string, string>();
  const { diagnostics } = program.emit(
    file,
    (path, text) => written.set(path.replace(/^.*?(\.d\.ts|\.js\.map|\.js)$/, "$1"), text),
    undefined,
    false,
    {
      before: [
        rename(
          checker,
          names.map(({ node }) => node),
        ),
      ],
      after: [rewrite(new Set(slots), last && (ts.isExpressionStatement(last) || ts.isExportAssignment(last)) ? last : undefined, learned)],
    },
  );
  const modules: string[] = [];
  const bindings: string[] = [];
  for (const declaration of own.filter(ts.isImportDeclaration)) {
    const values = imported(declaration).filter(({ node, type }) => !type && isValue(checker, node));
    const whole = declaration.importClause === undefined;
    if (!whole && values.length === 0) continue;
    const index = modules.push((declaration.moduleSpecifier as ts.StringLiteral).text) - 1;
    for (const { node, name: key } of values)
      bindings.push(`${slotName(node.text)} = ${RUNTIME}.imported(${index}, ${JSON.stringify(key)});`);
  }
  const body = (written.get(".js") ?? "").replace(/^\/\/# sourceMappingURL=.*$/m, "");
  const code = `(${learned.waits ? "async " : ""}function (${RUNTIME}, require) { "use strict"; ${bindings.join(" ")}\n${body}\n})`;
  const cell = { name, code, map: written.get(".js.map") ?? "", slots, modules, waits: learned.waits };
  return diagnostics.length === 0 ? { cell, declarations: written.get(".d.ts") } : { cell };
}

/** Whether an imported name is there when the program runs; what TypeScript does not know is taken to be. */
function isValue(checker: ts.TypeChecker, node: ts.Identifier): boolean {
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol === undefined || !(symbol.flags & ts.SymbolFlags.Alias)) return true;
  const target = checker.getAliasedSymbol(symbol);
  return target.name === "unknown" || Boolean(target.flags & ts.SymbolFlags.Value);
}
