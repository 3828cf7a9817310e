/** npm run bench: the Python environment of the programs that it compares with, .cache/bench-venv, made where it is missing or out of date. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, setUpAndRun } from "./install.mjs";
import { openContext, run, SetUpError, SIGNALS } from "./process.mjs";
import { findPython } from "./python.mjs";

/** NumPy and SciPy's current releases ask for it. */
const MINIMUM = "3.11";

const FOLDER = join(ROOT, ".cache", "bench-venv");
const REQUIREMENTS = join(ROOT, "bench", "requirements.txt");
const ON_CPU = join(ROOT, "bench", "peers", "torch_on_cpu.py");
const STAMP = join(FOLDER, ".ready");

/**
 * @param {string[]} parameters
 * @returns {Promise<void>}
 */
export async function runBench(parameters) {
  try {
    if (!parameters.includes("--no-peers")) await installPeers();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(`${error.message} Or leave the other programs out: npm run bench -- --no-peers`);
    process.exitCode = 1;
    return;
  }
  await setUpAndRun(["--disable-warning=ExperimentalWarning", "--experimental-strip-types", "bench/main.ts", ...parameters]);
}

/** @returns {string} differs when the environment must be made anew: it knows its own path */
function stampText() {
  const hash = createHash("sha256").update(ROOT);
  for (const file of [REQUIREMENTS, ON_CPU]) hash.update(readFileSync(file));
  return hash.digest("hex");
}

/** @returns {Promise<void>} */
async function installPeers() {
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === stampText()) return;
  console.error("Installing PyTorch, SciPy, ASE, dscribe and tblite to compare with (once, about 0.6 GB). Details: .cache/setup.log");
  const stop = new AbortController();
  const onSignal = () => stop.abort(new SetUpError("Stopped."));
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const context = openContext(ROOT, stop.signal);
  try {
    const python = join(FOLDER, "bin", "python");
    rmSync(FOLDER, { recursive: true, force: true });
    await run(context, "Python environment", findPython(context.environment, MINIMUM), ["-I", "-m", "venv", FOLDER]);
    const pip = ["-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:", "--no-deps"];
    await run(context, "Python packages", python, [...pip, "-r", REQUIREMENTS]);
    await run(context, "PyTorch on the CPU", python, ["-I", ON_CPU]);
    writeFileSync(STAMP, stampText());
  } finally {
    rmSync(join(ROOT, ".cache", "tmp"), { recursive: true, force: true });
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
