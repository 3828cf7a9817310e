/**
 * The cells of a notebook as modules that import from one another. A cell's text is followed by lines of the kernel's: imports of the names
 * that earlier cells declared last, `declare let` where they may be assigned to, and an export of its own. A cell that was compiled is
 * replaced by its declarations, so that later cells infer nothing anew.
 */
import type { CompiledCell, Failure } from "../threads.ts";
import type { Captures } from "./captures.ts";
import { typeErrors } from "./diagnostics.ts";
import { emit } from "./emit.ts";
import { declaredNames, isAmbient, type Name } from "./names.ts";
import { openProject, type Project } from "./project.ts";
import ts from "./typescript.js";

/** Where a name comes from. */
interface Origin {
  readonly module: string;
  readonly variable: boolean;
  /** The statement that declares it. */
  readonly source: string;
}

/** A text in a file of its own, which begins at `offset`. */
export interface Sketch {
  readonly service: ts.LanguageService;
  readonly path: string;
  readonly offset: number;
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
  /** A text of TypeScript's in which a cell's module is named as its cell: `P of cell[3]`. */
  readable(text: string): string;
  /** Puts `code` into a file of its own in which all names of the notebook are known; for questions about it. */
  sketch(code: string): Sketch;
  /** The statement that declares a name, if the file at `path` is a cell's. */
  sourceOf(path: string, name: string): string | undefined;
}

/**
 * Module of the cell that is compiled: the same for each, because TypeScript looks through all its files again whenever one is added to those
 * that it begins with. A number after it makes the name under which what the cell declared is kept.
 */
const CURRENT = "__qmml_cell";

/** @param folder the notebook's, absolute */
export function openCells(folder: string): Cells {
  const project = openProject(folder);
  const { service } = project;
  const origins = new Map<string, Origin>();
  const captures: Captures = new Map();
  const cellOf = new Map<string, string>();
  let count = 0;
  let sketched = "";

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

  const readable = (text: string): string =>
    text
      .replace(/import\("[^"]*?(__qmml_\w+)"\)\.([\w$.]+)/g, (_, module, of) =>
        cellOf.has(module) ? `${of} of ${cellOf.get(module)}` : of,
      )
      .replace(/["'][^"']*?(__qmml_cell\d*)["']/g, (_, module) => cellOf.get(module) ?? "a cell");

  return {
    project,
    readable,
    compile(code, name, keep) {
      cellOf.set(CURRENT, name);
      const path = project.path(`${CURRENT}.ts`);
      const names = declaredNames(ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true));
      project.write(path, code + epilogue(code, names), true);
      const program = service.getProgram() as ts.Program;
      const file = program.getSourceFile(path) as ts.SourceFile;
      const failure = typeErrors(program, file, code, name, readable);
      const ambient = isAmbient(file);
      // What it says of the global scope must not be said twice, and not at all by a cell that does not run.
      if (ambient) project.write(path, "export {};", true);
      if (failure) return failure;
      const { cell, declarations } = emit(program, file, code.length, name, captures);
      if (!keep) return cell;
      count += 1;
      const module = `./${CURRENT}${count}`;
      cellOf.set(module.slice(2), name);
      project.write(project.path(`${module}.ts`), declarations ?? code + epilogue(code, names), ambient);
      for (const { text, variable, node } of names) {
        const statement = ts.findAncestor(node, (parent) => ts.isSourceFile(parent.parent)) ?? node;
        origins.set(text, { module, variable, source: statement.getText() });
      }
      return cell;
    },
    sketch(code) {
      const path = project.path("__qmml_sketch.ts");
      const own = declaredNames(ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true));
      // All names are offered, not only those already written; in front, because what is being written may have no end.
      const prologue = epilogue(`${code}\n${[...origins.keys()].join(" ")}`, own);
      if (prologue + code !== sketched) {
        sketched = prologue + code;
        project.write(path, sketched, true);
      }
      return { service, path, offset: prologue.length };
    },
    sourceOf(path, name) {
      const origin = origins.get(name);
      return origin && path.startsWith(project.path(`${origin.module}.`)) ? origin.source : undefined;
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
