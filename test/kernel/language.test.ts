import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { runInNewContext } from "node:vm";
import { openRunner } from "../../kernel/src/host/cell.ts";
import { modulesFrom } from "../../kernel/src/host/modules.ts";
import { readableStacks } from "../../kernel/src/host/stack.ts";
import { openCells } from "../../kernel/src/language/cells.ts";
import { complete } from "../../kernel/src/language/complete.ts";
import { inspect } from "../../kernel/src/language/inspect.ts";
import type { CompiledCell, Failure, Outcome } from "../../kernel/src/threads.ts";
import { fc } from "../properties.ts";

const folder = mkdtempSync(join(tmpdir(), "qmml-language-"));
const cells = openCells(folder);
const runner = openRunner(modulesFrom(folder));
readableStacks();
let count = 0;

/** One notebook for all tests: variables of cells are those of the process. */
async function run(code: string): Promise<Outcome> {
  count += 1;
  const compiled: CompiledCell | Failure = cells.compile(code, `cell[${count}]`, true);
  return "status" in compiled ? compiled : new Promise((resolve) => runner.run(compiled, resolve));
}

/** What the cells show in the end, as text. */
async function value(...codes: string[]): Promise<unknown> {
  let last: Outcome | undefined;
  for (const code of codes) {
    last = await run(code);
    assert.equal(last.status, "ok", `${code}\n${last.status === "error" ? last.traceback.join("\n") : ""}`);
  }
  return last?.status === "ok" ? last.data?.["text/plain"] : undefined;
}

async function failure(code: string): Promise<Failure> {
  const outcome = await run(code);
  assert(outcome.status === "error", `no error in ${code}`);
  return outcome;
}

describe("loops of the top level", () => {
  test("closures of this cell and of others see what a loop assigns to", async () => {
    await value("let seen = 0, apart = 0; const heard: number[] = []; const hear = () => { heard.push(seen); };");
    assert.equal(
      await value("for (let i = 0; i < 3; i++) { seen += 1.5; apart += 1; hear(); } [heard, seen, apart]"),
      "[ [ 1.5, 3, 4.5 ], 4.5, 3 ]",
    );
    assert.equal(
      await value("const later = () => apart;", "for (const x of [1, 2]) { apart += x; heard.push(later()); } heard.slice(3)"),
      "[ 4, 6 ]",
    );
    assert.equal(await value("for (let i = 0; i < 2; i++) apart = i + later(); apart"), "7");
  });

  test("what a loop did before it ended, by break, label or error, stays", async () => {
    await value("let steps = 0, word = 'a', sum = 0; const xs = Float64Array.of(0.5, 1.5, 2.5);");
    assert.equal(await value("out: for (const x of xs) for (;;) { steps += x; if (x > 1) break out; continue out; } steps"), "2");
    await failure("for (let i = 0; ; i++) { steps = i; word += 'b'; if (i === 3) throw new Error('x'); }");
    assert.equal(await value("[steps, word]"), "[ 3, 'abbbb' ]");
    assert.equal(await value("try { while (true) { steps += 1; if (steps > 5) JSON.parse('{'); } } catch { sum = steps; } sum"), "6");
    assert.equal(await value("for (var k = 0, twice = 0; k < 4; ++k) { var twice = 2 * k; } k + twice"), "10");
    assert.equal(await value("for ([sum, steps] of [[1, 2], [3, 4]]) ; do { sum -= 0.5 } while (sum > 0); [sum, steps]"), "[ 0, 4 ]");
  });

  test("a loop with an await, text evaluated, names hidden by others, functions made in turns", async () => {
    await value("let t = 0; const f = 2; const made: (() => number)[] = [];");
    assert.equal(await value("for (let i = 0; i < 3; i++) { for (let j = 0; j < 2; j++) t += 0.5; await null; } t"), "3");
    assert.equal(await value("for (let i = 0; i < 2; i++) eval('t += 1'); t"), "5");
    assert.equal(await value("for (const f of [3]) { let t = f; t += 1; made.push(() => t + f); } made[0]() + t"), "12");
    assert.equal(await value("for (let i = 0; i < 2; i++) made[i] = () => f + i;", "let f = 'g';", "made[1]()"), "'g1'");
  });

  test("random statements in cells do what they do in one function", async () => {
    // Names of their own, so that no other test's functions refer to them.
    const name = fc.constantFrom("ra", "rb", "rc");
    const expression = fc.oneof(
      name,
      fc.constantFrom("0.5", "1", "-2", "i", "grow()", "look()"),
      fc.tuple(name, fc.constantFrom("+", "-", "*"), fc.constantFrom("1.5", "2", "i")).map((parts) => parts.join(" ")),
    );
    const { statement } = fc.letrec<{ statement: string }>((tie) => ({
      statement: fc.oneof(
        { maxDepth: 2, withCrossShrink: true },
        fc.tuple(name, fc.constantFrom("=", "+=", "-="), expression).map(([target, operator, given]) => `${target} ${operator} ${given};`),
        name.map((target) => `[ra, ${target}] = [${target}, 3];`),
        fc
          .tuple(fc.nat(4), fc.array(tie("statement"), { maxLength: 3 }))
          .map(([n, body]) => `for (let i = 0; i < ${n}; i++) { ${body.join(" ")} }`),
        fc.tuple(name, tie("statement")).map(([of, body]) => `for (${of} of [1, 2.5]) { ${body} }`),
        fc
          .tuple(name, tie("statement"))
          .map(([limit, body]) => `{ let n = 0; try { while (true) { if (n++ > 3) throw 0; ${body} } } catch { ${limit} -= n; } }`),
        fc
          .tuple(name, tie("statement"), fc.nat())
          .map(
            ([test, body, id]) =>
              `o${id}: for (const i of [1, 2]) { for (;;) { ${body} if (${test} > i) continue o${id}; break o${id}; } }`,
          ),
      ),
    }));
    const start = "let ra = 1, rb = 0.5, rc = 0; let i = 7;";
    const functions = "function grow() { ra += 0.5; return rb; } const look = () => ra - i;";
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(statement, { minLength: 1, maxLength: 6 }), async (captures, statements) => {
        const about = captures ? functions : "function grow() { return 2; } const look = () => 1;";
        const names = captures ? "ra rb rc" : "sa sb sc";
        const mine = (code: string): string => code.replace(/\br([abc])\b/g, `${names[0]}$1`);
        const plain: unknown = runInNewContext(
          `(() => { ${mine(`${start} ${about} ${statements.join("\n")}`)} return [${names.split(" ")}].join(); })()`,
          {},
          { timeout: 20_000 },
        );
        await value(mine(start), about, ...statements.map(mine));
        assert.equal(await value(`[${names.split(" ")}].join()`), `'${plain}'`);
      }),
      { numRuns: 12 },
    );
  });
});

