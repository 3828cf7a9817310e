/** All notebooks, small, by nbclient, in copies of their folder: every cell runs, and what a notebook shows those can read who have no extension. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { execution, notebooksIn, variantsIn } from "../../.dev/notebooks.mjs";
import { PROJECT } from "./lab.ts";
import { NOTEBOOKS, type Notebook, type Output, readNotebook, textOf } from "./small.ts";

const root = mkdtempSync(join(tmpdir(), "qmml notebooks "));
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

const home = join(root, "home");
mkdirSync(home);

const { small, long } = variantsIn(NOTEBOOKS);
const names = notebooksIn(NOTEBOOKS);

/** Bytes. A study of ten models and a committee over twenty images takes 4 MB, most of it learning curves as Arrow, plotly and SVG. */
const LARGEST = 5e6;

/** What shows a chart where qmml's extension is not. */
const FORMS = ["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"];

describe("notebooks", () => {
  it("have a small variant each; those that take hours are among them", () => {
    assert.deepEqual(Object.keys(small).sort(), names);
    for (const name of Object.keys(long)) assert.ok(names.includes(name), name);
  });

  for (const name of names) {
    it(`${name} begins with its parameters, and is not too large`, () => {
      const path = join(NOTEBOOKS, `${name}.ipynb`);
      const [first, ...rest] = readNotebook(path).cells.filter(({ cell_type }) => cell_type === "code");
      assert.deepEqual([first, ...rest].map(tagged), [true, ...rest.map(() => false)]);
      for (const line of textOf(first.source).split("\n")) assert.match(line, /^let \w+ = .+;$/);
      assert.ok(statSync(path).size < LARGEST);
    });
  }
});

// Two at a time: each waits for processes of its own, and the machine may have no more cores.
describe("notebooks from the first cell to the last", { concurrency: 2, timeout: 1_800_000 }, () => {
  for (const name of names) {
    it(name, async () => {
      const folder = join(root, name, "notebooks");
      mkdirSync(folder, { recursive: true });
      // The other folders are studies.
      const taken = readdirSync(NOTEBOOKS, { withFileTypes: true }).filter((entry) => entry.isFile() || entry.name === "data");
      for (const { name } of taken) cpSync(join(NOTEBOOKS, name), join(folder, name), { recursive: true });
      const path = join(folder, `${name}.ipynb`);
      const before = readNotebook(path);
      const { command, parameters, environment } = execution(PROJECT, path, { parameters: small[name], isSaved: true, home });
      await promisify(execFile)(command, parameters, { env: environment, maxBuffer: 1e8 });
      const done = readNotebook(path);
      assert.deepEqual(done.cells.map(sourceOf), before.cells.map(sourceOf), "a variant's parameters are not saved");
      for (const { id, outputs = [] } of done.cells) {
        for (const { output_type, data } of outputs) {
          assert.notEqual(output_type, "error", id);
          if (data) assert.ok("text/plain" in data, `${id} has no text`);
        }
      }
      if (textOf(before.cells.filter(tagged)[0].source).includes("figures")) filesOf(name);
      else studyOf(done);
    });
  }
});

describe("the execution of a notebook", { timeout: 600_000 }, () => {
  it("ends at once with its kernel when it is interrupted", async () => {
    const source = 'import { writeFileSync } from "node:fs";\nwriteFileSync("pid", String(process.pid));\nawait new Promise(() => {});';
    const { command, parameters, environment } = execution(PROJECT, oneCell("endless", source), { home });
    const child = spawn(command, parameters, { env: environment, stdio: "ignore" });
    const place = join(root, "pid");
    while (!existsSync(place) || readFileSync(place, "utf8") === "") await sleep(20);
    child.kill("SIGINT");
    const [status] = await once(child, "close");
    assert.equal(status, 130);
    const kernel = Number(readFileSync(place, "utf8"));
    // Killed, but for a moment there until its parent's parent has heard of it.
    while (isAlive(kernel)) await sleep(20);
  });

  it("says what is wrong with a notebook that has no parameters", async () => {
    const { command, parameters, environment } = execution(PROJECT, oneCell("bare", "1"), { parameters: { members: 1 }, home });
    await assert.rejects(
      promisify(execFile)(command, parameters, { env: environment }),
      /bare has 0 cells tagged parameters; give its first/,
    );
  });
});

/** A notebook with one cell; its path. */
function oneCell(name: string, source: string): string {
  const { cells: _, ...rest } = readNotebook(join(NOTEBOOKS, `${names[0]}.ipynb`));
  const path = join(root, `${name}.ipynb`);
  const cell = { cell_type: "code", id: "one", metadata: {}, source, execution_count: null, outputs: [] };
  writeFileSync(path, JSON.stringify({ ...rest, cells: [cell] }));
  return path;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A notebook of one study shows it in forms of its own. */
function studyOf({ cells }: Notebook): void {
  const outputs = Object.fromEntries(cells.map(({ id, outputs }) => [id, outputs ?? []]));
  // The study had just begun when its cell was run.
  for (const [id, expected] of Object.entries({ study: ["text/plain"], cost: FORMS, training: FORMS })) {
    const data = only(outputs[id]);
    for (const form of [...expected, `application/vnd.qmml.${id}.v1+json`]) assert.ok(form in data, `${id} has no ${form}`);
  }
  assert.match(String(only(outputs.explain)["text/plain"]), /QM/);
  assert.match(String(only(outputs.methods)["text/plain"]), /@article/);
}

/** An experiment leaves its figures, each with its table, and its findings. */
function filesOf(name: string): void {
  const folder = join(root, name, "docs", "figures");
  const number = name.split("-")[0];
  const left = readdirSync(folder);
  for (const file of left) assert.ok(file.startsWith(`${number}-`), file);
  const bases = new Set(left.map((file) => file.replace(/\.\w+$/, "")));
  for (const base of bases)
    for (const ending of ["csv", "arrow"]) assert.ok(existsSync(join(folder, `${base}.${ending}`)), `${base}.${ending}`);
  assert.ok(
    left.some((file) => file.endsWith(".svg")),
    "a figure",
  );
  if (name !== "00-quick-start") assert.ok(bases.has(`${number}-findings`), "findings");
}

function only(outputs: readonly Output[]): Readonly<Record<string, unknown>> {
  assert.equal(outputs.length, 1);
  return outputs[0].data ?? {};
}

function tagged({ metadata }: Notebook["cells"][number]): boolean {
  return metadata.tags?.includes("parameters") ?? false;
}

function sourceOf({ source }: Notebook["cells"][number]): string {
  return textOf(source);
}
