import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Result } from "../../src/calculators/calculator.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { pythonPath } from "../../src/qm/worker.ts";
import { gfn2Xtb } from "../../src/qm/xtb.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";
import { lives, until, workers } from "./workers.ts";

const ENGINES = new URL("../../src/qm/engines.ts", import.meta.url).href;
const water = structure({ symbols: ["O", "H", "H"], positions: [0, 0, 0.1, 0.76, 0.1, 0.6, -0.7, 0.2, 0.65] });
/** 98 atoms: tenths of a second, time enough to be killed in. */
const long = fattyAcid(32, { torsion: 60 });
const asked = ["energy", "forces", "charges"] as const;

const bits = ({ energy, forces = new Float64Array(0), charges = new Float64Array(0) }: Result): number[] => [energy, ...forces, ...charges];

/** Waits until a worker calculates, i.e. has been busy for a little. */
async function busyWorker(): Promise<number> {
  await until(() => workers().length > 0);
  await sleep(50);
  return workers()[0];
}

describe("Python workers", () => {
  it("equal structures give equal bits, after whatever else, in whatever order, by one worker or two", async (test) => {
    const structures = Array.from({ length: 8 }, (_, k) => rattle(k % 2 ? fattyAcid(4) : water, { stdev: 0.05, seed: k }));
    const one = await openEngine(gfn2Xtb());
    const two = await openEngine(gfn2Xtb(), { slots: 2 });
    test.after(() => Promise.all([one.close(), two.close()]));
    const first: number[][] = [];
    for (const s of structures) first.push(bits(await one.calculate(s, asked)));
    const again = await Promise.all(structures.toReversed().map((s) => two.calculate(s, asked)));
    assert.deepEqual(again.map(bits).toReversed(), first);
    assert.equal(workers().length, 3);
  });

  it("what a call costs beyond the engine's own time", async (test) => {
    const engine = await openEngine(gfn2Xtb());
    test.after(engine.close);
    const acid = fattyAcid(12);
    const overheads: number[] = [];
    for (let k = 0; k < 20; k++) {
      const began = performance.now();
      const { seconds = 0 } = await engine.calculate(acid, asked);
      overheads.push(performance.now() - began - 1000 * seconds);
    }
    const [least, median] = [0, 10].map((k) => overheads.sort((a, b) => a - b)[k]);
    test.diagnostic(
      `38 atoms: least ${least.toFixed(2)} ms, median ${median.toFixed(2)} ms (bar on a machine with nothing else to do: 5 ms)`,
    );
    // Tells a call from a restart, on a machine however loaded.
    assert.ok(median < 1000);
  });

  it("killed in mid-calculation: the same result from a fresh one", async (test) => {
    const engine = await openEngine(gfn2Xtb());
    test.after(engine.close);
    const undisturbed = bits(await engine.calculate(long, asked));
    const result = engine.calculate(long, asked);
    const killed = await busyWorker();
    process.kill(killed, "SIGKILL");
    assert.deepEqual(bits(await result), undisturbed);
    assert.notEqual(workers()[0], killed);
  });

  it("killed while it has nothing to do: nobody notices", async (test) => {
    const engine = await openEngine(gfn2Xtb());
    test.after(engine.close);
    for (let k = 0; k < 3; k++) {
      const [idle] = workers();
      process.kill(idle, "SIGKILL");
      await until(() => !lives(idle));
      assert.ok((await engine.calculate(water, asked)).energy < -137);
    }
  });

  it("killed twice: one sentence that names the signal; the next call works", async (test) => {
    const engine = await openEngine(gfn2Xtb());
    test.after(engine.close);
    const result = engine.calculate(long, asked);
    const failed = assert.rejects(result, {
      name: "Error",
      message: /^gfn2-xtb failed for C32H64O2: the Python process ended with SIGKILL$/,
    });
    const first = await busyWorker();
    process.kill(first, "SIGKILL");
    await until(() => workers().some((pid) => pid !== first));
    process.kill(workers()[0], "SIGKILL");
    await failed;
    assert.ok((await engine.calculate(water, asked)).energy < -137);
  });

  it("aborted in mid-calculation: at once, its process gone, and the next call works", async (test) => {
    const engine = await openEngine(gfn2Xtb({ accuracy: 0.0001 }));
    test.after(engine.close);
    const stop = new AbortController();
    const huge = fattyAcid(80);
    const result = engine.calculate(huge, asked, stop.signal);
    const waiting = engine.calculate(water, asked, stop.signal);
    const worker = await busyWorker();
    const reason = new Error("enough");
    const began = performance.now();
    stop.abort(reason);
    await assert.rejects(result, reason);
    await assert.rejects(waiting, reason);
    const took = performance.now() - began;
    test.diagnostic(`${took.toFixed(1)} ms (promised: a second)`);
    // The bound tells a stop from a calculation carried to its end.
    assert.ok(took < 10_000);
    await until(() => !lives(worker));
    assert.ok((await engine.calculate(water, asked)).energy < -137);
  });

  it("closed: calls under way fail, processes are gone, later calls are refused", async () => {
    const engine = await openEngine(gfn2Xtb(), { slots: 2 });
    const under = assert.rejects(engine.calculate(long, asked), /the engine was closed$/);
    await busyWorker();
    await engine.close();
    await under;
    assert.deepEqual(workers(), []);
    await assert.rejects(engine.calculate(water, asked), /the engine was closed$/);
    await engine.close();
  });

  /** A Node process that opens an engine and does `then`; its workers are told as soon as there are some. */
  const parent = (then: string) => {
    const code = `import { openEngine } from "${ENGINES}";
      const engine = await openEngine({ engine: "gfn2-xtb", accuracy: 0.0001 });
      const parts = ${JSON.stringify({ symbols: [...fattyAcid(80).numbers], positions: [...fattyAcid(80).positions] })};
      const { structure } = await import("${ENGINES.replace("qm/engines.ts", "structure/structure.ts")}");
      ${then}`;
    return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code], { stdio: "inherit" });
  };

  for (const [when, then] of [
    ["idle", "setInterval(() => {}, 1000)"],
    ["in mid-calculation", 'await engine.calculate(structure(parts), ["energy"])'],
  ]) {
    it(`parent killed by SIGKILL while the worker is ${when}: no worker is left`, async () => {
      const child = parent(then);
      await until(() => workers(child.pid).length > 0);
      const [worker] = workers(child.pid as number);
      await sleep(700);
      child.kill("SIGKILL");
      const began = performance.now();
      await until(() => !lives(worker));
      // At once; the bound tells that from a calculation carried to its end.
      assert.ok(performance.now() - began < 10_000);
    });
  }

  it("an engine that is not closed does not keep its process from ending", async () => {
    const [status] = await once(parent('engine.calculate(structure({ symbols: ["He"], positions: [0, 0, 0] }), ["energy"])'), "exit");
    assert.equal(status, 0);
  });
});

