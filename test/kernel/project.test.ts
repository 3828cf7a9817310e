import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { openCells } from "../../kernel/src/language/cells.ts";

const folder = mkdtempSync(join(tmpdir(), "qmml Übung "));
after(() => rmSync(folder, { recursive: true }));

const cells = openCells(folder);

let seconds = 1e9;
function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  seconds += 1;
  utimesSync(path, seconds, seconds);
}

/** What TypeScript says of a cell; "" if nothing. */
function says(code: string): string {
  const cell = cells.compile(code, "cell[1]", true);
  return "traceback" in cell ? cell.traceback.join("\n") : "";
}

test("types of Node are known in a folder without packages", () => {
  assert.equal(
    says("import { readFileSync } from 'node:fs'; const text: string = readFileSync('a', 'utf8'); Buffer.alloc(1).fill(0); process.pid;"),
    "",
  );
  assert.match(says("const n: string = process.pid;"), /TS2322/);
});

test("types of a local file, and of one that it imports, are those on disk when the cell is compiled", () => {
  write("low.ts", "export const low: number = 1;");
  write("top.ts", "export { low as value } from './low';");
  assert.equal(says("import { value } from './top'; const a: number = value;"), "");
  write("low.ts", "export const low: string = 'a';");
  assert.match(says("import { value } from './top'; const b: number = value;"), /'string' is not assignable to type 'number'/);
  write("low.ts", "export const low: number = 2;");
  assert.equal(says("import { value } from './top'; const c: number = value;"), "");
});

test("a file, a folder or a package that was missing may come, and a file may go", () => {
  write("late.ts", "import { x } from './later'; export const y = x;");
  assert.match(says("import { z } from './new';"), /TS2307/);
  assert.equal(says("import { y } from './late'; const any: { strange: 1 } = y;"), "");
  write("new.ts", "export const z = 1;");
  write("later/index.ts", "export const x: number = 1;");
  assert.equal(says("import { z } from './new'; z.toFixed();"), "");
  assert.match(says("import { y } from './late'; const s: string = y;"), /'number' is not assignable/);
  rmSync(join(folder, "new.ts"));
  assert.match(says("import { z } from './new';"), /TS2307/);
  assert.match(says("import { p } from 'pack';"), /TS2307/);
  write("node_modules/pack/package.json", '{"name": "pack", "main": "i.js"}');
  write("node_modules/pack/i.js", "exports.p = 1;");
  write("node_modules/@types/pack/package.json", '{"name": "@types/pack", "types": "index.d.ts"}');
  write("node_modules/@types/pack/index.d.ts", 'import { Buffer } from "node:buffer"; export const p: Buffer;');
  assert.match(says("import { p } from 'pack'; const s: string = p;"), /Buffer/);
});

test("types of JavaScript, JSON, .mts and .cts", () => {
  write("script.js", "/** @param {number} x */ export function twice(x) { return 2 * x; }");
  write("data.json", '{"k": 1}');
  write("module.mts", "export const m = 1;");
  write("common.cts", "const c = 1; export = { c };");
  const code = `import { twice } from './script'; import data from './data.json'; import { m } from './module.mjs'; import common from './common.cts';
const all: number = twice(data.k) + m + common.c;
twice('a');`;
  assert.match(says(code), /^cell\[1\]:3:7 TS2345/);
});

test("qmml and tslab, which come with the kernel, have their types", () => {
  assert.match(says("import { fcc100 } from 'qmml'; const s: string = fcc100('Cu', { size: [2, 2, 2], vacuum: 5 });"), /Structure/);
  assert.match(says("import * as tslab from 'tslab'; tslab.display.html(1);"), /TS2345/);
  assert.equal(
    says("import * as tslab from 'tslab'; tslab.display.png(Buffer.alloc(1)); tslab.newDisplay().text(tslab.versions.node);"),
    "",
  );
});
