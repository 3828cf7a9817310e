import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { formatExtxyz } from "../../src/io/extxyz.ts";
import { readFrames } from "../../src/io/files.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { structure } from "../../src/structure/structure.ts";
import { lives, until, workers } from "../qm/workers.ts";
import { folder, qmml } from "./qmml.ts";

interface Case {
  readonly asap_cutoff: boolean;
  readonly symbols: string[];
  readonly positions: number[][];
  readonly cell: number[][];
  readonly pbc: [boolean, boolean, boolean];
  readonly energy: number;
  readonly energies: number[];
  readonly forces: number[][];
  readonly stress: number[] | null;
}
interface Answer {
  readonly frames: { energy: number; energies: number[]; forces: number[][]; stress?: number[] }[];
}
const { cases } = JSON.parse(readFileSync(new URL("../reference/emt.json", import.meta.url), "utf8")) as { cases: Case[] };
const chosen = cases.filter((c) => !c.asap_cutoff);

const at = folder();
const input = join(at, "in.xyz");
writeFileSync(input, formatExtxyz(chosen.map((c) => ({ structure: structure(c), result: { energy: 99 }, info: { note: "kept" } }))));

/** eV, eV/Å, eV/Å³: the order of summation differs from ASE's; what is left is rounding, about 1e-12. */
const ROUNDING = 1e-9;

function checkNumbers({ frames }: Answer): void {
  assert.equal(frames.length, chosen.length);
  for (const [k, c] of chosen.entries()) {
    const { energy, energies, forces, stress } = frames[k];
    const stressed = c.pbc.includes(true) && c.stress !== null;
    assert.deepEqual(Object.keys(frames[k]).sort(), ["energies", "energy", "forces", ...(stressed ? ["stress"] : [])]);
    const pairs = [
      [energy, ...energies, ...forces.flat(), ...(stress ?? [])],
      [c.energy, ...c.energies, ...c.forces.flat(), ...(stressed ? (c.stress as number[]) : [])],
    ];
    assert.equal(pairs[0].length, pairs[1].length);
    for (const [i, x] of pairs[0].entries()) assert.ok(Math.abs(x - pairs[1][i]) < ROUNDING, `frame ${k}, number ${i}`);
  }
}

