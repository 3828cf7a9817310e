/** npm run check: everything about the sources that is found without running them. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT, setUpOrExit } from "./install.mjs";

/** Script of each tool in node_modules, and its arguments. */
const CHECKS = [
  { name: "types: src", script: "typescript/bin/tsc", parameters: ["-p", ".", "--noEmit", "--incremental", "false"] },
  { name: "types: test", script: "typescript/bin/tsc", parameters: ["-p", "test"] },
  { name: "types: kernel", script: "typescript/bin/tsc", parameters: ["-p", "kernel", "--noEmit", "--incremental", "false"] },
  { name: "types: labextension", script: "typescript/bin/tsc", parameters: ["-p", "labextension", "--noEmit", "--incremental", "false"] },
  { name: "types: .dev", script: "typescript/bin/tsc", parameters: ["-p", ".dev"] },
  { name: "lint and format", script: "@biomejs/biome/bin/biome", parameters: ["check", "--error-on-warnings", "."] },
  {
    name: "arrows between rooms",
    script: "dependency-cruiser/bin/dependency-cruise.mjs",
    parameters: ["--config", ".dependency-cruiser.mjs", "src", "kernel/src", "labextension/src"],
  },
  { name: "unused", script: "knip/bin/knip.js", parameters: [] },
];

/** @returns {Promise<void>} */
export async function runChecks() {
  const node = await setUpOrExit("tools");
  const failed = [];
  for (const { name, script, parameters } of CHECKS) {
    const { status, stdout, stderr } = spawnSync(node, [join(ROOT, "node_modules", script), ...parameters], {
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
