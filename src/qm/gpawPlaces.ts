/** Where GPAW's own Python environment is: it needs another ASE than everybody else. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pythonPath } from "./worker.ts";

/** Last file of an installation. */
export const GPAW_RECORD = "engine.json";

/** Its folder beside the other engines': in `QMML_ENGINES`, or `qmml/engines` in the user's data folder. */
export function gpawFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { QMML_ENGINES, XDG_DATA_HOME } = environment;
  return join(QMML_ENGINES || join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "qmml", "engines"), "gpaw");
}

/** The Python of the installation if there is one, else everybody's, which may have a GPAW. */
export function gpawPython(): string {
  const folder = gpawFolder();
  return existsSync(join(folder, GPAW_RECORD)) ? join(folder, "bin", "python") : pythonPath();
}
