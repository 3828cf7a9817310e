/**
 * A study's folder:
 *   study.json      the completed study file, with the versions that began it
 *   start.xyz       the structure, to the bit
 *   study.sqlite    the journal
 *   view.json       the last snapshot for viewers without SQLite
 *   run.log         what the study's process printed, if it did
 *   control/stop    exists while a stop is asked for
 *   control/lock    held open by the study's process as long as it lives; the system lets go of it whatever ends the process
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { carve } from "../hybrid/carve.ts";
import { formatExtxyz } from "../io/extxyz.ts";
import { readFrames } from "../io/files.ts";
import { select } from "../structure/regions.ts";
import type { Structure } from "../structure/structure.ts";
import type { StudyEvent } from "./events.ts";
import { type JournalReader, readJournal } from "./journal.ts";
import { type Study, type StudyFile, type StudyInput, parseStudy } from "./studyFile.ts";

/** Files of a study's folder by what they hold. */
export function pathsOf(folder: string): Readonly<Record<"file" | "structure" | "journal" | "view" | "log" | "control" | "stop" | "lock", string>> {
  const control = join(folder, "control");
  return {
    file: join(folder, "study.json"),
    structure: join(folder, "start.xyz"),
    journal: join(folder, "study.sqlite"),
    view: join(folder, "view.json"),
    log: join(folder, "run.log"),
    control,
    stop: join(control, "stop"),
    lock: join(control, "lock"),
  };
}

/**
 * Reads a study file and the structure that it names.
 * @throws Error or RangeError with one sentence if either cannot be read or is wrong.
 */
export async function readStudy(path: string): Promise<Study> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? `is not JSON: ${error.message}` : "cannot be read; check the path";
    throw new Error(`the study file ${path} ${why}`);
  }
  const file = parseStudy(content);
  const frames = await readFrames(resolve(dirname(path), file.structure));
  const structure = frames[frames.length - 1].structure;
  return { name: file.name ?? basename(path).replace(/\.json$/, ""), file, structure };
}

/** A study built in memory, e.g. in a notebook. */
export function studyOf(name: string, structure: Structure, input: Omit<StudyInput, "structure">): Study {
  return { name, structure, file: parseStudy({ ...input, structure: "start.xyz" }) };
}

/**
 * Makes a study's folder, or finds that it holds this study already.
 * @throws Error if it holds another one.
 */
export async function makeFolder(folder: string, study: Study): Promise<void> {
  const paths = pathsOf(folder);
  const file: StudyFile = { ...study.file, name: study.name, structure: "start.xyz" };
  const text = `${JSON.stringify(file, null, 2)}\n`;
  const xyz = formatExtxyz([{ structure: study.structure }]);
  if (existsSync(paths.file)) {
    const [oldText, oldXyz] = [await readFile(paths.file, "utf8"), await readFile(paths.structure, "utf8")];
    if (oldText !== text || oldXyz !== xyz)
      throw new Error(`${folder} holds a study with other inputs; give another --out, or remove the folder to start afresh`);
    return;
  }
  await mkdir(paths.control, { recursive: true });
  await writeFile(paths.structure, xyz);
  // The study file comes last and whole: a folder that has one is complete.
  await writeWhole(paths.file, text);
}

/**
 * The study of a folder.
 * @throws Error if the folder holds none.
 */
export async function studyIn(folder: string): Promise<Study> {
  const paths = pathsOf(folder);
  if (!existsSync(paths.file)) throw new Error(`${folder} holds no study; make one with qmml run STUDY.json --out ${folder}`);
  return readStudy(paths.file);
}

/** A study's folder opened for reading. */
export interface OpenStudy {
  readonly file: StudyFile;
  readonly structure: Structure;
  readonly core: Uint32Array;
  readonly cluster: Uint32Array;
  readonly events: readonly StudyEvent[];
  readonly array: JournalReader["array"];
  close(): void;
}

/**
 * Opens a study's folder with the events so far.
 * @throws Error if the folder holds none, or it was never begun.
 */
export async function openStudy(folder: string): Promise<OpenStudy> {
  const { file, structure } = await studyIn(folder);
  const core = select(structure, file.core);
  const cluster = carve(structure, core, file).atoms;
  if (!existsSync(pathsOf(folder).journal)) return { file, structure, core, cluster, events: [], array: () => undefined, close: () => {} };
  const journal = readJournal(folder);
  return { file, structure, core, cluster, events: journal.events(), array: journal.array, close: journal.close };
}

/** Takes the folder's lock, or tells that the study's process lives by returning undefined. */
export function takeLock(folder: string): { release(): void } | undefined {
  const db = new DatabaseSync(pathsOf(folder).lock, { timeout: 0 });
  try {
    db.exec("begin exclusive");
    return { release: () => db.close() };
  } catch {
    db.close();
    return undefined;
  }
}

/** Whether the study's process lives. */
export function isRunning(folder: string): boolean {
  const lock = takeLock(folder);
  lock?.release();
  return lock === undefined;
}

/** Asks the study's process to stop. */
export async function askToStop(folder: string): Promise<void> {
  await writeFile(pathsOf(folder).stop, "");
}

/** Takes back a request to stop. */
export async function clearStop(folder: string): Promise<void> {
  await rm(pathsOf(folder).stop, { force: true });
}

/** Writes a file so that a reader sees the old or the new one, never a part. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, text);
  await rename(part, path);
}
