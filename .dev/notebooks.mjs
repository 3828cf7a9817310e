/**
 * npm run figures: executes notebooks one after the other, each in notebooks/ with the studies that lie there, and saves what they show; their
 * figures and tables go to docs/figures. A notebook is skipped if nothing has changed since it was executed: neither its file and the data
 * beside it, nor its studies, its figures or the build. Ctrl-C ends it within a second, with the studies that it began; the next call goes on.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, setUpOrExit } from "./install.mjs";
import { jupyterEnvironment } from "./jupyter.mjs";
import { SIGNALS } from "./process.mjs";
import { recordRun } from "./runs.mjs";

/**
 * Values of the variables that a notebook's cell tagged `parameters` declares.
 * @typedef {Readonly<Record<string, unknown>>} Parameters
 */

/**
 * notebooks/variants.json: parameters by the notebook's name. `small`: seconds, for tests. `long`: the notebooks that take hours, which only
 * `figures:long` executes.
 * @typedef {Readonly<Record<"small" | "long", Readonly<Record<string, Parameters>>>>} Variants
 */

/**
 * @param {string} folder the notebooks'
 * @returns {Variants}
 */
export function variantsIn(folder) {
  return JSON.parse(readFileSync(join(folder, "variants.json"), "utf8"));
}

/**
 * @param {string} folder
 * @returns {string[]} names of its notebooks in order, without their ending
 */
export function notebooksIn(folder) {
  return namesIn(folder)
    .filter((name) => name.endsWith(".ipynb"))
    .map((name) => name.slice(0, -".ipynb".length));
}

/**
 * @param {Parameters} parameters
 * @returns {string} lines for the end of the cell tagged `parameters`
 */
