import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { carve } from "../../src/hybrid/carve.ts";
import { neighbourList } from "../../src/linalg/neighbours.ts";
import { gfn2Xtb } from "../../src/qm/xtb.ts";
import { electrons } from "../../src/structure/electrons.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { bonded, select, within } from "../../src/structure/regions.ts";
import { formula, type Structure, structure, symbols } from "../../src/structure/structure.ts";
import { studyB } from "../../src/study/examples.ts";
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
    const study = tinyStudy({ pretraining: { rattled: 0, pieces: 30, strained: 0 } });
    const set = setOf(study);
    const centres = set.map((r) => Number(/round atom (\d+)/.exec(r.recipe)?.[1]));
    const core = new Set(plan(study).cluster.core);
    assert.equal(centres.length, 30);
    // All atoms outside the core before any comes twice, with other displacements.
    assert.equal(new Set(centres.slice(0, 28 - core.size)).size, 28 - core.size);
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
      ["QM cluster, rattled by 0.05 Å", ...["0.02", "0.05"].map((stdev) => `cluster round atom X, rattled by ${stdev} Å`)],
    );
    for (const { structure: s } of set) assert.equal(s.numbers.length % 3, 0);
  });

  it("of a molecule has pieces with hydrogens on the cut bonds, larger than the cutoff, none with a lone electron", () => {
    const study = studyB();
    const set = setOf(study);
    assert.deepEqual([set.length, count(set, "QM cluster"), count(set, "cluster round atom")], [24, 10, 14]);
    const formulas = set.map((r) => formula(r.structure));
    assert.deepEqual(new Set(formulas.slice(0, 10)), new Set(["C5H10O2"]));
    for (const [k, { structure: s }] of set.entries()) {
      assert.equal(electrons(s) % 2, 0);
      assert.deepEqual([s.charge, s.multiplicity], [0, 1]);
      const carbons = s.numbers.filter((z) => z === 6).length;
      // Alkanes: three CH2 to either side of the centre, fewer at the chain's end.
      if (k >= 10) assert.ok(carbons >= 4 && carbons <= 7 && formulas[k] === `C${carbons}H${2 * carbons + 2}`, formulas[k]);
    }
    assert.ok(formulas.filter((f) => f === "C7H16").length >= 5);
  });

  it("gives charge and lone electrons to what holds the whole core, and to nothing else", () => {
    const cation = studyOf("cation", fattyAcid(12), {
      core: bonded(1, "O"),
      qm: gfn2Xtb({ charge: 1, multiplicity: 2 }),
      buffer: { bonds: 3 },
    });
    for (const { recipe, structure: s } of setOf(cation)) {
      const holdsCore = s.numbers.filter((z) => z === 8).length === 2;
      assert.deepEqual([s.charge, s.multiplicity], holdsCore ? [1, 2] : [0, 1], recipe);
      assert.ok(holdsCore || !recipe.startsWith("QM cluster"));
    }
  });
});

describe("plan", () => {
  const warnings = (s: Structure, other: Partial<typeof TINY>): readonly string[] => plan(studyOf("t", s, { ...TINY, ...other })).warnings;

  it("warns of a cluster that meets its own image, of one that holds everything, of a cutoff too large for it, and of nothing else", () => {
    assert.match(warnings(tinySlab(), {})[0], /^the QM cluster comes within 2\.54 Å of its own periodic image/);
    assert.ok(warnings(tinySlab(), { buffer: 20 }).some((w) => /^the QM cluster holds every atom: .*choose a smaller buffer$/.test(w)));
    const open: Structure = { ...tinySlab(), pbc: [false, false, false] };
    assert.deepEqual(warnings(open, {}), []);
    assert.match(
      warnings(open, { model: { cutoff: 4.2 } })[0],
      /^the cutoff of 4\.2 Å is more than half the extent of the QM cluster \(3\.6 Å\)/,
    );
  });

  it("takes the cutoff from the structure: 1.575 spacings of a metal, 3.25 Å otherwise, no more than half the QM cluster", () => {
    assert.equal(defaultCutoff(tinySlab()), 4);
    assert.equal(defaultCutoff(fattyAcid(4)), 3.25);
    assert.equal(plan(studyOf("t", tinySlab(), { ...TINY, model: {} })).architecture.descriptors.cutoff, 3.8);
    assert.equal(plan(studyOf("t", tinySlab(), { ...TINY, buffer: 3.7, model: {} })).architecture.descriptors.cutoff, 4);
    assert.equal(plan(tinyStudy()).architecture.descriptors.cutoff, 3.4);
  });

  it("refuses a core that the structure lacks", () => {
    assert.throws(() => plan(studyOf("t", tinySlab(), { ...TINY, core: within(2, "O") })), /no O atom/);
    assert.throws(() => plan(studyOf("t", tinySlab(), { ...TINY, core: { atoms: [99] } })), /atom 99 of the region is outside 0\.\.27/);
  });
});
