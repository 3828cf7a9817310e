/** docs/figures/runs.json: when, on what and from which commit each notebook was executed. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";

/** @typedef {{ date: string, commit: string, machine: string }} Run */

/**
 * Remembers that a notebook was executed here and now; its Node is the one that the kernel runs on, not the one that this does.
 * @param {string} root
 * @param {string} name of the notebook
 * @param {string} node that executed it
 */
export function recordRun(root, name, node) {
  const git = (/** @type {string[]} */ ...parameters) => spawnSync("git", parameters, { cwd: root, encoding: "utf8" }).stdout?.trim() ?? "";
  const changed = git("status", "--porcelain", "--", "src") === "" ? "" : ", with changes";
  const cpu = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = `${Math.round(totalmem() / 1e9)} GB`;
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.trim().replace(/^v/, "") || "of unknown version";
  const machine = [cpu, `${availableParallelism()} cores`, memory, `${process.platform} ${process.arch}`, `Node ${version}`];
  const run = {
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    commit: `${git("rev-parse", "--short", "HEAD") || "unknown"}${changed}`,
    machine: machine.join(", "),
  };
  mkdirSync(join(root, "docs", "figures"), { recursive: true });
  writeFileSync(runsFile(root), `${JSON.stringify({ ...runsOf(root), [name]: run }, null, 2)}\n`);
}

/**
 * @param {string} root
 * @returns {string}
 */
function runsFile(root) {
  return join(root, "docs", "figures", "runs.json");
}

/**
 * @param {string} root
 * @returns {Record<string, Run>} by the notebook's name
 */
export function runsOf(root) {
  return existsSync(runsFile(root)) ? JSON.parse(readFileSync(runsFile(root), "utf8")) : {};
}
