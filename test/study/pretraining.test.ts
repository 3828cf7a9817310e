import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DescriptorSettings, defaultDescriptors } from "../../src/descriptors/settings.ts";
import { carve } from "../../src/hybrid/carve.ts";
import { neighbourList } from "../../src/linalg/neighbours.ts";
import { gfn1Xtb, gfn2Xtb } from "../../src/qm/xtb.ts";
import { electrons, statedMultiplicity } from "../../src/structure/electrons.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { bonded, select, within } from "../../src/structure/regions.ts";
import { formula, type Structure, structure, symbols } from "../../src/structure/structure.ts";
import { studyB } from "../../src/study/examples.ts";
import { studyOf } from "../../src/study/folder.ts";
import { plan } from "../../src/study/plan.ts";
import { defaultCutoff, pretrainingSet } from "../../src/study/pretraining.ts";
import type { Recipe } from "../../src/study/pretrainingRecipes.ts";
import type { Study } from "../../src/study/studyFile.ts";
import { TINY, tinySlab, tinyStudy } from "./tinyStudy.ts";

const settingsOf = ({ structure: s, file }: Study): DescriptorSettings =>
  defaultDescriptors(s.numbers, file.model.cutoff ?? defaultCutoff(s));
const setOf = (study: Study): Recipe[] => {
  const { structure: s, file } = study;
  return pretrainingSet(s, carve(s, select(s, file.core), file), file, settingsOf(study));
};
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

  it("of a charged structure has spins that the electrons allow, without an element and in the bulk crystal too", () => {
    const open: Structure = { ...tinySlab(), pbc: [false, false, false] };
    const qm = gfn1Xtb({ charge: 1, multiplicity: (electrons(open) % 2) + 1 });
    const set = setOf(studyOf("charged", open, { ...TINY, qm, pretraining: { rattled: 1, pieces: 2, strained: 1, without: ["N"] } }));
    assert.equal(count(set, "bulk crystal"), 1);
    for (const { structure: s } of set) assert.equal(statedMultiplicity(s), s.multiplicity);
    assert.deepEqual(
      set.map((r) => r.structure.charge),
      [1, 0, 0, 0],
    );
  });

  it("of an ion among molecules is a molecule's: nothing metallic is made of a metal without metal neighbours", () => {
    assert.equal(defaultCutoff(ions), 3.25);
    const set = setOf(studyOf("ions", ions, { core: { element: "Cl" }, qm: gfn2Xtb(), buffer: 3 }));
    assert.deepEqual([set.length, count(set, "bulk crystal")], [24, 0]);
  });
});

describe("pretraining.images and selection", () => {
  const numbersOf = (set: readonly Recipe[]): number[] =>
    ["QM cluster", "cluster round atom", "bulk crystal"].map((word) => count(set, word));
  const pretraining = { rattled: 10, pieces: 10, strained: 4 };

  it("of listed images have a number in the proportions of the kinds, and all without one", () => {
    const listed = (images: number | "auto"): number[] => numbersOf(setOf(tinyStudy({ pretraining: { ...pretraining, images } })));
    assert.deepEqual(([1, 2, 5, 10, 24, 50, "auto"] as const).map(listed), [
      [1, 0, 0],
      [1, 1, 0],
      [2, 2, 1],
      [4, 4, 2],
      [10, 10, 4],
      [21, 21, 8],
      [10, 10, 4],
    ]);
    assert.deepEqual(numbersOf(setOf(studyB({ pretraining: { images: 12 } }))), [5, 7, 0]);
  });

  for (const study of [tinyStudy, studyB] as const) {
    it(`of the farthest of ${study.name} stop where all others are nearer than a displacement, and begin with the QM cluster`, () => {
      const farthest = study({ pretraining: { selection: "farthest" } });
      const set = setOf(farthest);
      assert.ok(set[0].recipe.startsWith("QM cluster"));
      // Of two hundred; how many there are is the method's affair, but all or one would mean that it chose nothing.
      assert.ok(set.length >= 4 && set.length <= 60, `${set.length} images`);
      const numbered = study({ pretraining: { selection: "farthest", images: set.length } });
      assert.deepEqual(setOf(numbered), set);
      const fewer = study({ pretraining: { selection: "farthest", images: set.length - 1 } });
      assert.deepEqual(setOf(fewer), set.slice(0, -1));
      assert.notDeepEqual(setOf(study({ seed: 8, pretraining: { selection: "farthest" } })), set);
      assert.equal(new Set(set.map((r) => r.structure.positions.join())).size, set.length);
    });
  }

  it("by chance are of the list that the farthest are chosen from", () => {
    const all = studyB({ pretraining: { selection: "farthest", images: 192 } });
    const known = new Set(setOf(all).map((r) => r.structure.positions.join()));
    const some = setOf(studyB({ pretraining: { selection: "random", images: 20 } }));
    assert.deepEqual([known.size, some.length, new Set(some).size], [192, 20, 20]);
    assert.ok(some.every((r) => known.has(r.structure.positions.join())));
    assert.equal(setOf(studyB({ pretraining: { selection: "random" } })).length, 24);
  });

  it("of a core that is everything have no pieces, and are refused where nothing else is asked for", () => {
    const whole = { core: { atoms: Array.from({ length: 28 }, (_, i) => i) } };
    for (const selection of ["listed", "farthest", "random"] as const) {
      const set = setOf(tinyStudy({ ...whole, pretraining: { rattled: 1, pieces: 1, strained: 0, images: 4, selection } }));
      assert.ok(set.length >= 2 && set.length <= 4 && numbersOf(set)[1] === 0, `${selection}: ${numbersOf(set)}`);
      assert.throws(
        () => setOf(tinyStudy({ ...whole, pretraining: { rattled: 0, pieces: 1, strained: 0, selection } })),
        /^RangeError: the pre-training set is empty; let one of/,
      );
    }
  });

  it("of a kind that is left out have none, and no element that is", () => {
    for (const selection of ["farthest", "random"] as const) {
      const set = setOf(tinyStudy({ pretraining: { rattled: 1, pieces: 0, strained: 1, without: ["N"], images: 8, selection } }));
      assert.deepEqual([set.length, count(set, "cluster round atom")], [8, 0]);
      assert.ok(set.every((r) => !symbols(r.structure).includes("N")));
    }
  });
});

