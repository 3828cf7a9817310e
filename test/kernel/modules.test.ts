import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { imported, modulesFrom } from "../../kernel/src/host/modules.ts";
import { readableStacks } from "../../kernel/src/host/stack.ts";

/** Its name is what a path may be. */
const folder = mkdtempSync(join(tmpdir(), "qmml Übung 100% #1 "));
after(() => rmSync(folder, { recursive: true }));

const modules = modulesFrom(folder);
readableStacks();

/** Each text differs from the last in time as well, however coarse the clock of the file system. */
let seconds = 1e9;
function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  seconds += 1;
  utimesSync(path, seconds, seconds);
}

async function get(specifier: string, key: string): Promise<unknown> {
  return imported(await modules.load(specifier), key);
}

function pack(name: string, about: object, files: Readonly<Record<string, string>>): void {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, ...about }));
  for (const [file, text] of Object.entries(files)) write(`node_modules/${name}/${file}`, text);
}

test("a file that changed, or that imports one that did, is loaded anew; others keep their instance", async () => {
  write("top.ts", "import { low } from './deep/low';\nimport { other } from './other.js';\nexport const top = () => [low, other];");
  write("deep/low.ts", "export const low: number = 1;");
  write("other.ts", "export const other = {};");
  const top = async (): Promise<[number, object]> => ((await get("./top.ts", "top")) as () => [number, object])();
  const [one, other] = await top();
  assert.equal(one, 1);
  assert.equal(await get("./other.ts", "other"), other);
  const before = await modules.load("./top.ts");
  assert.equal(await modules.load("./top"), before);
  write("deep/low.ts", "export const low: number = 2;");
  const [two, still] = await top();
  assert.equal(two, 2);
  assert.equal(still, other);
  // Written with the same text it is the same.
  const present = await modules.load("./top.ts");
  write("deep/low.ts", "export const low: number = 2;");
  assert.equal(await modules.load("./top.ts"), present);
  // A cell that holds the old one keeps it.
  assert.equal((before.top as () => [number])()[0], 1);
});

test("files that import each other are loaded anew together", async () => {
  write("a.ts", "import { b } from './b'; export const a = () => 'a1' + b();");
  write("b.ts", "import { a } from './a'; export const b = () => 'b1'; export const both = () => a();");
  const both = async (): Promise<unknown> => ((await get("./b", "both")) as () => string)();
  assert.equal(await both(), "a1b1");
  write("a.ts", "import { b } from './b'; export const a = () => 'a2' + b();");
  assert.equal(await both(), "a2b1");
  write("b.ts", "import { a } from './a'; export const b = () => 'b2'; export const both = () => a();");
  assert.equal(await both(), "a2b2");
});

test("all of TypeScript runs, and stack traces name its lines", async () => {
  write("types.ts", "export interface Shape { a: number }\nexport const enum Level { Low = 3 }");
  write(
    "all.ts",
    `import { Shape, Level } from "./types";
export { Shape } from "./types";

interface Gone { longer: string }

export enum Color { Red, Green }
export namespace Geo { export const pi = 3; }
export class Point {
  constructor(readonly x: number) {}
  fail(): never { throw new RangeError("too far"); }
}
export const shape: Shape = { a: Level.Low };
const dispose: string[] = [];
{ using held = { [Symbol.dispose]() { dispose.push("held"); } }; }
export { dispose };`,
  );
  const all = await modules.load("./all");
  assert.deepEqual([(all.Color as { Green: number }).Green, (all.Geo as { pi: number }).pi], [1, 3]);
  assert.deepEqual([all.shape, all.dispose], [{ a: 3 }, ["held"]]);
  assert.equal(((await get("./types", "Level")) as { Low: number }).Low, 3);
  const point = new (all.Point as new (x: number) => { fail(): void })(1);
  assert.throws(
    () => point.fail(),
    (error: Error) => /Point\.fail \(all\.ts:10:25\)/.test(error.stack ?? ""),
  );
  write("types.ts", "export interface Shape { a: number }\nexport const enum Level { Low = 4 }");
  assert.deepEqual(await get("./all", "shape"), { a: 4 });
});

test("a syntax error in a file is named with its place, and may be mended", async () => {
  write("bad.ts", "export const a = 1;\nconst b: = 2;");
  write("bad.mjs", "export const a = 1;\nconst b = ;");
  write("bad.cjs", "exports.a = 1;\nconst b = ;");
  write("uses.ts", "export { a } from './bad.ts';");
  for (const name of ["bad.ts", "bad.mjs", "bad.cjs"])
    await assert.rejects(
      modules.load(`./${name}`),
      (e: Error) => e.name === "SyntaxError" && e.message.startsWith(`${name}:2:`) && /\n {4}const b/.test(e.stack ?? ""),
      name,
    );
  await assert.rejects(modules.load("./uses"), /bad\.ts:2:10/);
  write("bad.ts", "export const a = 1;\nconst b = 2;");
  assert.equal(await get("./uses", "a"), 1);
});

test("a file that failed is tried again, though it has not changed", async () => {
  write("needs.ts", "import { n } from 'late'; export const m = n + 1;");
  write(
    "throws.ts",
    "globalThis.tries = (globalThis.tries ?? 0) + 1; if (globalThis.tries < 2) throw new Error('not yet'); export const t = 1;",
  );
  await assert.rejects(modules.load("./needs"), /late/);
  await assert.rejects(modules.load("./throws"), /not yet/);
  pack("late", { exports: "./i.mjs" }, { "i.mjs": "export const n = 1;" });
  assert.equal(await get("./needs", "m"), 2);
  assert.equal(await get("./throws", "t"), 1);
});

