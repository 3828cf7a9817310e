/** SQLite as Node brings it, loaded when the first database is opened: who imports the package for its structures does not pay for it. */
import type { DatabaseSync, DatabaseSyncOptions } from "node:sqlite";

let sqlite: typeof import("node:sqlite") | undefined;

/** Opens a database file. */
export function openDatabase(path: string, options: DatabaseSyncOptions = {}): DatabaseSync {
  sqlite ??= loaded();
  return new sqlite.DatabaseSync(path, options);
}

/** The module, without the notice that it is experimental: that is for us to know, not for the users of a package. */
function loaded(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
