import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setUp } from "../../.dev/install.mjs";
import { packagesReady } from "../../.dev/packages.mjs";
import { offlineProject, onlineProject } from "./project.ts";

const INSTALL = new URL("../../.dev/install.mjs", import.meta.url).href;

describe("set-up", () => {
  it("two at once do the work once; a third has nothing to do", async () => {
    const root = offlineProject();
    await Promise.all([setUp("tools", root), setUp("tools", root)]);
    const log = join(root, ".cache", "setup.log");
    assert.equal(readFileSync(log, "utf8").match(/\$ npm ci/g)?.length, 1);
    assert.equal(existsSync(join(root, ".cache", "setup.lock")), false);
    assert.equal(existsSync(join(root, ".cache", "tmp")), false);
    const { mtimeMs } = statSync(log);
    assert.equal(await setUp("tools", root), process.execPath);
    assert.equal(statSync(log).mtimeMs, mtimeMs);
  });

  it("stopped in the middle it says so, leaves no lock, and is not taken for done", { timeout: 120_000 }, async () => {
    const root = onlineProject();
    // A registry that takes the connection and never answers.
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const environment = {
      ...process.env,
      npm_config_registry: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      npm_config_cache: join(root, "cache"),
      ROOT: root,
    };
    const script = `const { setUp } = await import(${JSON.stringify(INSTALL)}); await setUp("tools", process.env.ROOT).catch((e) => { console.error(e.message); process.exit(1); });`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    const [connection] = await once(silent, "connection");
    child.kill("SIGTERM");
    const [status] = await once(child, "close");
    connection.destroy();
    silent.close();
    assert.equal(status, 1);
    assert.match(said, /Set-up stopped by SIGTERM; it goes on from there next time\.\n$/);
    assert.equal(existsSync(join(root, ".cache", "setup.lock")), false);
    assert.equal(packagesReady(root), false);
  });
});
