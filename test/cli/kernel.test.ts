import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folder, qmml } from "./qmml.ts";

test("kernel install writes a description that starts by itself; uninstall takes it away", async () => {
  const prefix = folder();
  const installed = await qmml(["kernel", "install", "--prefix", prefix, "--json"]);
  const where = join(prefix, "share", "jupyter", "kernels", "qmml");
  assert.deepEqual(JSON.parse(installed.stdout), { action: "install", name: "qmml", folder: where });
  assert.deepEqual(readdirSync(where).sort(), ["kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"]);
  const { argv, display_name, language, interrupt_mode } = JSON.parse(readFileSync(join(where, "kernel.json"), "utf8"));
  assert.deepEqual([display_name, language, interrupt_mode], ["TypeScript (qmml)", "typescript", "message"]);
  assert.equal(argv[0], process.execPath);
  assert.equal(argv.at(-1), "{connection_file}");
  assert.ok(existsSync(argv.at(-2)));
  const removed = await qmml(["kernel", "uninstall", "--prefix", prefix, "--json"]);
  assert.equal(JSON.parse(removed.stdout).removed, true);
  assert.equal(existsSync(where), false);
  assert.equal(JSON.parse((await qmml(["kernel", "uninstall", "--prefix", prefix, "--json"])).stdout).removed, false);
});

test("kernel: one place, an action that there is, a folder that can be written", async () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  for (const [words, status, message] of [
    [["install", "--user", "--prefix", "x"], 2, /one of --sys-prefix, --user and --prefix/],
    [["remove"], 2, /install or uninstall/],
    [["install", "--prefix", file], 1, /cannot be written.*--user/],
  ] as const) {
    const ended = await qmml(["kernel", ...words]);
    assert.equal(ended.status, status);
    assert.match(ended.stderr, message);
  }
});
