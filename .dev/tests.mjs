/** npm test: picks the test files and hands them to node's own runner. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { filesUnder } from "./compile.mjs";
import { installEngines } from "./engines.mjs";
import { ROOT, setUpAndRun, setUpOrExit } from "./install.mjs";
import { installNodes } from "./nodes.mjs";

/** Tests that take minutes: only `npm run test:slow` runs them. */
const SLOW = "test/physics/";

/** Tests with TensorFlow, which is no dependency and has to be installed for them. */
const WITH_ENGINES = /^test\/((engine|ensemble)\/tensorflow|cli\/engine)/;

/** Tests that run on other versions of Node as well. */
const WITH_NODES = "test/ensemble/bits.test.ts";

/** Many tests wait for processes, so two files at once pay even on few cores. */
const FILES_AT_ONCE = Math.max(2, availableParallelism() - 1);

/**
 * @param {string[]} parameters paths to select by, options for the runner, `--slow`
 * @returns {Promise<void>}
 */
export async function runTests(parameters) {
  const slow = parameters.includes("--slow");
  const options = parameters.filter((parameter) => parameter.startsWith("-") && parameter !== "--slow");
  const prefixes = parameters.filter((parameter) => !parameter.startsWith("-")).map((path) => path.replace(/^\.\//, ""));
  const files = filesUnder(join(ROOT, "test"))
    .map((path) => relative(ROOT, path))
    .filter((path) => path.endsWith(".test.ts") && path.startsWith(SLOW) === slow)
    .filter((path) => prefixes.length === 0 || prefixes.some((prefix) => path.startsWith(prefix)));
  if (files.length === 0) {
    console.error(
      `No ${slow ? "slow " : ""}test file starts with ${prefixes.join(" or ") || "test/"}; paths are given from the project's folder, like test/io.`,
    );
    process.exitCode = 1;
    return;
  }
  const runner = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", "--test", `--test-concurrency=${FILES_AT_ONCE}`];
  const node = await setUpOrExit("program");
  if (files.some((file) => WITH_ENGINES.test(file))) installEngines(ROOT, node);
  if (files.includes(WITH_NODES)) await installNodes(ROOT, spawnSync(node, ["--version"], { encoding: "utf8" }).stdout);
  await setUpAndRun([...runner, ...options, ...files]);
}
