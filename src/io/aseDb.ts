/**
 * A database that ASE opens as its own (`ase db OUT.db`, `ase.db.connect`): SQLite, tables of ASE's version 9, which ASE 3.18 and later read. Written
 * whole, from results at hand; constraints, tags, magnetic moments and masses other than the elements' are not written. https://wiki.fysik.dtu.dk/ase/ase/db/db.html
 */
import { renameSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Result } from "../calculators/calculator.ts";
import { determinant } from "../linalg/cell.ts";
import { norm } from "../linalg/elementary.ts";
import type { Structure } from "../structure/structure.ts";
import { openDatabase } from "./sqlite.ts";

/** One row: a structure and what was calculated for it. */
export interface AseRow {
  readonly structure: Structure;
  readonly result: Pick<Result, "energy" | "forces" | "stress" | "charges">;
  /** 32 hexadecimal digits, of no other row. */
  readonly id: string;
  /** Unix time, s. */
  readonly time: number;
  /** Name of what calculated it, and how it was set. */
  readonly calculator: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What else can be searched for. No key may be the name of a column, nor a text spell a number. */
  readonly pairs: Readonly<Record<string, string | number>>;
}

/** ASE counts years of 365.25 days from the beginning of 2000 in Denmark, Unix time, s. */
const [YEAR, BEGINNING] = [365.25 * 86400, 946681200];

const VERSION = 9;

const COLUMNS = `unique_id text unique, ctime real, mtime real, username text, numbers blob, positions blob, cell blob, pbc integer,
  initial_magmoms blob, initial_charges blob, masses blob, tags blob, momenta blob, constraints text, calculator text, calculator_parameters text,
  energy real, free_energy real, forces blob, stress blob, dipole blob, magmoms blob, magmom real, charges blob, key_value_pairs text, data blob,
  natoms integer, fmax real, smax real, volume real, mass real, charge real`;

const SCHEMA = `
create table systems (id integer primary key autoincrement, ${COLUMNS});
create table species (Z integer, n integer, id integer, foreign key (id) references systems(id));
create table keys (key text, id integer, foreign key (id) references systems(id));
create table text_key_values (key text, value text, id integer, foreign key (id) references systems(id));
create table number_key_values (key text, value real, id integer, foreign key (id) references systems(id));
create table information (name text, value text);
insert into information values ('version', '${VERSION}');
create index unique_id_index on systems(unique_id);
create index ctime_index on systems(ctime);
create index username_index on systems(username);
create index calculator_index on systems(calculator);
create index species_index on species(Z);
create index key_index on keys(key);
create index text_index on text_key_values(key);
create index number_index on number_key_values(key);
`;

/** An empty dictionary as ASE packs it: where its JSON begins, then the JSON. */
const NO_DATA = Uint8Array.from([8, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from("{}")]);

/**
 * Writes the rows; an existing file is replaced when all are written.
 * @returns how many there were
 * @throws Error of the system if the file cannot be written; nothing is left of it then.
 */
export function writeAseDb(path: string, rows: Iterable<AseRow>): number {
  const draft = `${path}.${process.pid}.part`;
  let written = 0;
  try {
    rmSync(draft, { force: true });
    const db = openDatabase(draft);
    try {
      db.exec(`begin; ${SCHEMA}`);
      const write = writing(db);
      for (const row of rows) {
        write(row);
        written++;
      }
      db.exec("commit");
    } finally {
      db.close();
    }
    renameSync(draft, path);
  } finally {
    for (const left of [draft, `${draft}-journal`]) rmSync(left, { force: true });
  }
  return written;
}

function writing(db: DatabaseSync): (row: AseRow) => void {
  const names = COLUMNS.split(",").map((column) => column.trim().split(" ")[0]);
  const system = db.prepare(`insert into systems (${names}) values (${names.map(() => "?")})`);
  const [species, key, text, number] = ["species values (?, ?, ?)", "keys values (?, ?)"]
    .concat(["text", "number"].map((kind) => `${kind}_key_values values (?, ?, ?)`))
    .map((into) => db.prepare(`insert into ${into}`));
  return (row) => {
    const columns = columnsOf(row);
    const { lastInsertRowid: id } = system.run(...names.map((name) => columns[name] ?? null));
    const { numbers } = row.structure;
    for (const z of new Set(numbers)) species.run(z, numbers.filter((other) => other === z).length, id);
    for (const [name, value] of Object.entries(row.pairs)) {
      key.run(name, id);
      (typeof value === "string" ? text : number).run(name, value, id);
    }
  };
}

/** What a row says, by column; null where it says nothing. */
function columnsOf({
  structure,
  result,
  id,
  time,
  calculator,
  parameters,
  pairs,
}: AseRow): Record<string, string | number | Uint8Array | null> {
  const { numbers, positions, cell, pbc, charge = 0 } = structure;
  const { energy, forces, stress, charges } = result;
  const age = (time - BEGINNING) / YEAR;
  const volume = Math.abs(determinant(cell));
  return {
    ...{ unique_id: id, ctime: age, mtime: age, calculator, calculator_parameters: JSON.stringify(parameters) },
    ...{ numbers: bytes(Int32Array.from(numbers)), positions: bytes(positions), cell: bytes(cell) },
    pbc: pbc.reduce((sum, repeats, k) => sum + (repeats ? 1 << k : 0), 0),
    ...{ energy, forces: bytes(forces), stress: bytes(stress), charges: bytes(charges) },
    ...{ key_value_pairs: JSON.stringify(pairs), data: NO_DATA, natoms: numbers.length },
    fmax: forces ? longest(forces) : null,
    smax: stress ? Math.max(...stress.map(Math.abs)) : null,
    volume: volume === 0 ? null : volume,
    charge,
  };
}

function longest(forces: Float64Array): number {
  let most = 0;
  for (let k = 0; k < forces.length; k += 3) most = Math.max(most, norm(forces[k], forces[k + 1], forces[k + 2]));
  return most;
}

function bytes(a: Float64Array | Int32Array | undefined): Uint8Array | null {
  return a ? new Uint8Array(a.buffer, a.byteOffset, a.byteLength) : null;
}
