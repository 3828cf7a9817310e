import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CarveOptions, type Cluster, carve, cut, imageGap, roles } from "../../src/hybrid/carve.ts";
import { minimumImage } from "../../src/linalg/cell.ts";
import { random } from "../../src/linalg/random.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { bonds } from "../../src/structure/bonds.ts";
import { bulk } from "../../src/structure/bulk.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { bonded, select, within } from "../../src/structure/regions.ts";
import { repeat } from "../../src/structure/repeat.ts";
import { joined, type Structure, size, structure, subset, symbols, withPositions } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";
import { biphenyl, cyclohexane, molecule, polyethylene, wrapped } from "../structure/molecules.ts";

const studyA = addAdsorbate(fcc100("Cu", { size: [6, 6, 4], a: 3.5898, vacuum: 8, fixedLayers: 1 }), "N", { site: "hollow", height: 1.4 });

/** Distance between atoms a and b of a structure in vacuum. */
function apart(s: Structure, a: number, b: number): number {
  return Math.hypot(...[0, 1, 2].map((k) => s.positions[3 * a + k] - s.positions[3 * b + k]));
}

/** The structure moved by a vector and wrapped into its orthorhombic cell. */
function movedBy(s: Structure, by: readonly number[]): Structure {
  return withPositions(
    s,
    s.positions.map((x, k) => {
      const edge = s.cell[4 * (k % 3)];
      return s.pbc[k % 3] ? x + by[k % 3] - edge * Math.floor((x + by[k % 3]) / edge) : x + by[k % 3];
    }),
  );
}

/** All distances of a cluster, sorted: its shape, wherever it stands. */
function shape(q: Structure): number[] {
  const n = size(q);
  return Array.from({ length: n * n }, (_, k) => apart(q, k % n, Math.floor(k / n))).sort((a, b) => a - b);
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  // Rounding of positions up to 20 Å.
  actual.forEach((x, k) => {
    assert.ok(Math.abs(x - expected[k]) < 1e-11);
  });
}

