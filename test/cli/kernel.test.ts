import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { pythonPath } from "../../src/qm/worker.ts";
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

/** What `jupyter kernelspec list` finds, by name. */
async function listed(
  env: NodeJS.ProcessEnv,
): Promise<Record<string, { resource_dir: string; spec: { argv: string[]; display_name: string } }>> {
  const { stdout } = await promisify(execFile)(pythonPath(), ["-m", "jupyter", "kernelspec", "list", "--json"], { env });
  return JSON.parse(stdout).kernelspecs;
}

test("Jupyter lists the kernel, with its logos, wherever it was installed; two installations do not disturb each other", async (t) => {
  const [one, two, home] = [folder(), folder(), folder()];
  const before = process.env.JUPYTER_DATA_DIR;
  process.env.JUPYTER_DATA_DIR = home;
  t.after(() => {
    if (before === undefined) delete process.env.JUPYTER_DATA_DIR;
    else process.env.JUPYTER_DATA_DIR = before;
  });
  // What the user has comes before what the Python's environment has.
  const found = (prefix: string): ReturnType<typeof listed> =>
    listed({ ...process.env, JUPYTER_PREFER_ENV_PATH: "0", JUPYTER_PATH: join(prefix, "share", "jupyter") });
  for (const prefix of [one, two]) assert.equal((await qmml(["kernel", "install", "--prefix", prefix])).status, 0);
  assert.equal((await qmml(["kernel", "install", "--user"])).status, 0);
  assert.equal((await found(one)).qmml.resource_dir, join(one, "share", "jupyter", "kernels", "qmml"));

  await qmml(["kernel", "uninstall", "--prefix", one]);
  const user = (await found(one)).qmml;
  assert.equal(user.resource_dir, join(home, "kernels", "qmml"));
  assert.equal(user.spec.display_name, "TypeScript (qmml)");
  await qmml(["kernel", "uninstall", "--user"]);
  const { qmml: left } = await found(two);
  assert.equal(left.resource_dir, join(two, "share", "jupyter", "kernels", "qmml"));

  for (const size of [32, 64]) {
    const picture = readFileSync(join(left.resource_dir, `logo-${size}x${size}.png`));
    assert.equal(picture.subarray(1, 4).toString(), "PNG");
    // Width and height are the first numbers of a PNG.
    assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [size, size]);
  }
  assert.match(readFileSync(join(left.resource_dir, "logo-svg.svg"), "utf8"), /^<svg [^>]*viewBox[\s\S]*<\/svg>\s*$/);
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