export function assignments(parameters) {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)};`)
    .join("\n");
}

/**
 * How to execute a notebook.
 * @param {string} root the project's folder
 * @param {string} path the notebook's
 * @param {{ parameters?: Parameters, isSaved?: boolean, home: string }} options `home`: folder where Jupyter keeps what it runs with
 * @returns {{ command: string, parameters: string[], environment: NodeJS.ProcessEnv }}
 */
export function execution(root, path, { parameters = {}, isSaved = false, home }) {
  return {
    command: join(root, ".venv", "bin", "python"),
    parameters: ["-I", join(root, ".dev", "execute.py"), ...(isSaved ? ["--save"] : []), "--set", assignments(parameters), path],
    environment: jupyterEnvironment(home),
  };
}

/**
 * Executes notebooks.
 * @param {string[]} parameters beginnings of names, `--long`, `--try`: nothing is saved
 * @returns {Promise<void>}
 */
export async function runNotebooks(parameters) {
  const folder = join(ROOT, "notebooks");
  const isSaved = !parameters.includes("--try");
  const isLong = parameters.includes("--long");
  const beginnings = parameters.filter((parameter) => !parameter.startsWith("-"));
  const { long } = variantsIn(folder);
  const known = notebooksIn(folder);
  const wrong = beginnings.find((beginning) => !known.some((name) => name.startsWith(beginning)));
  if (wrong !== undefined) {
    console.error(`No notebook's name begins with ${wrong}; there are ${known.join(", ")}.`);
    process.exitCode = 1;
    return;
  }
  const chosen = known.filter((name) =>
    beginnings.length > 0 ? beginnings.some((beginning) => name.startsWith(beginning)) : name in long === isLong,
  );
  const node = await setUpOrExit("program");
  const home = join(ROOT, ".cache", "jupyter");
  mkdirSync(home, { recursive: true });
  const stop = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => stop.abort());
  const failed = [];
  for (const [k, name] of chosen.entries()) {
    if (isDone(ROOT, name, isSaved)) {
      if (isSaved) console.log(`${name}  as it was`);
      continue;
    }
    const began = Date.now();
    const {
      command,
      parameters: own,
      environment,
    } = execution(ROOT, join(folder, `${name}.ipynb`), { parameters: long[name], isSaved, home });
    const isExecuted = await succeeds(command, own, { environment, signal: stop.signal });
    const changed = studiesIn(folder).filter((study) => changedAt(join(folder, study)) >= began);
    if (stop.signal.aborted) {
      const program = join(ROOT, "dist", "cli", "main.js");
      await Promise.all(changed.map((study) => succeeds(node, [program, "stop", "--json", join(folder, study)], { output: "ignore" })));
      console.error(`stopped in ${name}, ${k + 1} of ${chosen.length}; the same command goes on`);
      process.exitCode = 130;
      return;
    }
    if (isExecuted) {
      noteDone(ROOT, name, isSaved, changed);
      if (isSaved) recordRun(ROOT, name, node);
    } else failed.push(name);
    console.log(`${name}  ${isExecuted ? "" : "failed after "}${spell((Date.now() - began) / 1000)}  (${k + 1} of ${chosen.length})`);
  }
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(", ")}; what they said stands above.`);
    process.exitCode = 1;
  }
}

/**
 * @param {string} root
 * @param {string} name
 * @param {boolean} isSaved
 * @returns {boolean} the notebook was executed on all that it would be executed on now
 */
export function isDone(root, name, isSaved) {
  const noted = readNote(root, name);
  return noted !== undefined && (noted.isSaved || !isSaved) && noted.state === stateOf(root, name, noted.studies);
}

/**
 * Remembers what a notebook was executed on.
 * @param {string} root
 * @param {string} name
 * @param {boolean} isSaved
 * @param {readonly string[]} changed studies that were begun or went on while it was executed
 */
export function noteDone(root, name, isSaved, changed) {
  const folder = join(root, "notebooks");
  const text = readFileSync(join(folder, `${name}.ipynb`), "utf8");
  // Those that were finished before are in its cells, or were in those that it had before.
  const before = readNote(root, name)?.studies ?? [];
  const studies = studiesIn(folder).filter((study) => changed.includes(study) || before.includes(study) || text.includes(study));
  mkdirSync(join(root, ".cache", "notebooks"), { recursive: true });
  writeFileSync(noteFile(root, name), JSON.stringify({ isSaved, studies, state: stateOf(root, name, studies) }));
}

/**
 * @param {string} root
 * @param {string} name
 * @returns {{ isSaved: boolean, studies: string[], state: string } | undefined}
 */
function readNote(root, name) {
  const path = noteFile(root, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/**
 * @param {string} root
 * @param {string} name
 * @returns {string}
 */
function noteFile(root, name) {
  return join(root, ".cache", "notebooks", `${name}.json`);
}

/**
 * @param {string} root
 * @param {string} name
 * @param {readonly string[]} studies
 * @returns {string} another one where the notebook would be executed on something else
 */
function stateOf(root, name, studies) {
  const folder = join(root, "notebooks");
  const number = `${name.split("-")[0]}-`;
  const hash = createHash("sha256").update(JSON.stringify(variantsIn(folder).long[name] ?? {}));
  const built = join(root, "dist", ".built");
  if (existsSync(built)) hash.update(readFileSync(built));
  const own = namesIn(folder).filter((path) => path.startsWith(number));
  const data = namesIn(join(folder, "data")).map((path) => join("data", path));
  for (const path of [...own, ...data]) hash.update(path).update(readFileSync(join(folder, path)));
  for (const study of studies) {
    const path = join(folder, study, "study.json");
    hash.update(`${study} ${existsSync(path) ? statSync(path).mtimeMs : "gone"}\n`);
  }
  for (const figure of namesIn(join(root, "docs", "figures")).filter((path) => path.startsWith(number))) hash.update(`${figure}\n`);
  return hash.digest("hex");
}

/**
 * @param {string} folder
 * @returns {string[]} studies that lie in it
 */
function studiesIn(folder) {
  return namesIn(folder).filter((name) => existsSync(join(folder, name, "study.json")));
}

/**
 * @param {string} study its folder
 * @returns {number} ms since 1970: when something was last written to its journal
 */
function changedAt(study) {
  const files = ["study.json", "study.sqlite", "study.sqlite-wal"].map((name) => join(study, name));
  return Math.max(...files.filter((path) => existsSync(path)).map((path) => statSync(path).mtimeMs));
}

/**
 * @param {string} folder
 * @returns {string[]} what lies in it, sorted; nothing if there is none
 */
function namesIn(folder) {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/**
 * @param {string} command
 * @param {string[]} parameters
 * @param {{ environment?: NodeJS.ProcessEnv, signal?: AbortSignal, output?: "inherit" | "ignore" }} options
 * @returns {Promise<boolean>} whether it ended well; what goes wrong it says in the terminal
 */
function succeeds(command, parameters, { environment = process.env, signal, output = "inherit" }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { cwd: ROOT, env: environment, stdio: ["ignore", output, "inherit"] });
    const end = () => child.kill("SIGTERM");
    signal?.addEventListener("abort", end);
    child.on("error", reject);
    child.on("close", (code) => {
      signal?.removeEventListener("abort", end);
      resolve(code === 0);
    });
  });
}

/**
 * @param {number} seconds
 * @returns {string}
 */
function spell(seconds) {
  return seconds < 90 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} minutes`;
}
