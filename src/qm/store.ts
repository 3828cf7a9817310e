/**
 * A store of QM images shared between studies: a folder with one SQLite file (WAL). A study's journal is the truth; the store gets copies and
 * is asked before an engine is, and what is wrong with it costs a calculation, never a study. Any number of processes may read and write at once. Each
 * image carries a SHA-256 of all that is stored of it, which is compared whenever it is read. On a local disk: WAL does not work over a network.
 */
import { createHash } from "node:crypto";
import { constants, copyFileSync, existsSync, linkSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openDatabase } from "../io/sqlite.ts";
import type { QmImage } from "./image.ts";

/** Images by their hash. What could not be read or written is told to `warn`, in one sentence, and thrown to nobody. */
export interface Store {
  /** The image, once it has the bits it was stored with; undefined if it has not, or is not there. */
  get(hash: string): QmImage | undefined;
  /** Stores a copy, unless an intact image of that hash is there. */
  put(image: QmImage): void;
  /** What is there, in the order in which it came, without looking into it. */
  list(): Stored[];
  close(): void;
}

/** An image as it is listed. */
export interface Stored {
  readonly hash: string;
  readonly settings: string;
  /** [N] atomic numbers. */
  readonly numbers: Uint8Array;
  readonly charge: number;
  /** eV. */
  readonly energy: number;
  /** Of the engine, wall s. */
  readonly seconds: number;
  /** When it was stored, Unix time, s. */
  readonly time: number;
}

/** How a store is opened. */
export interface StoreOptions {
  /** Hears of what is wrong with the store. Default: a warning of the process. */
  readonly warn?: (sentence: string) => void;
  /** Refuses a folder without a store instead of beginning one there. Default false. */
  readonly existing?: boolean;
}

/** Name of the file in the store's folder. */
const FILE = "images.sqlite";

/** Of the tables; a store of another one is not read. */
const VERSION = 1;

// A page that does not leave half of itself empty beside images of 100 to 200 atoms.
const SCHEMA = `
pragma page_size = 4096; pragma journal_mode = wal; pragma user_version = ${VERSION};
create table settings (id integer primary key, text text not null unique) strict;
create table images (id integer primary key, hash text not null unique, settings integer not null references settings, time real not null,
  energy real not null, seconds real not null, charge real not null, multiplicity integer, pbc text not null, checksum blob not null,
  numbers blob not null, cell blob not null, positions blob not null, forces blob not null) strict;
`;

// An image whose settings are lost has a wrong checksum.
const SELECT = "select hash, coalesce(text, '') as settings, numbers, charge, energy, seconds";
const FROM = "from images left join settings on settings.id = images.settings";

/** ms that another process's writing is waited for. */
const PATIENCE = 5000;

/**
 * Opens the store of a folder, and makes both where there are none.
 * @throws Error with one sentence if the folder holds no store that can be used.
 */
export function openStore(folder: string, options: StoreOptions = {}): Store {
  const { warn = (sentence) => process.emitWarning(sentence), existing = false } = options;
  const db = opened(folder, existing);
  const select = db.prepare(`${SELECT}, multiplicity, pbc, checksum, cell, positions, forces ${FROM} where hash = ?`);
  const said = new Set<string>();
  const complain = (sentence: string): void => {
    if (!said.has(sentence)) warn(`the store in ${folder} ${sentence}`);
    said.add(sentence);
  };
  const told = <T>(act: () => T, what: string): T | undefined => {
    try {
      return act();
    } catch (error) {
      complain(`cannot be ${what} (${(error as Error).message}); what it should hold is calculated anew`);
      return undefined;
    }
  };
  const put = putting(db, select);
  return {
    get(hash) {
      const row = told(() => select.get(hash), "read");
      if (row === undefined) return undefined;
      const image = intact(row as unknown as Row);
      if (image === undefined) complain(`holds ${hash} with a wrong checksum; it is calculated anew`);
      return image;
    },
    put: (image) => void told(() => put(image), "written"),
    list: () => told(() => listed(db), "read") ?? [],
    close: () => db.close(),
  };
}

/** An image as the table has it. */
interface Row {
  readonly hash: string;
  readonly settings: string;
  readonly energy: number;
  readonly seconds: number;
  readonly charge: number;
  readonly multiplicity: number | null;
  readonly pbc: string;
  readonly checksum: Uint8Array;
  readonly numbers: Uint8Array;
  readonly cell: Uint8Array;
  readonly positions: Uint8Array;
  readonly forces: Uint8Array;
}

