import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { installNodes, otherNodes } from "../../.dev/nodes.mjs";
import { CLOSED, onlineProject } from "./project.ts";

describe("other versions of Node", () => {
  it("are one of each line that does not run already, the project's own among them", () => {
    const root = onlineProject();
    const lines = (own: string): string[] => otherNodes(root, own).map(({ version }) => version.split(".")[0]);
    assert.deepEqual([lines("v22.13.1"), lines("v24.0.0\n"), lines("v26.1.0")], [["24"], ["22"], ["22", "24"]]);
  });

  it("without a network: one sentence for each, and the tests can begin", async (t) => {
    const root = onlineProject();
    const said = t.mock.method(console, "error", () => {});
    const before = { ...process.env };
    Object.assign(process.env, { npm_config_registry: CLOSED, npm_config_cache: join(root, "cache") });
    await installNodes(root, "v22.13.1").finally(() => {
      process.env = before;
    });
    const sentences = said.mock.calls.map((call) => (call.arguments as unknown[])[0]);
    assert.equal(sentences.length, 1);
    assert.match(String(sentences[0]), /^Node 24\.\d+\.\d+: the package registry cannot be reached: check the network connection/);
    assert.ok(otherNodes(root, "v22.13.1").every(({ binary }) => !existsSync(binary)));
  });
});
