import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gfn2Xtb } from "../../src/qm/xtb.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { bonded } from "../../src/structure/regions.ts";
import type { BufferSearch } from "../../src/study/bufferSearch.ts";
import { folder, qmml } from "./qmml.ts";
import { studyFile } from "./studyFile.ts";

const at = folder();
const slab = studyFile(at);

describe("qmml buffer", () => {
  it("--json prints the search in one object, the study's own buffer in it", async () => {
    const { status, stdout, stderr } = await qmml(["buffer", slab, "--up-to", "4", "--tolerance", "0.5", "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    const { rows, proposed, tolerance, fullSeconds, refused } = JSON.parse(stdout) as BufferSearch;
    assert.deepEqual(Object.keys(rows[0]), ["buffer", "atoms", "links", "seconds", "coreForceError"]);
    assert.ok(rows.some((r) => r.buffer === 2.9) && rows.every((r, k) => k === 0 || r.atoms > rows[k - 1].atoms));
    assert.deepEqual([rows.at(-1)?.coreForceError, proposed, tolerance, fullSeconds, refused], [0, 2.9, 0.5, null, []]);
  });

  it("shows a table with units and says what the buffer may be, and what the study file has", async () => {
    const { status, stdout } = await qmml(["buffer", slab, "--full", "--tolerance", "2"]);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^tiny: Cu27N, 28 atoms, 5 of them core; QM engine emt\nbuffer +atoms +links +QM +core force error\n +\(s\) +\(eV\/Å\)\n/,
    );
    assert.match(stdout, /\nall atoms +28 +0 +\S+ +–\n2 Å +5 +0 +\S+ +1\.\d\n/);
    assert.match(
      stdout,
      /A buffer of 2 Å is enough: from there on QM forces on the core are within 2 eV\/Å of those of full QM\. The study file has 2\.9 Å \(0\.\d+ eV\/Å\)\.\n$/,
    );
  });

  it("of a molecule counts bonds, as the study file does, and says what it had to leave out", async () => {
    const inputs = { core: { atoms: [1, 2] }, qm: gfn2Xtb(), buffer: { bonds: 1 }, model: {} };
    const { status, stdout } = await qmml(["buffer", studyFile(folder(), inputs, fattyAcid(7, { torsion: 60 })), "--up-to", "4"]);
    assert.equal(status, 0);
    assert.match(stdout, /\n1 bond +4 +1 +\S+ +0\.\d+\n2 bonds +7 +1 /);
    assert.match(stdout, /\nwithout 0 bonds: the boundary of the QM cluster cuts O\d-C0 \(of order 2\.0\)/);
  });

  it("that finds no buffer large enough: status 1, the remedy on stderr, the object on stdout all the same", async () => {
    const { status, stdout, stderr } = await qmml(["buffer", slab, "--tolerance", "0.00001", "--up-to", "3", "--json"]);
    assert.deepEqual([status, (JSON.parse(stdout) as BufferSearch).proposed], [1, null]);
    assert.match(
      stderr,
      /^qmml buffer: QM forces on the core with \S+ Å are still \S+ eV\/Å from those of \S+ Å, more than 0\.00001 eV\/Å; raise --up-to or --tolerance, or compare with --full\n$/,
    );
  });

  it("of bad input says what is wrong in one line", async () => {
    const bad = join(at, "bad.json");
    writeFileSync(bad, JSON.stringify({ structure: "start.xyz", core: { atoms: [99] }, qm: { engine: "emt" } }));
    const cases: [string[], number, RegExp][] = [
      [[join(at, "none.json")], 1, /^qmml buffer: the study file .*none\.json cannot be read; check the path\n$/],
      [[bad], 1, /^qmml buffer: atom 99 of the region is outside 0\.\.27/],
      [[slab, "--tolerance", "0"], 2, /^qmml buffer: --tolerance "0": give a positive number of eV\/Å; usage: qmml buffer/],
      [[slab, "--up-to", "1"], 1, /^qmml buffer: all buffers make one QM cluster, of 18 atoms, so there is nothing to compare; /],
    ];
    for (const [words, expected, message] of cases) {
      const { status, stdout, stderr } = await qmml(["buffer", ...words, "--json"]);
      assert.deepEqual([status, stdout], [expected, ""]);
      assert.match(stderr, message);
    }
  });

  it("ends at Ctrl-C with status 130", async () => {
    const path = studyFile(folder(), { core: bonded(1, "O"), qm: gfn2Xtb(), buffer: { bonds: 1 }, model: {} }, fattyAcid(40));
    const { status } = await qmml(["buffer", path, "--full"], (child) => child.stdout?.once("data", () => child.kill("SIGINT")));
    assert.equal(status, 130);
  });
});
