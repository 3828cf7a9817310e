/**
 * Modules for cells: found from the notebook's folder as from a file in it. Hooks of Node's own loader resolve what cells and local files
 * import: local files by TypeScript's rules and in their present version, packages by Node's, and those that come with the kernel from beside
 * it where the folder has none.
 */
import { createRequire, registerHooks } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { providedFrom } from "../qmml.ts";
import { type Emitter, nameOf, openEmitter } from "./modulesEmit.ts";
import { type LocalFiles, openLocalFiles } from "./modulesLocal.ts";
import { fileOf } from "./modulesResolve.ts";
import { addSourceMap } from "./stack.ts";
import { attachTslab } from "./tslab.ts";

type Namespace = Readonly<Record<string, unknown>>;
type ResolveHook = NonNullable<Parameters<typeof registerHooks>[0]["resolve"]>;
type LoadHook = NonNullable<Parameters<typeof registerHooks>[0]["load"]>;

/** Modules as seen from one folder. */
export interface Modules {
  /** `import(specifier, options)`. */
  load(specifier: unknown, options?: ImportCallOptions): Promise<Namespace>;
  readonly require: NodeJS.Require;
  /** `import.meta`. */
  readonly meta: ImportMeta;
}

/** A module that stands for the notebook: what it imports is found from its folder, by all the rules of Node. */
const NOTEBOOK = "qmml:notebook";
const NOTEBOOK_CODE = "export const meta = import.meta; export const load = (specifier, options) => import(specifier, options);";

/** Of the notebook and of local files: what is a local file, not a package. */
const LOCAL = /^(\.{0,2}\/|\.{1,2}$|file:)/;

const TYPESCRIPT = /\.[cm]?ts$/;
const JAVASCRIPT = /\.[cm]?js$/;

/** @param folder the notebook's, absolute. Changes how modules are loaded in this thread, for what they import from there */
export function modulesFrom(folder: string): Modules {
  const notebook = join(folder, "notebook.ipynb");
  const files = openLocalFiles();
  const emitter = openEmitter(folder);
  const read: string[] = [];
  registerHooks({ resolve: resolveHook(notebook, files), load: loadHook(folder, notebook, files, emitter, (path) => read.push(path)) });
  const requireHere = createRequire(notebook);
  const { meta, load } = requireHere(NOTEBOOK) as { meta: ImportMeta; load: Modules["load"] };
  const again = <T>(id: string): T => {
    files.refresh();
    return requireHere(id) as T;
  };
  return {
    async load(given, options) {
      const specifier = String(given);
      read.length = 0;
      files.begun();
      let succeeded = false;
      try {
        const module = await load(specifier, options);
        succeeded = true;
        return interoperable(module, requireHere);
      } catch (error) {
        // V8 names no place in a module.
        if (error instanceof SyntaxError) for (const path of read.filter((name) => JAVASCRIPT.test(name))) emitter.check(path);
        throw error;
      } finally {
        files.settled(succeeded);
      }
    },
    require: Object.assign(again, requireHere),
    meta,
  };
}

/** What `import { key }` binds; names in JSON that a module cannot export are looked for in its value. */
export function imported(module: Namespace, key: string): unknown {
  if (key === "*") return module;
  if (key in module) return module[key];
  return (module.default as Namespace | undefined)?.[key];
}

function resolveHook(notebook: string, files: LocalFiles): ResolveHook {
  return (specifier, context, next) => {
    if (specifier === NOTEBOOK) return { url: pathToFileURL(notebook).href, format: "module", shortCircuit: true };
    const parent = context.parentURL?.startsWith("file:") ? fileURLToPath(context.parentURL) : "";
    const isNotebook = parent === notebook;
    if (!isNotebook && !files.has(parent)) return next(specifier, context);
    const path = LOCAL.test(specifier)
      ? fileOf(specifier.startsWith("file:") ? fileURLToPath(specifier) : resolve(dirname(parent), specifier))
      : undefined;
    if (path === undefined || path.includes("/node_modules/")) return withType(providing(specifier, context, next), context);
    if (isNotebook) files.refresh();
    const version = files.version(path, isNotebook ? undefined : parent);
    const { href } = pathToFileURL(path);
    return withType({ url: version === 0 ? href : `${href}?version=${version}`, shortCircuit: true }, context);
  };
}

/** A package of the folder, or else the kernel's own. What tslab's displays show goes to this kernel. */
const providing: ResolveHook = (specifier, context, next) => {
  const found = foundOrProvided(specifier, context, next);
  if (specifier === "tslab") attachTslab(createRequire(found.url)(fileURLToPath(found.url)));
  return found;
};

const foundOrProvided: ResolveHook = (specifier, context, next) => {
  try {
    return next(specifier, context);
  } catch (error) {
    const base = providedFrom(specifier);
    if (base === undefined || !/MODULE_NOT_FOUND$/.test(String((error as NodeJS.ErrnoException).code))) throw error;
    return next(specifier, { ...context, parentURL: pathToFileURL(join(base, "cell")).href });
  }
};

/** JSON is imported without an attribute, as TypeScript allows. */
function withType(found: ReturnType<ResolveHook>, { importAttributes }: Parameters<ResolveHook>[1]): ReturnType<ResolveHook> {
  const isImport = importAttributes !== undefined;
  return isImport && /\.json(\?|$)/.test(found.url) ? { ...found, importAttributes: { type: "json" } } : found;
}

function loadHook(folder: string, notebook: string, files: LocalFiles, emitter: Emitter, onRead: (path: string) => void): LoadHook {
  return (url, context, next) => {
    const path = url.startsWith("file:") ? fileURLToPath(url) : "";
    if (path === notebook) return { format: "module", source: NOTEBOOK_CODE, shortCircuit: true };
    if (!files.has(path)) return next(url, context);
    files.read(path);
    onRead(path);
    if (!TYPESCRIPT.test(path)) return next(url, context);
    const { code, map } = emitter.emit(path);
    const isCommon = path.endsWith(".cts");
    addSourceMap(isCommon ? path : url, map, nameOf(folder, path));
    return { format: isCommon ? "commonjs" : "module", source: code, shortCircuit: true };
  };
}

/**
 * A CommonJS module as bundlers, and with them TypeScript's types, see it: all of its properties by name, and `default` its own where it was an
 * ES module before it was compiled. Node announces only the names that it finds in the text.
 */
function interoperable(module: Namespace, { cache }: NodeJS.Require): Namespace {
  const exports = module.default as Namespace | undefined;
  if ((typeof exports !== "object" && typeof exports !== "function") || exports === null) return module;
  const wasModule = exports.__esModule === true && "default" in exports;
  const isComplete = Object.keys(exports).every((key) => key in module);
  if ((isComplete && !wasModule) || !Object.values(cache).some((loaded) => loaded?.exports === exports)) return module;
  const names = new Set([...Object.keys(module), ...Object.keys(exports)]);
  const properties = [...names].map((key) => {
    const get = (): unknown => (key === "default" && !wasModule ? exports : exports[key]);
    return [key, { get, enumerable: true }] as const;
  });
  return Object.create(null, Object.fromEntries(properties)) as Namespace;
}
