/** The packages that every notebook finds: its folder's, else those that the kernel was installed with. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const KERNEL = fileURLToPath(new URL("../", import.meta.url));

/** A folder from which `qmml` is found: the kernel's own, or that of the package of which the kernel is a part. */
const QMML_BASE = finds(KERNEL) ? KERNEL : dirname(KERNEL);

/** URL of qmml's main module. @throws Error if it is not installed. */
export function qmmlUrl(): string {
  return pathToFileURL(createRequire(`${QMML_BASE}/cell`).resolve("qmml")).href;
}

/** The folder from which a module of a package that comes with the kernel is found; undefined for all other modules. */
export function providedFrom(specifier: string): string | undefined {
  const [name] = specifier.split("/");
  return name === "qmml" ? QMML_BASE : name === "tslab" ? KERNEL : undefined;
}

function finds(folder: string): boolean {
  try {
    createRequire(`${folder}/cell`).resolve("qmml");
    return true;
  } catch {
    return false;
  }
}
