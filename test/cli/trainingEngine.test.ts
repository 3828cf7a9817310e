/** What trains is named and recorded, and a TensorFlow that does not load is met before anything is calculated. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { launchDetached } from "../../src/cli/attach.ts";
import { PACKAGES } from "../../src/engine/tensorflow/places.ts";
import { isRunning, makeFolder, readStudy } from "../../src/study/folder.ts";
import { ENGINES } from "../engine/engines.ts";
import { eventsOf } from "../study/process.ts";
import { folder, qmml } from "./qmml.ts";
import { studyFile } from "./studyFile.ts";

const at = folder();
const data = fileURLToPath(new URL("../../bench/cu20/cu20.xyz", import.meta.url));
const LOOSE = ["--models", "1", "--energy-rmse", "0.01", "--force-rmse", "0.3"];

describe("a TensorFlow that does not load", () => {
  const engines = join(at, "engines");
  const place = join(engines, "tensorflow", "node_modules", PACKAGES.tensorflow);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "index.js"), 'throw new Error("libtensorflow.so.2: cannot open shared object file")');
  writeFileSync(join(engines, "tensorflow", "engine.json"), "{}");
  process.env.QMML_ENGINES = engines;
  // Large enough for `auto` to take what is installed.
  const study = studyFile(at, { engine: "auto", model: { hidden: [80, 80] } });
  const sentence =
    /tensorflow does not load \(libtensorflow\.so\.2: cannot open .*\); remove its folder in .*engines and run qmml engine install tensorflow/;

  for (const words of [[], ["--dry-run"], ["--detach"]]) {
    it(`is met by qmml run ${words.join("")} before QM is, with the remedy`, async () => {
      process.env.QMML_ENGINES = engines;
      const out = join(at, "out");
      const { status, stderr } = await qmml(["run", study, "--out", out, ...words]);
      assert.equal(status, 1);
      assert.match(stderr, new RegExp(`^qmml run: ${sentence.source}\\n$`));
      assert.ok(!existsSync(out));
    });
  }

  it("is met by qmml train", async () => {
    process.env.QMML_ENGINES = engines;
    const { status, stderr } = await qmml(["train", "--data", data, "-o", join(at, "none.json"), "--engine", "tensorflow"]);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^qmml train: ${sentence.source}\\n$`));
  });

  it("ends a study's own process with a line in the journal, and the study is called by its name", async () => {
    process.env.QMML_ENGINES = engines;
    const out = join(at, "begun");
    await makeFolder(out, await readStudy(study));
    await launchDetached(out, { threads: 1 });
    while (isRunning(out)) await sleep(10);
    const ended = eventsOf(out).at(-1);
    assert.ok(ended?.kind === "failed" && sentence.test(ended.payload.message));
    assert.match((await qmml(["status", out])).stdout, new RegExp(`the study tiny failed: ${sentence.source}`));
  });
});

describe("the engine of a training", () => {
  for (const [engine, recorded] of [
    ["auto", /^wasm$/],
    ["tensorflow", /^tensorflow(-gpu)? 4\.22\.0 \(TensorFlow 2\.\d+\.\d+, [CG]PU\)$/],
  ] as const) {
    it(`is recorded in the model file: ${engine}`, async () => {
      process.env.QMML_ENGINES = ENGINES;
      const model = join(at, `${engine}.json`);
      const { stderr, stdout } = await qmml(["train", "--data", data, "-o", model, "--engine", engine, ...LOOSE]);
      assert.equal(stderr, "");
      assert.equal(/^auto takes the engine wasm$/m.test(stdout), engine === "auto");
      assert.match(JSON.parse(readFileSync(model, "utf8")).training.engine, recorded);
    });
  }

  it("is recorded among a study's versions", async () => {
    process.env.QMML_ENGINES = ENGINES;
    const out = join(at, "study");
    // Without models: it is the record that counts here.
    const tiny = studyFile(at, { engine: "tensorflow", schemes: ["full-qm"], verify: false });
    const { stderr, stdout } = await qmml(["run", tiny, "--out", out, "--json"]);
    assert.equal(stderr, "");
    const { versions } = JSON.parse(stdout);
    assert.match(versions.training, /^tensorflow/);
    assert.deepEqual(Object.keys(versions), ["qmml", "node", "engine", "training"]);
    assert.deepEqual(JSON.parse((await qmml(["status", out, "--json"])).stdout).versions, versions);
  });
});
