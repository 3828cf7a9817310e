/** The Python processes that this process has started. */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** Process ids of the living workers of a process, by default this one. */
export function workers(parent: number = process.pid): number[] {
  return processes()
    .filter(([, from]) => from === parent)
    .map(([pid]) => pid);
}

/** Whether a worker of this process id lives. */
export function lives(worker: number): boolean {
  return processes().some(([pid]) => pid === worker);
}

/** Resolves once `holds` does; a minute without is a failure. */
export async function until(holds: () => boolean): Promise<void> {
  for (const start = performance.now(); !holds(); await sleep(10)) {
    if (performance.now() - start > 60_000) throw new Error(`it never came: ${holds}`);
  }
}

/** Process id and parent of each worker that is no zombie. */
function processes(): [number, number][] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,command="], { encoding: "utf8" }).split("\n");
  return table
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state, ...command]) => command.some((word) => word.endsWith("worker.py")) && !state.startsWith("Z"))
    .map(([pid, parent]) => [Number(pid), Number(parent)]);
}
