/**
 * The local files that cells have loaded. A file that changed on disk, and each that imports it, gets a new version, under which it is loaded
 * anew; all others keep their instance. Packages are not among them.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";

/** Local files and what they import. */
export interface LocalFiles {
  has(path: string): boolean;
  /** The version that is to be loaded now. @param importer path of the local file that imports it, if none of the cells does */
  version(path: string, importer?: string): number;
  /** Its text, remembered as what was loaded. */
  read(path: string): string;
  /** Looks at the disk: costs a question of the file system for each file loaded so far. */
  refresh(): void;
  /** A load begins; what it reads is not known to work before `settled`. */
  begun(): void;
  /** It ended. Where it failed its files are loaded anew next time: the cause may lie elsewhere, such as a package not yet installed. */
  settled(succeeded: boolean): void;
}

interface LocalFile {
  version: number;
  /** Undefined until this version is loaded. */
  loaded?: { stamp: string; readonly digest: string };
  readonly importers: Set<string>;
}

/** @returns an empty record of files */
export function openLocalFiles(): LocalFiles {
  const files = new Map<string, LocalFile>();
  const unsettled = new Set<string>();
  const { cache } = createRequire(import.meta.url);
  let loads = 0;

  const outdate = (paths: Iterable<string>): void => {
    const stale = new Set(paths);
    for (const path of stale) {
      const file = files.get(path) as LocalFile;
      file.version += 1;
      file.loaded = undefined;
      delete cache[path];
      for (const importer of file.importers) stale.add(importer);
      // What it imports is known when it is loaded again.
      for (const { importers } of files.values()) importers.delete(path);
    }
  };

  return {
    has: (path) => files.has(path),
    version(path, importer) {
      const file = files.get(path) ?? { version: 0, importers: new Set() };
      files.set(path, file);
      if (importer !== undefined) file.importers.add(importer);
      return file.version;
    },
    read(path) {
      const stamp = stampOf(path);
      const text = readFileSync(path, "utf8");
      (files.get(path) as LocalFile).loaded = { stamp, digest: digestOf(text) };
      if (loads > 0) unsettled.add(path);
      return text;
    },
    refresh() {
      // Node asks nobody where a module lies that another in the same folder has required before.
      for (const path of files.keys()) for (const { filename } of cache[path]?.children ?? []) files.get(filename)?.importers.add(path);
      outdate([...files].filter(([path, { loaded }]) => loaded && isChanged(path, loaded)).map(([path]) => path));
    },
    begun() {
      loads += 1;
    },
    settled(succeeded) {
      loads -= 1;
      if (!succeeded) outdate(unsettled);
      if (!succeeded || loads === 0) unsettled.clear();
    },
  };
}

/** A file that was written with the same text is the same: only its stamp is brought up to date. */
function isChanged(path: string, loaded: { stamp: string; readonly digest: string }): boolean {
  const stamp = stampOf(path);
  if (stamp === loaded.stamp) return false;
  loaded.stamp = stamp;
  return stamp === "" || digestOf(readFileSync(path, "utf8")) !== loaded.digest;
}

/** "" of a file that is not there. */
function stampOf(path: string): string {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? "" : `${status.mtimeNs} ${status.size}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
