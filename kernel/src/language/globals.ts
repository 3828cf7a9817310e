/** What the kernel puts into every cell's scope, as TypeScript and the user see it; `host/helpers/` does it. */

/** Declarations of a script: all names are global. */
export const GLOBALS: string = `/** What \`display\` has shown, for showing something else in its place. */
interface Displayed {
  /** Its name; \`display(value, { id, update: true })\` replaces it as well. */
  readonly id: string;
  /** Shows \`value\` wherever this was shown. */
  update(value: unknown, options?: { readonly metadata?: Readonly<Record<string, unknown>> }): Promise<void>;
}

/**
 * Shows a value below the cell, as the cell's last line would: by its \`Symbol.for("Jupyter.display")\` if it has one; data by MIME type and elements
 * of a page, such as plots, as they are; arrays of records, matrices and Arrow tables as tables, PNG, JPEG and GIF bytes as images, all others as
 * Node prints them.
 *
 * @param options \`id\`: a name for later updates; \`update\`: show it where that name was shown before; \`metadata\` by MIME type
 * @returns a handle for replacing it
 * @example
 * const shown = display(first);
 * shown.update(second);
 * display({ "text/html": "<b>bold</b>" });
 */
declare function display(
  value: unknown,
  options?: { readonly id?: string; readonly update?: boolean; readonly metadata?: Readonly<Record<string, unknown>> },
): Displayed & Promise<Displayed>;

/**
 * Clears what the cell has shown.
 * @param wait until there is something new, so that nothing flickers. Default false
 */
declare function clearOutput(wait?: boolean): void;

/** A line of \`progress\` that is moved by hand. */
interface ProgressLine {
  /**
   * @param done how many of the total are done; the line is finished with the last
   * @param label replaces the text in front
   */
  update(done: number, label?: string): void;
  /** Ends the line where it stands; \`using line = progress(100)\` does so at the end of its block. */
  stop(): void;
  [Symbol.dispose](): void;
}

interface ProgressOptions {
  /** What is done, in front of the line. */
  readonly label?: string;
  /** How many there will be, where the values do not say. */
  readonly total?: number;
}

/**
 * Goes through values and shows how far it is: one line that is redrawn at most ten times a second.
 * @example
 * for (const x of progress(list, { label: "relaxing" })) await relaxOne(x);
 */
declare function progress<T>(values: Iterable<T>, options?: ProgressOptions): Iterable<T>;
/**
 * Goes through values that come by and by and shows how far it is.
 * @example
 * for await (const step of progress(relax(slab, emtCalculator()), { total: 200 })) last = step;
 */
declare function progress<T>(values: AsyncIterable<T>, options?: ProgressOptions): AsyncIterable<T>;
/**
 * A line that is moved by hand.
 * @param total at which it is finished
 * @example
 * const line = progress(100);
 * line.update(40);
 */
declare function progress(total: number, options?: { readonly label?: string }): ProgressLine;

/**
 * Asks whoever runs the cell for a line of text.
 * @param options \`password\`: it is not shown while it is typed
 * @throws Error if the client cannot be asked, as when a notebook is run without anybody watching
 * @example
 * const name = await input("Which adsorbate? ");
 */
declare function input(prompt?: string, options?: { readonly password?: boolean }): Promise<string>;

/** A command that \`sh\` has run. */
interface ShellResult {
  /** 0: it succeeded. 128 and more: a signal ended it. */
  readonly status: number;
  readonly stdout: string;
}

interface ShellOptions {
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

/**
 * Runs a command of the shell; what it prints is shown as it comes. An interrupt ends it and all that it started.
 * @throws Error with the last line that it printed if its status is not 0, unless \`check\` is false
 * @example
 * await sh("npm install mathjs");
 * const { stdout } = await sh("git log -1 --format=%h", { quiet: true });
 */
declare function sh(command: string, options?: ShellOptions): Promise<ShellResult>;

/** What \`timeit\` measured, in seconds a call; it shows itself as one line. */
interface Timing {
  readonly median: number;
  readonly best: number;
  /** Between the quartiles of the runs. */
  readonly spread: number;
  readonly runs: number;
  /** Calls in each run. */
  readonly loops: number;
}

/**
 * Times a function, of which a promise is awaited: as many calls as fit into a second, or the time given. The first calls, before it is compiled, do not
 * count.
 * @param options \`seconds\`: for all calls together. Default 1
 * @example
 * await timeit(() => fingerprints(slab, settings))
 */
declare function timeit(fn: () => unknown, options?: { readonly seconds?: number }): Promise<Timing>;

/**
 * Signal of the cell that runs, aborted when it is interrupted.
 * @example
 * const answer = await fetch(url, { signal: cellSignal() });
 */
declare function cellSignal(): AbortSignal;
`;
