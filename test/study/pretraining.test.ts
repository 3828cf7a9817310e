import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { carve } from "../../src/hybrid/carve.ts";
import { neighbourList } from "../../src/linalg/neighbours.ts";
import { select, within } from "../../src/structure/regions.ts";
import { type Structure, structure, symbols } from "../../src/structure/structure.ts";
import { studyOf } from "../../src/study/folder.ts";
import { defaultCutoff, pretrainingSet, type Recipe } from "../../src/study/pretraining.ts";
import { plan } from "../../src/study/run.ts";
import type { Study } from "../../src/study/studyFile.ts";
import { TINY, tinySlab, tinyStudy } from "./tinyStudy.ts";

const setOf = ({ structure: s, file }: Study): Recipe[] =>
  pretrainingSet(s, carve(s, select(s, file.core), file), file, file.model.cutoff ?? defaultCutoff(s));
const count = (set: readonly Recipe[], word: string): number => set.filter((r) => r.recipe.startsWith(word)).length;

describe("pretrainingSet", () => {
  it("has as many of each kind as the study file says, each with its recipe", () => {
    const set = setOf(tinyStudy({ pretraining: { rattled: 3, pieces: 4, strained: 5 } }));
    assert.deepEqual([set.length, count(set, "QM cluster"), count(set, "cluster round atom"), count(set, "bulk crystal")], [12, 3, 4, 5]);
    assert.throws(
      () => setOf(tinyStudy({ pretraining: { rattled: 0, pieces: 0, strained: 0 } })),
      /^RangeError: the pre-training set is empty; let one of/,
    );
    assert.equal(plan(tinyStudy({ schemes: ["full-qm"] })).set.length, 0);
  });

  it("is the same for the same seed, another for another, and has nothing twice", () => {
    assert.deepEqual(setOf(tinyStudy()), setOf(tinyStudy()));
    const [one, other] = [setOf(tinyStudy()), setOf(tinyStudy({ seed: 8 }))];
    for (const [k, { structure: s }] of one.entries()) assert.notDeepEqual(s.positions, other[k].structure.positions);
    const unequal = new Set(one.map((r) => r.structure.positions.join()));
    assert.equal(unequal.size, one.length);
  });

  it("rattles the QM cluster itself, by 0.1 Å a component for metals", () => {
    const study = tinyStudy({ pretraining: { rattled: 200, pieces: 0, strained: 0 } });
    const { structure: s } = study;
    const { atoms } = plan(study).cluster;
    let squares = 0;
    for (const { structure: r } of setOf(study)) {
      assert.deepEqual(
        symbols(r),
        Array.from(atoms, (i) => symbols(s)[i]),
      );
      assert.deepEqual([r.pbc, r.fixed], [[false, false, false], undefined]);
      // Differences to the first atom, so that the cluster's place does not matter; their variance is twice one atom's.
      const moved = (m: number, k: number): number => r.positions[3 * m + k] - s.positions[3 * atoms[m] + k];
      for (let k = 0; k < 3; k++) squares += (moved(1, k) - moved(0, k)) ** 2 / 2;
    }
    // 600 samples: the standard deviation is known to 3 %.
    assert.ok(Math.abs(Math.sqrt(squares / 600) - 0.1) < 0.012);
  });

  it("carves pieces round different atoms outside the core, large enough for their centre's neighbours", () => {
    const study = tinyStudy({ pretraining: { rattled: 0, pieces: 100, strained: 0 } });
    const set = setOf(study);
    const centres = set.map((r) => Number(/round atom (\d+)/.exec(r.recipe)?.[1]));
    const core = new Set(plan(study).cluster.core);
    assert.equal(new Set(centres).size, centres.length);
    // All atoms outside the core, no more.
    assert.equal(centres.length, 28 - core.size);
    assert.ok(centres.every((c) => !core.has(c)));
    const cutoff = study.file.model.cutoff as number;
    const { positions, cell, pbc } = study.structure;
    const around = neighbourList(positions, cell, pbc, cutoff);
    for (const [k, { structure: piece }] of set.entries()) {
      const inside = new Set(
        Array.from(
          { length: around.start[centres[k] + 1] - around.start[centres[k]] },
          (_, p) => around.index[around.start[centres[k]] + p],
        ),
      );
      assert.ok(piece.numbers.length > inside.size);
    }
  });

  it("strains a crystal of the metal whose spacing is the structure's", () => {
    const set = setOf(tinyStudy({ pretraining: { rattled: 0, pieces: 0, strained: 4 } }));
    const edges = set.map(({ structure: s }) => {
      assert.deepEqual([new Set(symbols(s)), s.numbers.length, s.pbc], [new Set(["Cu"]), 32, [true, true, true]]);
      return s.cell[0] / 2 / 3.5898;
    });
    // The slab is unrelaxed: its spacing is the lattice constant's to rounding.
    for (const [k, strain] of [-0.03, 0.03, -0.015, 0.015].entries()) assert.ok(Math.abs(edges[k] - 1 - strain) < 1e-9, `${edges[k]}`);
  });

  it("without an element has none of its atoms anywhere, and still everything else", () => {
    const [full, ignorant] = [{}, { without: ["N"] }].map((p) =>
      setOf(tinyStudy({ pretraining: { rattled: 2, pieces: 30, strained: 1, ...p } })),
    );
    assert.ok(full.some((r) => symbols(r.structure).includes("N")));
    assert.ok(!ignorant.some((r) => symbols(r.structure).includes("N")));
    assert.equal(ignorant[0].structure.numbers.length, full[0].structure.numbers.length - 1);
    assert.equal(count(ignorant, "QM cluster"), 2);
    assert.throws(
      () => setOf(tinyStudy({ pretraining: { without: ["N", "Cu"] } })),
      /^RangeError: without N, Cu nothing is left of the pre-training's QM cluster, rattled by 0\.1 Å; leave out fewer elements$/,
    );
  });

  it("of molecules has no crystals, whole molecules, and rattles less", () => {
    const waters = structure({
      symbols: Array(4).fill(["O", "H", "H"]).flat(),
      positions: [0, 1, 2, 3].flatMap((k) => [
        [3 * k, 0.1 * k, 0],
        [3 * k + 0.76, 0.1 * k, 0.59],
        [3 * k - 0.76, 0.1 * k, 0.59],
      ]),
    });
    const set = setOf(
      studyOf("water", waters, {
        core: { atoms: [0] },
        qm: { engine: "emt" },
        buffer: 3.2,
        wholeMolecules: true,
        pretraining: { rattled: 1, pieces: 2 },
      }),
    );
    assert.deepEqual(
      set.map((r) => r.recipe.replace(/atom \d+/, "atom X")),
      ["QM cluster, rattled by 0.05 Å", ...Array(2).fill("cluster round atom X, rattled by 0.05 Å")],
    );
    for (const { structure: s } of set) assert.equal(s.numbers.length % 3, 0);
  });
});

