/**
 * JavaScript of a local file in TypeScript: all of the language, not only what can be erased. It is compiled together with the local files
 * that it imports, since only they tell whether a name that is passed on is a type. Types are not checked here; a cell's own are, elsewhere.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, isAbsolute, relative, resolve } from "node:path";
import type ts from "typescript";
import { fileOf } from "./modulesResolve.ts";

/** A file as it runs. */
export interface Emitted {
  readonly code: string;
  /** Source map, as JSON. */
  readonly map: string;
}

/** Turns files into JavaScript. */
export interface Emitter {
  /** CommonJS for `.cts`, else an ES module. @throws SyntaxError with file, line and the line itself */
  emit(path: string): Emitted;
  /** @throws SyntaxError if the file, which may be JavaScript, has a syntax error */
  check(path: string): void;
}

/** @param folder the notebook's, which errors are relative to */
export function openEmitter(folder: string): Emitter {
  let compiler: typeof ts | undefined;
  // Loaded with the first file: 0.2 s and 50 MB, which most notebooks never need on this thread.
  const load = (): typeof ts => {
    compiler ??= createRequire(import.meta.url)("typescript") as typeof ts;
    return compiler;
  };
  let earlier: ts.Program | undefined;

  const parsed = (path: string): [ts.Program, ts.SourceFile] => {
    const program = programOf(load(), path, earlier);
    earlier = program;
    const file = program.getSourceFile(path) as ts.SourceFile;
    const [error] = program.getSyntacticDiagnostics(file);
    if (error) throw syntaxError(load(), error, file, nameOf(folder, path));
    return [program, file];
  };
  return {
    emit(path) {
      const [program, file] = parsed(path);
      let emitted: Emitted = { code: "", map: "" };
      program.emit(file, (name, text) => {
        emitted = name.endsWith(".map") ? { ...emitted, map: text } : { ...emitted, code: text.replace(/\/\/# sourceMappingURL=.*$/, "") };
      });
      return emitted;
    },
    check: (path) => void parsed(path),
  };
}

/** What errors and stack traces call a file: relative to the notebook where it lies below it. */
export function nameOf(folder: string, path: string): string {
  const name = relative(folder, path);
  return name.startsWith("..") || isAbsolute(name) ? path : name;
}

function programOf(ts: typeof import("typescript"), path: string, earlier: ts.Program | undefined): ts.Program {
  const options: ts.CompilerOptions = {
    // `using` and decorators are compiled away: Node 22 does not know them.
    target: ts.ScriptTarget.ES2024,
    module: path.endsWith(".cts") ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    esModuleInterop: true,
    allowJs: true,
    // A `const enum` is a value like any other, or else whoever uses it would have to be compiled anew with it.
    isolatedModules: true,
    sourceMap: true,
    noLib: true,
    types: [],
  };
  const host: ts.CompilerHost = {
    getSourceFile(name, language) {
      const text = readText(name);
      const known = earlier?.getSourceFile(name);
      if (known?.text === text) return known;
      return text === undefined ? undefined : ts.createSourceFile(name, text, language);
    },
    fileExists: (name) => readText(name) !== undefined,
    readFile: readText,
    resolveModuleNameLiterals: (literals, containing) => literals.map(({ text }) => ({ resolvedModule: resolved(text, containing) })),
    getDefaultLibFileName: () => "lib.d.ts",
    getCurrentDirectory: () => dirname(path),
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    writeFile: () => {},
  };
  return ts.createProgram({ rootNames: [path], options, host, oldProgram: earlier });
}

/** Local files in TypeScript only: what comes from others is taken to be values. */
function resolved(specifier: string, containing: string): ts.ResolvedModuleFull | undefined {
  const file = /^\.{0,2}\//.test(specifier) ? fileOf(resolve(dirname(containing), specifier)) : undefined;
  return file !== undefined && /\.[cm]?ts$/.test(file) ? { resolvedFileName: file, extension: extname(file) } : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function syntaxError(ts: typeof import("typescript"), { start = 0, messageText }: ts.Diagnostic, file: ts.SourceFile, name: string): Error {
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const text = `${name}:${line + 1}:${character + 1} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  const error = new SyntaxError(text);
  error.stack = `SyntaxError: ${text}\n    ${file.text.split("\n")[line]}\n    ${" ".repeat(character)}~`;
  return error;
}
