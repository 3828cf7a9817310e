/** The package's own folder, programs and version. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the package, from src as well as from dist. */
export const PACKAGE: URL = new URL("../../", import.meta.url);

/** Path of one of the package's programs, in the sources as in the build; `name` like `cli/runner`. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`../${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));
}

/** Version of qmml, from its package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8")) as { version: string }).version;
}
