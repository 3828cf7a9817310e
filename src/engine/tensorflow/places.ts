/** Where TensorFlow's packages are kept, and what is known of one that was installed there. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** TensorFlow for the processor, or for a GPU of NVIDIA's. */
export type TensorflowName = "tensorflow" | "tensorflow-gpu";

/** npm packages; both have the version `VERSION`. */
export const PACKAGES: Readonly<Record<TensorflowName, string>> = {
  tensorflow: "@tensorflow/tfjs-node",
  "tensorflow-gpu": "@tensorflow/tfjs-node-gpu",
};

/** Of the npm packages. */
export const VERSION = "4.22.0";

/** What the installer leaves when it has finished. */
export interface Installation {
  readonly name: TensorflowName;
  readonly package: string;
  readonly version: string;
  /** Where the library is from, e.g. `tensorflow-cpu 2.15.1 of PyPI`. */
  readonly library: string;
}

/** The folder of engines: `QMML_ENGINES`, or `qmml/engines` in the user's data folder. */
export function enginesFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { QMML_ENGINES, XDG_DATA_HOME } = environment;
  return QMML_ENGINES || join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "qmml", "engines");
}

/** Last file of an installation. */
export const RECORD = "engine.json";

/** What is installed under that name, if it was finished. */
export function installation(name: TensorflowName, folder: string = enginesFolder()): Installation | undefined {
  const record = join(folder, name, RECORD);
  return existsSync(record) ? JSON.parse(readFileSync(record, "utf8")) : undefined;
}
