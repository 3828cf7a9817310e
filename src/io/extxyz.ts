/**
 * Extended XYZ, compatible with ASE: lattice, pbc, per-atom columns, results, and anything else as information; plain XYZ is read too.
 * Numbers are written with 17 significant digits, so that reading gives the same bits. A column `move_mask` holds the fixed atoms (F), the
 * keys `charge` and `multiplicity` the state of the whole. Site names of slabs are not kept. https://github.com/libAtoms/extxyz
 */
import type { Result } from "../calculators/calculator.ts";
import { numberOf, symbolOf } from "../structure/elements.ts";
import { type Structure, size, structure, symbols } from "../structure/structure.ts";
import type { Column, Frame, Info, InfoValue } from "./frame.ts";
import { formatKeyValues, formatReal, parseKeyValues, parseNumber, parseTruth } from "./key-values.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Per-atom results: name of the column, values an atom. */
const ATOMIC = { energies: ["energies", 1], forces: ["forces", 3], charges: ["charge", 1], forcesSigma: ["forces_sigma", 3] } as const;
/** Results of a frame: name of the key. */
const GLOBAL = { energy: "energy", energySigma: "energy_sigma" } as const;
/** The state of a structure, under the same keys. */
const STATE = ["charge", "multiplicity"] as const;
/** Keys that are not information. */
const RESERVED: readonly string[] = ["Lattice", "pbc", "Properties", "stress", ...Object.values(GLOBAL), ...STATE];

/**
 * All frames of a text.
 * @throws RangeError with the line number if it is malformed: a wrong count, a missing column, no number, a truncated frame, an unknown element.
 */
export function parseExtxyz(text: string): Frame[] {
  const lines = text.split(/\r?\n/);
  const frames: Frame[] = [];
  for (let at = 0; at < lines.length; ) {
    if (lines[at].trim() === "") {
      at++;
      continue;
    }
    const n = countOf(lines[at], at, frames.length > 0);
    const rows = lines.slice(at + 2, at + 2 + n).map((line) => line.trim().split(/\s+/));
    const missing = rows.findIndex((row) => row[0] === "");
    const found = missing >= 0 ? missing : rows.length;
    if (found < n || at + 1 >= lines.length)
      fail(Math.min(at + 2 + found, lines.length), `the frame that begins in line ${at + 1} promises ${n} atoms, but ends after ${found}`);
    frames.push(frameOf(lines[at + 1], rows, at + 1));
    at += 2 + n;
  }
  return frames;
}

/**
 * Frames as extended XYZ.
 * @throws RangeError if a result is not finite, or an entry or column cannot be written.
 */
export function formatExtxyz(frames: readonly Frame[]): string {
  return frames.map(formatFrame).join("");
}

function countOf(line: string, at: number, isLater: boolean): number {
  if (/^\s*\d+\s*$/.test(line)) return Number(line);
  const hint = isLater ? "; has the frame before more atoms than it promises?" : "";
  return fail(at, `"${line.trim()}" is not a number of atoms${hint}`);
}