describe("qmml compute", () => {
  it("--json without -o prints ASE's numbers, frames and atoms in the order of the input", async () => {
    const { status, stdout, stderr } = await qmml(["compute", "--calculator", "emt", input, "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    checkNumbers(JSON.parse(stdout) as Answer);
  });

  it("-o OUT.json holds the same object as --json prints", async () => {
    const out = join(at, "out.json");
    const { status, stdout } = await qmml(["compute", input, "-o", out, "--calculator", "emt", "--json"]);
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(readFileSync(out, "utf8")), JSON.parse(stdout));
    checkNumbers(JSON.parse(stdout) as Answer);
  });

  it("-o OUT.xyz keeps the structures, replaces the results and reads back to the bit", async () => {
    const out = join(at, "out.xyz");
    const { status, stdout, stderr } = await qmml(["compute", "--calculator", "emt", input, "-o", out]);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /written to .*out\.xyz\n$/);
    const [before, after] = [await readFrames(input), await readFrames(out)];
    assert.deepEqual(
      after.map((f) => f.structure),
      before.map((f) => f.structure),
    );
    assert.ok(after.every((f) => f.info?.note === "kept"));
    const printed = JSON.parse((await qmml(["compute", "--calculator", "emt", input, "--json"])).stdout) as Answer;
    assert.deepEqual(
      after.map((f) => f.result?.energy),
      printed.frames.map((f) => f.energy),
    );
    assert.deepEqual(
      after.map((f) => [...(f.result?.forces ?? [])]),
      printed.frames.map((f) => f.forces.flat()),
    );
  });

  it("charges where the engine knows them, in both formats; the time it took in neither", async () => {
    const path = join(at, "acid.xyz");
    writeFileSync(path, formatExtxyz([{ structure: fattyAcid(2) }]));
    const out = join(at, "charged.xyz");
    const line = ["compute", path, "-o", out, "--calculator", "gfn2-xtb", "--option", "charge=1", "--option", "multiplicity=2", "--json"];
    const { status, stdout, stderr } = await qmml(line);
    assert.deepEqual([status, stderr], [0, ""]);
    const [frame] = (JSON.parse(stdout) as { frames: { charges: number[] }[] }).frames;
    assert.deepEqual(Object.keys(frame).sort(), ["charges", "energies", "energy", "forces"]);
    // Rounding: Mulliken's charges add up to the whole's.
    assert.ok(Math.abs(frame.charges.reduce((sum, q) => sum + q, 0) - 1) < 1e-9);
    const [written] = await readFrames(out);
    assert.deepEqual([...(written.result?.charges ?? [])], frame.charges);
    assert.equal(written.result?.seconds, undefined);
  });

  it("Ctrl-C in mid-calculation: status 130, and no Python process is left", async () => {
    const path = join(at, "large.xyz");
    writeFileSync(path, formatExtxyz([{ structure: fattyAcid(80) }]));
    let worker = 0;
    const { status, stdout, stderr } = await qmml(["compute", path, "--json", "--calculator", "gfn2-xtb"], async ({ pid }) => {
      await until(() => workers(pid).length > 0);
      [worker] = workers(pid);
      process.kill(pid as number, "SIGINT");
    });
    assert.deepEqual([status, stdout, stderr], [130, "", ""]);
    await until(() => !lives(worker));
  });

  const unknown = join(at, "uranium.xyz");
  writeFileSync(
    unknown,
    formatExtxyz(["Cu", "U"].map((symbol) => ({ structure: structure({ symbols: [symbol], positions: [0, 0, 0] }) }))),
  );
  const nan = join(at, "nan.xyz");
  writeFileSync(nan, "1\n\nCu 0 nan 0\n");
  const empty = join(at, "empty.xyz");
  writeFileSync(empty, "");
  const out = join(at, "never.xyz");
  const words = (path: string, output = out): string[] => ["compute", "--calculator", "emt", path, "-o", output];
  const failures: [string, string[], 1 | 2, RegExp][] = [
    ["file missing", words(join(at, "none.xyz")), 1, /there is no file .*none\.xyz/],
    ["element that EMT does not know", words(unknown), 1, /frame 1 of .*uranium\.xyz: EMT has no parameters for U; it knows Al/],
    ["a coordinate that is not a number", words(nan), 1, /nan\.xyz, line \d: .* is NaN; /],
    ["a file without frames", words(empty), 1, /empty\.xyz holds no atoms/],
    ["a file of another kind", words(join(at, "in.cif")), 1, /in\.cif is no kind of file that can be read/],
    ["output folder missing", words(input, join(at, "no", "out.xyz")), 1, /there is no folder .*no to write .* into; make it first/],
    ["output is a folder", words(input, at), 2, /the name must end in \.xyz, \.extxyz or \.json/],
    ["output of another kind", words(input, join(at, "out.traj")), 2, /the name must end in/],
    ["output not named", ["compute", "--calculator", "emt", input], 2, /give -o OUT for the results, or --json/],
    ["input not named", ["compute", "--calculator", "emt", "-o", out], 2, /IN is missing; usage: qmml compute /],
    ["unknown calculator", ["compute", "--calculator", "emmt", input, "-o", out], 2, /"emmt"; did you mean emt\?/],
    ["bad option of the calculator", [...words(input), "--option", "asap_cutoff=maybe"], 2, /asap_cutoff is "maybe"; give true or false/],
  ];
  it("who is refused sees no table", async () => {
    const alone = join(at, "alone.xyz");
    writeFileSync(alone, formatExtxyz([{ structure: structure({ symbols: ["U"], positions: [0, 0, 0] }) }]));
    const { status, stdout } = await qmml(words(alone));
    assert.deepEqual([status, stdout], [1, ""]);
  });
  for (const [what, line, expected, message] of failures) {
    it(`${what}: status ${expected}, one line, nothing written`, async () => {
      const before = readdirSync(at).sort();
      const { status, stdout, stderr } = await qmml([...line, ...(what === "output not named" ? [] : ["--json"])]);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout, stderr.split("\n").length], [expected, "", 2]);
      assert.deepEqual(readdirSync(at).sort(), before);
    });
  }
});
