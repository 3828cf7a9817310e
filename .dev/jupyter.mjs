/**
 * JupyterLab of the project's .venv: the extension is built and linked into it, the kernel made known to it. What it writes at run time goes
 * into a folder of the project, so that neither the user's settings nor kernels elsewhere play a part.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { filesUnder } from "./compile.mjs";
import { projectNode } from "./packages.mjs";
import { run } from "./process.mjs";

const EXTENSION = "labextension";

/** What the builder makes of it; its name is in the extension's package.json. */
const BUILT = join(EXTENSION, "jupyterlab_qmml", "labextension");

/** The extension draws with the charts of `display`, whose rows come from `history`, and reads files of atoms as `io` does. */
const EXTENSION_SOURCES = [
  ...["schema", "src", "style"].map((folder) => join(EXTENSION, folder)),
  ...["display", "history", "io", "structure", "linalg"].map((room) => join("src", room)),
];
const EXTENSION_SETTINGS = [join(EXTENSION, "package.json"), join(EXTENSION, "bundler.config.cjs"), "package-lock.json"];

/** JupyterLab asks the network for news and for newer versions of itself, and asks the user whether it may, unless told not to. */
const SETTINGS = { "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false } };

/** JupyterLab runs scripts of its own by Node, written for a folder that is no ECMAScript module, as this project is. */
const MODULES = { type: "commonjs" };

/** @typedef {import("./process.mjs").Context} Context */

/**
 * @param {string} root
 * @returns {boolean}
 */
export function extensionReady(root) {
  return existsSync(join(root, BUILT, "package.json")) && holds(extensionStamp(root), extensionText(root));
}

/**
 * @param {Context} context
 * @returns {Promise<void>}
 */
export async function buildExtension(context) {
  const { root } = context;
  const before = extensionText(root);
  rmSync(extensionStamp(root), { force: true });
  await run(context, "build of the extension", "npm", ["run", "build", "--silent", "--workspace", EXTENSION]);
  writeFileSync(extensionStamp(root), before);
}

/**
 * @param {string} root
 * @returns {boolean}
 */
export function jupyterReady(root) {
  const { kernel, extension, stamp } = places(root);
  return existsSync(join(kernel, "kernel.json")) && existsSync(join(extension, "package.json")) && holds(stamp, jupyterText(root));
}

/**
 * @param {Context} context
 * @returns {Promise<void>}
 */
export async function installJupyter(context) {
  const { root } = context;
  const { extension, settings, stamp } = places(root);
  rmSync(stamp, { force: true });
  rmSync(extension, { recursive: true, force: true });
  mkdirSync(dirname(extension), { recursive: true });
  symlinkSync(relative(dirname(extension), join(root, BUILT)), extension);
  mkdirSync(dirname(settings), { recursive: true });
  writeFileSync(settings, `${JSON.stringify(SETTINGS, null, 2)}\n`);
  writeFileSync(join(root, ".venv", "package.json"), `${JSON.stringify(MODULES)}\n`);
  await run(context, "kernel", projectNode(root), [
    join(root, "dist", "cli", "main.js"),
    "kernel",
    "install",
    "--prefix",
    join(root, ".venv"),
  ]);
  writeFileSync(stamp, jupyterText(root));
}

/**
 * How to start JupyterLab: with the project's kernel, extension and settings, and none of the user's.
 * @param {string} root
 * @param {string} folder shown in its file browser; its kernels start in their notebooks' folders
 * @param {string} home where it keeps settings, workspaces and what it runs with
 * @returns {{ command: string, parameters: string[], environment: NodeJS.ProcessEnv }}
 */
export function lab(root, folder, home) {
  return {
    command: join(root, ".venv", "bin", "python"),
    parameters: [
      "-m",
      "jupyterlab",
      `--ServerApp.root_dir=${folder}`,
      "--log-level=WARN",
      // A container's user; JupyterLab would refuse.
      ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
    ],
    environment: jupyterEnvironment(home),
  };
}

/**
 * @param {string} home where Jupyter keeps what it runs with
 * @returns {NodeJS.ProcessEnv} without the user's own kernels and settings
 */
export function jupyterEnvironment(home) {
  const { JUPYTER_PATH: _path, JUPYTER_CONFIG_PATH: _config, ...environment } = process.env;
  return {
    ...environment,
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_CONFIG_DIR: join(home, "config"),
    JUPYTER_DATA_DIR: join(home, "data"),
    JUPYTER_RUNTIME_DIR: join(home, "runtime"),
    JUPYTERLAB_SETTINGS_DIR: join(home, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: join(home, "workspaces"),
    IPYTHONDIR: join(home, "ipython"),
  };
}

/**
 * @param {string} root
 * @returns {Record<"kernel" | "extension" | "settings" | "stamp", string>}
 */
function places(root) {
  const share = join(root, ".venv", "share", "jupyter");
  return {
    kernel: join(share, "kernels", "qmml"),
    extension: join(share, "labextensions", "jupyterlab-qmml"),
    settings: join(share, "lab", "settings", "overrides.json"),
    stamp: join(share, ".qmml-ready"),
  };
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {boolean}
 */
function holds(path, text) {
  return existsSync(path) && readFileSync(path, "utf8") === text;
}

/**
 * @param {string} root
 * @returns {string}
 */
function extensionStamp(root) {
  return join(root, ".cache", "extension.built");
}

/**
 * Sizes and times rather than contents: it is asked at every start.
 * @param {string} root
 * @returns {string}
 */
function extensionText(root) {
  const hash = createHash("sha256");
  const sources = EXTENSION_SOURCES.flatMap((folder) => filesUnder(join(root, folder)));
  for (const path of [...sources, ...EXTENSION_SETTINGS.map((file) => join(root, file))]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/**
 * The kernel's description names its Node and its place.
 * @param {string} root
 * @returns {string}
 */
function jupyterText(root) {
  const hash = createHash("sha256").update(`${root} ${projectNode(root)} ${JSON.stringify([SETTINGS, MODULES])}`);
  for (const path of filesUnder(join(root, "kernel", "spec"))) hash.update(readFileSync(path));
  return hash.digest("hex");
}
