/** Child processes of set-up: output into the log, failures as one sentence with the remedy, signals passed on. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";

/** A failure the user can mend: its message is one sentence with the remedy, printed without a stack. */
export class SetUpError extends Error {}

/** What ends a process that can still clean up. */
export const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** Milliseconds a stopped command has to clean up. */
const GRACE = 1000;

/** Enough for the last errors of npm and pip; a whole log would be held in memory for nothing. */
const TAIL = 64 * 1024;

const ERRORS_SHOWN = 10;

/** What npm and pip print when the cause lies outside the project. */
const CAUSES = [
  {
    pattern:
      /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b|NewConnectionError|establish a new connection|name resolution|ConnectTimeout|Max retries exceeded/i,
    sentence: "the package registry cannot be reached: check the network connection and proxy settings, then try again.",
  },
  {
    pattern: /\bENOSPC\b|No space left on device/i,
    sentence: "the disk is full: set-up needs about 1 GB, free some space, then try again.",
  },
  {
    pattern: /\b(EACCES|EROFS)\b|Permission denied/i,
    sentence: "a file may not be written: check who owns the project's folder, then try again.",
  },
];

/**
 * One run of set-up: where it logs, how it is stopped, who hears of the processes it starts. Temporary files stay inside the project.
 * @typedef {{
 *   root: string, environment: NodeJS.ProcessEnv, log: (text: string) => void, signal: AbortSignal, started: (pid: number) => void
 * }} Context
 */

/**
 * @param {string} root project folder
 * @param {AbortSignal} signal
 * @param {(pid: number) => void} [started]
 * @returns {Context}
 */
export function openContext(root, signal, started = () => {}) {
  const temporary = join(root, ".cache", "tmp");
  mkdirSync(temporary, { recursive: true });
  const stream = createWriteStream(join(root, ".cache", "setup.log"));
  // A disk too full for the log is reported by the command that fails of it.
  stream.on("error", () => {});
  const environment = { ...process.env, TMPDIR: temporary };
  return { root, environment, log: (text) => stream.write(text), signal, started };
}

/**
 * Runs a command, its output into the log.
 * @param {Context} context
 * @param {string} what the part of set-up, for the message
 * @param {string} command
 * @param {string[]} parameters
 * @throws SetUpError with one sentence if it cannot start or fails
 * @throws the signal's reason if it was stopped
 * @returns {Promise<void>}
 */
export function run({ root, environment, log, signal, started }, what, command, parameters) {
  log(`\n$ ${command} ${parameters.join(" ")}\n`);
  return new Promise((resolve, reject) => {
    let tail = "";
    const child = spawn(command, parameters, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    if (child.pid !== undefined) started(child.pid);
    const stop = () => {
      child.kill("SIGTERM");
      // npm does not end on it while it waits for an answer.
      setTimeout(() => child.kill("SIGKILL"), GRACE).unref();
    };
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        log(text);
        tail = (tail + text).slice(-TAIL);
      });
    }
    child.on("error", (error) => reject(new SetUpError(`${what}: ${command} cannot be started (${error.message}).`)));
    child.on("close", (code, killedBy) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve();
      else reject(new SetUpError(`${what}: ${explain(tail, code ?? killedBy)}`));
    });
  });
}

/**
 * @param {string} output
 * @param {number | string | null} status exit status or signal
 * @returns {string} cause and remedy
 */
function explain(output, status) {
  const known = CAUSES.find(({ pattern }) => pattern.test(output));
  if (known) return known.sentence;
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const errors = lines.filter((line) => /error/i.test(line) && !line.includes("complete log"));
  const shown = errors.length > 0 ? errors.slice(0, ERRORS_SHOWN) : lines.slice(-1);
  return `it stopped with status ${status}; the whole output is in .cache/setup.log, its errors begin with\n${shown.join("\n")}`;
}

/**
 * Runs a command in the foreground and ends this process with its exit status.
 * @param {string} command
 * @param {string} root its working directory
 * @param {string[]} parameters
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {Promise<void>}
 */
export function runInForeground(command, root, parameters, environment = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { cwd: root, env: environment, stdio: "inherit" });
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        // A terminal sends Ctrl-C to the child as well; a second one would read as "at once".
        if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
      });
    }
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      process.exitCode = code ?? 128 + (killedBy === "SIGINT" ? 2 : killedBy === "SIGHUP" ? 1 : 15);
      resolve();
    });
  });
}
