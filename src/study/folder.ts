/**
 * A study's folder:
 *   study.json          the completed study file
 *   start.xyz           the structure, to the bit
 *   study.sqlite        the journal
 *   view.json           the last snapshot for viewers without SQLite
 *   stopped-….xyz       of a relaxation that the guard has stopped: what its next step would have led to
 *   run.log             what the study's process printed, if it did
 *   control/means.json  what its last process was started with
 *   control/stop        exists while a stop is asked for
 *   control/lock        held open by the study's process as long as it lives; the system lets go of it whatever ends the process
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { carve } from "../hybrid/carve.ts";
import { formatExtxyz } from "../io/extxyz.ts";
import { readFramesSync } from "../io/files.ts";
import { openDatabase } from "../io/sqlite.ts";
import { writeWholeSync } from "../io/whole.ts";
import { withPaths } from "../qm/argumentFiles.ts";
import { withAgreedState } from "../qm/engines.ts";
import { select } from "../structure/regions.ts";
import type { Structure } from "../structure/structure.ts";
import type { Place, StudyEvent } from "./events.ts";
import { type JournalReader, readJournal } from "./journal.ts";
import { limitsOf, parseStudy, type Study, type StudyFile, type StudyInput } from "./studyFile.ts";

/** Files of a study's folder by what they hold. */
export function pathsOf(
  folder: string,
): Readonly<Record<"file" | "structure" | "journal" | "view" | "log" | "control" | "means" | "stop" | "lock", string>> {
  const control = join(folder, "control");
  return {
    file: join(folder, "study.json"),
    structure: join(folder, "start.xyz"),
    journal: join(folder, "study.sqlite"),
    view: join(folder, "view.json"),
    log: join(folder, "run.log"),
    control,
    means: join(control, "means.json"),
    stop: join(control, "stop"),
    lock: join(control, "lock"),
  };
}

/** Where the frame of a relaxation is that the guard has stopped. */
export function stoppedFrame(folder: string, { scheme, member }: Pick<Place, "scheme" | "member">): string {
  return join(folder, `stopped-${scheme}${member === null ? "" : `-${member}`}.xyz`);
}

/**
 * Reads a study file and the structure that it names.
 * @throws Error or RangeError with one sentence if either cannot be read or is wrong.
 */
export async function readStudy(path: string): Promise<Study> {
  return readStudySync(path);
}

function readStudySync(path: string): Study {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? `is not JSON: ${error.message}` : "cannot be read; check the path";
    throw new Error(`the study file ${path} ${why}`);
  }
  const parsed = parseStudy(content);
  const file = { ...parsed, qm: withPaths(parsed.qm, dirname(path)) };
  const frames = readFramesSync(resolve(dirname(path), file.structure));
  const structure = withAgreedState(frames[frames.length - 1].structure, file.qm);
  return { name: file.name ?? basename(path).replace(/\.json$/, ""), file, structure };
}

/**
 * A study built in memory, e.g. in a notebook.
 * @throws RangeError with one sentence if an input is wrong, or structure and engine state different charges or multiplicities.
 */
export function studyOf(name: string, structure: Structure, input: Omit<StudyInput, "structure">): Study {
  const parsed = parseStudy({ ...input, structure: "start.xyz" });
  const file = { ...parsed, qm: withPaths(parsed.qm, ".") };
  return { name, structure: withAgreedState(structure, file.qm), file };
}

/**
 * Makes a study's folder, or finds that it holds this study already. That may go on with other limits (`timeout`, `maxForce`), unless it runs.
 * @throws Error if it holds another one, naming the first input that differs.
 */
export async function makeFolder(folder: string, study: Study): Promise<void> {
  makeFolderSync(folder, study);
}

/** The same, done when it returns. */
export function makeFolderSync(folder: string, study: Study): void {
  const paths = pathsOf(folder);
  const file: StudyFile = { ...study.file, name: study.name, structure: "start.xyz" };
  const xyz = formatExtxyz([{ structure: study.structure }]);
  if (existsSync(paths.file)) {
    const old = studyInSync(folder);
    const keys = [...new Set([...Object.keys(old.file), ...Object.keys(file)])] as (keyof StudyFile)[];
    const others = keys.filter((key) => !isDeepStrictEqual(old.file[key], file[key]));
    const other = others.find((key) => !(key in limitsOf(file)));
    const difference = other
      ? `${other}: ${JSON.stringify(old.file[other])}, not ${JSON.stringify(file[other])}`
      : formatExtxyz([{ structure: old.structure }]) === xyz
        ? undefined
        : "another structure";
    if (difference)
      throw new Error(`${folder} holds a study with other inputs (${difference}); give another folder, or remove this one to start afresh`);
    if (others.length === 0) return;
    if (isRunning(folder))
      throw new Error(`${folder} holds a study that runs with another ${others.join(" and ")}; stop it first, then run it again`);
    writeWholeSync(paths.file, `${JSON.stringify(file, null, 2)}\n`);
    return;
  }
  mkdirSync(paths.control, { recursive: true });
  writeWholeSync(paths.structure, xyz);
  // The study file comes last: a folder that has one is complete.
  writeWholeSync(paths.file, `${JSON.stringify(file, null, 2)}\n`);
}

