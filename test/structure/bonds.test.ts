import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { bondOrder, multipleOrder } from "../../src/structure/bondOrder.ts";
import { bondGraph, bondPartners, bonds, molecules } from "../../src/structure/bonds.ts";
import { covalentGraph, heavyAtoms, isMetal } from "../../src/structure/covalent.ts";
import { numberOf } from "../../src/structure/elements.ts";
import { ringSize } from "../../src/structure/rings.ts";
import { type Structure, structure, subset, symbols } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";
import { biphenyl, crooked, cyclohexane, disiloxane, molecule, polyethylene, wrapped } from "./molecules.ts";

/** Methanol, and water across the wall of the cell. */
const box = structure({
  symbols: ["C", "O", "H", "H", "H", "H", "O", "H", "H"],
  positions: [
    [4, 4, 4],
    [5.42, 4, 4],
    [3.64, 5.03, 4],
    [3.64, 3.49, 4.89],
    [3.64, 3.49, 3.11],
    [5.74, 4.91, 4],
    [0.3, 1, 1],
    [9.34, 1, 1],
    [0.54, 1.93, 1],
  ],
  cell: [10, 10, 10],
  pbc: true,
});

test("bonds make molecules, through the cell's walls", () => {
  assert.deepEqual(bonds(box), [
    [0, 1],
    [0, 2],
    [0, 3],
    [0, 4],
    [1, 5],
    [6, 7],
    [6, 8],
  ]);
  assert.deepEqual(bondPartners(box)[0], [1, 2, 3, 4]);
  assert.deepEqual([...molecules(box)], [0, 0, 0, 0, 0, 0, 1, 1, 1]);
  assert.deepEqual([...molecules({ ...box, pbc: [false, true, true] })], [0, 0, 0, 0, 0, 0, 1, 2, 1]);
  assert.deepEqual([...molecules(box, 0.5)], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(bonds(structure({ symbols: [], positions: [] })), []);
});

test("a pair bonded through two images counts once as a pair, twice in the graph; an atom with its own image only in the graph", () => {
  const s = structure({ symbols: ["Cu", "Cu"], positions: [0, 0, 0, 1.25, 0, 0], cell: [2.5, 9, 9], pbc: true });
  assert.deepEqual(bonds(s), [[0, 1]]);
  assert.deepEqual(
    bondGraph(s)[0].map((b) => [b.to, ...b.shift, b.length]),
    [
      [0, -1, 0, 0, 2.5],
      [0, 1, 0, 0, 2.5],
      [1, -1, 0, 0, 1.25],
      [1, 0, 0, 0, 1.25],
    ],
  );
});

test("each bond stands in the graph from both ends, with opposite shifts, and as long as it says", () => {
  const shifts = fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 }));
  const property = fc.property(fc.array(shifts, { minLength: 12, maxLength: 12 }), fc.nat(), (moves, seed) => {
    const chain = crooked(polyethylene(4), seed, 0.02);
    // Atoms moved by whole lattice vectors: the same bonds by other shifts.
    const at = (k: number): number =>
      [0, 1, 2].reduce((sum, v) => sum + moves[Math.floor(k / 3)][v] * chain.cell[3 * v + (k % 3)], chain.positions[k]);
    const s: Structure = { ...chain, positions: chain.positions.map((_, k) => at(k)) };
    const graph = bondGraph(s);
    graph.forEach((found, i) => {
      for (const { to, shift, length } of found) {
        assert.ok(graph[to].some((b) => b.to === i && b.shift.every((x, k) => x === -shift[k] || x + shift[k] === 0)));
        const vector = [0, 1, 2].map(
          (k) => s.positions[3 * to + k] - s.positions[3 * i + k] + shift.reduce((x, n, v) => x + n * s.cell[3 * v + k], 0),
        );
        assert.ok(Math.abs(Math.hypot(...vector) - length) < 1e-12); // rounding of positions up to 20 Å
      }
    });
    assert.equal(graph.flat().length, 2 * 12); // C-C, and two C-H, for each of four C, from both ends
  });
  fc.assert(property, { numRuns: 30 });
});

/** Bonds between heavy atoms: those that are single and in no ring, and the others with their order or ring. */
function sorted(s: Structure): { single: string[]; other: string[] } {
  const covalent = covalentGraph(s);
  const names = symbols(s);
  const [single, other]: string[][] = [[], []];
  covalent.forEach((found, i) => {
    for (const bond of found) {
      if (bond.to < i || s.numbers[i] === 1 || s.numbers[bond.to] === 1) continue;
      const name = `${names[i]}${i}-${names[bond.to]}${bond.to}`;
      const [order, ring] = [multipleOrder(s, covalent, i, bond), ringSize(covalent, i, bond)];
      if (order === undefined && ring === undefined) single.push(name);
      else other.push([name, order?.toFixed(1), ring && `ring ${ring}`].filter(Boolean).join(" "));
    }
  });
  return { single, other };
}

