/** The wheel `jupyterlab-qmml`: built by pip from what is pinned, installed into an environment of its own, known to JupyterLab there, and small. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify, stripVTControlCharacters } from "node:util";
import { PROJECT } from "./lab.ts";

/** Bytes that JupyterLab loads at its start, although nobody may ever look at a study. */
const INITIAL = 30_000;

const root = mkdtempSync(join(tmpdir(), "qmml wheel "));
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

const PYTHON = join(PROJECT, ".venv", "bin", "python");
const environment = join(root, "clean");
const installed = join(environment, "share", "jupyter", "labextensions", "jupyterlab-qmml");

/** Runs the project's Python; nothing comes from the network. */
async function python(parameters: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...process.env, PIP_NO_INDEX: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1", ...more };
  const { stdout, stderr } = await promisify(execFile)(PYTHON, parameters, { env });
  return stdout + stderr;
}

describe("the wheel of the extension", { timeout: 600_000 }, () => {
  it("is built, installed into a clean environment, and listed there as enabled", async () => {
    // A copy: pip leaves files beside the sources.
    const source = join(root, "source");
    cpSync(join(PROJECT, "labextension"), source, { recursive: true, filter: (path) => !/node_modules|[/\\]dist$/.test(path) });
    await python(["-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", root, source]);
    const [wheel] = readdirSync(root).filter((name) => name.endsWith(".whl"));
    const { version } = JSON.parse(readFileSync(join(PROJECT, "labextension", "package.json"), "utf8")) as { version: string };
    assert.equal(wheel, `jupyterlab_qmml-${version}-py3-none-any.whl`);
    await python(["-m", "venv", "--without-pip", environment]);
    const own = join(environment, "bin", "python");
    await python(["-m", "pip", "--python", own, "install", "--no-deps", join(root, wheel)]);
    // Jupyter itself is the project's: an environment of its own would be a quarter of a gigabyte.
    const library = (await python(["-c", "import jupyterlab, os; print(os.path.dirname(os.path.dirname(jupyterlab.__file__)))"])).trim();
    const paths = {
      PYTHONPATH: library,
      JUPYTER_CONFIG_DIR: join(root, "config"),
      JUPYTER_DATA_DIR: join(root, "data"),
      JUPYTER_PREFER_ENV_PATH: "1",
    };
    // `jupyter labextension list` of that environment.
    const { stdout, stderr } = await promisify(execFile)(own, ["-m", "jupyterlab.labextensions", "list"], {
      env: { ...process.env, ...paths },
    });
    const list = stripVTControlCharacters(stdout + stderr);
    assert.match(list, new RegExp(`jupyterlab-qmml v${version.replaceAll(".", "\\.")}\\s+enabled\\s+OK \\(python, jupyterlab_qmml\\)`));
    assert.ok(list.includes(environment), list);
  });

  it("has its settings, its licences, and no map of its sources", () => {
    assert.ok(statSync(join(installed, "schemas", "jupyterlab-qmml", "plugin.json")).size > 0);
    assert.ok(statSync(join(installed, "static", "third-party-licenses.json")).size > 0);
    assert.deepEqual(
      readdirSync(join(installed, "static")).filter((name) => name.endsWith(".map")),
      [],
    );
  });

  it(`loads less than ${INITIAL / 1000} kB with JupyterLab, the rest with the first view`, (t) => {
    const files = join(installed, "static");
    const { jupyterlab } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
      jupyterlab: { _build: { load: string; extension: string; style?: string } };
    };
    assert.equal(jupyterlab._build.style, undefined, "the stylesheet comes with the first view");
    const entry = readFileSync(join(installed, jupyterlab._build.load), "utf8");
    // The entry says of each module that it exposes which chunks hold it: "./extension": () => Promise.all([e("12"), e("345")]).
    const [, body] = entry.match(/"?\.\/extension"?\s*:\s*(?:\(\)\s*=>|function\s*\(\)\s*\{\s*return)(.*?)\.then/s) ?? [];
    const first = new Set(Array.from((body ?? "").matchAll(/\("?(\d+)"?\)/g), ([, id]) => id));
    const chunks = readdirSync(files)
      .filter((name) => /^\d+\..*\.js$/.test(name))
      .map((name) => ({ name, id: name.split(".")[0], bytes: statSync(join(files, name)).size }));
    const initial = chunks.filter(({ id }) => first.has(id));
    assert.ok(initial.length > 0, "the entry names the chunks of the extension");
    assert.match(initial.map(({ name }) => readFileSync(join(files, name), "utf8")).join(), /qmml:export-figure/);
    const bytes = entry.length + initial.reduce((sum, c) => sum + c.bytes, 0);
    t.diagnostic(`at once: ${(bytes / 1000).toFixed(1)} kB`);
    for (const { name, bytes: own } of chunks.filter((c) => !first.has(c.id)).sort((a, b) => b.bytes - a.bytes)) {
      const holds = readFileSync(join(files, name), "utf8");
      const [what = "…"] = ["GLViewer", "Plotly.js", "RecordBatch", "nbformat", "qmml-study"].filter((word) => holds.includes(word));
      t.diagnostic(`later: ${(own / 1000).toFixed(1)} kB ${what}`);
    }
    assert.ok(bytes < INITIAL, `${bytes} bytes`);
  });
});
