/** Sticks and links of structures that repeat. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { framesText } from "../../src/display/extxyz.ts";
import { linksOf, sticksOf } from "../../src/display/sticks.ts";
import type { AtomRow } from "../../src/history/atoms.ts";
import { history } from "../../src/history/history.ts";
import { parseExtxyz } from "../../src/io/extxyz.ts";
import { fixture } from "../history/fixture.ts";

const atom = (number: number, symbol: string, role: AtomRow["role"] = "core"): AtomRow => ({ atom: 0, number, symbol, role, fixed: false });

test("a bond across the edge of the cell leads to the image, and metals have none", () => {
  const atoms = [atom(6, "C"), atom(8, "O"), atom(29, "Cu"), atom(29, "Cu")];
  const positions = Float64Array.of(0.4, 1, 1, 7.4, 1.1, 1, 3, 3, 3, 5, 3, 3);
  const cell = Float64Array.of(8, 0, 0, 0, 9, 0, 0, 0, 9);
  assert.deepEqual(sticksOf(atoms, positions, { cell, pbc: "TFF" }), [{ from: 0, to: 1, shift: [-1, 0, 0], away: [-8, 0, 0] }]);
  assert.deepEqual(sticksOf(atoms, positions, { cell, pbc: "FFF" }), []);
});

test("each bond of lauric acid stands once, and a link hydrogen stands on the bond that the boundary cuts", () => {
  const h = history(fixture({ members: 2, acid: true }));
  const sticks = sticksOf(h.atoms, h.trajectory[0].positions, h.about);
  // A molecule without a ring has one bond fewer than atoms.
  assert.equal(sticks.length, h.atoms.length - 1);
  const links = linksOf(h.atoms, sticks, h.about);
  assert.equal(links.length, h.about.linkAtoms);
  for (const { inside, outside, place } of links) {
    assert.notEqual(h.atoms[inside].role, "environment");
    assert.equal(h.atoms[outside].role, "environment");
    assert.deepEqual(place, { length: 1.09 });
  }
  const [{ place }] = linksOf(h.atoms, sticks, { ...h.about, settings: '{"links":"ratio"}' });
  // A hydrogen on carbon, 1.09 Å, of two covalent radii of carbon, 0.76 Å.
  assert.ok("ratio" in place && Math.abs(place.ratio - 1.09 / 1.52) < 1e-12);
});

test("exported frames are read again to the last bit, with regions and forces that only some atoms have", () => {
  const h = history(fixture({ members: 2, acid: true }));
  const frames = h.trajectory.slice(0, 2).map((f) => ({ ...f, qmForces: f.forces.map((x, k) => (k < 9 ? x : Number.NaN)) }));
  const read = parseExtxyz(framesText(h.about, h.atoms, frames));
  for (const [k, { structure, result, info, columns }] of read.entries()) {
    assert.deepEqual(structure.positions, frames[k].positions);
    assert.deepEqual(result?.forces, frames[k].forces);
    assert.deepEqual([result?.energy, info?.step, info?.scheme], [frames[k].energy, frames[k].step, frames[k].scheme]);
    assert.deepEqual(
      columns?.role.values,
      h.atoms.map((a) => a.role),
    );
    assert.ok(columns?.qm_forces.values.slice(9).every(Number.isNaN));
  }
});
