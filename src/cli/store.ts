/** `qmml store list|verify|export`: the QM images that studies share. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { extname } from "node:path";
import { finished } from "node:stream/promises";
import { z } from "zod";
import { type AseRow, writeAseDb } from "../io/aseDb.ts";
import { formatExtxyz } from "../io/extxyz.ts";
import type { QmImage } from "../qm/image.ts";
import { openStore, type Store, type Stored } from "../qm/store.ts";
import { formula } from "../structure/structure.ts";
import { type Command, command as defined, type Io, type Outcome, UsageError } from "./command.ts";
import { columns } from "./commandLine.ts";
import { checkPlace } from "./output.ts";

/** Digits of a hash that a reader is shown. */
const SHORT = 12;

/** Kinds of export by the end of a file's name. */
const KINDS: Readonly<Record<string, Kind>> = { ".xyz": "extxyz", ".extxyz": "extxyz", ".db": "ase-db" };
type Kind = "extxyz" | "ase-db";

export const command: Command = defined({
  usage: "list | verify | export DIR [-o OUT] [--to extxyz|ase-db]",
  positionals: ["action", "dir"],
  options: {
    out: { type: "string", short: "o", value: "OUT", help: "export: the file to write" },
    to: {
      type: "string",
      value: "KIND",
      help: "export: extxyz or ase-db, which ASE opens as its own (default: by OUT's name, .xyz or .db)",
    },
  },
  input: z.object({
    action: z.enum(["list", "verify", "export"], "give list, verify or export"),
    dir: z.string(),
    out: z.string().optional(),
    to: z.enum(["extxyz", "ase-db"], "give extxyz or ase-db").optional(),
  }),
  async run({ action, dir, out, to }, io) {
    if (action !== "export" && (out ?? to) !== undefined) throw new UsageError(`${action} writes no file; leave -o and --to away`);
    if (action === "export" && out === undefined) throw new UsageError("--out: give a file, e.g. -o images.xyz or -o images.db");
    const kind = to ?? KINDS[extname(out ?? "").toLowerCase()];
    if (action === "export" && kind === undefined)
      throw new UsageError(`-o ${out}: the name must end in .xyz, .extxyz or .db, or --to say what it is`);
    const wrong: string[] = [];
    const store = openStore(dir, { existing: true, warn: (sentence) => wrong.push(sentence) });
    try {
      if (action === "list") return list(store, dir, wrong, io);
      if (action === "verify") return verify(store, dir, wrong, io);
      return await exported(store, dir, out as string, kind, wrong, io);
    } finally {
      store.close();
    }
  },
});

function list(store: Store, dir: string, wrong: readonly string[], io: Io): Outcome {
  const stored = store.list();
  for (const settings of new Set(stored.map((image) => image.settings))) {
    const images = stored.filter((image) => image.settings === settings);
    io.print(`${settings}: ${counted(images)}`);
    const rows = images.map((i): [string, string] => [i.hash.slice(0, SHORT), line(i)]);
    io.print(`${columns(rows)}\n`);
  }
  const seconds = stored.reduce((sum, image) => sum + image.seconds, 0);
  io.print(`${dir}: ${counted(stored)}, which took ${seconds.toFixed(1)} s`);
  const images = stored.map(({ numbers, ...rest }) => ({ ...rest, formula: formula({ numbers }), atoms: numbers.length }));
  return { json: { store: dir, images }, failure: wrong[0] };
}

function verify(store: Store, dir: string, wrong: readonly string[], io: Io): Outcome {
  const stored = store.list();
  const bad = stored.filter(({ hash }) => store.get(hash) === undefined).map(({ hash }) => hash);
  for (const sentence of wrong) io.print(sentence);
  io.print(`${dir}: ${counted(stored)}, ${bad.length} wrong`);
  const json = { store: dir, images: stored.length, wrong: bad, ok: wrong.length === 0 };
  if (json.ok) return { json };
  const what = bad.length === 0 ? wrong[0] : `${bad.length} of ${counted(stored)} in ${dir} cannot be trusted`;
  return { json, failure: `${what}; a study that needs one calculates it anew and puts it right` };
}

async function exported(store: Store, dir: string, out: string, kind: Kind, wrong: readonly string[], io: Io): Promise<Outcome> {
  await checkPlace(out);
  const written = kind === "ase-db" ? writeAseDb(out, aseRows(store, io.signal)) : await writeExtxyz(out, store, io.signal);
  for (const sentence of wrong) io.warn(sentence);
  io.print(`${out}: ${counted({ length: written })}`);
  const failure = wrong.length === 0 ? undefined : `${out} lacks what is wrong in ${dir}; see qmml store verify ${dir}`;
  return { json: { store: dir, out, to: kind, images: written }, failure };
}

/** All intact images with the time they were stored. */
function* intact(store: Store, signal: AbortSignal): Generator<QmImage & Pick<Stored, "time">> {
  for (const { hash, time } of store.list()) {
    signal.throwIfAborted();
    const image = store.get(hash);
    if (image) yield { ...image, time };
  }
}

function* aseRows(store: Store, signal: AbortSignal): Generator<AseRow> {
  for (const { hash, settings, structure, energy, forces, seconds, time } of intact(store, signal)) {
    const { engine, version, ...parameters } = JSON.parse(settings) as Record<string, string>;
    const { charge = 0, multiplicity } = structure;
    const pairs = { hash, version, seconds, total_charge: charge, ...(multiplicity !== undefined && { multiplicity }) };
    yield { structure, result: { energy, forces }, id: hash.slice(0, 32), time, calculator: engine, parameters, pairs };
  }
}

/** Frame by frame, for a store may be larger than the memory; whole or not at all. */
async function writeExtxyz(out: string, store: Store, signal: AbortSignal): Promise<number> {
  const draft = `${out}.${process.pid}.part`;
  const stream = createWriteStream(draft, { flush: true });
  let written = 0;
  try {
    for (const { hash, settings, structure, energy, forces, seconds } of intact(store, signal)) {
      const frame = { structure, result: { energy, forces }, info: { hash, settings: JSON.parse(settings), seconds } };
      if (!stream.write(formatExtxyz([frame]))) await once(stream, "drain");
      written++;
    }
    stream.end();
    await finished(stream);
    await rename(draft, out);
  } catch (error) {
    stream.destroy();
    await rm(draft, { force: true });
    throw error;
  }
  return written;
}

function line({ numbers, charge, energy, seconds, time }: Stored): string {
  const state = charge === 0 ? "" : ` charge ${charge}`;
  return `${formula({ numbers })}${state}  ${energy.toFixed(6)} eV  ${seconds.toFixed(2)} s  ${new Date(1000 * time).toISOString().slice(0, 16)}Z`;
}

function counted({ length }: { readonly length: number }): string {
  return `${length} ${length === 1 ? "image" : "images"}`;
}
