/** The package's notebooks, small, in stock tslab: whoever has that kernel reads as text what qmml's draws. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonPath } from "../../src/qm/worker.ts";
import { type Output, readNotebook, writeSmall } from "../lab/small.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSLAB = join(ROOT, "node_modules", "tslab", "bin", "tslab");
const SCRIPT = fileURLToPath(new URL("tslab.py", import.meta.url));

/** A user's folder: qmml is installed there, and the types of Node, which tslab does not bring. */
const folder = mkdtempSync(join(tmpdir(), "qmml tslab "));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
symlinkSync(ROOT, join(folder, "node_modules", "qmml"));
symlinkSync(join(ROOT, "node_modules", "@types", "node"), join(folder, "node_modules", "@types", "node"));

const env = {
  ...process.env,
  // tslab starts the `node` that it finds there.
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  JUPYTER_PATH: join(folder, "share", "jupyter"),
  JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
  PYTHONWARNINGS: "ignore",
};

/** What each cell says in words, by its id: what a reader looks for, in lines that fit on a page. */
const READABLE: Readonly<Record<string, readonly RegExp[]>> = {
  study: [/^cu100-n$|^fatty-acid$/m, /\d+ atoms; QM cluster of \d+ atoms/],
  cost: [/cost of each QM image/, /evaluations/],
  training: [/training of 1 model/, /RMSE \(eV\/atom\)/],
  explain: [/QM was asked \d+ times/],
  methods: [/were made with qmml/, /@article\{/],
};

describe("notebooks in stock tslab", { timeout: 600_000 }, () => {
  it("every cell runs, and shows text that can be read", async () => {
    const install = ["install", "--prefix", folder, "--python", pythonPath(), "--binary", TSLAB];
    await promisify(execFile)(process.execPath, [TSLAB, ...install], { env });
    const paths = ["01-cu100", "02-fatty-acid"].map((name) => writeSmall(name, folder, { members: 1 }));
    await Promise.all(paths.map((path) => promisify(execFile)(pythonPath(), [SCRIPT, path], { env })));
    for (const path of paths) {
      const cells = readNotebook(path).cells.filter((cell) => cell.cell_type === "code" && cell.id !== "parameters");
      assert.deepEqual(cells.map(({ id }) => id).sort(), Object.keys(READABLE).sort());
      for (const { id, outputs = [] } of cells) {
        const text = outputs.map(textOf).join("");
        for (const expected of READABLE[id]) assert.match(text, expected, id);
        assert.doesNotMatch(text, /\[Object|\[Function|\{\}|Symbol\(/, id);
        // BibTeX is for programs.
        for (const line of id === "methods" ? [] : text.split("\n")) assert.ok(line.length <= 120, line);
      }
    }
  });
});

/** @throws AssertionError for an error, which tslab writes to stderr */
function textOf(output: Output): string {
  const { name, text = "" } = output as Output & { readonly name?: string; readonly text?: string | readonly string[] };
  const whole = typeof text === "string" ? text : text.join("");
  assert.equal(name, "stdout", whole);
  return whole;
}
