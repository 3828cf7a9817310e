/** Modules for cells: found from the notebook's folder as from a file in it, and `qmml` from beside the kernel where the folder has none. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { constants, Script } from "node:vm";
import { qmmlUrl } from "../qmml.ts";

type Namespace = Readonly<Record<string, unknown>>;

/** Modules as seen from one folder. */
export interface Modules {
  /** `import(specifier, options)`. */
  load(specifier: unknown, options?: ImportCallOptions): Promise<Namespace>;
  readonly require: NodeJS.Require;
  /** `import.meta`. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** @param folder the notebook's, absolute */
export function modulesFrom(folder: string): Modules {
  const filename = join(folder, "notebook.ts");
  // Node resolves the import() of a script from the script's own place, by all the rules for ES modules.
  const script = new Script("(specifier, options) => import(specifier, options)", {
    filename,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const importHere = script.runInThisContext() as (specifier: string, options?: ImportCallOptions) => Promise<Namespace>;
  return {
    async load(given, options) {
      const specifier = String(given);
      const attributes = /^\.{0,2}\/.*\.json$/.test(specifier) ? { with: { type: "json" } } : options;
      try {
        return await importHere(specifier, attributes);
      } catch (error) {
        if (specifier === "qmml" && (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return import(qmmlUrl());
        throw error;
      }
    },
    require: createRequire(filename),
    meta: { url: pathToFileURL(filename).href, filename, dirname: folder },
  };
}

/** What `import { key }` binds; names that a CommonJS module does not announce are looked for in its exports. */
export function imported(module: Namespace, key: string): unknown {
  if (key === "*") return module;
  if (key in module) return module[key];
  return (module.default as Namespace | undefined)?.[key];
}
