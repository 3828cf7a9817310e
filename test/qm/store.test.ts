import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { openDatabase } from "../../src/io/sqlite.ts";
import { openStore } from "../../src/qm/store.ts";
import { imageOf } from "./storeImages.ts";

const STORE = new URL("../../src/qm/store.ts", import.meta.url).href;
const TYPESCRIPT = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"];
const WRITER = fileURLToPath(new URL("./storeImages.ts", import.meta.url));

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "qmml store "));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** For tests in which a store has nothing to complain of. */
const silent = {
  warn: (sentence: string): void => {
    throw new Error(sentence);
  },
};

function writer(path: string, first: number, count: number, atoms = 20): ChildProcess {
  const words = [...TYPESCRIPT, WRITER, path, ...[first, count, atoms].map(String)];
  return spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
}

/** Changes the file behind the store's back. */
function tamper(path: string, statement: string): void {
  const db = openDatabase(join(path, "images.sqlite"));
  db.exec(statement);
  db.close();
}

describe("a store", () => {
  it("makes its folder and gives back every bit, also after it was closed, and to another that has it open", () => {
    const path = join(folder(), "shared", "images");
    const store = openStore(path, silent);
    const images = Array.from({ length: 12 }, (_, k) => imageOf(k, k + 1));
    const odd = imageOf(99, 3);
    odd.forces.set([-0, Number.MIN_VALUE, 0.1 + 0.2]);
    // A view into a longer array: only its own numbers are written.
    const view = { ...odd, forces: Float64Array.of(7, ...odd.forces, 7).subarray(1, 10) };
    for (const image of [...images, view]) store.put(image);
    const other = openStore(path, { ...silent, existing: true });
    for (const image of [...images, odd]) {
      assert.deepEqual(store.get(image.hash), image);
      assert.deepEqual(other.get(image.hash), image);
    }
    assert.ok(Object.is(other.get(odd.hash)?.forces[0], -0));
    assert.equal(store.get("unknown"), undefined);
    const listed = other.list();
    assert.deepEqual(
      listed.map(({ hash, settings, energy, seconds, charge }) => ({ hash, settings, energy, seconds, charge })),
      [...images, odd].map(({ hash, settings, energy, seconds, structure: { charge } }) => ({ hash, settings, energy, seconds, charge })),
    );
    assert.deepEqual(listed[3].numbers, images[3].structure.numbers);
    assert.ok(listed.every(({ time }) => Math.abs(time - Date.now() / 1000) < 60));
    store.close();
    other.close();
    const again = openStore(path, silent);
    assert.deepEqual(again.get(images[5].hash), images[5]);
    again.close();
    assert.deepEqual(readdirSync(path), ["images.sqlite"]);
  });

  it("keeps the image that came first", () => {
    const store = openStore(folder(), silent);
    store.put(imageOf(1));
    store.put({ ...imageOf(1), energy: 0 });
    assert.deepEqual(store.get(imageOf(1).hash), imageOf(1));
    assert.equal(store.list().length, 1);
    store.close();
  });

  const flip = (column: string): string => `update images set ${column} = zeroblob(length(${column})) where id = 2`;
  const wrongs: [string, string][] = [
    ...["numbers", "cell", "positions", "forces", "checksum"].map((column): [string, string] => [column, flip(column)]),
    ["half of the forces", "update images set forces = substr(forces, 1, 40) where id = 2"],
    ["energy", "update images set energy = energy + 1e-9 where id = 2"],
    ["seconds", "update images set seconds = 0 where id = 2"],
    ["charge", "update images set charge = charge + 1 where id = 2"],
    ["multiplicity", "update images set multiplicity = 7 where id = 2"],
    ["pbc", "update images set pbc = 'FFF' where id = 2"],
    ["settings", "update images set settings = 1 where id = 2"],
    ["lost settings", "delete from settings where id = 2"],
  ];
  for (const [what, statement] of wrongs) {
    it(`takes an image whose ${what} changed for absent, says so in one sentence, and takes it anew`, () => {
      const path = folder();
      const first = openStore(path, silent);
      for (const k of [0, 1, 3]) first.put(imageOf(k));
      first.close();
      tamper(path, `pragma foreign_keys = off; ${statement}`);
      const said: string[] = [];
      const store = openStore(path, { warn: (sentence) => said.push(sentence) });
      const { hash } = imageOf(1);
      assert.equal(store.get(hash), undefined);
      assert.deepEqual(said, [`the store in ${path} holds ${hash} with a wrong checksum; it is calculated anew`]);
      for (const k of [0, 3]) assert.deepEqual(store.get(imageOf(k).hash), imageOf(k));
      assert.equal(store.list().length, 3);
      store.put(imageOf(1));
      assert.deepEqual(store.get(hash), imageOf(1));
      assert.equal(store.list().length, 3);
      assert.equal(said.length, 1);
      store.close();
    });
  }

  it("that is damaged as a file costs no more than its images", () => {
    const path = folder();
    const first = openStore(path, silent);
    for (let k = 0; k < 50; k++) first.put(imageOf(k));
    first.close();
    const file = join(path, "images.sqlite");
    const whole = readFileSync(file);
    // All pages but the first, in which the tables are described.
    writeFileSync(file, whole.fill(0xff, 4096));
    const said: string[] = [];
    const store = openStore(path, { warn: (sentence) => said.push(sentence) });
    assert.equal(store.get(imageOf(1).hash), undefined);
    assert.equal(store.get(imageOf(2).hash), undefined);
    store.put(imageOf(1));
    assert.deepEqual(store.list(), []);
    store.close();
    // Once each, however often it is asked.
    assert.equal(said.length, new Set(said).size);
    for (const sentence of said)
      assert.match(sentence, /^the store in .* cannot be (read|written) \(.*malformed.*\); what it should hold is calculated anew$/);
  });

  it("refuses what is no store, or one of another version, in one sentence", () => {
    const path = folder();
    assert.throws(() => openStore(path, { existing: true }), /^Error: .* holds no store; give the folder that qmml run --store was given$/);
    assert.deepEqual(readdirSync(path), []);
    writeFileSync(join(path, "images.sqlite"), "not a database, but long enough to be taken for one ".repeat(20));
    assert.throws(
      () => openStore(path),
      /^Error: the store in .* cannot be opened \(file is not a database\); give another folder, or take/,
    );
    const file = join(path, "file");
    writeFileSync(file, "");
    assert.throws(() => openStore(file), { message: `the store ${file} is a file; give a folder` });
    assert.throws(
      () => openStore(join(file, "below")),
      /^Error: the store in .*below cannot be opened \(ENOTDIR.*\); give another folder$/,
    );
    const newer = folder();
    openStore(newer).close();
    tamper(newer, "pragma user_version = 2");
    assert.throws(() => openStore(newer), /its tables are of version 2, not 1/);
  });

  it("refuses a place where the system takes no folders, and does not look for one for ever", {
    skip: process.platform !== "linux",
  }, () => {
    const script = `import { openStore } from ${JSON.stringify(STORE)}; openStore("/proc/qmml/store");`;
    const { status, stderr } = spawnSync(process.execPath, [...TYPESCRIPT, "--input-type=module-typescript", "-e", script], {
      encoding: "utf8",
      timeout: 60_000, // of what would have no end
    });
    assert.equal(status, 1);
    assert.match(stderr, /Error: the store in \/proc\/qmml\/store cannot be opened \(ENOENT.*\); give another folder$/m);
  });

  it("is made and written by several processes at once, and loses nothing", async () => {
    const path = join(folder(), "new");
    // Every image of the middle is written by two or three of them.
    const ends = await Promise.all([0, 40, 80].map((first) => once(writer(path, first, 120), "close")));
    assert.deepEqual(
      ends.map(([status]) => status),
      [0, 0, 0],
    );
    const store = openStore(path, { ...silent, existing: true });
    assert.equal(store.list().length, 200);
    for (let k = 0; k < 200; k++) assert.deepEqual(store.get(imageOf(k).hash), imageOf(k));
    store.close();
    assert.deepEqual(readdirSync(path), ["images.sqlite"]);
  });

  it("has all that was stored when its writer was killed", async () => {
    const path = folder();
    const child = writer(path, 0, 1_000_000);
    let said = "";
    child.stdout?.setEncoding("utf8");
    for await (const chunk of child.stdout ?? []) {
      said += chunk;
      if (said.length > 500) child.kill("SIGKILL");
    }
    const last = Number(said.trimEnd().split("\n").at(-1));
    assert.ok(last > 100);
    const store = openStore(path, silent);
    assert.ok(store.list().length > last);
    for (let k = 0; k <= last; k++) assert.deepEqual(store.get(imageOf(k).hash), imageOf(k));
    for (const { hash } of store.list()) assert.ok(store.get(hash));
    store.close();
  });
});
