/** QM on a real Dask scheduler: the same bits, and what becomes of calls whose worker, time, asker or scheduler goes. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cluster, checkedCluster, openCluster } from "../../src/qm/cluster.ts";
import { EngineLoss, type QmEngine, TimedOut } from "../../src/qm/engine.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { pythonPath, WorkerDeath } from "../../src/qm/worker.ts";
import { gfn2Xtb } from "../../src/qm/xtb.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { structure } from "../../src/structure/structure.ts";
import { below, daskWorkers, living, workersWith } from "./daskWorkers.ts";
import { until } from "./workers.ts";

const XTB = gfn2Xtb();
const ASKED = ["energy", "forces"] as const;

/** A program that is ready and never answers. */
const SILENT = {
  command: [pythonPath(), "-c", "import sys, time; sys.stdout.buffer.write(b'\\2\\0\\0\\0{}'); sys.stdout.flush(); time.sleep(1000)"],
};

const silent = (): number => below().filter(({ command }) => command.includes("time.sleep(1000)")).length;

describe("an address", () => {
  it("that is none is refused in one sentence", () => {
    for (const address of ["local", "local:0", "local:1.5", "tcp://here", "here:8786", "tcp://:8786", ""])
      assert.throws(() => checkedCluster(address, XTB), {
        name: "RangeError",
        message: /^the cluster is ".*"; give local:N .* or the tcp:/,
      });
    assert.equal(checkedCluster("tcp://node1:8786", XTB), "tcp://node1:8786");
    assert.equal(checkedCluster("local:1", XTB), "local:1");
  });

  it("with more threads than cores, or for an engine that starts warm, likewise", () => {
    const cores = availableParallelism();
    assert.throws(() => checkedCluster(`local:${cores + 1}`, XTB), {
      name: "RangeError",
      message: new RegExp(`^the cluster has ${cores + 1} workers on this machine, and ${cores} cores? there; give fewer$`),
    });
    assert.throws(
      () => checkedCluster("local:1", gfn2Xtb({ threads: cores + 1 })),
      /1 worker on this machine, \d+ threads of gfn2-xtb each/,
    );
    assert.throws(() => checkedCluster("local:1", gfn2Xtb({ warm: true })), {
      name: "RangeError",
      message: /^gfn2-xtb is to start from densities that one machine keeps, .*; leave warm out, or the cluster$/,
    });
  });

  it("where nobody answers, or something else does, is told within seconds", async () => {
    const deaf = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => deaf.once("listening", resolve));
    const { port } = deaf.address() as { port: number };
    const refused = [1, port].map((p) =>
      assert.rejects(openCluster(`tcp://127.0.0.1:${p}`, XTB), {
        message: /^nobody answers at tcp:\/\/127\.0\.0\.1:\d+ \(.*\); start a scheduler there with dask scheduler, or give the address/,
      }),
    );
    await Promise.all(refused);
    deaf.close();
    assert.deepEqual(
      below().filter(({ command }) => command.includes("cluster.py")),
      [],
    );
  });
});

