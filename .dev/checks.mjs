/** npm run check: everything about the sources that is found without running them. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT, setUpOrExit } from "./install.mjs";

// By its path: tslab brings a compiler of its own, whose script has the same name.
const TYPES = ["../typescript/bin/tsc", "--noEmit", "--incremental", "false", "-p"];

/** Name, then a script, as seen from node_modules/.bin, and its arguments. */
const CHECKS = Object.entries({
  "types: src": [...TYPES, "."],
  "types: test": [...TYPES, "test"],
  "types: test/lab": [...TYPES, "test/lab"],
  "types: kernel": [...TYPES, "kernel"],
  "types: labextension": [...TYPES, "labextension"],
  "types: bench": [...TYPES, "bench"],
  "types: .dev": [...TYPES, ".dev"],
  "lint and format": ["biome", "check", "--error-on-warnings", "."],
  "arrows between rooms": ["depcruise", "--config", ".dependency-cruiser.mjs", "src", "kernel/src", "labextension/src"],
  unused: ["knip"],
});

/** @returns {Promise<void>} */
export async function runChecks() {
  const node = await setUpOrExit("tools");
  const failed = [];
  for (const [name, [script, ...parameters]] of CHECKS) {
    const { status, stdout, stderr } = spawnSync(node, [join(ROOT, "node_modules", ".bin", script), ...parameters], {
      cwd: ROOT,
      encoding: "utf8",
    });
    console.log(`${status === 0 ? "ok    " : "FAILED"}  ${name}`);
    if (status === 0) continue;
    failed.push(name);
    console.log(`${stdout}${stderr}`);
  }
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(", ")}.`);
    process.exitCode = 1;
  }
}