describe("a library that misbehaves", () => {
  const folder = mkdtempSync(join(tmpdir(), "qmml library "));
  mkdirSync(join(folder, "tblite"));
  writeFileSync(join(folder, "tblite", "__init__.py"), 'print("a banner")\n');
  // What it does is told by the number of atoms.
  writeFileSync(
    join(folder, "tblite", "ase.py"),
    `import ctypes, os, subprocess, sys
from ase.calculators.calculator import Calculator
libc = ctypes.CDLL(None)
class TBLite(Calculator):
    implemented_properties = ["energy"]
    def calculate(self, atoms, properties, changes):
        super().calculate(atoms, properties, changes)
        print("from Python", flush=True)
        os.write(1, b"by its descriptor")
        libc.puts(b"from C")
        libc.fflush(None)
        subprocess.run(["sh", "-c", "cat; echo from a program"])
        if len(atoms) == 2:
            raise ValueError("two is\\ntoo many")
        if len(atoms) == 3:
            sys.stderr.write("first line\\nstack smashed\\n")
            os._exit(7)
        if len(atoms) == 4:
            os.kill(os.getpid(), 11)
        self.results["energy"] = float("nan") if len(atoms) == 5 else 1.5
`,
  );
  const before = process.env.PYTHONPATH;
  after(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env.PYTHONPATH;
    else process.env.PYTHONPATH = before;
  });
  const atoms = (n: number): Structure =>
    structure({ symbols: Array.from({ length: n }, () => "He"), positions: Array.from({ length: n }, (_, k) => [0, 0, 3 * k]) });

  it("what it prints breaks nothing; how it fails is one sentence, and the next call works", async (test) => {
    process.env.PYTHONPATH = folder;
    const engine = await openEngine(gfn2Xtb());
    test.after(engine.close);
    const failures: [number, string][] = [
      [2, "gfn2-xtb failed for He2: two is too many; check the geometry"],
      [3, 'gfn2-xtb failed for He3: the Python process ended with status 7 after "stack smashed"'],
      [4, 'gfn2-xtb failed for He4: the Python process ended with SIGSEGV after "from a program"'],
      [5, "gfn2-xtb gave nonsense for He5: not all numbers of energy are finite; check the geometry"],
    ];
    for (const [n, message] of failures) {
      assert.equal((await engine.calculate(atoms(1), ["energy"])).energy, 1.5);
      await assert.rejects(engine.calculate(atoms(n), ["energy"]), { name: n === 5 ? "Absurd" : "Error", message });
    }
    assert.equal((await engine.calculate(atoms(1), ["energy"])).energy, 1.5);
  });

  it("one that is missing is named with the remedy, and whoever needs it not works without", async (test) => {
    writeFileSync(join(folder, "tblite", "__init__.py"), 'raise ImportError("no library")\n');
    process.env.PYTHONPATH = folder;
    await assert.rejects(openEngine(gfn2Xtb()), {
      name: "Error",
      message: /^gfn2-xtb needs tblite, which \/.*python cannot import; install it there: python -m pip install tblite$/,
    });
    const engine = await openEngine({ engine: "ase-emt" });
    test.after(engine.close);
    assert.equal(workers().length, 1);
  });

  it("no Python: one sentence", async (test) => {
    const python = process.env.QMML_PYTHON;
    test.after(() => {
      if (python === undefined) delete process.env.QMML_PYTHON;
      else process.env.QMML_PYTHON = python;
    });
    process.env.QMML_PYTHON = join(folder, "python");
    await assert.rejects(openEngine(gfn2Xtb()), {
      message: /python does not start; run npm start in a clone of qmml, or set QMML_PYTHON$/,
    });
    // A program that is no Python.
    process.env.QMML_PYTHON = process.execPath;
    await assert.rejects(openEngine(gfn2Xtb()), {
      message: /^the Python process ended with status 1 after ".*"; qmml doctor names what is missing$/,
    });
    // Set to nothing is not set.
    process.env.QMML_PYTHON = "";
    assert.match(pythonPath(), /\.venv/);
  });
});
