import assert from "node:assert/strict";
import { test } from "node:test";
import { VERSION } from "../../src/engine/tensorflow/places.ts";
import { ENGINES } from "../engine/engines.ts";
import { folder, qmml } from "./qmml.ts";

test("engine list: what there is, whether it loads, versions and the device that is used", async () => {
  process.env.QMML_ENGINES = ENGINES;
  const { stdout, status, stderr } = await qmml(["engine", "list", "--json"]);
  assert.deepEqual([status, stderr], [0, ""]);
  const { engines } = JSON.parse(stdout);
  assert.deepEqual(
    engines.map(({ name, installed, loads }: Record<string, unknown>) => [name, installed, loads]),
    [
      ["wasm", true, true],
      ["tensorflow", true, true],
      ["tensorflow-gpu", true, true],
    ],
  );
  assert.deepEqual([engines[1].version, engines[1].device, engines[1].warning], [VERSION, "cpu", undefined]);
  // A GPU, or a word about there being none.
  assert.ok(engines[2].device === "gpu" || /calculates on the CPU/.test(engines[2].warning));
  const lines = (await qmml(["engine", "list"])).stdout.split("\n");
  assert.match(lines[1], /^tensorflow {6}CPU {2}@tensorflow\/tfjs-node 4\.22\.0, TensorFlow 2\./);
});

test("engine list names what is not installed, with the command that installs it", async () => {
  process.env.QMML_ENGINES = folder();
  const { stdout, status } = await qmml(["engine", "list"]);
  assert.equal(status, 0);
  assert.match(stdout, /tensorflow-gpu {2}not installed; qmml engine install tensorflow-gpu/);
});

test("engine install says what is there already", async () => {
  process.env.QMML_ENGINES = ENGINES;
  const { stdout, status } = await qmml(["engine", "install", "tensorflow", "--json"]);
  const { name, version, device, folder: where } = JSON.parse(stdout);
  assert.deepEqual([status, name, version, device, where], [0, "tensorflow", VERSION, "cpu", ENGINES]);
});

test("engine: an action and a name that there are", async () => {
  for (const [words, message] of [
    [["remove"], /give list or install/],
    [["install"], /install takes a NAME; give tensorflow or tensorflow-gpu/],
    [["install", "torch"], /torch cannot be installed; give tensorflow or tensorflow-gpu/],
    [["list", "tensorflow"], /list takes no NAME/],
  ] as const) {
    const ended = await qmml(["engine", ...words]);
    assert.equal(ended.status, 2);
    assert.match(ended.stderr, message);
  }
});
