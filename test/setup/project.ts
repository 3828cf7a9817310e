/** Small projects in temporary folders, made of what npm and pip can do without a network. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";

/** A port of this machine that nothing listens on (discard), so that a connection is refused at once. */
export const CLOSED = "http://127.0.0.1:9";

/** A folder that is gone after the tests of the file; its name holds a space, as a user's may. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "qmml setup "));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Writes files, given by path below `root`. */
export function write(root: string, files: Readonly<Record<string, string | object>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
}

/** package.json of a project like this one, with its lock file. */
function npmProject(dependencies: Readonly<Record<string, string>>, packages: Readonly<Record<string, object>>): string {
  const root = folder();
  const own = { name: "small", version: "1.0.0", engines: { node: ">=22.13" }, config: { node: "22.23.3" }, dependencies };
  write(root, { "package.json": own, "package-lock.json": { lockfileVersion: 3, packages: { "": own, ...packages } } });
  return root;
}

/** A project whose one dependency lies in a folder of it, so that `npm ci` needs no network. */
export function offlineProject(): string {
  const root = npmProject({ dep: "file:dep" }, { dep: { version: "1.0.0" }, "node_modules/dep": { resolved: "dep", link: true } });
  write(root, { "dep/package.json": { name: "dep", version: "1.0.0" } });
  return root;
}

/** A project whose one dependency has to be fetched. */
export function onlineProject(): string {
  return npmProject({ "is-any-array": "2.0.1" }, { "node_modules/is-any-array": { version: "2.0.1" } });
}