/** Reads a frame whose comment is line `at` (from 0) and whose atoms follow. */
function frameOf(comment: string, rows: readonly string[][], at: number): Frame {
  const info = infoOf(comment, at);
  const columns = columnsOf(info.Properties ?? "species:S:1:pos:R:3", rows, at, info.Properties !== undefined);
  const { species, Z, pos, tags, move_mask: mask, ...rest } = columns;
  if (!species && !Z) fail(at, "Properties lack the elements; add species:S:1");
  if (pos?.width !== 3) fail(at, "Properties lack the positions; add pos:R:3");

  const result: Partial<Mutable<Result>> = {};
  for (const [key, name] of Object.entries(GLOBAL) as [keyof typeof GLOBAL, string][]) {
    if (info[name] !== undefined) result[key] = numbersOf(info[name], [1], name, at)[0];
  }
  if (info.stress !== undefined) result.stress = stressOf(numbersOf(info.stress, [6, 9], "stress", at));
  for (const [key, [name, width]] of Object.entries(ATOMIC) as [keyof typeof ATOMIC, readonly [string, number]][]) {
    const column = rest[name] ?? rest[key];
    if (column === undefined) continue;
    if (column.width !== width || column.type === "S") fail(at, `${name} needs ${width} real columns, not ${column.width}:${column.type}`);
    result[key] = Float64Array.from(column.values as number[]);
    const bad = result[key].findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) fail(at + 1 + Math.floor(bad / width), `${name} is ${result[key][bad]}, not a finite number`);
    delete rest[name];
    delete rest[key];
  }

  const lattice = info.Lattice === undefined ? undefined : numbersOf(info.Lattice, [9], "Lattice", at);
  const pbc = info.pbc === undefined ? [lattice !== undefined, lattice !== undefined, lattice !== undefined] : truthsOf(info.pbc, at);
  const state: Partial<Mutable<Pick<Structure, (typeof STATE)[number]>>> = {};
  for (const key of STATE) if (info[key] !== undefined) state[key] = numbersOf(info[key], [1], key, at)[0];
  return {
    structure: attempt(at, () => ({
      ...structure({
        symbols: (species ?? Z).values.map((value, i) => elementOf(String(value), at + 1 + i)),
        positions: pos.values as number[],
        cell: lattice,
        pbc: [pbc[0], pbc[1], pbc[2]],
        ...(mask && { fixed: fixedOf(mask, at) }),
        ...(tags && { tags: tags.values as number[] }),
      }),
      ...state,
    })),
    ...(Object.keys(result).length > 0 && { result }),
    info: Object.fromEntries(Object.entries(info).filter(([key]) => !RESERVED.includes(key))),
    ...(Object.keys(rest).length > 0 && { columns: rest }),
  };
}

/** What the second line says; free text of a plain XYZ file becomes a comment. */
function infoOf(line: string, at: number): Info {
  const text = line.trim();
  const comment: Info = text === "" ? {} : { comment: text };
  if (!text.includes("=")) return comment;
  try {
    return parseKeyValues(text);
  } catch (error) {
    return /(Properties|Lattice)\s*=/.test(text) ? fail(at, (error as Error).message) : comment;
  }
}

/** Sorts the words of all rows into columns; `exact` refuses words that no column asks for. */
function columnsOf(properties: InfoValue, rows: readonly string[][], at: number, exact: boolean): Record<string, Column> {
  const fields = String(properties).split(":");
  if (fields.length % 3 !== 0) fail(at, `Properties "${properties}" are not name:type:count triples`);
  const columns: [string, Column & { values: (number | string | boolean)[]; first: number }][] = [];
  let total = 0;
  for (let k = 0; k < fields.length; k += 3) {
    const [name, type, width] = [fields[k], fields[k + 1], Number(fields[k + 2])];
    if (!/^[RISL]$/.test(type) || !(Number.isInteger(width) && width > 0))
      fail(at, `"${fields.slice(k, k + 3).join(":")}" in Properties is not name:type:count with a type of R, I, S or L`);
    columns.push([name, { type: type as Column["type"], width, values: [], first: total }]);
    total += width;
  }
  rows.forEach((row, i) => {
    if (row.length < total || (exact && row.length > total)) fail(at + 1 + i, `${total} columns are needed, ${row.length} are there`);
    for (const [name, { type, width, values, first }] of columns) {
      for (let k = first; k < first + width; k++) {
        const value = type === "S" ? row[k] : type === "L" ? parseTruth(row[k]) : parseNumber(row[k]);
        if (value === undefined || (type === "I" && !Number.isInteger(value)))
          fail(at + 1 + i, `"${row[k]}" in column ${name} is not ${type === "L" ? "T or F" : type === "I" ? "an integer" : "a number"}`);
        values.push(value as number | string | boolean);
      }
    }
  });
  return Object.fromEntries(columns.map(([name, { type, width, values }]) => [name, { type, width, values }]));
}

/** Atomic number from a symbol in any case, or from a number. */
function elementOf(text: string, at: number): number {
  return attempt(at, () => numberOf(/^\d+$/.test(text) ? symbolOf(Number(text)) : text[0].toUpperCase() + text.slice(1).toLowerCase()));
}

/** Mask of fixed atoms from one or three columns of what may move. */
function fixedOf({ width, values }: Column, at: number): boolean[] {
  return Array.from({ length: values.length / width }, (_, i) => {
    const moves = values.slice(width * i, width * i + width);
    if (moves.some((m) => m !== moves[0]))
      fail(at + 1 + i, "the atom may move along some directions only, which is not supported; give move_mask T T T or F F F");
    return !moves[0];
  });
}

