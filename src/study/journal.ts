/**
 * The journal: one SQLite file in the study's folder, append-only, WAL with synchronous FULL, one writer. An event, its arrays and its QM
 * image are one transaction; what is committed survives a kill or a power cut, what is not never happened.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../io/sqlite.ts";
import type { QmImage } from "../qm/image.ts";
import type { Happening, StudyEvent } from "./events.ts";

const SCHEMA = `
create table if not exists events (sequence integer primary key, time real not null, kind text not null, scheme text, member integer,
  step integer, image integer, payload text not null) strict;
create table if not exists arrays (sequence integer not null references events, name text not null, data blob not null,
  primary key (sequence, name)) strict, without rowid;
create table if not exists images (hash text primary key, sequence integer not null references events, settings text not null, numbers blob not null,
  positions blob not null, cell blob not null, pbc text not null, energy real not null, forces blob not null, seconds real not null,
  charge real not null default 0, multiplicity integer) strict;
`;

/** Read access to a journal, also while its study runs. */
export interface JournalReader {
  /** Events with a sequence number above `after`, in order. */
  events(after?: number): StudyEvent[];
  /** An array of an event, if it has one of that name. */
  array(sequence: number, name: string): Float64Array | undefined;
  image(hash: string): QmImage | undefined;
  close(): void;
}

/** Write access: at most one at a time. */
export interface Journal extends JournalReader {
  /**
   * Commits an event with its arrays, and the QM image it brings if any; returns it with its number. A `qm-finished` whose image is in the
   * journal already becomes one that reused it: of several that waited for one calculation, the first to be committed has paid for it.
   * @throws Error with one sentence if it cannot be written; nothing of it is then.
   */
  commit(happening: Happening, image?: QmImage): StudyEvent;
}

/** Name of the file in the study's folder. */
const FILE = "study.sqlite";

/**
 * Opens the journal of a study's folder for reading.
 * @throws Error if there is none.
 */
export function readJournal(folder: string): JournalReader {
  return reader(openDatabase(join(folder, FILE), { readOnly: true, timeout: 5000 }));
}

/**
 * Opens the journal of a study's folder for writing, and makes it if there is none. The caller holds the folder's lock.
 * @throws Error with one sentence if it cannot be written.
 */
export function writeJournal(folder: string): Journal {
  const db = told(folder, () => {
    if (!existsSync(join(folder, FILE))) make(folder);
    const opened = openDatabase(join(folder, FILE), { timeout: 5000 });
    opened.exec("pragma synchronous = full");
    const hasCharge = opened.prepare("select 1 from pragma_table_info('images') where name = 'charge'").get();
    // A study begun with version 0.1.0.
    if (!hasCharge) opened.exec("alter table images add charge real not null default 0; alter table images add multiplicity integer");
    return opened;
  });
  const event = db.prepare("insert into events (time, kind, scheme, member, step, image, payload) values (?, ?, ?, ?, ?, ?, ?)");
  // An empty array is bound as null.
  const array = db.prepare("insert into arrays values (?, ?, coalesce(?, zeroblob(0)))");
  const image = db.prepare("insert into images values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const knows = db.prepare("select 1 from images where hash = ?");
  return {
    ...reader(db),
    close() {
      // With a reader about, closing alone would leave events in the file beside this one, where a copy of the study may miss them.
      db.exec("pragma wal_checkpoint(truncate)");
      db.close();
    },
    commit(h, stored) {
      const time = Date.now() / 1000;
      const reused = stored !== undefined && knows.get(stored.hash) !== undefined;
      const payload = h.kind === "qm-finished" && reused ? { ...h.payload, reused } : h.payload;
      const [scheme, member, step, at] = [h.scheme ?? null, h.member ?? null, h.step ?? null, h.image ?? null];
      return transaction(folder, db, () => {
        const { lastInsertRowid } = event.run(time, h.kind, scheme, member, step, at, JSON.stringify(payload));
        const sequence = Number(lastInsertRowid);
        for (const [name, data] of Object.entries(h.arrays ?? {})) array.run(sequence, name, bytes(data));
        if (stored && !reused) {
          const s = stored.structure;
          const pbc = s.pbc.map((p) => (p ? "T" : "F")).join("");
          image.run(
            stored.hash,
            sequence,
            stored.settings,
            s.numbers,
            bytes(s.positions),
            bytes(s.cell),
            pbc,
            stored.energy,
            bytes(stored.forces),
            stored.seconds,
            s.charge ?? 0,
            s.multiplicity ?? null,
          );
        }
        return { sequence, time, kind: h.kind, scheme, member, step, image: at, payload } as StudyEvent;
      });
    },
  };
}

/** Makes the file with its empty tables, whole or not at all: a reader never meets one without them. */
function make(folder: string): void {
  const part = join(folder, `${FILE}.part`);
  rmSync(part, { force: true });
  const db = openDatabase(part);
  db.exec(`pragma journal_mode = wal; ${SCHEMA}`);
  db.close();
  renameSync(part, join(folder, FILE));
}

/** Writes all of it or nothing. */
function transaction<T>(folder: string, db: DatabaseSync, write: () => T): T {
  return told(folder, () => {
    try {
      db.exec("begin immediate");
      const result = write();
      db.exec("commit");
      return result;
    } catch (error) {
      try {
        db.exec("rollback");
      } catch {
        // A full disk makes SQLite roll back by itself.
      }
      throw error;
    }
  });
}

/** Does it, or says in one sentence that the journal could not be written. */
function told<T>(folder: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the journal in ${folder} cannot be written (${why}); see to the disk, then run the study again and it goes on`);
  }
}

function reader(db: DatabaseSync): JournalReader {
  const events = db.prepare("select * from events where sequence > ? order by sequence");
  const array = db.prepare("select data from arrays where sequence = ? and name = ?");
  const image = db.prepare("select * from images where hash = ?");
  return {
    events: (after = 0) =>
      events.all(after).map((row) => ({ ...row, payload: JSON.parse(row.payload as string) }) as unknown as StudyEvent),
    array(sequence, name) {
      const row = array.get(sequence, name);
      return row && floats(row.data as Uint8Array);
    },
    image(hash) {
      const row = image.get(hash);
      if (!row) return undefined;
      const pbc = row.pbc as string;
      return {
        hash,
        settings: row.settings as string,
        structure: {
          numbers: row.numbers as Uint8Array,
          positions: floats(row.positions as Uint8Array),
          cell: floats(row.cell as Uint8Array),
          pbc: [pbc[0] === "T", pbc[1] === "T", pbc[2] === "T"],
          charge: row.charge as number,
          ...(row.multiplicity !== null && { multiplicity: row.multiplicity as number }),
        },
        energy: row.energy as number,
        forces: floats(row.forces as Uint8Array),
        seconds: row.seconds as number,
      };
    },
    close: () => db.close(),
  };
}

function bytes(a: Float64Array): Uint8Array {
  return new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
}

function floats(b: Uint8Array): Float64Array {
  return new Float64Array(b.slice().buffer);
}
