import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { atLeast, installPackages, packagesReady } from "../../.dev/packages.mjs";
import { openContext } from "../../.dev/process.mjs";
import { CLOSED, folder, offlineProject, onlineProject, write } from "./project.ts";

const signal = new AbortController().signal;

describe("versions", () => {
  const cases: [string, string, boolean][] = [
    ["v22.13.0", "22.13", true],
    ["v22.9.0", "22.13", false],
    ["v22.23.3", "22.13", true],
    ["v24.0.0", "22.13", true],
    ["v20.20.2", "22.13", false],
    ["3.9.18", "3.10", false],
    ["3.10.0", "3.10", true],
    ["3.14.0", "3.10", true],
    ["4", "3.10", true],
  ];
  for (const [found, needed, expected] of cases) {
    it(`${found} is ${expected ? "" : "not "}at least ${needed}`, () => assert.equal(atLeast(found, needed), expected));
  }
});

describe("npm packages", () => {
  it("are ready after npm ci, and no longer when the lock file asks for something else or they are gone", async () => {
    const root = offlineProject();
    assert.equal(packagesReady(root), false);
    await installPackages(openContext(root, signal));
    assert.equal(packagesReady(root), true);
    const other = { lockfileVersion: 3, packages: { dep: { version: "1.0.1" }, "node_modules/dep": { resolved: "dep", link: true } } };
    write(root, { "package-lock.json": other });
    assert.equal(packagesReady(root), false);
    const elsewhere = { lockfileVersion: 3, packages: { "node_modules/for-macos": { version: "1.0.0", optional: true } } };
    write(root, { "package-lock.json": elsewhere });
    assert.equal(packagesReady(root), true);
    rmSync(join(root, "node_modules"), { recursive: true });
    assert.equal(packagesReady(root), false);
  });

  it("without a network: one sentence", async () => {
    const root = onlineProject();
    const context = openContext(root, signal);
    const environment = { ...context.environment, npm_config_registry: CLOSED, npm_config_cache: join(root, "cache") };
    await assert.rejects(installPackages({ ...context, environment }), {
      message: "npm packages: the package registry cannot be reached: check the network connection and proxy settings, then try again.",
    });
    assert.equal(packagesReady(root), false);
  });

  it("without npm: one sentence", async () => {
    const context = openContext(onlineProject(), signal);
    await assert.rejects(installPackages({ ...context, environment: { PATH: folder() } }), {
      message: "npm is not on the PATH: install it (Debian, Ubuntu: sudo apt install npm), then try again.",
    });
  });
});
