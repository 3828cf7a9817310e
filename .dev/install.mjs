/**
 * Makes a fresh clone ready to run: npm packages, a newer Node where needed, .venv, the build, kernel and extension in .venv. Each part is done only where it is missing
 * or out of date, and can be interrupted at any time; nothing is written outside the project's folder but the caches of npm and pip.
 */
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { compile, compiled } from "./compile.mjs";
import { buildExtension, extensionReady, installJupyter, jupyterReady, lab } from "./jupyter.mjs";
import { installNode, installPackages, nodeReady, packagesReady, projectNode } from "./packages.mjs";
import { openContext, runInForeground, SetUpError, SIGNALS } from "./process.mjs";
import { installPython, pythonReady } from "./python.mjs";

/** The project's folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * A part of set-up; `ready` is asked again just before `install`, because an earlier part may have undone it.
 * @typedef {{ name: string, ready: (root: string) => boolean, install: (context: import("./process.mjs").Context) => Promise<void> }} Part
 */

/** @type {Record<"packages" | "node" | "python" | "build" | "extension" | "jupyter", Part>} */
const PARTS = {
  packages: { name: "npm packages", ready: packagesReady, install: installPackages },
  node: { name: "Node", ready: nodeReady, install: installNode },
  python: { name: "Python packages", ready: pythonReady, install: installPython },
  build: { name: "build", ready: compiled, install: compile },
  extension: { name: "extension", ready: extensionReady, install: buildExtension },
  jupyter: { name: "kernel", ready: jupyterReady, install: installJupyter },
};

/**
 * Stages one after the other; the lists of a stage side by side; the parts of a list in order.
 * `program`: what running needs. `tools`: what checking the sources needs; a build that fails is then one finding among others.
 */
const SCOPES = {
  program: [[[PARTS.packages, PARTS.node], [PARTS.python]], [[PARTS.build], [PARTS.extension]], [[PARTS.jupyter]]],
  tools: [[[PARTS.packages, PARTS.node]]],
};

/** @typedef {keyof typeof SCOPES} Scope */

/**
 * @param {Scope} scope
 * @param {string} [root]
 * @returns {Promise<string>} the Node to run the project with
 * @throws SetUpError with one sentence
 */
export async function setUp(scope, root = ROOT) {
  const stages = SCOPES[scope];
  const ready = () => stages.flat(2).every((part) => part.ready(root));
  if (ready()) return projectNode(root);
  const stop = new AbortController();
  const onSignal = (/** @type {NodeJS.Signals} */ signal) =>
    stop.abort(new SetUpError(`Set-up stopped by ${signal}; it goes on from there next time.`));
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const unlock = await lock(root, stop.signal);
  try {
    // Another set-up may have done it while this one waited.
    if (ready()) return projectNode(root);
    console.error("Setting up (the first time takes a minute or two). Details: .cache/setup.log");
    const context = openContext(root, stop.signal, (pid) => appendFileSync(lockFile(root), `${pid}\n`));
    for (const lists of stages) {
      // The first failure stops what runs beside it, and is the one reported.
      await Promise.all(lists.map((parts) => installInOrder(parts, context).catch((error) => stop.abort(error))));
      stop.signal.throwIfAborted();
    }
  } finally {
    rmSync(join(root, ".cache", "tmp"), { recursive: true, force: true });
    unlock();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
  return projectNode(root);
}

/**
 * @param {Part[]} parts
 * @param {import("./process.mjs").Context} context
 */
async function installInOrder(parts, context) {
  for (const { name, ready, install } of parts) {
    if (ready(context.root)) continue;
    const start = performance.now();
    await install(context);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.error(`  ${name.padEnd(16)}${seconds.padStart(6)} s`);
  }
}

/**
 * @param {string} root
 * @returns {string} holds a line for each process of a set-up under way: its own, and those it started, which outlive it if it is killed
 */
function lockFile(root) {
  return join(root, ".cache", "setup.lock");
}

/**
 * Two set-ups at once would undo each other's work: the second waits.
 * @param {string} root
 * @param {AbortSignal} signal
 * @returns {Promise<() => void>} frees the lock
 */
async function lock(root, signal) {
  const file = lockFile(root);
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ; ) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    const owners = lockOwners(file);
    const alive = owners.find(isAlive);
    if (owners.length > 0 && alive === undefined) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) console.error(`Waiting for another set-up of this folder (process ${alive ?? "starting"}).`);
    told = true;
    await sleep(200, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/**
 * @param {string} file
 * @returns {number[]} none where it is just being written or removed
 */
function lockOwners(file) {
  try {
    return readFileSync(file, "utf8").trim().split("\n").map(Number).filter(Boolean);
  } catch {
    return [];
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * Set-up for a command: what the user can mend is one sentence on stderr and exit status 1.
 * @param {Scope} scope
 * @returns {Promise<string>}
 */
export async function setUpOrExit(scope) {
  try {
    return await setUp(scope);
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (error instanceof SetUpError) console.error(message);
    else if (code === "ENOSPC") console.error("The disk is full: set-up needs about 1 GB, free some space, then try again.");
    else if (code === "EACCES" || code === "EROFS" || code === "EPERM")
      console.error(`${ROOT} cannot be written (${code}): check who owns it, then try again.`);
    else throw error;
    process.exit(1);
  }
}

/**
 * Set-up, then a script of the project on a Node that is new enough, in the foreground; its exit status becomes this process's.
 * @param {string[]} parameters the script, relative to the project's folder, and its arguments
 * @returns {Promise<void>}
 */
export async function setUpAndRun(parameters) {
  await runInForeground(await setUpOrExit("program"), ROOT, parameters);
}

/**
 * JupyterLab in notebooks/, in the foreground.
 * @param {string[]} parameters JupyterLab's own
 * @returns {Promise<void>}
 */
export async function setUpAndOpenLab(parameters) {
  await setUpOrExit("program");
  const { command, parameters: own, environment } = lab(ROOT, join(ROOT, "notebooks"), join(ROOT, ".cache", "jupyter"));
  await runInForeground(command, ROOT, [...own, ...parameters], environment);
}
