/** `qmml run --store` and `qmml store` on the tiny study. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import { readFrames } from "../../src/io/files.ts";
import { openDatabase } from "../../src/io/sqlite.ts";
import { openStore } from "../../src/qm/store.ts";
import { pythonPath } from "../../src/qm/worker.ts";
import { readJournal } from "../../src/study/journal.ts";
import { eventsOf, outcome } from "../study/process.ts";
import { folder, qmml } from "./qmml.ts";
import { studyFile } from "./studyFile.ts";

const at = folder();
const file = studyFile(at);
const store = join(at, "shared");

/** Runs the tiny study in a folder of this name. */
async function run(name: string, ...words: string[]): Promise<string> {
  const out = join(at, name);
  const { status, stderr } = await qmml(["run", file, "--out", out, "--threads", "2", "--json", ...words]);
  assert.deepEqual([status, stderr], [0, ""]);
  return out;
}

/** What a study came to, but for who has paid for an image, and what was wrong with its store. */
function results(out: string): Record<string, string> {
  const entries = Object.entries(outcome(out));
  return Object.fromEntries(entries.filter(([key, value]) => !key.startsWith("image ") && !value.includes("the store in")));
}

function finished(out: string) {
  return eventsOf(out).flatMap((e) => (e.kind === "qm-finished" ? [e.payload] : []));
}

interface Listed {
  readonly images: { readonly hash: string; readonly formula: string; readonly atoms: number; readonly energy: number }[];
}

async function listed(dir = store): Promise<Listed["images"]> {
  const { status, stdout, stderr } = await qmml(["store", "list", dir, "--json"]);
  assert.deepEqual([status, stderr], [0, ""]);
  return (JSON.parse(stdout) as Listed).images;
}

let first: string;
let hashes: string[];

before(async () => {
  first = await run("first", "--store", store);
  hashes = finished(first).flatMap(({ hash, reused }) => (reused ? [] : [hash]));
});

describe("qmml run --store", () => {
  it("stores every image that was calculated; to the study nothing changes", async () => {
    assert.deepEqual(
      (await listed()).map(({ hash }) => hash),
      hashes,
    );
    assert.deepEqual(outcome(await run("without")), outcome(first));
  });

  it("calculates nothing that another study has; the journal has it all the same, and says where it is from", async () => {
    const second = await run("second", "--store", store);
    const calls = finished(second);
    assert.ok(calls.every(({ reused }) => reused));
    // Of several that ask for an image at once, each is given the store's.
    const given = new Set(calls.flatMap(({ hash, from }) => (from === "store" ? [hash] : [])));
    assert.deepEqual([...given].sort(), hashes.toSorted());
    assert.deepEqual(results(second), results(first));
    const journals = [first, second].map(readJournal);
    for (const hash of hashes) assert.deepEqual(journals[1].image(hash), journals[0].image(hash));
    for (const journal of journals) journal.close();
    assert.equal((await listed()).length, hashes.length);
  });

  it("given to a study that began without, gets what that has calculated so far", async () => {
    const out = join(at, "late");
    const begun = await qmml(["run", file, "--out", out, "--threads", "2"], async (child) => {
      while (!existsSync(out) || eventsOf(out).filter((e) => e.kind === "qm-finished").length < 3)
        await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill("SIGINT");
    });
    assert.equal(begun.status, 130);
    await run("late", "--store", join(at, "latecomer"));
    assert.deepEqual((await listed(join(at, "latecomer"))).map(({ hash }) => hash).sort(), hashes.toSorted());
    assert.deepEqual(results(out), results(first));
  });

  it("warns of a wrong image, calculates it anew, and puts the store right", async () => {
    const db = openDatabase(join(store, "images.sqlite"));
    db.exec("update images set energy = energy + 1 where id = 2");
    db.close();
    const found = await qmml(["store", "verify", store]);
    assert.equal(found.status, 1);
    assert.match(
      found.stderr,
      /^qmml store: 1 of \d+ images in .* cannot be trusted; a study that needs one calculates it anew and puts it right\n$/,
    );
    const third = await run("third", "--store", store);
    const warnings = eventsOf(third).flatMap((e) =>
      e.kind === "warning" && e.payload.message.includes("store") ? [e.payload.message] : [],
    );
    assert.deepEqual(warnings, [`the store in ${store} holds ${hashes[1]} with a wrong checksum; it is calculated anew`]);
    assert.deepEqual(
      finished(third).flatMap(({ hash, reused }) => (reused ? [] : [hash])),
      [hashes[1]],
    );
    assert.deepEqual(results(third), results(first));
    const { status, stdout } = await qmml(["store", "verify", store, "--json"]);
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(stdout), { store, images: hashes.length, wrong: [], ok: true });
  });

  it("refuses a store that cannot be used before anything is made", async () => {
    const odd = join(at, "odd");
    writeFileSync(odd, "a file");
    const { status, stderr } = await qmml(["run", file, "--out", join(at, "never"), "--store", odd]);
    assert.equal(status, 1);
    assert.equal(stderr, `qmml run: the store ${odd} is a file; give a folder\n`);
    assert.ok(!existsSync(join(at, "never")));
  });
});