test("packages: ES modules, CommonJS by names and by default, never loaded anew", async () => {
  pack(
    "esm",
    { type: "module", exports: { ".": { import: "./i.js" }, "./data.json": "./data.json" } },
    { "i.js": "export default 1; export const named = 2;", "data.json": '{"k": 3}' },
  );
  pack(
    "common",
    { main: "i.js" },
    { "i.js": "module.exports = function main() { return 4; }; const all = { hidden: 5 }; Object.assign(module.exports, all);" },
  );
  pack(
    "compiled",
    { main: "i.js" },
    { "i.js": "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = class Big {}; exports.one = 1;" },
  );
  assert.deepEqual([await get("esm", "default"), await get("esm", "named"), await get("esm/data.json", "k")], [1, 2, 3]);
  assert.equal(((await get("common", "default")) as () => number)(), 4);
  assert.deepEqual([await get("common", "hidden"), ((await get("common", "*")) as { hidden: number }).hidden], [5, 5]);
  assert.equal(((await get("compiled", "default")) as { name: string }).name, "Big");
  assert.equal(await get("compiled", "one"), 1);
  const { default: main } = await modules.load("common");
  assert.equal(modules.require("common"), main);
  write("node_modules/esm/i.js", "export default 6; export const named = 7;");
  assert.equal(await get("esm", "named"), 2);
  assert.equal(await get("./node_modules/esm/i.js", "named"), 2);
  await assert.rejects(modules.load("nonsuch"), /nonsuch/);
});

test("local files of other kinds: JSON, JavaScript, .mts, .cts, a folder's index", async () => {
  write("data.json", '{"k": 1}');
  write("script.js", "const { k } = require('./data.json'); exports.k = k; exports.part = require('./part.cjs');");
  write("part.cjs", "module.exports = 'p1';");
  write("second.cjs", "module.exports = require('./part.cjs') + '?';");
  write("module.mts", "import data from './data.json'; export const k: number = data.k;");
  write(
    "common.cts",
    "import part = require('./part.cjs');\n\ninterface A {}\nexport const whole: string = part + '!';\nexport const fail = (): never => { throw new Error('x'); };",
  );
  write("room/index.ts", "export * from '../module.mjs';");
  const values = async (): Promise<unknown[]> => [
    await get("./data.json", "k"),
    await get("./script.js", "k"),
    await get("./script.js", "part"),
    await get("./second.cjs", "default"),
    await get("./module.mts", "k"),
    await get("./common.cts", "whole"),
    await get("./room", "k"),
    await get(join(folder, "room"), "k"),
    modules.require("./script.js").part,
    modules.require("./data.json").k,
  ];
  assert.deepEqual(await values(), [1, 1, "p1", "p1?", 1, "p1!", 1, 1, "p1", 1]);
  assert.throws((await get("./common.cts", "fail")) as () => void, (error: Error) => /common\.cts:5:/.test(error.stack ?? ""));
  write("data.json", '{"k": 2}');
  write("part.cjs", "module.exports = 'p2';");
  assert.deepEqual(await values(), [2, 2, "p2", "p2?", 2, "p2!", 2, 2, "p2", 2]);
  write("data.json", '{"k": 3}');
  assert.equal(modules.require("./data.json").k, 3);
  assert.equal(modules.require("./script.js").k, 3);
});

test("import() in a local file, import.meta", async () => {
  write("lazy.ts", "export const name = 'lazy';");
  write("loads.ts", "export const load = async (n: string) => (await import('./' + n)).name; export const meta = import.meta;");
  assert.equal(await ((await get("./loads", "load")) as (name: string) => Promise<string>)("lazy"), "lazy");
  const meta = (await get("./loads", "meta")) as ImportMeta;
  assert.deepEqual([meta.filename, meta.dirname], [join(folder, "loads.ts"), folder]);
  assert.equal(modules.meta.dirname, folder);
  assert.equal(modules.meta.resolve("node:fs"), "node:fs");
  assert.match(new URL("data.txt", modules.meta.url).pathname, /%23/);
});

test("what comes with the kernel is found from a folder without packages, by cells and by local files", async () => {
  write("physics.ts", 'import { BOHR } from "qmml"; export const b = BOHR;');
  assert.equal(await get("./physics", "b"), await get("qmml", "BOHR"));
});

test("tslab's displays are shown by this kernel, whoever imports it", async () => {
  const shown: unknown[] = [];
  const api = {
    display: (bundle: unknown, { displayId, update }: { displayId?: string; update: boolean }) =>
      shown.push([bundle, displayId !== undefined, update]),
  };
  Object.defineProperty(globalThis, Symbol.for("qmml.kernel"), { value: api, configurable: true });
  write("draws.ts", 'import { display } from "tslab"; export const draw = () => display.markdown("*a*");');
  ((await get("./draws", "draw")) as () => void)();
  const one = ((await get("tslab", "newDisplay")) as () => { text(s: string): void })();
  one.text("1");
  one.text("2");
  assert.deepEqual(shown, [
    [{ "text/markdown": "*a*" }, false, false],
    [{ "text/plain": "1" }, true, false],
    [{ "text/plain": "2" }, true, true],
  ]);
  Reflect.deleteProperty(globalThis, Symbol.for("qmml.kernel"));
});