describe("plan", () => {
  const warnings = (s: Structure, other: Partial<typeof TINY>): readonly string[] => plan(studyOf("t", s, { ...TINY, ...other })).warnings;

  it("warns of a cluster that meets its own image, of one that holds everything, of cut covalent bonds, and of nothing else", () => {
    assert.match(warnings(tinySlab(), {})[0], /^the QM cluster comes within 2\.54 Å of its own periodic image/);
    assert.ok(warnings(tinySlab(), { buffer: 20 }).some((w) => /^the QM cluster holds every atom: .*choose a smaller buffer$/.test(w)));
    const open: Structure = { ...tinySlab(), pbc: [false, false, false] };
    assert.deepEqual(warnings(open, {}), []);
    const ethane = structure({
      symbols: ["C", "C", "H", "H"],
      positions: [
        [0, 0, 0],
        [1.53, 0, 0],
        [-0.5, 0.95, 0.1],
        [2.1, 0.95, -0.1],
      ],
    });
    assert.deepEqual(warnings(ethane, { core: { atoms: [0] }, buffer: 1.2, model: {} }), [
      "the boundary cuts covalent bonds (1) and nothing saturates them; choose the core or the buffer so that none is cut",
    ]);
    assert.deepEqual(warnings(ethane, { core: { atoms: [0] }, buffer: 1.2, wholeMolecules: true, model: {} }), [
      "the QM cluster holds every atom: the hybrid saves nothing; choose a smaller buffer",
    ]);
  });

  it("takes the cutoff from the structure: 1.575 nearest-neighbour distances of a metal, 3.25 Å otherwise", () => {
    assert.equal(defaultCutoff(tinySlab()), 4);
    assert.equal(plan(studyOf("t", tinySlab(), { ...TINY, model: {} })).architecture.descriptors.cutoff, 4);
    assert.equal(plan(tinyStudy()).architecture.descriptors.cutoff, 3.4);
  });

  it("refuses a core that the structure lacks", () => {
    assert.throws(() => plan(studyOf("t", tinySlab(), { ...TINY, core: within(2, "O") })), /no O atom/);
    assert.throws(() => plan(studyOf("t", tinySlab(), { ...TINY, core: { atoms: [99] } })), /atom 99 of the region is outside 0\.\.27/);
  });
});
