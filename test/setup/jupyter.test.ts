import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { extensionReady, jupyterReady, lab, notebooks } from "../../.dev/jupyter.mjs";
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
  "notebooks/one.ipynb": {},
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

  it("tries the notebooks again when one of them, a study or the build is another", () => {
    const root = folder();
    write(root, SOURCES);
    const texts = [notebooks(root).text()];
    write(root, { "notebooks/cu100-n/study.json": {} });
    texts.push(notebooks(root).text());
    for (const [k, file] of ["notebooks/cu100-n/study.json", "notebooks/one.ipynb", "dist/.built"].entries()) {
      utimesSync(join(root, file), 1000 + k, 1000 + k);
      texts.push(notebooks(root).text());
    }
    assert.equal(new Set(texts).size, texts.length);
    assert.equal(notebooks(root).text(), texts.at(-1));
  });
});