/** Reads a database as ASE's users do, and a file of frames beside it. */
const ASE = `
import json, sys
import ase.db, ase.io
db, frames = ase.db.connect(sys.argv[1]), ase.io.read(sys.argv[2], ":")
rows = []
for row, frame in zip(db.select(sort="id"), frames):
    atoms = row.toatoms()
    assert (atoms.get_forces() == frame.get_forces()).all() and atoms.get_potential_energy() == frame.get_potential_energy()
    assert (atoms.positions == frame.positions).all() and (atoms.cell == frame.cell).all() and (atoms.pbc == frame.pbc).all()
    rows.append({"hash": row.hash, "energy": row.energy, "forces": row.forces.ravel().tolist(), "numbers": row.numbers.tolist(),
        "positions": atoms.positions.ravel().tolist(), "cell": atoms.cell.array.ravel().tolist(), "pbc": row.pbc.tolist(), "calculator": row.calculator,
        "parameters": row.calculator_parameters, "seconds": row.seconds, "version": row.version, "info": frame.info["settings"], "fmax": row.fmax})
counts = [db.count("calculator=emt"), db.count("N=1,Cu>2"), db.count("fmax>1e9"), db.count(hash=rows[0]["hash"])]
with ase.db.connect(sys.argv[1]) as writable:  # it is ASE's own
    writable.write(frames[0], note="mine")
print(json.dumps({"rows": rows, "counts": counts, "after": db.count("note=mine")}))
`;

