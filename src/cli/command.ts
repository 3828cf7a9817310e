/**
 * What a command of `qmml` is. A file per command exports `command`; `main.ts` parses the line by its table of options, checks
 * the values with its zod schema, prints what it returns and turns what it throws into one line on stderr.
 */
import { z } from "zod";
import type { Screen } from "./live.ts";

/** Wrong use of the command line: exit status 2, with the usage line. Anything else thrown: exit status 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** One option of a command. `--json` and `--help` belong to every command and are not listed. */
export interface Option {
  readonly type: "string" | "boolean";
  /** One letter. */
  readonly short?: string;
  /** May be given more than once; the schema then sees an array. */
  readonly multiple?: boolean;
  /** What stands for the value in the help, e.g. `PATH`; strings only. */
  readonly value?: string;
  /** One line: what, unit, default. */
  readonly help: string;
}

/** Where a command speaks. It never touches `process` itself. With `--json` nothing of `Screen` is written. */
export interface Io extends Screen {
  /** A line on stderr: a warning, never an error (throw those). */
  warn(line: string): void;
  /** Whether stdout belongs to the JSON object. */
  readonly json: boolean;
  /** Aborted by Ctrl-C; a command that has not ended 0.7 s later is cut off. */
  readonly signal: AbortSignal;
}

/** How a command ended. */
export interface Outcome {
  /** The one object that `--json` prints. Typed arrays are written as arrays. */
  readonly json: object;
  /** Why the command did not reach its aim though nothing broke, e.g. not converged: goes to stderr, exit status 1. */
  readonly failure?: string;
}

/** A command as `main.ts` sees it; make one with `command()`. */
export interface Command {
  /** What follows `qmml NAME` in the usage line, e.g. `IN -o OUT [--fmax 0.05]`. */
  readonly usage: string;
  /**
   * Names of the positional arguments in order. A trailing `?` marks a last one that may be left out, a trailing `...` a last one that may
   * be repeated; the schema then sees an array.
   */
  readonly positionals: readonly string[];
  /** By long name, as typed: `force-rmse`. */
  readonly options: Readonly<Record<string, Option>>;
  /**
   * @param values options and positionals by camelCase name, as strings, booleans or arrays of strings
   * @throws UsageError if the schema refuses them.
   */
  run(values: Readonly<Record<string, unknown>>, io: Io): Promise<Outcome>;
}

/** A `Command` whose `run` takes checked, typed values: the output of the zod object `input`. */
export function command<S extends z.ZodType>(
  definition: Omit<Command, "run"> & { readonly input: S; run(input: z.output<S>, io: Io): Promise<Outcome> },
): Command {
  const { usage, positionals, options, input } = definition;
  return {
    usage,
    positionals,
    options,
    async run(values, io) {
      const checked = input.safeParse(values);
      if (!checked.success) {
        const issue = checked.error.issues[0];
        const name = String(issue.path[0] ?? "").replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
        const label = name in options ? `--${name}` : name.toUpperCase();
        const given = values[String(issue.path[0])];
        throw new UsageError(given === undefined ? `${label}: ${issue.message}` : `${label} ${JSON.stringify(given)}: ${issue.message}`);
      }
      return definition.run(checked.data, io);
    },
  };
}

/** Schema of an option that is a positive number; `unit` is for the message. */
export function positive(unit: string): z.ZodType<number> {
  const message = `give a positive number of ${unit}`;
  return z.coerce.number({ error: message }).positive(message);
}

/** Schema of an option that is a whole number not below `least`. */
export function whole(least: number): z.ZodType<number> {
  const message = `give a whole number of ${least} or more`;
  return z.coerce.number({ error: message }).int(message).min(least, message);
}

/** Schema of an argument that must be there. */
export function text(message: string): z.ZodType<string> {
  return z.string({ error: message }).min(1, message);
}
