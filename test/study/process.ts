/** A study's own process, as `qmml run` starts it, and what a study came to, freed of everything that a clock measured. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import type { StudyEvent } from "../../src/study/events.ts";
import { makeFolder } from "../../src/study/folder.ts";
import { readJournal } from "../../src/study/journal.ts";
import type { Study } from "../../src/study/studyFile.ts";
import { tinyStudy } from "./tinyStudy.ts";

export const RUNNER: string = fileURLToPath(new URL("../../src/cli/runner.ts", import.meta.url));
export const FLAGS: readonly string[] = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"];

/** A folder that is gone after the tests of the file, its name with a space. */
export function emptyFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "qmml study "));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A study's folder, ready to run. */
export async function studyFolder(study: Study = tinyStudy()): Promise<string> {
  const folder = emptyFolder();
  await makeFolder(folder, study);
  return folder;
}

export interface Ended {
  readonly status: number | null;
  /** What ended it, if a signal did. */
  readonly signal: string | null;
  readonly output: string;
  /** Wall s. */
  readonly seconds: number;
}

/** Starts the process; `act` may do something to it while it runs. */
export function run(
  folder: string,
  threads = 2,
  act: (child: ChildProcess) => void = () => {},
  words: readonly string[] = [],
): Promise<Ended> {
  const began = performance.now();
  const child = spawn(process.execPath, [...FLAGS, RUNNER, folder, "--threads", String(threads), ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  act(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ status, signal, output, seconds: (performance.now() - began) / 1000 }));
  });
}

/** The events of a folder; none if it has no journal yet. */
export function eventsOf(folder: string): StudyEvent[] {
  try {
    const journal = readJournal(folder);
    const events = journal.events();
    journal.close();
    return events;
  } catch (error) {
    if (/unable to open/.test((error as Error).message)) return [];
    throw error;
  }
}

/** Kinds that say what a study came to, each once at its place. */
const RESULTS: ReadonlySet<string> = new Set([
  "study-started",
  "warning",
  "gate",
  "pretraining",
  "training",
  "step",
  "verified",
  "study-finished",
]);
const ARRAYS = ["positions", "forces", "previousForces", "qmForces", "mlForces", "forcesSigma", "model", "curve"];

/**
 * What a study came to: payloads and the bits of all arrays by kind and place, QM images by hash; without times.
 * @throws Error if something happened twice.
 */
export function outcome(folder: string): Record<string, string> {
  const journal = readJournal(folder);
  const found: Record<string, string> = {};
  const note = (key: string, value: string): void => {
    if (key in found) throw new Error(`${key} is in the journal twice`);
    found[key] = value;
  };
  for (const e of journal.events()) {
    if (e.kind === "qm-finished" && !e.payload.reused) {
      const image = journal.image(e.payload.hash);
      if (!image) throw new Error(`image ${e.payload.hash} is missing`);
      note(`image ${image.hash}`, `${image.energy} ${bits(image.forces)} ${bits(image.structure.positions)}`);
    }
    if (!RESULTS.has(e.kind)) continue;
    const { seconds: _, qmSeconds: __, ...payload } = e.payload as Record<string, unknown>;
    const arrays = ARRAYS.flatMap((name) => {
      const a = journal.array(e.sequence, name);
      return a ? [`${name} ${bits(name === "curve" ? a.filter((_x, k) => k % 5 !== 1) : a)}`] : [];
    });
    note([e.kind, e.scheme, e.member, e.step, e.image].join(" "), `${JSON.stringify(payload)} ${arrays.join(" ")}`);
  }
  journal.close();
  return found;
}

function bits(a: Float64Array): string {
  return createHash("sha256").update(a).digest("hex").slice(0, 16);
}
