import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { doctor } from "../../src/cli/doctor.ts";

const without = (name: string) => (check: { name: string }) => check.name !== name;

describe("qmml doctor", () => {
  it("finds in order what runs these tests", async () => {
    const { checks } = await doctor();
    assert.deepEqual(
      checks.map(({ name }) => name),
      ["Node", "SQLite", "threads", "Python", "ASE", "tblite", "PySCF", "GPAW", "Dask", "folder", "memory", "cores"],
    );
    // How much memory is free is the machine's affair.
    for (const { name, ok, found } of checks.filter(without("memory"))) assert.ok(ok, `${name}: ${found}`);
  });

  it("names the remedy where there is no Python", async (test) => {
    const empty = mkdtempSync(join(tmpdir(), "qmml doctor "));
    const before = process.env.QMML_PYTHON;
    test.after(() => {
      rmSync(empty, { recursive: true });
      if (before === undefined) delete process.env.QMML_PYTHON;
      else process.env.QMML_PYTHON = before;
    });
    process.env.QMML_PYTHON = join(empty, "python");
    const { ok, checks } = await doctor();
    assert.equal(ok, false);
    for (const name of ["Python", "ASE", "tblite"]) {
      const check = checks.find((one) => one.name === name);
      assert.equal(check?.ok, false);
      assert.match(check.remedy, /QMML_PYTHON/);
    }
    assert.equal(checks.find(({ name }) => name === "Python")?.found, `no ${join(empty, "python")}`);
  });
});
