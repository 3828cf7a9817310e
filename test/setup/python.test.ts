import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openContext } from "../../.dev/process.mjs";
import { findPython, installPython, pythonReady } from "../../.dev/python.mjs";
import { CLOSED, folder, write } from "./project.ts";

const signal = new AbortController().signal;

describe("Python", () => {
  it("is found, and its path is whole", () => {
    const python = findPython(process.env);
    assert.match(execFileSync(python, ["--version"], { encoding: "utf8" }), /^Python 3\./);
  });

  it("missing: one sentence", () => {
    assert.throws(() => findPython({ PATH: folder() }), {
      message:
        "qmml needs Python 3.10 or newer and found no python3 on the PATH: install it (Debian, Ubuntu: sudo apt install python3 python3-venv), then try again.",
    });
  });

  it("too old: one sentence with what was found", () => {
    assert.throws(() => findPython(process.env, "3.99"), {
      message: /^qmml needs Python 3\.99 or newer and found 3\.\d+\.\d+ \(\/.+\): install a newer one, then try again\.$/,
    });
  });

  it("without ensurepip, as Debian ships it: one sentence", () => {
    const bin = withoutEnsurepip();
    assert.throws(() => findPython({ PATH: bin }), {
      message:
        /^Python 3\.\d+\.\d+ \(.+\) cannot make environments: install python3-venv \(Debian, Ubuntu: sudo apt install python3-venv\), /,
    });
  });
});

describe(".venv", () => {
  it("without a network: one sentence, and what is half made is not taken for ready", async () => {
    const root = folder();
    write(root, { ".dev/requirements.txt": "six==1.17.0\n" });
    const context = openContext(root, signal);
    const closed = { PIP_INDEX_URL: `${CLOSED}/simple`, PIP_CONFIG_FILE: "/dev/null", PIP_FIND_LINKS: "" };
    await assert.rejects(installPython({ ...context, environment: { ...context.environment, ...closed } }), {
      message: "Python packages: the package registry cannot be reached: check the network connection and proxy settings, then try again.",
    });
    assert.equal(existsSync(join(root, ".venv", "bin", "python")), true);
    assert.equal(pythonReady(root), false);
  });
});

/** The machine's own Python, its interpreter copied and its library linked, all but ensurepip. Returns the folder for the PATH. */
function withoutEnsurepip(): string {
  const ask = "import sys, sysconfig; print(sys._base_executable, sysconfig.get_path('stdlib'), sep='\\n')";
  const [executable, library] = execFileSync(findPython(process.env), ["-I", "-c", ask], { encoding: "utf8" }).trim().split("\n");
  const root = folder();
  const copy = join(root, "lib", library.slice(library.lastIndexOf("/") + 1));
  mkdirSync(copy, { recursive: true });
  mkdirSync(join(root, "bin"));
  copyFileSync(executable, join(root, "bin", "python3"));
  for (const name of readdirSync(library)) if (name !== "ensurepip") symlinkSync(join(library, name), join(copy, name));
  return join(root, "bin");
}
