/** Other programs of the installation: npm, pip, the compiler. Their output is kept for the one sentence that a failure ends with. */
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";

/** How a program is run. */
export interface ProgramOptions {
  readonly cwd: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** A program that failed: the message says why and what to do. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  /** Why, without what to do. */
  readonly reason: string;
  /** It is not on the PATH. */
  readonly missing: boolean;

  constructor(reason: string, remedy = "", missing = false) {
    super(remedy ? `${reason}; ${remedy}` : reason);
    this.reason = reason;
    this.missing = missing;
  }
}

/** Enough for the last errors of npm and pip. */
const TAIL = 64 * 1024;

/** ms between asking a program to end and ending it. */
const GRACE = 500;

/** Causes outside qmml by what npm, pip, the compiler and Node print, with what to do before running it again. */
const CAUSES: readonly (readonly [RegExp, string, string])[] = [
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b|NewConnectionError|name resolution|ConnectTimeout|Max retries exceeded/i,
    "the network or the host is out of reach",
    "check the connection and the proxy settings",
  ],
  [/\bENOSPC\b|No space left on device/i, "the disk is full", "free some space"],
  [/\b(EACCES|EROFS)\b|Permission denied/i, "a file may not be written", "check who owns the folder, or set QMML_ENGINES to one of yours"],
  [/EINTEGRITY/, "what arrived is not what was published", "check the registry that npm is set to"],
  [/No matching distribution|\bE404\b/, "the registry does not have it", "check how npm and pip are configured"],
];

/**
 * Runs a program to its end.
 * @throws ProgramError with one sentence if it cannot start or fails
 * @throws the signal's reason if it was stopped
 */
export function program(name: string, words: readonly string[], { cwd, environment, signal }: ProgramOptions): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    let told = "";
    // A group of its own, so that what it starts ends with it.
    const child = spawn(name, words, { cwd, env: environment ?? process.env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const end = (by: NodeJS.Signals): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, by);
      } catch {} // it has ended
    };
    const stop = (): void => {
      end("SIGTERM");
      setTimeout(end, GRACE, "SIGKILL").unref();
    };
    signal?.addEventListener("abort", stop);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        told = (told + text).slice(-TAIL);
      });
    }
    child.on("error", ({ code, message }: NodeJS.ErrnoException) => {
      const missing = code === "ENOENT";
      reject(new ProgramError(missing ? `${name} is not on the PATH` : `${name} cannot start (${message})`, "", missing));
    });
    child.on("close", (status, by) => {
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted) reject(signal.reason);
      else if (status === 0) resolve();
      else reject(failure(basename(name), told, by ?? `status ${status}`));
    });
  });
}

function failure(name: string, told: string, end: string): ProgramError {
  const known = CAUSES.find(([pattern]) => pattern.test(told));
  if (known) return new ProgramError(`${name} says that ${known[1]}`, `${known[2]}, then run it again`);
  const lines = told.split("\n").filter((line) => line.trim() !== "");
  const worst = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "without a word";
  return new ProgramError(`${name} ended with ${end}: ${worst.trim()}`);
}

/** Bytes of the files in a folder and below. */
export function sizeOf(folder: string): number {
  try {
    const entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return entries.reduce((bytes, entry) => bytes + (statSync(join(folder, entry), { throwIfNoEntry: false })?.size ?? 0), 0);
  } catch {
    return 0; // not there yet, or a temporary folder vanished meanwhile
  }
}
