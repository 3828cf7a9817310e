import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ENGINES } from "../../src/qm/engines.ts";
import { folder, qmml } from "./qmml.ts";

interface Listed {
  readonly engines: {
    name: string;
    summary: string;
    options: Record<string, string>;
    can: Record<string, boolean>;
    loads: boolean;
    version?: string;
    problem?: string;
  }[];
}

// A GPAW of this user's is none of these tests' affair.
process.env.QMML_ENGINES = folder();

/** Runs with a Python that is not there. */
async function withoutPython<T>(act: () => Promise<T>): Promise<T> {
  const before = process.env.QMML_PYTHON;
  process.env.QMML_PYTHON = join(folder(), "python");
  try {
    return await act();
  } finally {
    if (before === undefined) delete process.env.QMML_PYTHON;
    else process.env.QMML_PYTHON = before;
  }
}

describe("qmml qm list", () => {
  it("--json: every engine, its options, and that it loads here", async () => {
    const { status, stdout, stderr } = await qmml(["qm", "list", "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    const { engines } = JSON.parse(stdout) as Listed;
    assert.deepEqual(
      engines.map(({ name }) => name),
      Object.keys(ENGINES),
    );
    for (const { name, options, can, loads, version, problem } of engines) {
      assert.deepEqual(options, ENGINES[name].options);
      assert.deepEqual(Object.keys(can), Object.keys(JSON.parse(JSON.stringify(ENGINES[name].can)) as object));
      assert.equal(loads, name !== "gpaw");
      if (!loads) assert.match(problem ?? "", /^gpaw needs gpaw, which .* cannot import; install it: qmml qm install gpaw$/);
      if (!loads) continue;
      assert.match(version ?? "", /\d+\.\d+\.\d+$/);
    }
  });

  it("for the reader: a name, a summary, a line an option", async () => {
    const { stdout } = await qmml(["qm", "list"]);
    assert.match(
      stdout,
      /^gfn2-xtb {2}tblite \d\S*, ASE \d\S*\n {2}GFN2-xTB by tblite: .*\n {2}can: .*; cannot: .*metals\n( {4}\w+ +\S.*\n){8}/m,
    );
  });

  it("without Python it says so of those that need one", async () => {
    const { status, stdout } = await withoutPython(() => qmml(["qm", "list", "--json"]));
    assert.equal(status, 0);
    const { engines } = JSON.parse(stdout) as Listed;
    for (const { name, loads, problem } of engines) {
      assert.equal(loads, !ENGINES[name].python);
      if (!loads) assert.match(problem ?? "", /does not start; run npm start/);
    }
  });
});

describe("qmml qm check", () => {
  for (const name of Object.keys(ENGINES).filter((name) => name !== "ipi" && name !== "gpaw")) {
    it(`${name} gives here what it gave elsewhere`, async () => {
      const { status, stdout, stderr } = await qmml(["qm", "check", name, "--json"]);
      assert.deepEqual([status, stderr], [0, ""]);
      const { ok, here, reference } = JSON.parse(stdout) as Record<"here" | "reference", { energy: number; forces: number[] }> & {
        ok: boolean;
      };
      assert.ok(ok);
      assert.equal(here.forces.length, reference.forces.length);
      assert.ok(Math.abs(here.energy - reference.energy) < 1e-5);
    });
  }

  it("prints both figures and the difference", async () => {
    const { stdout } = await qmml(["qm", "check", "gfn2-xtb"]);
    assert.match(stdout, /here -137\.8642\d+ eV with tblite .*\n +reference -137\.8642\d+ eV with tblite .*\n +difference \S+ eV, /);
  });

  const wrong: [string, string[], 1 | 2, RegExp][] = [
    [
      "neither list nor check",
      ["qm", "show"],
      2,
      /ACTION "show": give list, check or install; usage: qmml qm list \| check NAME \| install gpaw/,
    ],
    ["no name", ["qm", "check"], 2, /give the engine to check: emt, ase-emt, /],
    ["an unknown name", ["qm", "check", "gfn9"], 2, /there is no engine "gfn9"; there are emt, ase-emt, /],
    [
      "an engine that is others' affair",
      ["qm", "check", "ipi"],
      2,
      /the affair of the code that connects; qmml compute --calculator ipi tries/,
    ],
    [
      "an engine that is not here",
      ["qm", "check", "gpaw"],
      1,
      /gpaw needs gpaw, which .* cannot import; install it: qmml qm install gpaw$/m,
    ],
    [
      "another engine to install",
      ["qm", "install", "pyscf"],
      2,
      /install takes gpaw; the other engines are packages of Python: python -m pip install /,
    ],
    ["a name too many", ["qm", "list", "emt"], 2, /to try one engine: qmml qm check emt/],
  ];
  for (const [what, words, expected, message] of wrong) {
    it(`${what}: status ${expected}, one line`, async () => {
      const { status, stdout, stderr } = await qmml(words);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout, stderr.split("\n").length], [expected, "", 2]);
    });
  }

  it("no compiler to build GPAW with: said before anything is downloaded", async (test) => {
    const compiler = process.env.CXX;
    test.after(() => {
      if (compiler === undefined) delete process.env.CXX;
      else process.env.CXX = compiler;
    });
    process.env.CXX = join(folder(), "g++");
    const { status, stdout, stderr } = await qmml(["qm", "install", "gpaw"]);
    assert.deepEqual([status, stdout, stderr.split("\n").length], [1, "", 2]);
    assert.match(
      stderr,
      /g\+\+ is missing; install it \(Debian, Ubuntu: sudo apt install g\+\+\), or set CXX to another compiler, then run it again$/m,
    );
  });

  it("without Python: status 1, one line with the remedy", async () => {
    const { status, stdout, stderr } = await withoutPython(() => qmml(["qm", "check", "gfn2-xtb"]));
    assert.deepEqual([status, stdout, stderr.split("\n").length], [1, "", 2]);
    assert.match(stderr, /does not start; run npm start in a clone of qmml, or set QMML_PYTHON$/m);
  });
});
