import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { extensionReady, jupyterReady, lab } from "../../.dev/jupyter.mjs";
import { assignments, isDone, noteDone } from "../../.dev/notebooks.mjs";
import { folder, write } from "./project.ts";

/** The files that set-up looks at; empty ones will do. */
const SOURCES = {
  "package.json": { engines: { node: ">=22.13" }, config: { node: "22.23.3" } },
  "package-lock.json": {},
  "labextension/src/index.ts": "",
  "labextension/style/index.css": "",
  "labextension/package.json": {},
  "labextension/bundler.config.cjs": "",
  "src/display/chart.ts": "",
  "src/history/cost.ts": "",
  "kernel/spec/kernel.json": {},
  "dist/.built": "",
  "notebooks/01-cu100.ipynb": {},
};

describe("JupyterLab", () => {
  it("is not ready before the extension is built and the kernel known", () => {
    const root = folder();
    write(root, SOURCES);
    assert.deepEqual([extensionReady(root), jupyterReady(root)], [false, false]);
    // What an interrupted build leaves.
    write(root, { "labextension/jupyterlab_qmml/labextension/package.json": {}, ".venv/share/jupyter/kernels/qmml/kernel.json": {} });
    assert.deepEqual([extensionReady(root), jupyterReady(root)], [false, false]);
  });

  it("reads and writes nothing of the user's", () => {
    const given = { JUPYTER_PATH: "/elsewhere", JUPYTER_CONFIG_PATH: "/elsewhere", JUPYTER_DATA_DIR: "/elsewhere" };
    const before = { ...process.env };
    Object.assign(process.env, given);
    const { environment, parameters } = lab("/project", "/project/notebooks", "/project/.cache/jupyter");
    for (const name of Object.keys(given)) delete process.env[name];
    Object.assign(process.env, before);
    assert.ok(parameters.includes("--ServerApp.root_dir=/project/notebooks"));
    const own = Object.entries(environment).filter(
      ([name]) => /^(JUPYTER|IPYTHON).*(PATH|DIR)$/.test(name) && name !== "JUPYTER_PREFER_ENV_PATH",
    );
    assert.ok(own.length >= 6);
    for (const [name, value] of own) assert.match(String(value), /^\/project\/\.cache\/jupyter\//, name);
  });
});

describe("notebooks", () => {
  it("are executed again when one of them, its variant, a study, a figure of it or the build is another", () => {
    const root = folder();
    write(root, { ...SOURCES, "notebooks/variants.json": { small: {}, long: {} } });
    assert.equal(isDone(root, "01-cu100", false), false);
    noteDone(root, "01-cu100", true, []);
    assert.deepEqual([isDone(root, "01-cu100", false), isDone(root, "01-cu100", true)], [true, true]);
    const changes: Record<string, string | object> = {
      "notebooks/01-cu100.ipynb": "cu100-n",
      "notebooks/01-start.xyz": "1",
      "notebooks/data/images.xyz": "1",
      "notebooks/cu100-n/study.json": {},
      "notebooks/variants.json": { small: {}, long: { "01-cu100": { members: 100 } } },
      "docs/figures/01-findings.csv": "",
      "dist/.built": "another",
    };
    for (const [file, content] of Object.entries(changes)) {
      write(root, { [file]: content });
      assert.equal(isDone(root, "01-cu100", false), file.includes("study.json"), file);
      // A study counts from the first execution that has it, whether the notebook began it or names it.
      noteDone(root, "01-cu100", true, []);
      assert.equal(isDone(root, "01-cu100", true), true, file);
    }
    for (const file of ["notebooks/02-other.ipynb", "notebooks/other/study.json", "docs/figures/02-findings.csv"])
      write(root, { [file]: {} });
    assert.equal(isDone(root, "01-cu100", true), true);
    rmSync(join(root, "notebooks", "cu100-n"), { recursive: true });
    assert.equal(isDone(root, "01-cu100", true), false);
  });

  it("are executed to be saved though they were tried", () => {
    const root = folder();
    write(root, { ...SOURCES, "notebooks/variants.json": { small: {}, long: {} } });
    noteDone(root, "01-cu100", false, []);
    assert.deepEqual([isDone(root, "01-cu100", false), isDone(root, "01-cu100", true)], [true, false]);
  });

  it("get a variant's parameters as assignments", () => {
    assert.equal(
      assignments({ members: 2, options: { seeds: [1, 2] }, name: "a" }),
      'members = 2;\noptions = {"seeds":[1,2]};\nname = "a";',
    );
  });
});