describe("carving", () => {
  it("takes the atoms within the buffer of any core atom, each once, at its image nearest the core", () => {
    const { uniform } = random(5);
    const s = structure({
      symbols: Array.from({ length: 60 }, (_, k) => (k % 4 === 0 ? "Ag" : "Cu")),
      positions: Array.from({ length: 180 }, (_, k) => (5 + 2 * (k % 3)) * uniform()),
      cell: [5, 0.4, -0.3, 1.7, 7, 0.5, -0.6, 2.2, 9],
      pbc: [true, true, false],
    });
    const core = Uint32Array.of(3, 17);
    const cluster = carve(s, core, { buffer: 2.4 });
    const q = cut(s, cluster);
    const shortest = minimumImage(s.cell, s.pbc);
    const distance = (i: number, j: number): number =>
      shortest(Float64Array.from([0, 1, 2], (k) => s.positions[3 * i + k] - s.positions[3 * j + k]));
    const expected = Array.from({ length: 60 }, (_, i) => i).filter((i) => distance(i, 3) <= 2.4 || distance(i, 17) <= 2.4);
    assert.deepEqual([...cluster.atoms], expected);
    assert.ok(expected.length > 3 && expected.length < 50);
    assert.deepEqual([q.pbc, [...q.cell]], [[false, false, false], new Array(9).fill(0)]);
    const [a, b] = [expected.indexOf(3), expected.indexOf(17)];
    assertClose([apart(q, a, b)], [distance(3, 17)]);
    expected.forEach((i, m) => {
      assert.equal(q.numbers[m], s.numbers[i]);
      assertClose([Math.min(apart(q, m, a), apart(q, m, b))], [Math.min(distance(i, 3), distance(i, 17))]);
    });
    assert.deepEqual(
      [...roles(s, cluster)],
      Array.from({ length: 60 }, (_, i) => (i === 3 || i === 17 ? 2 : expected.includes(i) ? 1 : 0)),
    );
  });

  it("of study A gives 62 atoms, the same wherever the cell's boundary runs, and sees their own image 2.54 Å away", () => {
    const expected = cut(studyA, carve(studyA, select(studyA, within(2.6, "N")), { buffer: 5.2 }));
    assert.equal(size(expected), 62);
    const gap = imageGap(studyA, carve(studyA, select(studyA, within(2.6, "N")), { buffer: 5.2 }));
    assert.ok(Math.abs((gap as number) - 3.5898 / Math.SQRT2) < 1e-9); // one nearest-neighbour distance
    for (const by of [
      [7.6, 0, 0],
      [7.6, 7.6, 0],
      [3.3, 11, 0],
    ]) {
      const s = movedBy(studyA, by);
      const cluster = carve(s, select(s, within(2.6, "N")), { buffer: 5.2 });
      assertClose(shape(cut(s, cluster)), shape(expected));
    }
    assert.equal(imageGap(studyA, carve(studyA, select(studyA, within(2.6, "N")), { buffer: 3.7 })), undefined);
    assert.equal(imageGap({ ...studyA, pbc: [false, false, false] }, carve(studyA, Uint32Array.of(144), { buffer: 5.2 })), undefined);
  });

  it("keeps a core in one piece that reaches further than half the cell", () => {
    // Five atoms in a row across the boundary of a cell of 9 Å: the ends are nearer to each other's images.
    const row = structure({
      symbols: new Array(5).fill("Cu"),
      positions: [6, 7.5, 0, 1.5, 3].flatMap((x) => [x, 0, 0]),
      cell: [9, 20, 20],
      pbc: true,
    });
    const q = cut(row, carve(row, Uint32Array.of(0, 1, 2, 3, 4), { buffer: 1 }));
    assertClose(
      Array.from({ length: 4 }, (_, k) => q.positions[3 * k + 3] - q.positions[3 * k]),
      [1.5, 1.5, 1.5, 1.5],
    );
  });

  it("follows its atoms as they move, however far, without deciding again", () => {
    const cluster = carve(studyA, select(studyA, within(2.6, "N")), { buffer: 5.2 });
    const before = cut(studyA, cluster);
    const later = withPositions(
      studyA,
      studyA.positions.map((x, k) => x + 4 * Math.sin(k)),
    );
    const after = cut(later, cluster);
    cluster.atoms.forEach((i, m) => {
      for (let k = 0; k < 3; k++) assertClose([after.positions[3 * m + k] - before.positions[3 * m + k]], [4 * Math.sin(3 * i + k)]);
    });
  });

  it("is quick for thousands of atoms", () => {
    const large = rattle(repeat(bulk("Cu", { a: 3.6, cubic: true }), [8, 8, 8]), { stdev: 0.1, seed: 1 });
    const began = performance.now();
    assert.equal(carve(large, select(large, within(5, [7])), { buffer: 5 }).atoms.includes(7), true);
    assert.ok(performance.now() - began < 20_000);
  });

  it("refuses a core or buffer that cannot be", () => {
    assert.throws(() => carve(studyA, Uint32Array.of(), { buffer: 3 }), { name: "RangeError", message: /no atoms/ });
    assert.throws(() => carve(studyA, Uint32Array.of(145), { buffer: 3 }), {
      name: "RangeError",
      message: /atom 145 of the core is outside 0..144/,
    });
    assert.throws(() => carve(studyA, Uint32Array.of(1), { buffer: Number.NaN }), { name: "RangeError", message: /buffer is NaN/ });
  });
});