describe("cells", () => {
  test("what `using` holds is disposed at the end of its cell, also after an error; the last value is shown", async () => {
    await value("const ended: string[] = []; const until = (name: string) => ({ name, [Symbol.dispose]: () => ended.push(name) });");
    assert.equal(await value("using held = until('a'); class Inside {} held.name"), "'a'");
    await failure("using other = until('b'); throw new Error('x');");
    const later = "{ name: 'c', async [Symbol.asyncDispose]() { await null; ended.push('c'); } }";
    assert.equal(
      await value(`await using late = ${later}; late.name`, "[...ended, held.name, other.name, typeof Inside]"),
      "[ 'a', 'b', 'c', 'a', 'b', 'function' ]",
    );
  });

  test("import by require, by alias; exports of every form", async () => {
    assert.equal(
      await value("import net = require('node:net'); import util = require('node:util');", "[net.isIP('::1'), typeof util]"),
      "[ 6, 'object' ]",
    );
    await value("namespace Geo { export const pi = 3; export namespace In { export const e = 2; export type Q = number } }");
    assert.equal(await value("import In = Geo.In; import Q = Geo.In.Q;", "const q: Q = In.e + Geo.pi; q"), "5");
    assert.equal(await value("export const ex = 1; export function ef() { return ex; } export default class { a = 1 }", "ef() + ex"), "2");
    await value(
      "export default function () {}",
      "export default abstract class {}",
      "export { ex as other }; export type { Q as R };",
      "export default 42",
    );
    assert.equal(
      await value("export default class Shown { z = 1 }", "export default function named() { return new Shown(); }", "named().z"),
      "1",
    );
  });

  test("names declared anew as anything else; decorators; a cell that throws keeps what it had", async () => {
    assert.equal(await value("let it = 0; const add = () => { it += 1; return it; };", "add(); it += 10; add()"), "12");
    assert.equal(await value("let it = 'x';", "add(); it"), "'x1'");
    assert.equal(await value("class it { v = 1 }", "new it().v"), "1");
    assert.equal(await value("function it() { return 'f'; }", "enum it { A = 4 }", "it.A"), "4");
    const decorator = "function loud(_: unknown, { name }: ClassMethodDecoratorContext) { return () => String(name) + '!'; }";
    assert.equal(await value(decorator, "class Cat { @loud meow() { return ''; } }", "new Cat().meow()"), "'meow!'");
    await failure("const early = 1; let late = 2; throw new Error('stop'); const never = 3;");
    assert.equal(await value("[early, late, never]"), "[ 1, 2, undefined ]");
    assert.equal(
      await value(
        "lab: for (const x of [1, 2, 3]) for (const y of [1, 2]) { if (y === x) continue lab; if (x > 2) break lab; }",
        "await (1 + 1)",
      ),
      "2",
    );
  });

  test("type errors name cells, never modules of the kernel", async () => {
    const evalue = async (code: string): Promise<string> => (await failure(code)).evalue;
    assert.match(await evalue("const x: Float64Array = [1, 2]"), /'number\[\]'.*'Float64Array/);
    assert.match(await evalue("new Float64Array(3).push(1)"), /'push' does not exist/);
    await value("class Point { x = 1 } const origin = new Point();", "class Point { y = 1 }");
    assert.match(await evalue("const p: Point = origin;"), /'Point of cell\[\d+\]' but required in type 'Point of cell\[\d+\]'/);
    const { traceback, ename } = await failure("const one = 1;\n  one = 2; origin.z");
    assert.equal(ename, "TypeScriptError");
    assert.match(traceback.join("\n"), /^cell\[\d+\]:2:3 TS2588: .*\n {6}one = 2; origin.z\n {6}~~~\ncell\[\d+\]:2:19 TS2339/);
    assert.doesNotMatch(traceback.join("\n"), /__qmml/);
  });

  test("what other notebooks have, and packages that are missing, are answered by the remedy, once", async () => {
    const said = async (code: string): Promise<string> =>
      (await failure(code)).traceback.filter((line) => !line.startsWith("    ")).join("\n");
    const magic = /^cell\[\d+\]:1:\d+ TS\d+: \S+ is IPython's; cells are TypeScript: await sh\("ls -l"\) runs a command, [^\n]*$/;
    for (const code of ["%timeit twice(1)", "%%bash\nls", "!ls", "!ls -l", "!pip install numpy"])
      assert.match(await said(code), magic, code);
    assert.match(await said("let done: number;\n!done && nowhere()"), /^cell\[\d+\]:2:\d+ TS\d+: [^%]*$/m);
    assert.match(await said("print(1)"), /Cannot find name 'print'\. Here it is console\.log\(\.\.\.\)\.$/);
    assert.match(
      await said('import { a } from "@some/where/else"'),
      /package '@some\/where' [^\n]* await sh\("npm install @some\/where"\)/,
    );
    assert(
      (await said('import { a } from "./none.ts"')).endsWith(`'./none.ts', which is looked for from the notebook's folder, ${folder}`),
    );
    assert.match(await said('import a from "node:none"'), /Node [\d.]+ has no module 'node:none'/);
  });

  test("functions keep their names or have none; what is caught can be asked for its message", async () => {
    assert.equal(await value("() => 1"), "[Function (anonymous)]");
    assert.equal(await value("let caught = ''; try { throw new Error('out') } catch (e) { caught = e.message } caught"), "'out'");
  });

  test("stacks name cell and line, of earlier cells, callers that await, callbacks", async () => {
    const trace = async (code: string): Promise<string> => stripVTControlCharacters((await failure(code)).traceback.join("\n"));
    await value("// the first line\nfunction deep(): never {\n  throw new RangeError('deep');\n}");
    const at = count;
    await value(
      "async function middle() {\n  await new Promise((done) => setTimeout(done, 1));\n  deep();\n}\nconst top = async () => {\n  await middle();\n};",
    );
    const text = await trace("\nawait Promise.all([top()]);");
    const frames = [
      `deep (cell[${at}]:3:9)`,
      `middle (cell[${at + 1}]:3:3)`,
      `async top (cell[${at + 1}]:6:3)`,
      "async Promise.all (index 0)",
      `async cell[${at + 2}]:2:1`,
    ];
    assert.deepEqual([...text.matchAll(/^ +at (.*)$/gm)].map(([, frame]) => frame).slice(0, 5), frames);
    assert.match(
      await trace("let turn = 0;\nfor (let i = 0.5; i < 3; i++) {\n  turn += i;\n  [i].forEach((x) =>\n    x > 2 && deep());\n}"),
      /cell\[\d+\]:5:14\)?\n.*forEach.*\n.*:4:7/,
    );
    await value("function far(n: number): number {\n  return n === 0 ? deep() : far(n - 1);\n}");
    // Deeper than V8's ten frames.
    assert.match(await trace("\nfar(9);"), /(at far .*\n\s+){10}at cell\[\d+\]:2:1\n/);
    assert.match(await trace("far(50);"), /(at far .*\n\s+){11}… \d+ more\n(\s+at .*){6}$/);
  });
});

