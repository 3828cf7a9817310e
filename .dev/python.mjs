/** The project's own Python environment: .venv with the packages of requirements.txt. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atLeast } from "./packages.mjs";
import { run, SetUpError } from "./process.mjs";

const MINIMUM = "3.10";

/** Tried in this order; the plain name is what the user means by Python. */
const NAMES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

const PROBE = `import sys, importlib.util as u
print("%d.%d.%d" % sys.version_info[:3], all(u.find_spec(m) for m in ("venv", "ensurepip")), sys.executable)`;

/** @typedef {import("./process.mjs").Context} Context */

/**
 * @param {string} root
 * @returns {boolean}
 */
export function pythonReady(root) {
  const stamp = stampFile(root);
  return existsSync(join(root, ".venv", "bin", "python")) && existsSync(stamp) && readFileSync(stamp, "utf8") === stampText(root);
}

/**
 * Makes .venv anew. The stamp comes last, so that an interrupted set-up is never taken for a finished one.
 * @param {Context} context
 * @returns {Promise<void>}
 */
export async function installPython(context) {
  const python = findPython(context.environment);
  const folder = join(context.root, ".venv");
  rmSync(folder, { recursive: true, force: true });
  await run(context, "Python environment", python, ["-I", "-m", "venv", folder]);
  const pip = ["-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--prefer-binary", "--retries", "2"];
  await run(context, "Python packages", join(folder, "bin", "python"), [...pip, "-r", requirementsFile(context.root)]);
  writeFileSync(stampFile(context.root), stampText(context.root));
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} [minimum]
 * @returns {string} the interpreter to make .venv with
 * @throws SetUpError with one sentence if there is none, none new enough, or none that can make environments
 */
export function findPython(environment, minimum = MINIMUM) {
  const found = [];
  for (const name of NAMES) {
    const { status, stdout } = spawnSync(name, ["-I", "-c", PROBE], { env: environment, encoding: "utf8" });
    if (status !== 0) continue;
    const [version, complete, ...path] = stdout.trim().split(" ");
    const python = { version, path: path.join(" "), recent: atLeast(version, minimum) };
    if (python.recent && complete === "True") return python.path;
    found.push(python);
  }
  const incomplete = found.find(({ recent }) => recent);
  if (incomplete) {
    const { version, path } = incomplete;
    throw new SetUpError(
      `Python ${version} (${path}) cannot make environments: install python3-venv (Debian, Ubuntu: sudo apt install python3-venv), then try again.`,
    );
  }
  if (found[0]) {
    throw new SetUpError(
      `qmml needs Python ${minimum} or newer and found ${found[0].version} (${found[0].path}): install a newer one, then try again.`,
    );
  }
  throw new SetUpError(
    `qmml needs Python ${minimum} or newer and found no python3 on the PATH: install it (Debian, Ubuntu: sudo apt install python3 python3-venv), then try again.`,
  );
}

/**
 * @param {string} root
 * @returns {string}
 */
function requirementsFile(root) {
  return join(root, ".dev", "requirements.txt");
}

/**
 * @param {string} root
 * @returns {string}
 */
function stampFile(root) {
  return join(root, ".venv", ".qmml-ready");
}

/**
 * An environment knows its own path, so a project that has moved needs a new one.
 * @param {string} root
 * @returns {string}
 */
function stampText(root) {
  return createHash("sha256")
    .update(root)
    .update(readFileSync(requirementsFile(root)))
    .digest("hex");
}
