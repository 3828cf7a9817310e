/** TensorFlow for the tests, in .cache/engines: installed by qmml's own command, from npm and PyPI. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The package for GPUs is loaded on machines without one, to see that it says so. */
const NAMES = ["tensorflow", "tensorflow-gpu"];

/**
 * Installs what is missing. Without it the tests that need it fail and say so, and all others run.
 * @param {string} root project folder, built
 * @param {string} node the Node to run the project with
 */
export function installEngines(root, node) {
  const folder = join(root, ".cache", "engines");
  for (const name of NAMES) {
    if (existsSync(join(folder, name, "engine.json"))) continue;
    const start = performance.now();
    const { status, stderr } = spawnSync(node, [join(root, "dist", "cli", "main.js"), "engine", "install", name], {
      env: { ...process.env, QMML_ENGINES: folder },
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (status !== 0) console.error(stderr.trim());
    else console.error(`  ${name.padEnd(16)}${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`);
  }
}