describe("completion and inspection", () => {
  const texts = (code: string, cursor = code.length): readonly string[] =>
    complete(cells, code, cursor).completions.map(({ text }) => text);
  const note = "/** Twice.\n * @param x what is doubled\n * @param times how often, see {@link Math.pow}\n * @example twice(2, 1)\n */\n";

  test("names with their types, documentation and places, also where the text has no end", async () => {
    await value(
      `${note}function twice(x: number, times = 1): number {\n  return x * 2 ** times;\n}\nconst box = { width: 1, depth: "d" };`,
    );
    const [found] = complete(cells, "const y = twi", 13).completions;
    assert.deepEqual([found.text, found.type, found.signature], ["twice", "function", "(x: number, times?: number): number"]);
    assert.match(
      found.documentation ?? "",
      /^Twice\.\n\n\*\*Parameters\*\*\n\n- `x`: what is doubled\n- `times`: how often, see `Math.pow`\n\n\*\*Example\*\*\n\n```ts\ntwice\(2, 1\)\n```$/,
    );
    assert.deepEqual(complete(cells, "box.w + 1", 5), {
      completions: [{ text: "width", type: "property", signature: ": number", documentation: undefined }],
      start: 4,
      end: 5,
    });
    assert.deepEqual(texts("function f(of: typeof box) { if (of.d"), ["depth"]);
    assert.deepEqual(texts("const copy: typeof box = { wid"), ["width"]);
    assert.deepEqual(texts('let kind: "left" | "right" = "'), ["left", "right"]);
    assert(texts("").includes("twice") && !texts("").some((text) => text.startsWith("__qmml")));
  });

  test("modules and files in strings", async () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data", "one.csv"), "");
    writeFileSync(join(folder, "helper.ts"), "export const help = 1;");
    assert(texts("import fs from 'node:f").includes("node:fs"));
    assert.deepEqual(texts("import { help } from './h"), ["helper"]);
    assert.deepEqual(texts("import { h } from './helper.ts'", 10), ["help"]);
    assert.deepEqual(texts("readFileSync('./da"), ["data/"]);
    assert.deepEqual(complete(cells, "f('./data/on", 12), { completions: [{ text: "one.csv", type: "file" }], start: 10, end: 12 });
    assert.deepEqual(texts("f('./none/x"), []);
  });

  test("a name in Markdown, with its source if more is asked; a call", async () => {
    const text = (code: string, detail = 0): string => String(inspect(cells, code, code.length, detail)?.["text/markdown"]);
    assert.match(text("twice"), /^```ts\nfunction twice\(x: number, times\?: number\): number\n```\n\nTwice\.\n\n\*\*Parameters\*\*/);
    assert.doesNotMatch(text("twice"), /return|alias|import/);
    assert.match(
      text("twice", 1),
      /\*\*Source\*\*\n\n```ts\nfunction twice\(x: number, times = 1\): number \{\n {2}return x \* 2 \*\* times;\n\}\n```$/,
    );
    assert.match(text("Math.max", 1), /max\(\.\.\.values: number\[\]\): number;/);
    assert.match(text("twice(1, "), /^```ts\ntwice\(x: number, times\?: number\): number\n```/);
    assert.equal(inspect(cells, "nothing known", 3, 0), undefined);
  });
});
