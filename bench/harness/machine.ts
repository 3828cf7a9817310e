/** Where and with what a run was made. */
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

/** For the record. */
export interface Machine {
  readonly date: string;
  /** Short hash, with a `+` where files differ from it. */
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  /** GB. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  /** Mean number of processes that wanted a core in the last minute before the run. */
  readonly load: number;
}

/** Part of the cores that may be busy before the run begins. */
const CALM = 0.5;

/** This machine, now. */
export function thisMachine(): Machine {
  const git = (...parameters: string[]): string =>
    spawnSync("git", parameters, { cwd: fileURLToPath(new URL("../../", import.meta.url)), encoding: "utf8" }).stdout?.trim() ?? "";
  return {
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    commit: `${git("rev-parse", "--short", "HEAD") || "unknown"}${git("status", "--porcelain", "--", "src", "bench/**/*.ts", "bench/**/*.py") ? "+" : ""}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 1e9),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    load: loadavg()[0],
  };
}

/** A warning where others use the machine. */
export function loadWarning({ load, cores }: Pick<Machine, "load" | "cores">): string | undefined {
  return load > CALM * cores
    ? `the load is ${load.toFixed(1)} on ${cores} cores: others use this machine, and the figures are worse than it can do; run again when it is calm`
    : undefined;
}
