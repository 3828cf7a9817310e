import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { formatExtxyz } from "../../src/io/extxyz.ts";
import { readFrames } from "../../src/io/files.ts";
import { structure } from "../../src/structure/structure.ts";
import { folder, qmml } from "./qmml.ts";

interface Case {
  readonly symbols: string[];
  readonly cell: number[];
  readonly pbc: [boolean, boolean, boolean];
  readonly fixed: number[];
  readonly steps: { energy: number; positions: number[] }[];
}
interface Answer {
  readonly converged: boolean;
  readonly steps: { energy: number; fmax: number }[];
}
const { cases } = JSON.parse(readFileSync(new URL("../reference/bfgs.json", import.meta.url), "utf8")) as { cases: Record<string, Case> };
const study = cases["Cu(100) + N, bottom layer fixed"];

const at = folder();
const input = join(at, "start.xyz");
const start = structure({ ...study, positions: study.steps[0].positions });
writeFileSync(input, formatExtxyz([{ structure: start, info: { note: "kept" } }]));
const emt = ["--calculator", "emt"];

describe("qmml relax", () => {
  it("walks ASE's path on study A: every energy and geometry, constraints from the file", async () => {
    const out = join(at, "path.xyz");
    const { status, stdout, stderr } = await qmml(["relax", input, "-o", out, ...emt, "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    const { converged, steps } = JSON.parse(stdout) as Answer;
    assert.equal(converged, true);
    assert.equal(steps.length, study.steps.length);
    assert.ok(steps[steps.length - 1].fmax < 0.05);
    const frames = await readFrames(out);
    for (const [k, step] of study.steps.entries()) {
      // Rounding of 1e-12 in the forces grows along the path by ratios of curvatures, at most 1e3.
      assert.ok(Math.abs(steps[k].energy - step.energy) < 1e-8);
      assert.equal(frames[k].result?.energy, steps[k].energy);
      assert.ok(frames[k].structure.positions.every((x, i) => Math.abs(x - step.positions[i]) < 1e-8));
      assert.deepEqual(frames[k].structure.fixed, start.fixed);
      assert.equal(frames[k].info?.note, "kept");
    }
  });

  it("writes the charge and the multiplicity of the options with each step, and lets nobody contradict them", async () => {
    const [path, out] = [join(at, "h2.xyz"), join(at, "h2-cation.xyz")];
    writeFileSync(path, "2\n\nH 0 0 0\nH 0.2 0.1 1.1\n");
    const cation = ["--calculator", "gfn2-xtb", "--option", "charge=1", "--option", "multiplicity=2"];
    assert.equal((await qmml(["relax", path, "-o", out, ...cation])).status, 0);
    const frames = await readFrames(out);
    assert.ok(frames.length > 1 && frames.every(({ structure: s }) => s.charge === 1 && s.multiplicity === 2));
    const again = await qmml(["compute", out, "--calculator", "gfn2-xtb", "--json"]);
    const { frames: computed } = JSON.parse(again.stdout) as { frames: { energy: number }[] };
    assert.deepEqual(
      computed.map((f) => f.energy),
      frames.map((f) => f.result?.energy),
    );
    const neutral = await qmml(["relax", out, "-o", join(at, "no.xyz"), "--calculator", "gfn2-xtb", "--option", "charge=0"]);
    assert.equal(neutral.status, 1);
    assert.match(neutral.stderr, /the structure's file states a charge of 1, the engine's options one of 0; take one away\n$/);
  });

  it("walks on a QM engine's surface as on any other", async () => {
    const path = join(at, "water.xyz");
    writeFileSync(
      path,
      formatExtxyz([{ structure: structure({ symbols: ["O", "H", "H"], positions: [0, 0, 0, 0.7, 0.1, 0.6, -0.8, 0, 0.6] }) }]),
    );
    const out = join(at, "water-out.xyz");
    const { status, stdout, stderr } = await qmml(["relax", path, "-o", out, "--calculator", "gfn2-xtb", "--fmax", "0.01", "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    const last = (await readFrames(out)).at(-1)?.structure.positions ?? new Float64Array(9);
    const length = (k: number): number => Math.hypot(...[0, 1, 2].map((c) => last[3 * k + c] - last[c]));
    assert.equal((JSON.parse(stdout) as Answer).converged, true);
    // GFN2-xTB's bond of water, Å; fmax 0.01 eV/Å at 50 eV/Å² is 2e-4.
    for (const k of [1, 2]) assert.ok(Math.abs(length(k) - 0.959) < 1e-3, `${length(k)}`);
  });

  it("the table for the reader has a row a step", async () => {
    const { stdout } = await qmml(["relax", input, "-o", join(at, "table.xyz"), ...emt]);
    const rows = [...stdout.matchAll(/^ +(\d+) +(\d+\.\d{6}) +(\d+\.\d{4})$/gm)].map((m) => Number(m[2]));
    assert.deepEqual(
      rows,
      study.steps.map(({ energy }) => Number(energy.toFixed(6))),
    );
    assert.match(stdout, /^converged; 9 geometries written to .*table\.xyz$/m);
  });

  it("not converged: what was reached is written and printed, status 1, one line says how far it came", async () => {
    const out = join(at, "short.json");
    const { status, stdout, stderr } = await qmml(["relax", input, "-o", out, ...emt, "--steps", "2", "--fmax=0.01", "--json"]);
    assert.equal(status, 1);
    assert.match(stderr, /^qmml relax: not converged after 2 steps: fmax is 0\.6044, not below 0\.01 eV\/Å; raise --steps\n$/);
    const answer = JSON.parse(stdout) as Answer;
    assert.deepEqual([answer.converged, answer.steps.length], [false, 3]);
    assert.deepEqual(JSON.parse(readFileSync(out, "utf8")), answer);
  });

  it("of several frames the last is relaxed, with a word about it", async () => {
    const several = join(at, "several.xyz");
    const other = structure({ symbols: ["Cu"], positions: [0, 0, 0] });
    writeFileSync(several, formatExtxyz([{ structure: start }, { structure: other }]));
    const { status, stdout, stderr } = await qmml(["relax", several, "-o", join(at, "one.json"), ...emt, "--json"]);
    assert.equal(status, 0);
    assert.equal((JSON.parse(stdout) as Answer).steps.length, 1);
    assert.match(stderr, /several\.xyz has 2 frames; the last one is relaxed\n$/);
  });

  it("Ctrl-C ends it within a second with status 130 and keeps the steps taken", async () => {
    const out = join(at, "interrupted.xyz");
    let sent = 0;
    const { status, stderr } = await qmml(["relax", input, "-o", out, ...emt, "--fmax", "1e-30", "--steps", "1000000"], (child) => {
      let seen = "";
      child.stdout?.on("data", (text: string) => {
        seen += text;
        if (sent !== 0 || !/^ +2 /m.test(seen)) return;
        sent = performance.now();
        child.kill("SIGINT");
      });
    });
    assert.deepEqual([status, stderr], [130, ""]);
    // The promise is one second; the grace is 0.7 s.
    // A second is what is promised; the bound tells a stop from a hang on a machine however loaded.
    assert.ok(performance.now() - sent < 10_000);
    assert.ok((await readFrames(out)).length >= 3);
  });

  const wrong: [string, string[], 1 | 2, RegExp][] = [
    [
      "fmax of zero",
      ["relax", input, "-o", "x.xyz", ...emt, "--fmax", "0"],
      2,
      /--fmax "0": give a positive number of eV\/Å; usage: qmml relax /,
    ],
    ["half a step", ["relax", input, "-o", "x.xyz", ...emt, "--steps", "1.5"], 2, /--steps "1\.5": give a whole number of 0 or more/],
    ["no output", ["relax", input, ...emt], 2, /--output: give -o OUT for the steps/],
    ["output folder missing", ["relax", input, "-o", join(at, "no", "x.xyz"), ...emt], 1, /there is no folder .*; make it first/],
  ];
  for (const [what, words, expected, message] of wrong) {
    it(`${what}: status ${expected}, one line`, async () => {
      const { status, stdout, stderr } = await qmml(words);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout, stderr.split("\n").length], [expected, "", 2]);
      assert.equal(existsSync("x.xyz"), false);
    });
  }

  it("atoms on top of each other: one sentence, nothing written", async () => {
    const clash = join(at, "clash.xyz");
    writeFileSync(clash, formatExtxyz([{ structure: structure({ symbols: ["Cu", "Cu"], positions: [0, 0, 0, 0, 0, 0] }) }]));
    const out = join(at, "clash-out.xyz");
    const { status, stdout, stderr } = await qmml(["relax", clash, "-o", out, ...emt, "--json"]);
    assert.deepEqual([status, stdout, stderr.split("\n").length, existsSync(out)], [1, "", 2, false]);
  });
});
