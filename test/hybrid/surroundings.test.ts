import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { carve, cut } from "../../src/hybrid/carve.ts";
import { boundaryAtoms } from "../../src/hybrid/surroundings.ts";
import { minimumImage } from "../../src/linalg/cell.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { bonded, select, within } from "../../src/structure/regions.ts";
import { type Structure, size, subset } from "../../src/structure/structure.ts";

const slab = addAdsorbate(fcc100("Cu", { size: [6, 6, 3], a: 3.6, vacuum: 6 }), "N", { site: "hollow", height: 1.2 });
const acid = fattyAcid(8, { torsion: 60 });

describe("boundaryAtoms", () => {
  it("are those with a neighbour in S that is not in Q, by the shortest distances, and all links", () => {
    const cases = [
      { s: slab, core: within(2.3, "N"), buffer: 4.5, reach: 4 },
      { s: slab, core: within(2.3, "N"), buffer: 4.5, reach: 2.6 },
      { s: acid, core: bonded(1, "O"), buffer: { bonds: 2 }, reach: 3.25 },
    ];
    for (const { s, core, buffer, reach } of cases) {
      const cluster = carve(s, select(s, core), { buffer });
      const q = cut(s, cluster);
      const shorten = minimumImage(s.cell, s.pbc);
      const inQ = new Set(cluster.atoms);
      const misses = (i: number): boolean =>
        [...s.numbers.keys()].some((j) => {
          const way = Float64Array.from({ length: 3 }, (_, k) => s.positions[3 * j + k] - s.positions[3 * i + k]);
          return !inQ.has(j) && shorten(way) < reach;
        });
      const expected = [...q.numbers.keys()].filter((m) => m >= cluster.atoms.length || misses(cluster.atoms[m]));
      assert.deepEqual([...boundaryAtoms(s, cluster.atoms, q, reach)], expected);
      assert.ok(expected.length > 0 && expected.length < size(q));
    }
  });

  it("are none where all of S is there, and those at the faces of a crystal that is cut out of its cell", () => {
    const all = Uint32Array.from(acid.numbers.keys());
    assert.equal(boundaryAtoms(acid, all, acid, 3.25).length, 0);
    const open: Structure = { ...slab, cell: new Float64Array(9), pbc: [false, false, false] };
    const atoms = Uint32Array.from(slab.numbers.keys());
    const boundary = boundaryAtoms(slab, atoms, open, 3);
    assert.ok(boundary.length > 0 && boundary.length < atoms.length);
  });

  it("are the same atoms in any order", () => {
    const cluster = carve(acid, select(acid, bonded(1, "O")), { buffer: { bonds: 2 } });
    const q = cut(acid, cluster);
    const before = new Set(Array.from(boundaryAtoms(acid, cluster.atoms, q, 3.25), (m) => cluster.atoms[m]));
    const order = Array.from(cluster.atoms.keys()).reverse();
    const links = Array.from(cluster.links, (_, l) => cluster.atoms.length + l);
    const atoms = order.map((m) => cluster.atoms[m]);
    const after = boundaryAtoms(acid, atoms, subset(q, [...order, ...links]), 3.25);
    assert.deepEqual(new Set(Array.from(after, (m) => atoms[m])), before);
  });
});
