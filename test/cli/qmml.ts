/** The real binary as a child process. */
import { type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Ended {
  /** Exit status; null if a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `qmml ...words`; `act` may do something to the process while it runs, e.g. interrupt it at its first output. */
export function qmml(words: readonly string[], act?: (child: ReturnType<typeof spawn>) => void): Promise<Ended> {
  const options: SpawnOptions = { stdio: ["ignore", "pipe", "pipe"] };
  const child = spawn(process.execPath, ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", MAIN, ...words], options);
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  act?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** A folder that is gone after the tests of the file; its name holds a space, as a user's may. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "qmml cli "));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
