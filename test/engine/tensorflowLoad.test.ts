import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { tryTensorflow } from "../../src/engine/tensorflow/load.ts";
import { enginesFolder, installation, PACKAGES, type TensorflowName, VERSION } from "../../src/engine/tensorflow/places.ts";
import { ENGINES } from "./engines.ts";

const LOAD = new URL("../../src/engine/tensorflow/load.ts", import.meta.url).href;
const empty = mkdtempSync(join(tmpdir(), "qmml engines "));
after(() => rmSync(empty, { recursive: true, force: true }));

/** Code in a Node of its own, with `loadTensorflow` and the folder at hand. */
function inProcess(code: string, flags: readonly string[] = []): { stdout: string; stderr: string } {
  const script = `import { createRequire } from "node:module"; const require = createRequire(process.cwd() + "/"); const folder = ${JSON.stringify(ENGINES)};
    const { loadTensorflow } = await import(${JSON.stringify(LOAD)}); ${code}`;
  const words = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", ...flags, "--input-type=module", "-e", script];
  return spawnSync(process.execPath, words, { encoding: "utf8" });
}

/** A package that ends as a broken one may. */
function broken(name: TensorflowName, code: string): string {
  const folder = mkdtempSync(join(empty, "broken "));
  const place = join(folder, name, "node_modules", PACKAGES[name]);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "index.js"), code);
  writeFileSync(join(folder, name, "engine.json"), "{}");
  return folder;
}

describe("TensorFlow", () => {
  it("loads without a word, and says which versions and which device", () => {
    const code = `const { tf, ...rest } = loadTensorflow("tensorflow", folder);
      const x = tf.tensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
      console.log(JSON.stringify({ ...rest, product: [...x.matMul(x).gather(tf.tensor(Int32Array.of(1), [1], "int32")).dataSync()] }));`;
    const { stdout, stderr } = inProcess(code);
    assert.equal(stderr, "");
    const { library, ...found } = JSON.parse(stdout);
    assert.deepEqual(found, { name: "tensorflow", version: VERSION, device: "cpu", product: [15, 22] });
    assert.match(library, /^2\.\d+\.\d+/);
  });

  it("works where Node no longer has util.isArray and util.isNullOrUndefined, as from 24 on", () => {
    const code = `const util = require("node:util"); delete util.isArray; delete util.isNullOrUndefined;
      const { tf } = loadTensorflow("tensorflow", folder); console.log(tf.concat([tf.ones([2]), tf.ones([1])], 0).sum(0).dataSync()[0]);`;
    assert.deepEqual(inProcess(code).stdout, "3\n");
  });

  it("for GPUs says so where it falls back to the CPU", async () => {
    const { device, warning, version } = await tryTensorflow("tensorflow-gpu", ENGINES);
    assert.equal(version, VERSION);
    if (device === "gpu") assert.equal(warning, undefined);
    else assert.match(warning ?? "", /finds no GPU .* calculates on the CPU/);
  });

  it("is loaded once: the same again, no other beside it", () => {
    const code = `const one = loadTensorflow("tensorflow", folder); console.log(loadTensorflow() === one);
      try { loadTensorflow("tensorflow-gpu", folder) } catch (error) { console.log(error.message) }`;
    assert.match(
      inProcess(code).stdout,
      /^true\nthis process holds tensorflow already and cannot load tensorflow-gpu as well; use another process\n$/,
    );
  });

  it("that is not there is named with the remedy", async () => {
    await assert.rejects(tryTensorflow("tensorflow", empty), /tensorflow is not installed in .*; run qmml engine install tensorflow$/);
    assert.equal(installation("tensorflow", empty), undefined);
  });

  it("does not load in a worker thread, whose environment is not the process's", async () => {
    const code = `import(${JSON.stringify(LOAD)}).then(({ loadTensorflow }) => loadTensorflow("tensorflow", ${JSON.stringify(ENGINES)}))`;
    const worker = new Worker(code, { eval: true, execArgv: ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"] });
    const error = await new Promise((resolve) => worker.once("error", resolve));
    assert.match((error as Error).message, /main thread only/);
  });

  it("that crashes takes no one along", async () => {
    const lacks = broken("tensorflow", `process.kill(process.pid, "SIGILL")`);
    await assert.rejects(tryTensorflow("tensorflow", lacks), /ends with SIGILL: it needs a processor with AVX/);
    const torn = broken("tensorflow-gpu", `throw new Error("libtensorflow_framework.so.2: cannot open shared object file")`);
    await assert.rejects(
      tryTensorflow("tensorflow-gpu", torn),
      /does not load \(libtensorflow_framework.*run qmml engine install tensorflow-gpu/,
    );
    const mute = broken("tensorflow", "process.exit(3)");
    await assert.rejects(tryTensorflow("tensorflow", mute), /does not load: its process ended/);
  });
});

describe("the folder of engines", () => {
  it("is QMML_ENGINES, else in the user's data folder", () => {
    assert.equal(enginesFolder({ QMML_ENGINES: "/a", XDG_DATA_HOME: "/b" }), "/a");
    assert.equal(enginesFolder({ XDG_DATA_HOME: "/b" }), join("/b", "qmml", "engines"));
    assert.match(enginesFolder({}), /\.local\/share\/qmml\/engines$/);
  });
});
