/** Processes round a cluster: what each was started by, told by its command line. */
import { execFileSync } from "node:child_process";

/** A running process. */
export interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes below one, by default this one, children before theirs; without zombies. */
export function below(root: number = process.pid): Running[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,command="], { encoding: "utf8" }).split("\n");
  const all = table
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .flatMap((found) =>
      found && !found[3].startsWith("Z") ? [{ pid: Number(found[1]), parent: Number(found[2]), command: found[4] }] : [],
    );
  const family = (parent: number): Running[] => all.filter((p) => p.parent === parent).flatMap((p) => [p, ...family(p.pid)]);
  return family(root);
}

/** Dask's workers below a process. */
export function daskWorkers(root?: number): Running[] {
  return below(root).filter(({ command }) => command.includes("spawn_main"));
}

/** Of those, the ones at which a program with this in its command line is. */
export function workersWith(program: string, root?: number): Running[] {
  const parents = new Set(
    below(root)
      .filter(({ command }) => command.includes(program))
      .map(({ parent }) => parent),
  );
  return daskWorkers(root).filter(({ pid }) => parents.has(pid));
}

/** Which of these live. */
export function living(processes: readonly Running[]): number[] {
  const alive = execFileSync("ps", ["-A", "-o", "pid=,stat="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, state]) => state && !state.startsWith("Z"))
    .map(([pid]) => Number(pid));
  return processes.map(({ pid }) => pid).filter((pid) => alive.includes(pid));
}