describe("carving molecules", () => {
  /** Three waters in a cell of 8 Å: the first at the origin, the second across the boundary in x and y, the third out of reach. */
  const water = (x: number, y: number, z: number): number[] => [x, y, z, x + 0.76, y + 0.1, z + 0.58, x - 0.76, y + 0.1, z + 0.58];
  const whole = structure({
    symbols: ["O", "H", "H", "O", "H", "H", "O", "H", "H"],
    positions: [...water(0.1, 0.2, 0.3), ...water(-2.6, -0.1, 0.1), ...water(4.1, 4.1, 4.1)],
    cell: [8, 8, 8],
    pbc: true,
  });
  const inCell = movedBy(whole, [0, 0, 0]);

  it("keeps each in one piece across the boundary, and takes those whole that it takes in part", () => {
    // 2.0 Å from the oxygen reach one hydrogen of the second water, at 1.99 Å, and no other atom of it.
    const cluster = carve(inCell, Uint32Array.of(0), { buffer: 2, wholeMolecules: true });
    assert.deepEqual([...cluster.atoms], [0, 1, 2, 3, 4, 5]);
    const reference = structure({ symbols: ["O", "H", "H", "O", "H", "H"], positions: whole.positions.subarray(0, 18) });
    assertClose(shape(cut(inCell, cluster)), shape(reference));
    assert.deepEqual([...carve(inCell, Uint32Array.of(0), { buffer: 2 }).atoms], [0, 1, 2]); // a hydrogen without its oxygen stays out
  });

  it("lets no atom of a chain jump to the other side of the core", () => {
    // Eight carbons in a row through a cell of 13 Å: the last is nearer to the image of the core than to the core.
    const x = Array.from({ length: 8 }, (_, k) => 11 + 1.5 * k);
    const chain = structure({
      symbols: new Array(8).fill("C"),
      positions: x.flatMap((p) => [p % 13, 0.1 * p, 0]),
      cell: [13, 30, 30],
      pbc: true,
    });
    const cluster = carve(chain, Uint32Array.of(0), { buffer: 2, wholeMolecules: true });
    const q = cut(chain, cluster);
    assert.equal(size(q), 8);
    for (let k = 0; k < 7; k++) assertClose([q.positions[3 * k + 3] - q.positions[3 * k]], [1.5]);
    // The same where the core is an atom beside the chain's first.
    const copper = structure({ symbols: ["Cu"], positions: [11, -1.8, 0] });
    const beside = joined([chain, copper]);
    const whole = cut(beside, carve(beside, Uint32Array.of(8), { buffer: 3, wholeMolecules: true }));
    assert.equal(size(whole), 9);
    for (let k = 0; k < 7; k++) assertClose([whole.positions[3 * k + 3] - whole.positions[3 * k]], [1.5]);
  });
});

