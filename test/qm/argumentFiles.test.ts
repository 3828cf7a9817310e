import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, describe, it } from "node:test";
import { withPaths } from "../../src/qm/argumentFiles.ts";
import { aseCalculator } from "../../src/qm/aseEngine.ts";
import { settingsOf } from "../../src/qm/image.ts";
import { structure } from "../../src/structure/structure.ts";
import { readStudy, studyOf } from "../../src/study/folder.ts";

const folder = mkdtempSync(join(tmpdir(), "qmml arguments "));
after(() => rmSync(folder, { recursive: true }));

describe("files that arguments name", () => {
  const parameters = join(folder, "cu.eam");
  writeFileSync(parameters, "one");
  mkdirSync(join(folder, "pseudo"));
  const named = (path: string): ReturnType<typeof aseCalculator> =>
    aseCalculator("eam", { potential: path, nested: [{ also: path }], n: 3 });
  const settings = (path: string): string => settingsOf(named(path), "ASE 3");

  it("are known by what stands in them, not by where they lie", () => {
    const before = settings(parameters);
    assert.match(before, /"potential":"cu\.eam [0-9a-f]{64}","nested":\[\{"also":"cu\.eam [0-9a-f]{64}"\}\]/);
    const moved = join(folder, "pseudo", "cu.eam");
    renameSync(parameters, moved);
    assert.equal(settings(moved), before);
    renameSync(moved, parameters);
    writeFileSync(parameters, "two");
    assert.notEqual(settings(parameters), before);
    writeFileSync(parameters, "one");
    assert.equal(settings(parameters), before);
    // What a calculator writes is not what it is made from.
    const noisy = aseCalculator("gpaw.GPAW", { txt: parameters });
    assert.ok(settingsOf(noisy, "1").includes(JSON.stringify(parameters)));
  });

  it("are meant as the study file sees them, in a study of memory as this process does; other texts stay", async () => {
    writeFileSync(join(folder, "start.xyz"), "1\n\nCu 0 0 0\n");
    const input = { structure: "start.xyz", core: { atoms: [0] }, qm: { ...named("cu.eam"), label: "cu.eam" } };
    writeFileSync(join(folder, "s.json"), JSON.stringify(input));
    const { file } = await readStudy(relative(process.cwd(), join(folder, "s.json")));
    assert.deepEqual(file.qm, { ...named(parameters), label: "cu.eam" });
    const inMemory = studyOf("s", structure({ symbols: ["Cu"], positions: [0, 0, 0] }), {
      core: { atoms: [0] },
      qm: named(relative(process.cwd(), parameters)),
    });
    assert.deepEqual(inMemory.file.qm, named(parameters));
    for (const text of ["absent.eam", "pseudo", "a\0b", "x".repeat(9000), ""])
      assert.deepEqual(withPaths(named(text), folder), named(text));
  });
});
