/** `sh(command)`: a command of the shell, its output shown as it comes. */
import { type ChildProcess, spawn } from "node:child_process";
import type { KernelApi } from "../api.ts";
import { DISPLAY } from "../bundle.ts";

/** How a command is run. */
export interface ShellOptions {
  /** Folder in which it runs. Default: the notebook's. */
  readonly cwd?: string;
  /** Variables of its environment besides the kernel's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends it, as an interrupt of the cell does. */
  readonly signal?: AbortSignal;
  /** Whether a status other than 0 is an error. Default true. */
  readonly check?: boolean;
  /** Whether its output is kept only, and not shown. Default false. */
  readonly quiet?: boolean;
}

/** A command that has ended. */
export interface ShellResult {
  /** 0: it succeeded. 128 and more: a signal ended it. */
  readonly status: number;
  readonly stdout: string;
}

/** A command that failed, where it was called. */
class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(message: string, place: Error) {
    super(message);
    this.stack = `CommandError: ${message}\n${place.stack?.replace(/^Error\n/, "") ?? ""}`;
  }
}

/** ms between asking a command to end and ending it. */
const GRACE = 500;

/** Characters of stderr from which the reason is told. */
const TAIL = 4000;

/** Numbers of the signals that commands end by; the shell's own way to say so in a status. */
const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

const running = new Set<ChildProcess>();

/** @returns the function that cells call */
export function shellAt(api: KernelApi): (command: string, options?: ShellOptions) => Promise<ShellResult> {
  // A command must not go on when nobody can stop it any more.
  process.once("exit", () => {
    for (const child of running) end(child, "SIGKILL");
  });
  return (command, { cwd, env, signal, check = true, quiet = false } = {}) => {
    // What fails later fails in the line that asked for it.
    const place = new Error();
    const cell = api.signal();
    const stopped = signal ? AbortSignal.any([cell, signal]) : cell;
    return new Promise((resolve, reject) => {
      stopped.throwIfAborted();
      // A group of its own, so that what it starts ends with it.
      const child = spawn(command, {
        cwd,
        env: { ...process.env, ...env },
        shell: true,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      running.add(child);
      let [stdout, told] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        if (!quiet) process.stdout.write(text);
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        told = (told + text).slice(-TAIL);
        if (!quiet) process.stderr.write(text);
      });
      const stop = (): void => {
        end(child, "SIGTERM");
        setTimeout(() => end(child, "SIGKILL"), GRACE).unref();
        reject(stopped.reason);
      };
      stopped.addEventListener("abort", stop, { once: true });
      const done = (): void => {
        running.delete(child);
        stopped.removeEventListener("abort", stop);
      };
      child.on("error", (error) => {
        done();
        reject(new CommandError(`the shell cannot start in ${cwd ?? process.cwd()} (${error.message}); does the folder exist?`, place));
      });
      child.on("close", (code, by) => {
        done();
        const status = code ?? 128 + (SIGNALS[by ?? ""] ?? 0);
        const result = Object.defineProperty({ status, stdout }, DISPLAY, { value: () => (quiet ? { "text/plain": stdout } : undefined) });
        if (status === 0 || !check) resolve(result);
        else reject(new CommandError(failed(command, by ?? `status ${status}`, told), place));
      });
    });
  };
}

function end(child: ChildProcess, by: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, by);
  } catch {} // it has ended
}

function failed(command: string, how: string, told: string): string {
  const short = command.trim().length > 60 ? `${command.trim().slice(0, 59)}…` : command.trim();
  const lines = told.trim().split("\n");
  const said = lines.at(-1) === "" ? "" : `: ${lines.at(-1)}`;
  return `"${short}" ended with ${how}${said}; with { check: false } it would be no error`;
}
