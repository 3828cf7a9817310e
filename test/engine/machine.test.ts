import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";
import { machine } from "../../src/engine/wasm/machine.ts";

it("a machine gives zeros, also where others were before, and its arrays outlive its growth", () => {
  const { floats, mark, release } = machine();
  const first = floats(3);
  first.fill(1);
  const here = mark();
  floats(5).fill(2);
  release(here);
  assert.ok(floats(200_000).every((x) => x === 0));
  assert.deepEqual([...first], [1, 1, 1]);
});

it("says what to do where more is asked for than WebAssembly addresses", () => {
  assert.throws(() => machine().floats(2 ** 30), {
    name: "RangeError",
    message: /^8\.0 GiB are needed at once, WebAssembly has 4; take fewer/,
  });
});

// Only Linux keeps to it.
it("says what to do where the process may not have the addresses", { skip: process.platform !== "linux" }, () => {
  const source = new URL("../../src/engine/wasm/machine.ts", import.meta.url);
  const code = `import(${JSON.stringify(source.href)}).then(({ machine }) => machine()).catch((e) => console.log(e.name + ": " + e.message))`;
  const node = [process.execPath, "--experimental-strip-types", "--disable-warning=ExperimentalWarning", "-e", code];
  // Node takes 11 GiB, ten of them because what strips types is WebAssembly itself; a memory takes ten more.
  const { stdout } = spawnSync("sh", ["-c", 'ulimit -v 16000000; "$@"', "sh", ...node], { encoding: "utf8" });
  assert.match(stdout, /^RangeError: this process may not have the 10 GiB of addresses .*; raise ulimit -v, or take fewer threads\n$/);
});