/** Sodium and chloride 9 Å apart, a water beside each. */
const ions = structure({
  symbols: ["Na", "O", "H", "H", "Cl", "O", "H", "H"],
  positions: [
    [0, 0, 0],
    [-2.4, 0, 0.1],
    [-3, 0.76, 0],
    [-3, -0.76, 0],
    [9, 0, 0],
    [12.1, 0.2, 0],
    [11.2, 0.1, 0.3],
    [12.6, -0.6, 0],
  ],
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

  it("warns where a boundary parts a charge from its ion, and of a cutoff within the bonds", () => {
    const found = (buffer: number): readonly string[] =>
      plan(studyOf("ions", ions, { core: { element: "Na" }, qm: gfn2Xtb(), buffer, wholeMolecules: true })).warnings;
    assert.deepEqual(
      found(3).filter((w) => /multiplicity|odd number/.test(w)),
      [
        "the QM cluster has a multiplicity of 2 with the structure's charge of 0, the structure one of 1: an ion or an unpaired electron outside it may be left out; a larger buffer takes it in",
      ],
    );
    // Both ions in it, but not in all the pieces.
    assert.ok(found(10).some((w) => /^\d+ of 24 pre-training structures have an odd number of electrons/.test(w)));
    const methane = plan(studyOf("t", fattyAcid(3), { core: { atoms: [7] }, qm: gfn2Xtb(), buffer: { bonds: 0 } })).warnings;
    assert.match(
      methane.join(),
      /^the cutoff of 0\.9 Å is shorter than the longest bond \(1\.53 Å\), so the models miss bonded neighbours; /,
    );
  });

  it("refuses an odd number of electrons without a multiplicity, also where full QM is not asked, and models without a cutoff", () => {
    const anion: Omit<typeof TINY, "qm"> = { schemes: ["frozen"], core: bonded(1, "O"), buffer: { bonds: 1 } };
    const radical = (multiplicity?: number): Study => studyOf("t", fattyAcid(6), { ...anion, qm: gfn2Xtb({ charge: -1, multiplicity }) });
    assert.throws(() => plan(radical()), /^RangeError: C6H12O2 with charge -1 has 65 electrons, an odd number; state the multiplicity/);
    assert.equal(plan(radical(2)).cluster.multiplicity, 2);
    const ion = { core: { element: "Na" }, qm: gfn2Xtb(), buffer: 1 };
    assert.throws(() => plan(studyOf("t", ions, ion)), /^RangeError: the QM cluster is a single atom, from which no cutoff follows; /);
    assert.equal(plan(studyOf("t", ions, { ...ion, schemes: ["full-qm"] })).set.length, 0);
    assert.throws(
      () => studyOf("t", { ...fattyAcid(6), charge: 0 }, { ...anion, core: bonded(1, "O"), qm: gfn2Xtb({ charge: -2 }) }),
      /^RangeError: the structure's file states a charge of 0, the engine's options one of -2; take one away$/,
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