describe("bond orders and rings, by chemistry", () => {
  const repeated = (bond: (k: number) => string, n: number): string[] => Array.from({ length: n }, (_, k) => bond(k));
  const cases: [string, Structure, string[], string[]][] = [
    ["ethene C=C", molecule("C2H4"), [], ["C0-C1 1.9"]],
    ["butane CCCC", molecule("trans-butane"), ["C0-C1", "C1-C2", "C2-C3"], []],
    ["butadiene C=CC=C", molecule("butadiene"), ["C1-C2"], ["C0-C1 1.8", "C2-C3 1.8"]],
    ["isopropyl radical C[CH]C", molecule("C3H7"), ["C0-C1", "C0-C2"], []],
    [
      "benzene c1ccccc1",
      molecule("C6H6"),
      [],
      ["C0-C1 1.5 ring 6", "C0-C5 1.5 ring 6", ...repeated((k) => `C${k + 1}-C${k + 2} 1.5 ring 6`, 4)],
    ],
    ["cyclopropane C1CC1", molecule("C3H6_D3h"), [], ["C0-C1 ring 3", "C0-C2 ring 3", "C1-C2 ring 3"]],
    ["cyclobutane C1CCC1", molecule("cyclobutane"), [], ["C0-C2 ring 4", "C0-C3 ring 4", "C1-C2 ring 4", "C1-C3 ring 4"]],
    ["cyclohexane C1CCCCC1", cyclohexane, [], ["C0-C1 ring 6", "C0-C5 ring 6", ...repeated((k) => `C${k + 1}-C${k + 2} ring 6`, 4)]],
    ["acetonitrile CC#N", molecule("CH3CN"), ["C0-C1"], ["C1-N2 2.6"]],
    ["acetamide CC(=O)N", molecule("CH3CONH2"), ["C1-C3"], ["O0-C1 1.9", "C1-N2 1.4"]],
    ["methyl formate COC=O", molecule("HCOOCH3"), ["C0-O2", "O2-C4"], ["C0-O1 2.0"]],
    ["acetic acid CC(=O)O", molecule("CH3COOH"), ["C0-O2", "C0-C4"], ["C0-O1 2.0"]],
    ["nitromethane C[N+](=O)[O-]", molecule("CH3NO2"), ["C0-N1"], ["N1-O5 1.5", "N1-O6 1.5"]],
    ["ethylamine CCN", molecule("CH3CH2NH2"), ["C0-C1", "C1-N2"], []],
    ["dimethyl sulfoxide CS(=O)C", molecule("C2H6SO"), ["S0-C2", "S0-C3"], ["S0-O1 1.9"]],
    ["methylsilane C[SiH3]", molecule("CH3SiH3"), ["C0-Si1"], []],
    ["disilane [SiH3][SiH3]", molecule("Si2H6"), ["Si0-Si1"], []],
    ["disiloxane [SiH3]O[SiH3]", disiloxane, ["Si0-O1", "O1-Si2"], []],
  ];
  for (const [name, s, single, other] of cases) {
    it(name, () => {
      const found = sorted(s);
      assert.deepEqual(found.single.sort(), single.sort());
      assert.deepEqual(found.other.sort(), other.sort());
    });
  }

  it("biphenyl c1ccccc1c1ccccc1: the bond between the rings is single and in neither", () => {
    const { single, other } = sorted(biphenyl);
    assert.deepEqual(single, ["C0-C6"]);
    assert.equal(other.length, 12);
    assert.ok(other.every((bond) => bond.endsWith("ring 6")));
  });

  it("pyridine and thiophene: all bonds are in the ring", () => {
    for (const [name, size] of [
      ["C5H5N", 6],
      ["C4H4S", 5],
    ] as const) {
      const { single, other } = sorted(molecule(name));
      assert.deepEqual(single, []);
      assert.equal(other.filter((bond) => bond.endsWith(`ring ${size}`)).length, size);
    }
  });

  it("an infinite chain is no ring, wherever the cell's wall runs; a ring across the wall is one", () => {
    for (const carbons of [2, 4, 10]) {
      for (const fraction of [0, 0.3, 0.71]) {
        const { single, other } = sorted(wrapped(polyethylene(carbons), fraction));
        assert.deepEqual(other, []);
        assert.equal(single.length, carbons);
      }
    }
    const ring = wrapped({ ...cyclohexane, cell: Float64Array.of(9, 0, 0, 0.5, 9, 0, 0, 0.2, 9), pbc: [true, true, true] }, 0);
    assert.equal(sorted(ring).other.length, 6);
  });

  it("order falls with length, and does not depend on the side that it is looked at from", () => {
    assert.equal(bondOrder(6, 6, 1.52), 1);
    assert.ok(bondOrder(6, 8, 1.2) > bondOrder(6, 8, 1.3));
    assert.equal(bondOrder(6, 8, 1.2), bondOrder(8, 6, 1.2));
  });

  it("the order of the atoms does not matter", () => {
    const reversed = subset(molecule("CH3CONH2"), [8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const { single, other } = sorted(reversed);
    assert.deepEqual([single, other], [["C5-C7"], ["N6-C7 1.4", "C7-O8 1.9"]]);
  });
});

describe("covalent bonds", () => {
  it("are those between two non-metals", () => {
    assert.deepEqual(
      ["Cu", "Al", "N", "Si", "Na"].map((e) => isMetal(numberOf(e))),
      [true, true, false, false, true],
    );
    const s = structure({ symbols: ["Cu", "C", "O"], positions: [0, 0, 0, 1.9, 0, 0, 3.05, 0.1, 0] });
    assert.deepEqual(bondPartners(s), [[1], [0, 2], [1]]);
    assert.deepEqual(
      covalentGraph(s).map((found) => found.map((b) => b.to)),
      [[], [2], [1]],
    );
  });

  it("give a hydrogen to its nearest heavy atom", () => {
    // A proton between two waters, nearer the second; H2; H on copper.
    const s = structure({
      symbols: ["O", "H", "O", "H", "H", "H", "Cu"],
      positions: [0, 0, 0, 1.15, 0, 0, 2.2, 0, 0, 9, 0, 0, 9.74, 0, 0, 20, 0, 0, 21.5, 0, 0],
    });
    assert.deepEqual([...heavyAtoms(s, covalentGraph(s))], [0, 2, 2, 3, 4, 5, 6]);
  });
});
