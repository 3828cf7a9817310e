import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { pythonPath } from "../../src/qm/worker.ts";
import { folder, qmml } from "../cli/qmml.ts";

/** A script of this folder, with the kernel installed for it alone; rejects with its output if it fails. */
async function script(name: string): Promise<void> {
  const prefix = folder();
  const { status, stderr } = await qmml(["kernel", "install", "--prefix", prefix]);
  assert.equal(status, 0, stderr);
  const own = { JUPYTER_PATH: `${prefix}/share/jupyter`, QMML_HISTORY: `${prefix}/history`, PYTHONWARNINGS: "ignore" };
  const env = { ...process.env, ...own };
  const child = spawn(pythonPath(), [fileURLToPath(new URL(name, import.meta.url))], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  assert.equal(code, 0, output);
  assert.doesNotMatch(output, /skipped/);
}

/** Each starts kernels of its own and mostly waits for them. */
describe("the kernel", { concurrency: 3 }, () => {
  it("passes all of jupyter_kernel_test", () => script("conformance.py"));
  it("behaves as a scientist expects", () => script("behaviour.py"));
  it("speaks the protocol to the last message", () => script("protocol.py"));
  it("shows what cells make", () => script("showing.py"));
  it("understands TypeScript over many cells, and stops", () => script("language.py"));
  it("does not grow over long sessions", () => script("endurance.py"));
  it("leaves studies as they are when it ends", () => script("study.py"));
  it("finds modules from the notebook's folder", () => script("modules.py"));
});
