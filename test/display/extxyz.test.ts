/** Frames that leave the browser as a file: read again by our own reader and by ASE. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { framesText } from "../../src/display/extxyz.ts";
import { history } from "../../src/history/history.ts";
import type { FrameRow } from "../../src/history/trajectory.ts";
import { parseExtxyz } from "../../src/io/extxyz.ts";
import { pythonPath } from "../../src/qm/worker.ts";
import { fixture } from "../history/fixture.ts";

const slab = history(fixture({ members: 2, size: [3, 3, 3], name: 'N on "Cu", 100' }));
const acid = history(fixture({ members: 2, acid: true }));
// The journal of closed forms has no forces of its own.
const withForces = (h: typeof slab): FrameRow[] => h.trajectory.map((f) => ({ ...f, forces: f.positions.map(Math.sin) }));
const retrained = withForces(slab).filter((f) => f.scheme === "retrained");
const committee = withForces(acid).filter((f) => f.scheme === "committee");
const slabText = framesText(slab.about, slab.atoms, retrained);
const acidText = framesText(acid.about, acid.atoms, committee);

test("frames come back to the bit: positions, energy, all forces, cell, regions, fixed atoms, and of what they are", () => {
  for (const [{ about, atoms }, frames, text] of [
    [slab, retrained, slabText],
    [acid, committee, acidText],
  ] as const) {
    const read = parseExtxyz(text);
    assert.equal(read.length, frames.length);
    for (const [k, { structure: s, result, info, columns }] of read.entries()) {
      const frame = frames[k];
      assert.deepEqual([s.positions, s.cell], [frame.positions, about.cell]);
      assert.equal(s.pbc.map((p) => (p ? "T" : "F")).join(""), about.pbc);
      assert.deepEqual(
        Array.from(s.fixed ?? [], Boolean),
        atoms.map((a) => a.fixed),
      );
      assert.deepEqual([s.charge ?? null, s.multiplicity ?? null], [about.charge, about.multiplicity]);
      assert.deepEqual([result?.energy, result?.forces, result?.forcesSigma ?? null], [frame.energy, frame.forces, frame.forcesSigma]);
      assert.deepEqual(
        columns?.role.values,
        atoms.map((a) => a.role),
      );
      assert.deepEqual(Float64Array.from(columns?.qm_forces.values as number[]), frame.qmForces);
      assert.deepEqual(Float64Array.from(columns?.ml_forces.values as number[]), frame.mlForces);
      const { scheme, member, step, fmax } = frame;
      assert.deepEqual(info, { study: about.name, scheme, ...(member !== null && { member }), step, fmax });
    }
  }
});

test("a frame of a file without energy and forces is written without them", () => {
  const bare = retrained.map((f) => ({
    ...f,
    ...{ energy: Number.NaN, fmax: Number.NaN, forces: f.forces.map(() => Number.NaN), qmForces: null, mlForces: null },
  }));
  const [{ result, info }] = parseExtxyz(framesText(slab.about, slab.atoms, bare));
  assert.deepEqual([result, info?.fmax], [undefined, undefined]);
});

const SCRIPT = `
import json, sys
from ase.io import read
print(json.dumps([dict(
    symbols=str(a.symbols), positions=a.positions.ravel().tolist(), cell=a.cell[:].ravel().tolist(), pbc=a.pbc.tolist(),
    fixed=[i for c in a.constraints for i in c.index.tolist()], energy=a.get_potential_energy(apply_constraint=False),
    forces=a.get_forces(apply_constraint=False).ravel().tolist(), role=a.arrays["role"].tolist(),
    qm=[None if x != x else x for x in a.arrays["qm_forces"].ravel().tolist()], step=int(a.info["step"]), study=a.info["study"],
) for a in read(sys.argv[1], ":")]))
`;

test("ASE reads what qmml wrote", { skip: !existsSync(pythonPath()) && "there is no Python with ASE" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "qmml extxyz "));
  try {
    for (const [{ about, atoms }, frames, text] of [
      [slab, retrained, slabText],
      [acid, committee, acidText],
    ] as const) {
      const path = join(folder, "frames.extxyz");
      writeFileSync(path, text);
      const read = JSON.parse(execFileSync(pythonPath(), ["-c", SCRIPT, path], { encoding: "utf8" })) as Record<string, unknown>[];
      assert.equal(read.length, frames.length);
      for (const [k, a] of read.entries()) {
        const f = frames[k];
        assert.deepEqual(a.positions, [...f.positions]);
        // What has no lattice has no vectors for ASE either.
        assert.deepEqual([a.cell, a.pbc], [[...about.cell], [...about.pbc].map((p) => p === "T")]);
        assert.deepEqual([a.energy, a.forces, a.step, a.study], [f.energy, [...f.forces], f.step, about.name]);
        assert.deepEqual(
          a.fixed,
          atoms.flatMap((atom) => (atom.fixed ? [atom.atom] : [])),
        );
        assert.deepEqual(
          a.role,
          atoms.map((atom) => atom.role),
        );
        assert.deepEqual(
          a.qm,
          Array.from(f.qmForces ?? [], (x) => (Number.isNaN(x) ? null : x)),
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