describe("qmml store export", () => {
  it("writes frames, and a database that ASE opens as its own, with every bit", async () => {
    const [xyz, db] = [join(at, "images.xyz"), join(at, "images.db")];
    for (const out of [xyz, db]) {
      const { status, stdout, stderr } = await qmml(["store", "export", store, "-o", out, "--json"]);
      assert.deepEqual([status, stderr], [0, ""]);
      assert.deepEqual(JSON.parse(stdout), { store, out, to: out === db ? "ase-db" : "extxyz", images: hashes.length });
    }
    const shared = openStore(store);
    const images = shared.list().map(({ hash }) => shared.get(hash));
    shared.close();
    const { stdout } = await promisify(execFile)(pythonPath(), ["-c", ASE, db, xyz], { maxBuffer: 1e8 });
    const { rows, counts, after } = JSON.parse(stdout);
    assert.equal(rows.length, hashes.length);
    const frames = await readFrames(xyz);
    for (const [k, image] of images.entries()) {
      assert.ok(image);
      const { structure: s, forces, energy, hash, seconds, settings } = image;
      const { engine, version, ...parameters } = JSON.parse(settings);
      const largest = Math.max(...Array.from(forces, (_, i) => (i % 3 === 0 ? Math.hypot(...forces.subarray(i, i + 3)) : 0)));
      const { fmax, info, ...row } = rows[k];
      assert.ok(Math.abs(fmax - largest) < 1e-12); // the order of squares
      assert.deepEqual(row, {
        ...{ hash, energy, forces: [...forces], numbers: [...s.numbers], positions: [...s.positions], cell: [...s.cell], pbc: s.pbc },
        ...{ calculator: engine, parameters, seconds, version },
      });
      assert.deepEqual(info, JSON.parse(settings));
      assert.deepEqual([frames[k].result, frames[k].info?.hash], [{ energy, forces }, hash]);
    }
    const withNitrogen = images.filter((image) => image?.structure.numbers.includes(7)).length;
    assert.ok(withNitrogen > 0 && withNitrogen < images.length);
    assert.deepEqual(counts, [images.length, withNitrogen, 0, 1]);
    assert.equal(after, 1);
    // By ASE's own command as well, and nothing is left beside the files.
    const { stdout: table } = await promisify(execFile)(pythonPath(), ["-m", "ase", "db", db, "calculator=emt", "-n"]);
    assert.match(table, new RegExp(`^${images.length} rows?$`, "m"));
    assert.deepEqual(
      readdirSync(at).filter((name) => name.includes(".part")),
      [],
    );
  });

  it("--to says what a file of another name is; a wrong image is left out, with status 1", async () => {
    const db = openDatabase(join(store, "images.sqlite"));
    db.exec("update images set seconds = seconds + 1 where id = 1");
    db.close();
    const out = join(at, "frames");
    const { status, stderr } = await qmml(["store", "export", store, "-o", out, "--to", "extxyz"]);
    assert.equal(status, 1);
    assert.match(stderr, /holds \w+ with a wrong checksum.*\nqmml store: .*frames lacks what is wrong in .*; see qmml store verify .*\n$/);
    assert.ok(existsSync(out));
  });
});

describe("qmml store", () => {
  it("lists for the reader: images by engine, and what they cost", async () => {
    const { status, stdout } = await qmml(["store", "list", store]);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^\{.*"engine":"emt".*\}: \d+ images\n {2}[0-9a-f]{12} {2}\w+ {2}-?\d+\.\d{6} eV {2}\d+\.\d\d s {2}\d{4}-\d\d-\d\dT/,
    );
    assert.match(stdout, new RegExp(`: ${hashes.length} images, which took \\d+\\.\\d s\n$`));
  });

  const wrong: [string, string[], 1 | 2, RegExp][] = [
    ["no such action", ["clear", store], 2, /ACTION "clear": give list, verify or export; usage: qmml store list/],
    ["no folder", ["list"], 2, /DIR is missing; usage: /],
    ["no store there", ["list", at], 1, /holds no store; give the folder that qmml run --store was given$/m],
    ["no file to export to", ["export", store], 2, /--out: give a file, e\.g\. -o images\.xyz or -o images\.db/],
    ["a name that says nothing", ["export", store, "-o", "images"], 2, /-o images: the name must end in \.xyz, \.extxyz or \.db, or --to/],
    ["a kind that is none", ["export", store, "-o", "images", "--to", "cif"], 2, /--to "cif": give extxyz or ase-db/],
    ["a file where none is written", ["verify", store, "-o", "x.db"], 2, /verify writes no file; leave -o and --to away/],
    ["a folder that is not there", ["export", store, "-o", join(at, "no", "x.db")], 1, /there is no folder .*; make it first/],
  ];
  for (const [what, words, expected, message] of wrong) {
    it(`${what}: status ${expected}, one line`, async () => {
      const { status, stdout, stderr } = await qmml(["store", ...words]);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout, stderr.split("\n").length], [expected, "", 2]);
    });
  }
});
