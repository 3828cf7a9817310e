/** The package's own folder and version. */
import { readFileSync } from "node:fs";

/** The folder of the package, from src as well as from dist. */
export const PACKAGE: URL = new URL("../../", import.meta.url);

/** Version of qmml, from its package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8")) as { version: string }).version;
}