/**
 * The study of a folder.
 * @throws Error if the folder holds none.
 */
export async function studyIn(folder: string): Promise<Study> {
  return studyInSync(folder);
}

/** The same, read when it returns. */
export function studyInSync(folder: string): Study {
  const paths = pathsOf(folder);
  if (!existsSync(paths.file)) throw new Error(`${folder} holds no study; make one with qmml run STUDY.json --out ${folder}`);
  return readStudySync(paths.file);
}

/** A study as it stands: its file, its structure with the regions, its events so far. */
export interface StudyRecord {
  readonly file: StudyFile;
  readonly structure: Structure;
  /** Atoms that the question is about. */
  readonly core: Uint32Array;
  /** Atoms of the QM cluster: core and buffer. */
  readonly cluster: Uint32Array;
  /** In the order of their sequence numbers. */
  readonly events: readonly StudyEvent[];
  /** Arrays of an event by name. */
  readonly array: JournalReader["array"];
}

/** What a study is before anything happens: its file, its structure, its regions. */
export type StudyInputs = Omit<StudyRecord, "events" | "array">;

/**
 * The inputs of a study with the regions that follow from them.
 * @throws RangeError if the core or the buffer do not fit the structure.
 */
export function inputsOf({ file, structure }: Study): StudyInputs {
  const core = select(structure, file.core);
  return { file, structure, core, cluster: carve(structure, core, file).atoms };
}

/** A study's folder opened for reading. */
export interface OpenStudy extends StudyRecord {
  close(): void;
}

/**
 * Opens a study's folder with the events so far; none if it was never begun.
 * @throws Error if the folder holds no study.
 */
export async function openStudy(folder: string): Promise<OpenStudy> {
  const inputs = inputsOf(await studyIn(folder));
  if (!existsSync(pathsOf(folder).journal)) return { ...inputs, events: [], array: () => undefined, close: () => {} };
  const journal = readJournal(folder);
  return { ...inputs, events: journal.events(), array: journal.array, close: journal.close };
}

/** What `use` makes of a study's folder, which is open only meanwhile. */
export async function withStudy<T>(folder: string, use: (study: StudyRecord) => T): Promise<T> {
  const study = await openStudy(folder);
  try {
    return use(study);
  } finally {
    study.close();
  }
}

/** ms that the lock is waited for: those who ask whether the study runs touch it for a moment. */
const LOCK_PATIENCE = 1000;
/** SQLite's number for a lock that is held. */
const SQLITE_BUSY = 5;

/**
 * Takes the folder's lock; undefined if another process has it.
 * @throws Error with one sentence if the folder cannot be written to.
 */
export function takeLock(folder: string): { release(): void } | undefined {
  try {
    return lockedBy("begin exclusive", openDatabase(pathsOf(folder).lock, { timeout: LOCK_PATIENCE }));
  } catch (error) {
    throw new Error(`the lock in ${folder} cannot be taken (${(error as Error).message}); make the folder writable, or give another one`);
  }
}

/** Whether the study's process lives. Any number may ask at once. */
export function isRunning(folder: string): boolean {
  const { lock: path } = pathsOf(folder);
  if (!existsSync(path)) return false;
  const lock = lockedBy("begin; select count(*) from sqlite_schema", openDatabase(path, { readOnly: true, timeout: 0 }));
  lock?.release();
  return lock === undefined;
}

/** Holds what a statement locks until it is released; undefined if it is locked already. */
function lockedBy(statement: string, db: DatabaseSync): { release(): void } | undefined {
  try {
    db.exec(statement);
    return { release: () => db.close() };
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

/** Asks the study's process to stop. */
export async function askToStop(folder: string): Promise<void> {
  await writeFile(pathsOf(folder).stop, "");
}

/** Takes back a request to stop. */
export async function clearStop(folder: string): Promise<void> {
  await rm(pathsOf(folder).stop, { force: true });
}
