/**
 * The notebook as TypeScript sees it: a language service over one module file per cell, in memory, that lie in the notebook's folder, so that
 * its packages and files are found. Types of Node and of qmml come with the kernel where the folder has none. Local files are looked at again
 * with each cell; packages are taken not to change.
 */
import { statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { providedFrom } from "../qmml.ts";
import { GLOBALS } from "./globals.ts";
import ts from "./typescript.js";

/** Language service and its files. */
export interface Project {
  readonly service: ts.LanguageService;
  /** Path of a file in memory by its name in the notebook's folder. */
  path(name: string): string;
  /** Writes a file in memory. @param root whether it is part of the program even if nothing imports it */
  write(path: string, text: string, root: boolean): void;
  remove(path: string): void;
}

const OPTIONS: ts.CompilerOptions = {
  // `using` is compiled away: Node 22 does not know it.
  target: ts.ScriptTarget.ES2024,
  lib: ["lib.es2024.d.ts", "lib.esnext.array.d.ts", "lib.esnext.collection.d.ts", "lib.esnext.iterator.d.ts", "lib.esnext.disposable.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  customConditions: ["node"],
  resolveJsonModule: true,
  esModuleInterop: true,
  allowImportingTsExtensions: true,
  // For the types of local files; those in packages are not read.
  allowJs: true,
  strict: true,
  // What a notebook catches it mostly prints: `e.message` without a cast.
  useUnknownInCatchVariables: false,
  // Packages without types are usable.
  noImplicitAny: false,
  skipLibCheck: true,
  declaration: true,
  sourceMap: true,
  types: [],
  // Not looked for in node_modules again with each cell.
  libReplacement: false,
};

/** What TypeScript asks of a host and has not published. */
interface Unpublished {
  /** Where it says no, a file that has not changed keeps what its imports meant. */
  hasInvalidatedResolutions(path: string): boolean;
  /** Is given the host that the language service makes of this one. */
  setCompilerHost(compiler: ts.CompilerHost): void;
}

/** @param folder the notebook's, absolute */
export function openProject(folder: string): Project {
  const files = new Map<string, { readonly text: string; readonly version: string; readonly root: boolean }>();
  const onDisk = new Map<string, { readonly snapshot: ts.IScriptSnapshot | undefined; readonly version: string }>();
  let version = 0;
  const readFile = (path: string): string | undefined => files.get(path)?.text ?? ts.sys.readFile(path);
  const fileExists = (path: string): boolean => files.has(path) || ts.sys.fileExists(path);
  const resolver = { fileExists, readFile, directoryExists: ts.sys.directoryExists, realpath: ts.sys.realpath };
  /** Files that cells, or other local files, import by a path. */
  const local = new Set<string>();
  /** Packages that were found stay found; what a cell did not find may be installed before the next. */
  const found = new Map<string, ts.ResolvedModuleWithFailedLookupLocations>();
  const resolveModule = (name: string, containing: string): ts.ResolvedModuleWithFailedLookupLocations => {
    const isOwn = files.has(containing) || local.has(containing);
    if (isOwn && (isAbsolute(name) || ts.isExternalModuleNameRelative(name))) {
      const here = ts.resolveModuleName(name, containing, OPTIONS, resolver);
      const path = here.resolvedModule?.resolvedFileName;
      if (path !== undefined && !files.has(path) && !path.includes("/node_modules/")) local.add(path);
      return here;
    }
    const key = `${dirname(containing)} ${name}`;
    const known = found.get(key);
    if (known) return known;
    const here = ts.resolveModuleName(name, containing, OPTIONS, resolver);
    const base = providedFrom(name);
    const module = here.resolvedModule || base === undefined ? here : ts.resolveModuleName(name, join(base, "cell.ts"), OPTIONS, resolver);
    if (module.resolvedModule || isBuiltin(name) || !isOwn) found.set(key, module);
    return module;
  };
  const versionOf = (path: string): string => files.get(path)?.version ?? (local.has(path) ? stamp(path) : "0");
  /** Without it the package.json above each of TypeScript's own libraries is read again with each cell. */
  const packages = ts.createModuleResolutionCache(folder, (path) => path, OPTIONS);
  const host: ts.LanguageServiceHost & Unpublished = {
    getCompilationSettings: () => OPTIONS,
    getScriptFileNames: () => [nodeTypes(folder), ...[...files].filter(([, { root }]) => root).map(([path]) => path)],
    getScriptVersion: versionOf,
    getScriptSnapshot(path) {
      const own = files.get(path);
      if (own) return ts.ScriptSnapshot.fromString(own.text);
      const [known, version] = [onDisk.get(path), versionOf(path)];
      if (known?.version === version) return known.snapshot;
      const text = ts.sys.readFile(path);
      const snapshot = text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      onDisk.set(path, { snapshot, version });
      return snapshot;
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    getProjectVersion: () => String(version),
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    readFile,
    fileExists,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    readDirectory: ts.sys.readDirectory,
    realpath: ts.sys.realpath,
    resolveModuleNameLiterals: (literals, containing) => literals.map(({ text }) => resolveModule(text, containing)),
    // Node's types once only, whichever of them a package would like.
    resolveTypeReferenceDirectiveReferences: (references, containing) =>
      references.map((reference) => {
        const name = typeof reference === "string" ? reference : reference.fileName;
        if (name === "node") return { resolvedTypeReferenceDirective: { primary: true, resolvedFileName: nodeTypes(folder) } };
        return ts.resolveTypeReferenceDirective(
          name,
          containing,
          OPTIONS,
          resolver,
        ) as ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations;
      }),
    hasInvalidatedResolutions: (path) => local.has(path),
    setCompilerHost(compiler) {
      compiler.getModuleResolutionCache = () => packages;
    },
  };
  const project: Project = {
    service: ts.createLanguageService(host),
    path: (name) => join(folder, name),
    write(path, text, root) {
      version += 1;
      files.set(path, { text, version: String(version), root });
    },
    remove(path) {
      version += 1;
      files.delete(path);
    },
  };
  project.write(project.path("__qmml_globals.d.ts"), GLOBALS, true);
  return project;
}

/** Changes when the file does. */
function stamp(path: string): string {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? "none" : `${status.mtimeNs} ${status.size}`;
}

/** index.d.ts of @types/node: the folder's, else the kernel's. */
function nodeTypes(folder: string): string {
  for (const from of [join(folder, "cell"), import.meta.url]) {
    try {
      return join(dirname(createRequire(from).resolve("@types/node/package.json")), "index.d.ts");
    } catch {
      // The next place is asked.
    }
  }
  throw new Error("the types of Node (@types/node) are not installed beside the kernel; install qmml-kernel again");
}