describe("two workers on this machine", { skip: availableParallelism() < 2 && "one core" }, () => {
  let cluster: Cluster;
  let engine: QmEngine;
  before(async () => {
    cluster = await openCluster("local:2", XTB);
    engine = await openEngine(XTB, { cluster, tries: 1 });
  });
  after(async () => {
    await engine.close();
    await cluster.close();
  });

  it("are told of, and their scheduler draws itself where it says", async () => {
    assert.match(cluster.message, /^the cluster has 2 workers on this machine; dashboard http:\/\/127\.0\.0\.1:\d+\/status$/);
    const page = await fetch(cluster.dashboard);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<title>Dask Diagnostic UI<\/title>.*bokeh/s);
    assert.equal(daskWorkers().length, 2);
  });

  it("come to the same bits as this machine alone, many calls at a time", async (test) => {
    const alone = await openEngine(XTB);
    test.after(alone.close);
    assert.equal(engine.version, alone.version);
    const acids = [2, 3, 4, 5, 6, 7].map((carbons) => fattyAcid(carbons, { torsion: 60 }));
    const answers = await Promise.all(acids.map((s) => engine.calculate(s, ASKED)));
    for (const [k, s] of acids.entries()) {
      const { energy, forces } = await alone.calculate(s, ASKED);
      assert.deepEqual([answers[k].energy, answers[k].forces], [energy, forces]);
      assert.ok((answers[k].seconds as number) > 0 && (answers[k].peakMemory as number) > 1e6);
      assert.equal(answers[k].node, hostname());
    }
    assert.equal(workersWith("worker.py").length, 2);
  });

  it("say what an engine refuses as it does without them", async () => {
    await assert.rejects(openEngine({ engine: "pyscf", basis: "no such" }, { cluster }), { name: "RangeError" });
    const iron = structure({ symbols: ["Fe"], positions: [0, 0, 0] });
    await assert.rejects(engine.calculate(iron, ASKED), { name: "RangeError" });
  });

  it("one that is killed in mid-calculation costs its own call, which is told once, and no other", async () => {
    const calls = [cluster.call(SILENT, "", { signal: AbortSignal.timeout(60_000) }), engine.calculate(fattyAcid(40), ASKED)];
    calls[1].catch(() => {});
    await until(() => silent() === 1);
    const [{ pid }] = workersWith("time.sleep(1000)");
    process.kill(pid, "SIGKILL");
    await assert.rejects(calls[0], (error) => error instanceof WorkerDeath && /^the cluster's worker on .* is gone$/.test(error.message));
    await calls[1];
    // The one that was given it again lets go of it.
    await until(() => silent() === 0);
    assert.ok((await engine.calculate(fattyAcid(2), ASKED)).energy < 0);
  });

  it("a program that crashes there is a dead worker, one that is not there a lost engine", async () => {
    const python = (code: string) => ({ command: [pythonPath(), "-c", `import os, sys; ${code}`] });
    const ready = "sys.stdout.buffer.write(b'\\2\\0\\0\\0{}'); sys.stdout.flush(); sys.stdin.read(4)";
    await assert.rejects(
      cluster.call(python(`${ready}; sys.stderr.write('stack smashed'); sys.stderr.flush(); os.kill(os.getpid(), 11)`), ""),
      {
        name: "WorkerDeath",
        message: /^its process on .* ended with SIGSEGV after "stack smashed"$/,
      },
    );
    await assert.rejects(cluster.call(python("sys.exit(3)"), ""), {
      name: "EngineLoss",
      message:
        /python.* does not start on .*: it ended with status 3; the workers of a cluster need qmml, its Python and its Node at the same paths/,
    });
    await assert.rejects(
      cluster.call({ command: ["/no/where/node"] }, ""),
      (error) => error instanceof EngineLoss && /^\/no\/where\/node/.test(error.message),
    );
  });

  it("time limits and aborts kill what runs, and the next call works", async () => {
    await assert.rejects(
      cluster.call(SILENT, "", { timeout: 0.2 }),
      (error) => error instanceof TimedOut && /more than 0\.2 s/.test(error.message),
    );
    await until(() => silent() === 0);
    const abandon = new AbortController();
    const call = cluster.call(SILENT, "", { signal: abandon.signal });
    await until(() => silent() === 1);
    abandon.abort(new Error("enough"));
    await assert.rejects(call, /^Error: enough$/);
    await until(() => silent() === 0);
    assert.ok((await engine.calculate(fattyAcid(2), ASKED)).energy < 0);
  });

  it("closed in mid-calculation leave no process behind", async () => {
    const other = await openCluster("local:1", XTB);
    const call = assert.rejects(other.call(SILENT, ""), { name: "EngineLoss" });
    await until(() => silent() === 1);
    const [bridge] = below().filter(({ command }) => command.includes("cluster.py local:1"));
    const all = [bridge, ...below(bridge.pid)];
    await other.close();
    await call;
    await until(() => living(all).length === 0);
  });
});

describe("a study's process that is killed", () => {
  it("in mid-calculation leaves nothing of its cluster", async (test) => {
    const place = new URL("../../src/qm/cluster.ts", import.meta.url).href;
    const code = `const { openCluster } = await import("${place}");
      const cluster = await openCluster("local:1", ${JSON.stringify(XTB)});
      await cluster.call(${JSON.stringify(SILENT)}, "");`;
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code], {
      stdio: "inherit",
    });
    test.after(() => child.kill("SIGKILL"));
    await until(() => below(child.pid).some(({ command }) => command.includes("time.sleep(1000)")));
    const all = below(child.pid);
    assert.ok(all.length >= 3);
    child.kill("SIGKILL");
    await until(() => living(all).length === 0);
  });
});

describe("a scheduler that somebody else has started", () => {
  const started: ChildProcess[] = [];
  const place = mkdtempSync(join(tmpdir(), "qmml dask "));
  const env = { ...process.env, DASK_TEMPORARY_DIRECTORY: place, PYTHONDONTWRITEBYTECODE: "1" };
  const dask = (...words: string[]): ChildProcess => {
    const child = spawn(pythonPath(), ["-m", "distributed.cli.dask_spec", ...words], { stdio: ["ignore", "ignore", "pipe"], env });
    started.push(child);
    return child;
  };
  after(() => {
    for (const child of started) child.kill("SIGKILL");
    rmSync(place, { recursive: true, force: true, maxRetries: 3 });
  });

  it("serves; what was called ends with the study, and a scheduler that goes away is told in one sentence", async () => {
    const scheduler = dask("--spec", JSON.stringify({ cls: "distributed.Scheduler", opts: { port: 0, dashboard: false } }));
    const address = await new Promise<string>((resolve) => {
      let told = "";
      scheduler.stderr?.on("data", (chunk) => {
        told += chunk;
        const found = /Scheduler at: +(tcp:\S+)/.exec(told);
        if (found) resolve(found[1]);
      });
    });
    const worker = dask(address, "--spec", JSON.stringify({ cls: "distributed.Worker", opts: { nthreads: 1, dashboard: false } }));
    const cluster = await openCluster(address, XTB);
    const engine = await openEngine(XTB, { cluster, tries: 1 });
    assert.ok((await engine.calculate(fattyAcid(2), ASKED)).energy < 0);
    const called = below(worker.pid);
    assert.equal(called.length, 1);
    await engine.close();
    await cluster.close();
    await until(() => living(called).length === 0);

    const again = await openCluster(address, XTB);
    const call = again.call(SILENT, "");
    call.catch(() => {});
    await until(() => below(worker.pid).length === 1);
    scheduler.kill("SIGKILL");
    await assert.rejects(call, (error) => error instanceof EngineLoss && /^the scheduler at tcp:.* is gone/.test(error.message));
    await again.close();
  });
});
