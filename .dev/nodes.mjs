/** Other versions of Node in .cache, for the test that the numbers do not depend on it; npm's packages, about 50 MB to fetch each. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cachedNode, downloadNode, nodeVersions } from "./packages.mjs";
import { openContext, SetUpError } from "./process.mjs";

/** The newer line that is supported; the older is the project's own. */
const NEWER = "24.21.0";

/**
 * @param {string} root project folder
 * @param {string} own version of the Node that runs the tests, like v22.13.1
 * @returns {{ version: string, binary: string }[]} one of each other line, whether it is there or not
 */
export function otherNodes(root, own) {
  const line = (/** @type {string} */ version) => version.replace(/^v/, "").split(".")[0];
  const versions = [nodeVersions(root).pinned, NEWER].filter((version) => line(version) !== line(own));
  return versions.map((version) => ({ version, binary: cachedNode(root, version).binary }));
}

/**
 * Installs what is missing. Without it the test that needs it fails and says so, and all others run.
 * @param {string} root project folder
 * @param {string} own version of the Node that runs the tests
 * @returns {Promise<void>}
 */
export async function installNodes(root, own) {
  const missing = otherNodes(root, own).filter(({ binary }) => !existsSync(binary));
  if (missing.length === 0) return;
  const context = openContext(root, new AbortController().signal);
  for (const { version } of missing) {
    const start = performance.now();
    try {
      await downloadNode(context, version);
    } catch (error) {
      if (!(error instanceof SetUpError)) throw error;
      console.error(error.message);
      continue;
    }
    console.error(`  ${`Node ${version}`.padEnd(16)}${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`);
  }
  rmSync(join(root, ".cache", "tmp"), { recursive: true, force: true });
}