function numbersOf(value: InfoValue, lengths: readonly number[], name: string, at: number): number[] {
  const list = (Array.isArray(value) ? value.flat() : [value]) as InfoValue[];
  if (!lengths.includes(list.length) || !list.every((x): x is number => typeof x === "number" && Number.isFinite(x)))
    fail(at, `${name} needs ${lengths.join(" or ")} finite numbers, not "${list.join(" ")}"`);
  return list as number[];
}

function truthsOf(value: InfoValue, at: number): boolean[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length !== 3 || !list.every((x) => typeof x === "boolean" || x === 0 || x === 1))
    fail(at, `pbc needs three of T and F, not "${list.join(" ")}"`);
  return list.map(Boolean);
}

/** xx, yy, zz, yz, xz, xy from these or from the whole tensor. */
function stressOf(s: readonly number[]): Float64Array {
  return Float64Array.from(s.length === 6 ? s : [s[0], s[4], s[8], s[5], s[2], s[1]]);
}

function formatFrame({ structure: s, result = {}, info = {}, columns = {} }: Frame): string {
  const taken = Object.keys(info).find((key) => RESERVED.includes(key) || key === "");
  if (taken !== undefined) throw new RangeError(`the entry "${taken}" cannot be among a frame's information; give it another name`);
  const n = size(s);
  const table: [string, Column][] = [
    ["species", { type: "S", width: 1, values: symbols(s) }],
    ["pos", { type: "R", width: 3, values: [...s.positions] }],
  ];
  if (s.fixed) table.push(["move_mask", { type: "L", width: 1, values: Array.from(s.fixed, (f) => f === 0) }]);
  if (s.tags) table.push(["tags", { type: "I", width: 1, values: [...s.tags] }]);
  table.push(...Object.entries(columns));
  for (const [key, [name, width]] of Object.entries(ATOMIC) as [keyof typeof ATOMIC, readonly [string, number]][]) {
    const values = result[key];
    if (values) table.push([name, { type: "R", width, values: finite([...values], name) }]);
  }
  for (const [name, { width, values }] of table) {
    if (values.length !== n * width) throw new RangeError(`column ${name} has ${values.length} values; ${n} atoms need ${n * width}`);
  }
  const stress = result.stress && finite([...result.stress], "stress");
  const head: Record<string, InfoValue> = {
    ...(s.cell.some((x) => x !== 0) && { Lattice: [...s.cell] }),
    Properties: table.map(([name, { type, width }]) => `${name}:${type}:${width}`).join(":"),
    ...info,
    ...(s.charge !== undefined && { charge: s.charge }),
    ...(s.multiplicity !== undefined && { multiplicity: s.multiplicity }),
    ...(result.energy !== undefined && { energy: finite([result.energy], "energy")[0] }),
    ...(result.energySigma !== undefined && { energy_sigma: finite([result.energySigma], "energySigma")[0] }),
    ...(stress && { stress: [0, 5, 4, 5, 1, 3, 4, 3, 2].map((k) => stress[k]) }),
    pbc: [...s.pbc],
  };
  const lines = Array.from({ length: n }, (_, i) =>
    table
      .flatMap(([name, { type, width, values }]) => values.slice(width * i, width * i + width).map((v) => word(v, type, name)))
      .join(" "),
  );
  return `${[n, formatKeyValues(head), ...lines].join("\n")}\n`;
}

function word(value: number | string | boolean, type: Column["type"], name: string): string {
  if (type === "L") return value ? "T" : "F";
  if (type === "R") return formatReal(Number(value)).padStart(24);
  const text = String(value);
  if (text === "" || /\s/.test(text))
    throw new RangeError(`"${text}" in column ${name} cannot be written; leave out empty and spaced words`);
  return text.padEnd(2);
}

function finite(values: number[], name: string): number[] {
  const bad = values.find((x) => !Number.isFinite(x));
  if (bad !== undefined) throw new RangeError(`${name} contains ${bad}; only finite results are written`);
  return values;
}

/** Runs `read`, adding the line number to what it throws unless it is there. */
function attempt<T>(at: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw /^line \d/.test(message) ? error : new RangeError(`line ${at + 1}: ${message}`);
  }
}

function fail(at: number, message: string): never {
  throw new RangeError(`line ${at + 1}: ${message}`);
}
