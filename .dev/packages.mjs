/**
 * npm packages and, where the machine's Node is too old, a newer one from the npm registry.
 * That Node lives in .cache and is linked into node_modules/.bin, which comes first in every npm script's PATH: `npm install` and
 * `npm prune` would take a package away that package.json does not list, and `npm ci` would download it again.
 */
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { run, SetUpError } from "./process.mjs";

/** Three seconds of trying instead of npm's seventy: a missing network is then reported at once. */
const NPM_OPTIONS = ["--no-audit", "--no-fund", "--loglevel=warn", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000"];

/** @typedef {import("./process.mjs").Context} Context */
/** @typedef {Record<string, { version?: string, integrity?: string, link?: boolean, optional?: boolean }>} LockedPackages */

/**
 * @param {string} found like v22.13.1
 * @param {string} needed like 22.13
 * @returns {boolean}
 */
export function atLeast(found, needed) {
  const have = found.replace(/^v/, "").split(".").map(Number);
  for (const [position, wanted] of needed.split(".").map(Number).entries()) {
    const difference = (have[position] ?? 0) - wanted;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * Whether node_modules holds what package-lock.json asks for, by the list that npm leaves there when it has finished.
 * Packages for other platforms are listed as optional and may be absent.
 * @param {string} root
 * @returns {boolean}
 */
export function packagesReady(root) {
  const listed = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(listed)) return false;
  const wanted = readLock(join(root, "package-lock.json"));
  const installed = readLock(listed);
  return Object.entries(wanted).every(([path, { version, integrity, link, optional }]) => {
    if (path === "") return true;
    const present = installed[path];
    if (present === undefined) return optional === true;
    return present.version === version && present.integrity === integrity && present.link === link;
  });
}

/**
 * @param {string} path
 * @returns {LockedPackages}
 */
function readLock(path) {
  return JSON.parse(readFileSync(path, "utf8")).packages;
}

/**
 * @param {Context} context
 * @returns {Promise<void>}
 */
export async function installPackages(context) {
  requireNpm(context);
  await run(context, "npm packages", "npm", ["ci", "--include=dev", "--include=optional", ...NPM_OPTIONS]);
}

/** @param {Context} context */
function requireNpm({ environment }) {
  if (spawnSync("npm", ["--version"], { env: environment }).error) {
    throw new SetUpError("npm is not on the PATH: install it (Debian, Ubuntu: sudo apt install npm), then try again.");
  }
}

/**
 * The Node to run the project with: this process's own if it is the machine's and new enough, else the one in .cache.
 * @param {string} root
 * @returns {string}
 */
export function projectNode(root) {
  return usesOwnNode(root) ? process.execPath : join(root, "node_modules", ".bin", "node");
}

/**
 * @param {string} root
 * @returns {boolean}
 */
function usesOwnNode(root) {
  const { minimum } = nodeVersions(root);
  return atLeast(process.version, minimum) && !process.execPath.startsWith(join(root, ".cache") + sep);
}

/**
 * @param {string} root
 * @returns {{ minimum: string, pinned: string }} from package.json
 */
export function nodeVersions(root) {
  const { engines, config } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return { minimum: engines.node.replace(">=", ""), pinned: config.node };
}

/**
 * Where a version of Node lies once `downloadNode` has fetched it.
 * @param {string} root
 * @param {string} version
 * @returns {{ folder: string, binary: string, name: string }}
 */
export function cachedNode(root, version) {
  // The npm package `node` is a script that installs one of these; asked for directly they need no install script.
  const platform = process.platform === "darwin" && process.arch === "arm64" ? "bin-darwin-arm64" : `${process.platform}-${process.arch}`;
  const folder = join(root, ".cache", `node-${version}`);
  return { folder, binary: join(folder, "node_modules", `node-${platform}`, "bin", "node"), name: `node-${platform}@${version}` };
}

/**
 * @param {string} root
 * @returns {string} comes before the machine's Node in the PATH of npm's scripts
 */
function nodeLink(root) {
  return join(root, "node_modules", ".bin", "node");
}

/**
 * @param {string} root
 * @returns {boolean}
 */
export function nodeReady(root) {
  if (usesOwnNode(root)) return true;
  return existsSync(cachedNode(root, nodeVersions(root).pinned).binary) && existsSync(nodeLink(root));
}

/**
 * @param {Context} context
 * @returns {Promise<void>}
 */
export async function installNode(context) {
  const { minimum, pinned } = nodeVersions(context.root);
  const { binary, name } = cachedNode(context.root, pinned);
  await downloadNode(context, pinned);
  if (spawnSync(binary, ["--version"]).status !== 0) {
    throw new SetUpError(`${name} does not run on this machine: install Node ${minimum} or newer, then try again.`);
  }
  const link = nodeLink(context.root);
  mkdirSync(dirname(link), { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync(relative(dirname(link), binary), link);
}

/**
 * Fetches a version of Node into .cache, unless it is there.
 * @param {Context} context
 * @param {string} version
 * @returns {Promise<void>}
 */
export async function downloadNode(context, version) {
  const { folder, binary, name } = cachedNode(context.root, version);
  if (existsSync(binary)) return;
  requireNpm(context);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  await run(context, `Node ${version}`, "npm", ["install", "--prefix", unfinished, ...NPM_OPTIONS, name]);
  // Renamed when complete, so that an interrupted download is never taken for a whole one.
  renameSync(unfinished, folder);
}