describe("carving through bonds", () => {
  /** Which atoms, and which bonds the links stand for. */
  const carved = (s: Structure, core: readonly number[], options: CarveOptions): [number[], string] => {
    const { atoms, links } = carve(s, Uint32Array.from(core), options);
    const names = symbols(s);
    return [[...atoms], links.map((l) => `${names[l.inside]}${l.inside}-${names[l.outside]}${l.outside}`).join(" ")];
  };
  const acid = fattyAcid(8); // C0 =O1 -O2 H3, then each C with its H's: 4, 7, 10, ...

  it("counts a buffer in bonds between heavy atoms, from the heavy atoms of the core; hydrogens follow", () => {
    assert.deepEqual(carved(acid, [2], { buffer: { bonds: 0 }, grow: true }), [[2, 3], "O2-C0"]);
    assert.deepEqual(carved(acid, [2, 3], { buffer: { bonds: 2 } }), [[0, 1, 2, 3, 4, 5, 6], "C4-C7"]);
    assert.deepEqual(carved(acid, [3], { buffer: { bonds: 3 } }), [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "C7-C10"]);
    assert.deepEqual(carved(acid, [4], { buffer: { bonds: 40 } }), [[...acid.numbers.keys()], ""]);
    const core = select(acid, bonded(3, "O"));
    assert.deepEqual([...core], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(carved(acid, [...core], { buffer: { bonds: 1 } }), [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "C10-C13"]);
  });

  it("with a buffer in Å lets hydrogens follow their heavy atom, in and out", () => {
    // 2.6 Å from C4 reach C7, C10 and hydrogens of C7, none of C10; the H's that they lack come in, H's of C13 stay out.
    assert.deepEqual(carved(acid, [4], { buffer: 2.6 }), [[0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12].toSpliced(3, 0, 3), "C10-C13"]);
    assert.deepEqual(carved(acid, [5], { buffer: 0.1 }), [[4, 5, 6], "C4-C0 C4-C7"]);
    // H2, of which one atom is within reach; H on copper by its own distance.
    const gas = structure({ symbols: ["Cu", "H", "H", "H"], positions: [0, 0, 0, 3, 0, 0, 3.7, 0.2, 0, 0, 1.6, 0] });
    assert.deepEqual(carved(gas, [0], { buffer: 3.1 }), [[0, 1, 2, 3], ""]);
    assert.deepEqual(carved(gas, [0], { buffer: 2 }), [[0, 3], ""]);
  });

  it("leaves bonds with metals open", () => {
    const adsorbed = structure({ symbols: ["C", "C", "C", "Cu"], positions: [0, 0, 0, 1.5, 0.1, 0, 2.1, 1.5, 0, -1.9, 0, 0.2] });
    assert.deepEqual(carved(adsorbed, [3], { buffer: 0.5 }), [[3], ""]);
    assert.deepEqual(carved(adsorbed, [0], { buffer: 0.5 }), [[0], "C0-C1"]);
    assert.deepEqual(carved(adsorbed, [2], { buffer: { bonds: 1 } }), [[1, 2], "C1-C0"]);
  });

  it("refuses bonds above single, in rings and of hydrogen, names them, and says what helps", () => {
    const refused = (s: Structure, core: number, message: RegExp): void => {
      const carving = (): unknown => carve(s, Uint32Array.of(core), { buffer: { bonds: 0 } });
      assert.throws(carving, { name: "RangeError", message });
      assert.throws(carving, /choose another core or buffer, or wholeMolecules$/);
    };
    refused(molecule("C2H4"), 1, /cuts C1-C0 \(of order 1.9\), for which no link hydrogen can stand/);
    refused(molecule("CH3CONH2"), 2, /cuts N2-C1 \(of order 1.4\)/);
    refused(molecule("CH3COOH"), 1, /cuts O1-C0 \(of order 2.0\)/);
    refused(molecule("CH3CN"), 1, /cuts C1-N2 \(of order 2.6\)/);
    refused(molecule("C6H6"), 3, /cuts C3-C2 \(of order 1.5\), C3-C4 \(of order 1.5\)/);
    refused(cyclohexane, 4, /cuts C4-C3 \(in a ring of 6\), C4-C5 \(in a ring of 6\)/);
    const zundel = structure({ symbols: ["O", "H", "O"], positions: [0, 0, 0, 1.15, 0, 0, 2.25, 0, 0] });
    refused(zundel, 2, /cuts H1-O0 \(a bond of hydrogen\)/);
  });

  it("refuses links that meet", () => {
    // Two methyls of propane without the middle: both links point at it. An atom of another molecule where the link would be.
    const propane = structure({ symbols: ["C", "C", "C"], positions: [0, 0, 0, 1.5, 0, 0, 2.1, 1.37, 0] });
    assert.throws(() => carve(propane, Uint32Array.of(0, 2), { buffer: { bonds: 0 } }), {
      name: "RangeError",
      message: /the link hydrogen of C2-C1 comes within 0.\d\d Å of that of C0-C1, nearer than 1 Å/,
    });
    assert.deepEqual(carved(propane, [0, 2], { buffer: { bonds: 0 }, grow: true }), [[0, 1, 2], ""]);
    const near = structure({ symbols: ["C", "C", "Li"], positions: [0, 0, 0, 1.5, 0, 0, 1.1, 0.8, 0] });
    assert.throws(() => carve(near, Uint32Array.of(0, 2), { buffer: { bonds: 0 } }), {
      message: /of C0-C1 comes within 0.80 Å of atom Li2 of the QM cluster/,
    });
  });

  it("grows, where asked, to the next bonds that may be cut", () => {
    assert.deepEqual(carved(molecule("C2H4"), [0], { buffer: 0.1, grow: true }), [[0, 1, 2, 3, 4, 5], ""]);
    // Biphenyl from one carbon: its ring, cut from the other.
    const ring = carved(biphenyl, [3], { buffer: { bonds: 0 }, grow: true });
    assert.deepEqual(ring, [[0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16], "C0-C6"]);
    // Butadiene from its second carbon: the double bond to the first, the single one cut.
    const vinyl = carved(molecule("butadiene"), [1], { buffer: { bonds: 0 }, grow: true });
    assert.deepEqual(vinyl[1], "C1-C2");
    assert.equal(vinyl[0].length, 5);
  });

  it("follows a chain across the cell's wall, and cuts one without end at two images of a bond", () => {
    for (const fraction of [0, 0.2, 0.55, 0.9]) {
      const s = wrapped(polyethylene(8), fraction);
      assert.deepEqual(carved(s, [9], { buffer: { bonds: 1 } }), [[6, 7, 8, 9, 10, 11, 12, 13, 14], "C6-C3 C12-C15"]);
      const q = cut(s, carve(s, Uint32Array.of(9), { buffer: 2.7 }));
      assert.equal(bonds(q).length, size(q) - 1, "one saturated chain");
      const whole = carve(s, Uint32Array.from(s.numbers.keys()), { buffer: 1 });
      assert.equal(whole.links.length, 2);
      assert.notDeepEqual(whole.links[0].shift, whole.links[1].shift);
      assert.equal(bonds(cut(s, whole)).length, 25); // octane
    }
    // A polyyne without end leaves nothing to grow into.
    const yne = structure({
      symbols: "CCCC".split(""),
      positions: [0, 1.3, 2.6, 3.9].flatMap((x) => [x, 0, 0]),
      cell: [5.2, 9, 9],
      pbc: true,
    });
    assert.throws(() => carve(yne, Uint32Array.of(1), { buffer: 0.5, grow: true }), /cuts .*C\d-C\d \(of order 2\.1\)/);
  });

  it("gives Q the charge of S, and its spin as far as the electrons allow", () => {
    const state = (s: Structure, buffer = { bonds: 0 }): number[] => {
      const cluster = carve(s, Uint32Array.of(0), { buffer });
      const q = cut(s, cluster);
      assert.deepEqual([q.charge, q.multiplicity], [cluster.charge, cluster.multiplicity]);
      return [cluster.charge, cluster.multiplicity];
    };
    const butane = molecule("trans-butane");
    assert.deepEqual(state(butane), [0, 1]);
    assert.deepEqual(state({ ...butane, charge: 1, multiplicity: 2 }), [1, 2]);
    assert.deepEqual(state({ ...butane, multiplicity: 3 }), [0, 3]);
    // Half a radical that is not where Q is.
    const radical = structure({
      symbols: ["O", "H", "H", "O", "H"],
      positions: [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0, 5, 0, 0, 5.97, 0, 0],
    });
    assert.deepEqual(state({ ...radical, multiplicity: 2 }), [0, 1]);
  });

  it("does not depend on the order of the atoms", () => {
    const property = fc.property(fc.shuffledSubarray([...acid.numbers.keys()], { minLength: size(acid) }), fc.nat(7), (order, k) => {
      const shuffled = subset(acid, order);
      const centre = select(acid, { element: "C" })[k];
      for (const options of [{ buffer: { bonds: 1 } }, { buffer: 2.7 }]) {
        const there = { ...options, grow: true };
        const [a, b] = [carve(acid, Uint32Array.of(centre), there), carve(shuffled, Uint32Array.of(order.indexOf(centre)), there)];
        assert.deepEqual(
          [...b.atoms].map((i) => order[i]).sort((p, q) => p - q),
          [...a.atoms],
        );
        const ends = (c: Cluster, name: (i: number) => number): number[][] =>
          c.links.map((l) => [name(l.inside), name(l.outside)]).sort((p, q) => p[0] - q[0] || p[1] - q[1]);
        assert.deepEqual(
          ends(b, (i) => order[i]),
          ends(a, (i) => i),
        );
      }
    });
    fc.assert(property, { numRuns: 30 });
  });

  it("refuses a number of bonds that is none", () => {
    assert.throws(() => carve(acid, Uint32Array.of(1), { buffer: { bonds: 1.5 } }), {
      name: "RangeError",
      message: /the buffer is 1.5 bonds; give 0, 1, 2/,
    });
  });
});
