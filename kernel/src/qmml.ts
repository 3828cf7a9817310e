/** The package `qmml` that the kernel was installed with. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const KERNEL = fileURLToPath(new URL("../", import.meta.url));

/** A folder from which `qmml` is found: the kernel's own, or that of the package of which the kernel is a part. */
export const QMML_BASE: string = finds(KERNEL) ? KERNEL : dirname(KERNEL);

/** URL of its main module. @throws Error if it is not installed. */
export function qmmlUrl(): string {
  return pathToFileURL(createRequire(`${QMML_BASE}/cell`).resolve("qmml")).href;
}

function finds(folder: string): boolean {
  try {
    createRequire(`${folder}/cell`).resolve("qmml");
    return true;
  } catch {
    return false;
  }
}
