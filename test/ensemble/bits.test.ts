/** Same seed, same bits: over numbers of threads, over versions of Node, and since the last change that was meant to change them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { otherNodes } from "../../.dev/nodes.mjs";

const THREADS = ["0", "1", "2", "8"];

/** Part to SHA-256. */
type Parts = Record<string, string>;

/** The parts of the work in one process of a Node, for each number of threads. */
function work(node: string): Record<string, Parts> {
  assert.ok(existsSync(node), `${node} is missing; npm test -- test/ensemble/bits installs it, given a network`);
  const script = fileURLToPath(new URL("./bitsWork.ts", import.meta.url));
  const flags = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"];
  const { status, stdout, stderr } = spawnSync(node, [...flags, script, ...THREADS], { encoding: "utf8", timeout: 120_000 });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

describe("same seed, same bits", () => {
  const here = work(process.execPath);
  const alone = here["0"];

  it("without threads and on 1, 2 and 8 of them", () => {
    for (const [threads, parts] of Object.entries(here)) assert.deepEqual(parts, alone, `on ${threads} threads`);
  });

  for (const { version, binary } of otherNodes(fileURLToPath(new URL("../..", import.meta.url)), process.version)) {
    it(`on Node ${version} as on ${process.version}`, () => assert.deepEqual(work(binary), here));
  }

  /**
   * The reference holds for every machine, since nothing in it comes from a platform's library. Who changes a formula, a kernel or an order of
   * summation changes it, knows why, and renews it by
   *   node --experimental-strip-types test/ensemble/bitsWork.ts 0 > test/reference/bits.json
   * Studies then no longer resume bit for bit from where an older version left them.
   */
  it("as in the reference", () => {
    const reference = JSON.parse(readFileSync(new URL("../reference/bits.json", import.meta.url), "utf8"));
    assert.deepEqual(alone, reference["0"], "renew test/reference/bits.json if this change of bits is meant");
  });
});