function opened(folder: string, existing: boolean): DatabaseSync {
  const path = join(folder, FILE);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) throw new Error(`the store ${folder} is a file; give a folder`);
  if (existing && !existsSync(path)) throw new Error(`${folder} holds no store; give the folder that qmml run --store was given`);
  try {
    if (!existsSync(path)) make(folder, path);
    const db = openDatabase(path, { timeout: PATIENCE });
    const version = db.prepare("pragma user_version").get()?.user_version;
    if (version !== VERSION) throw new Error(`its tables are of version ${version}, not ${VERSION}`);
    // A kill loses nothing; a power cut may lose the last copies, never more.
    db.exec("pragma synchronous = normal");
    return db;
  } catch (error) {
    throw new Error(
      `the store in ${folder} cannot be opened (${(error as Error).message}); give another folder${existsSync(path) ? `, or take ${FILE} out of it` : ""}`,
    );
  }
}

/** Makes the file with its empty tables, whole or not at all; of two processes that do so at once, one is first and the other finds it made. */
function make(folder: string, path: string): void {
  makeFolder(resolve(folder));
  const part = `${path}.${process.pid}.part`;
  rmSync(part, { force: true });
  const db = openDatabase(part);
  db.exec(SCHEMA);
  db.close();
  try {
    linkSync(part, path);
  } catch {
    // A file system without links, where a copy does not take another store's place either.
    if (!existsSync(path)) copyFileSync(part, path, constants.COPYFILE_EXCL);
  } finally {
    rmSync(part);
  }
}

/** Node's own way to make a folder with those above it has no end where the system takes none, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function putting(db: DatabaseSync, select: StatementSync): (image: QmImage) => void {
  const known = db.prepare("insert into settings (text) values (?) on conflict do nothing");
  const insert = db.prepare(
    `insert or replace into images (hash, settings, time, energy, seconds, charge, multiplicity, pbc, checksum, numbers, cell, positions, forces)
     values (?, (select id from settings where text = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ hash, settings, structure: s, energy, forces, seconds }) => {
    const content = {
      ...{ hash, settings, energy, seconds, charge: s.charge ?? 0, multiplicity: s.multiplicity ?? null },
      pbc: s.pbc.map((p) => (p ? "T" : "F")).join(""),
      ...{ numbers: s.numbers, cell: bytes(s.cell), positions: bytes(s.positions), forces: bytes(forces) },
    };
    const { charge, multiplicity, pbc, numbers, cell, positions } = content;
    const row = [energy, seconds, charge, multiplicity, pbc, checksum(content), numbers, cell, positions, content.forces];
    db.exec("begin immediate");
    try {
      const found = select.get(hash);
      if (found === undefined || intact(found as unknown as Row) === undefined) {
        known.run(settings);
        insert.run(hash, settings, Date.now() / 1000, ...row);
      }
      db.exec("commit");
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (db.isTransaction) db.exec("rollback");
      throw error;
    }
  };
}

function listed(db: DatabaseSync): Stored[] {
  return db.prepare(`${SELECT}, time ${FROM} order by images.id`).all() as unknown as Stored[];
}

/** The image of a row that has the checksum of its content. */
function intact(row: Row): QmImage | undefined {
  if (checksum(row).compare(row.checksum) !== 0) return undefined;
  const { hash, settings, energy, seconds, pbc, charge, multiplicity } = row;
  return {
    hash,
    settings,
    structure: {
      numbers: row.numbers,
      positions: floats(row.positions),
      cell: floats(row.cell),
      pbc: [pbc[0] === "T", pbc[1] === "T", pbc[2] === "T"],
      charge,
      ...(multiplicity !== null && { multiplicity }),
    },
    energy,
    forces: floats(row.forces),
    seconds,
  };
}

function checksum(row: Omit<Row, "checksum">): Buffer {
  const { numbers, cell, positions, forces } = row;
  const scalars = [row.hash, row.settings, row.energy, row.seconds, row.charge, row.multiplicity, row.pbc, numbers.length];
  const sum = createHash("sha256").update(JSON.stringify(scalars));
  for (const blob of [numbers, cell, positions, forces]) sum.update(blob);
  return sum.digest();
}

function bytes(a: Float64Array): Uint8Array {
  return new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
}

function floats(b: Uint8Array): Float64Array {
  return new Float64Array(b.slice().buffer);
}
