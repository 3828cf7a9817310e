/** Studies whose QM and trainings are tasks of a real Dask scheduler with two worker processes. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { aseCalculator } from "../../src/qm/aseEngine.ts";
import { makeFolder } from "../../src/study/folder.ts";
import { below, living, type Running, workersWith } from "../qm/daskWorkers.ts";
import { until } from "../qm/workers.ts";
import { emptyFolder, eventsOf, outcome, run } from "../study/process.ts";
import { tinyStudy } from "../study/tinyStudy.ts";
import { folder, qmml } from "./qmml.ts";
import { studyFile } from "./studyFile.ts";

const CLUSTER = ["--cluster", "local:2"];

describe("ten members on two workers", { skip: availableParallelism() < 2 && "one core" }, () => {
  const library = mkdtempSync(join(tmpdir(), "qmml library "));
  const marker = join(library, "begun");
  // EMT whose first calculation says which process it is, and goes on for as long as anybody lets it.
  writeFileSync(
    join(library, "slow_emt.py"),
    `import os, time
from ase.calculators.emt import EMT
class SlowEMT(EMT):
    default_parameters = {**EMT.default_parameters, "folder": ""}
    def calculate(self, *arguments):
        marker = os.path.join(self.parameters["folder"], "begun")
        if not os.path.exists(marker):
            with open(marker, "w") as file:
                file.write(str(os.getpid()))
            time.sleep(600)
        super().calculate(*arguments)
`,
  );
  const path = process.env.PYTHONPATH;
  after(() => {
    rmSync(library, { recursive: true });
    if (path === undefined) delete process.env.PYTHONPATH;
    else process.env.PYTHONPATH = path;
  });
  const study = tinyStudy({
    qm: aseCalculator("slow_emt.SlowEMT", { folder: library }),
    members: 10,
    schemes: ["retrained"],
    optimizer: { fmax: 0.2, maxSteps: 3 },
  });
  const [alone, there] = [emptyFolder(), emptyFolder()];
  let expected: Record<string, string> = {};
  before(async () => {
    process.env.PYTHONPATH = library;
    for (const made of [alone, there]) await makeFolder(made, study);
    writeFileSync(marker, "");
    const ended = await run(alone);
    assert.deepEqual([ended.status, ended.output], [0, ""]);
    expected = outcome(alone);
    rmSync(marker);
  });

  it("stopped in mid-calculation leave no process behind", async () => {
    let all: Running[] = [];
    const ended = await run(
      there,
      2,
      async (child) => {
        await until(() => existsSync(marker));
        all = below(child.pid);
        child.kill("SIGTERM");
      },
      CLUSTER,
    );
    assert.deepEqual([ended.status, ended.output], [0, ""]);
    assert.equal(eventsOf(there).at(-1)?.kind, "stopped");
    assert.ok(all.some(({ command }) => command.includes("worker.py")));
    await until(() => living(all).length === 0);
    rmSync(marker);
  });

  it("come to the same bits as on this machine alone, though a worker is killed in mid-calculation and another in mid-training", async () => {
    const killed: number[] = [];
    const ended = await run(
      there,
      2,
      async (child) => {
        const kill = (worker: number): void => {
          process.kill(worker, "SIGKILL");
          killed.push(worker);
        };
        await until(() => existsSync(marker) && readFileSync(marker, "utf8") !== "");
        const calculating = below(child.pid).find(({ pid }) => pid === Number(readFileSync(marker, "utf8")));
        kill(calculating?.parent as number);
        // Such a process begins with its first training.
        await until(() => workersWith("clusterWorker", child.pid).length > 0);
        kill(workersWith("clusterWorker", child.pid)[0].pid);
      },
      CLUSTER,
    );
    assert.deepEqual([ended.status, ended.output, killed.length], [0, "", 2]);
    const events = eventsOf(there);
    const clusters = events.flatMap((e) => (e.kind === "cluster" ? [e.payload] : []));
    assert.equal(clusters.length, 2);
    assert.ok(clusters[1].message.includes(clusters[1].dashboard));
    // The calculation's requeue is the ladder's affair and stands there once; the training's is a warning.
    const failed = events.flatMap((e) => (e.kind === "qm-failed" ? [e.payload] : []));
    assert.deepEqual(
      failed.map(({ kind, attempt, next }) => [kind, attempt, next]),
      [["crashed", 1, "a fresh worker"]],
    );
    assert.match(failed[0].message, /the cluster's worker on .* is gone$/);
    const { "warning    ": again, ...results } = outcome(there);
    assert.match(again, /a training is begun again: the cluster's worker on .* is gone/);
    assert.deepEqual(results, expected);
    assert.equal(results["training  9  "], expected["training  9  "]);
    for (const e of events) if (e.kind === "qm-finished" && !e.payload.reused) assert.equal(e.payload.node, hostname());
  });
});

describe("qmml run --cluster", () => {
  const at = folder();
  const file = studyFile(at);

  it("prints where the scheduler's dashboard is, and what stays in the study's own process", async () => {
    const out = join(at, "out");
    const { status, stdout, stderr } = await qmml(["run", file, "--out", out, "--cluster", "local:1"]);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(
      stdout,
      /^the cluster has 1 worker on this machine; dashboard http:\/\/127\.0\.0\.1:\d+\/status; emt's calculations stay in the study's own process$/m,
    );
  });

  it("refuses an address that is none, before anything is made; says in a sentence that nobody answers", async () => {
    const nowhere = join(at, "nowhere");
    const wrong = await qmml(["run", file, "--out", nowhere, "--cluster", "somewhere"]);
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /the cluster is "somewhere"; give local:N .*\n$/);
    assert.ok(!existsSync(nowhere));
    const silent = await qmml(["run", file, "--out", nowhere, "--cluster", "tcp://127.0.0.1:1"]);
    assert.equal(silent.status, 1);
    assert.match(silent.stderr, /nobody answers at tcp:\/\/127\.0\.0\.1:1 \(.*\); start a scheduler there/);
  });
});
