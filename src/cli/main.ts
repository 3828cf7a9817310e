#!/usr/bin/env node
import { packageVersion } from "../io/package.ts";
/**
 * `qmml`: finds the command, hands it its words, prints what it returns. Exit status 0; 1 if it failed, with one line on stderr;
 * 2 for wrong usage; 130 after Ctrl-C. With `--json` stdout holds exactly one JSON object, or nothing after an error.
 */
import { nearest } from "../io/words.ts";
import { type Command, type Io, UsageError } from "./command.ts";
import { columns, commandHelp, parse, usageLine } from "./commandLine.ts";
import { screen } from "./live.ts";

/** A command is added by a line here; its file is loaded only when it is called, so that `--help` is quick. */
const COMMANDS: Readonly<Record<string, { readonly summary: string; load(): Promise<{ readonly command: Command }> }>> = {
  run: { summary: "run a study, or go on with it", load: () => import("./run.ts") },
  status: { summary: "what a study has reached", load: () => import("./status.ts") },
  stop: { summary: "stop a running study; nothing is lost", load: () => import("./stop.ts") },
  report: { summary: "one self-contained page of one or several studies", load: () => import("./report.ts") },
  buffer: { summary: "how large a study's buffer must be, by QM forces on its core", load: () => import("./buffer.ts") },
  compute: { summary: "energies, forces, stress and charges of the frames of a file", load: () => import("./compute.ts") },
  relax: { summary: "relax the last frame of a file by BFGS", load: () => import("./relax.ts") },
  lattice: { summary: "lattice constant and bulk modulus of a cubic crystal", load: () => import("./lattice.ts") },
  train: { summary: "train an ensemble of models on energies and forces", load: () => import("./train.ts") },
  describe: { summary: "the fingerprints that a model sees of every atom", load: () => import("./describe.ts") },
  qm: { summary: "the QM engines: what there is, and whether one gives the numbers it should", load: () => import("./qm.ts") },
  store: { summary: "the QM images that studies share: list them, verify them, export them", load: () => import("./store.ts") },
  engine: { summary: "what the numbers are calculated with: what there is, and TensorFlow to install", load: () => import("./engine.ts") },
  kernel: { summary: "the Jupyter kernel for TypeScript notebooks: install it, or remove it", load: () => import("./kernel.ts") },
  doctor: { summary: "whether this machine has what qmml needs", load: () => import("./doctor.ts") },
};

/** Milliseconds after Ctrl-C in which a command may tidy up. */
const GRACE = 700;

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === "--version") return said(packageVersion());
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const rows = Object.entries(COMMANDS).map(([key, { summary }]): [string, string] => [key, summary]);
    await said(`QM/ML hybrid calculations\n\nusage: qmml COMMAND [--json] ...\n\n${columns(rows)}\n\nqmml COMMAND --help tells more.`);
    return name === undefined ? 2 : 0;
  }
  if (!Object.hasOwn(COMMANDS, name)) {
    const near = nearest(name, Object.keys(COMMANDS));
    const hint = near === undefined ? "" : `did you mean ${near}? `;
    const kind = name.startsWith("-") ? "option" : "command";
    return complain("qmml", `unknown ${kind} ${name}; ${hint}usage: qmml COMMAND, see qmml --help`, 2);
  }
  const { summary, load } = COMMANDS[name];
  let command: Command | undefined;
  try {
    command = (await load()).command;
    const { help, json, ...values } = parse(command, rest);
    if (help === true) return await said(commandHelp(name, summary, command));
    const outcome = await command.run(values, io(json === true));
    if (json === true) await said(JSON.stringify(outcome.json, plain));
    return outcome.failure === undefined ? 0 : complain(`qmml ${name}`, outcome.failure, 1);
  } catch (error) {
    if (interruption.signal.aborted) return 130;
    if (error instanceof UsageError && command !== undefined)
      return complain(`qmml ${name}`, `${error.message}; usage: ${usageLine(name, command)}`, 2);
    return complain(`qmml ${name}`, sentence(error), 1);
  }
}

const interruption = new AbortController();

function io(json: boolean): Io {
  const silent = { print: () => {}, live: () => {} };
  return {
    ...(json ? silent : screen(process.stdout)),
    json,
    signal: interruption.signal,
    warn: (line) => {
      process.stderr.write(`${line}\n`);
    },
  };
}

/** Resolves to 0 when the text has left the process. */
function said(text: string): Promise<number> {
  return new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve(0)));
}

function complain(who: string, message: string, status: number): number {
  process.stderr.write(`${who}: ${message.replace(/\s*\n\s*/g, " ")}\n`);
  return status;
}

/** What went wrong, with the remedy where the system's own words lack it. */
function sentence(error: unknown): string {
  const { code, path } = error as NodeJS.ErrnoException;
  if (path !== undefined) {
    if (code === "ENOENT") return `there is no ${path}; check the path`;
    if (code === "EACCES" || code === "EPERM") return `${path} may not be opened; check its permissions`;
    if (code === "EISDIR") return `${path} is a folder; give a file`;
    if (code === "ENOTDIR") return `a part of ${path} is a file where a folder is needed; check the path`;
  }
  return error instanceof Error ? error.message : String(error);
}

function plain(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : value;
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}
process.once("SIGINT", () => {
  interruption.abort(new Error("interrupted"));
  setTimeout(() => process.exit(130), GRACE);
});
const status = await main(process.argv.slice(2));
await new Promise((resolve) => process.stdout.write("", resolve));
process.exit(interruption.signal.aborted ? 130 : status);
