/** What a study says of itself in words: every QM call and message of its journal, and a paragraph that cites what it rests on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { callKinds, callsInFull } from "../../src/display/calls.ts";
import { explanation } from "../../src/display/explain.ts";
import { type Methods, methodsOf } from "../../src/display/methods.ts";
import { type CallRow, NO_CALLS } from "../../src/history/calls.ts";
import { history } from "../../src/history/history.ts";
import { ofKind } from "../../src/history/record.ts";
import { type FixtureOptions, fixture } from "../history/fixture.ts";

const unfolded = (text: string): string => text.replace(/\s+/g, " ");

function methods(options: FixtureOptions): Methods {
  const study = fixture(options);
  return methodsOf(history(study), { descriptors: defaultDescriptors(study.structure.numbers, 3.25), hidden: [12, 7] });
}

for (const options of [{ acid: true, engine: "gfn2-xtb", warning: "the sky is falling" }, { members: 3 }, { until: "failed" }] as const)
  test(`an explanation counts every QM call and says every message: ${JSON.stringify(options)}`, () => {
    const study = fixture(options);
    const h = history(study);
    const text = explanation(h);
    const count = (kind: "qm-requested" | "qm-failed"): number => ofKind(study.events, kind).length;
    const answered = ofKind(study.events, "qm-finished");
    const calculated = answered.filter((e) => !e.payload.reused).length;
    const all = new RegExp(
      `QM was asked ${count("qm-requested")} times: ${calculated} calculated in .*, ${answered.length - calculated} answered`,
    );
    assert.match(unfolded(text), all);
    const sums = { requested: 0, calculated: 0, reused: 0, failed: 0 };
    for (const kind of callKinds(h.calls)) {
      for (const key of ["requested", "calculated", "reused", "failed"] as const) sums[key] += kind[key];
      assert.match(text, new RegExp(`^${kind.reason.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")} +${kind.requested} `, "m"));
    }
    assert.deepEqual(sums, {
      requested: count("qm-requested"),
      calculated,
      reused: answered.length - calculated,
      failed: count("qm-failed"),
    });
    for (const m of h.messages) assert.ok(unfolded(text).includes(unfolded(m.message)), m.message);
    assert.doesNotMatch(text, /NaN|undefined|Infinity/);
    for (const line of text.split("\n")) assert.ok(line.length <= 100, line);
  });

test("before anything happened there is nothing to explain", () => {
  const text = explanation(history(fixture({ until: "empty" })));
  assert.match(text, /The QM engine has not been called yet/);
  assert.match(text, /No warning was given/);
});

/** A call of half a second for each reason. */
const callsFor = (reasons: readonly string[]): CallRow[] =>
  reasons.map((reason) => ({ ...NO_CALLS, reason, requested: 1, calculated: 1, seconds: 0.5 }));

test("calls that differ in step, atom and number only are one kind, and what they share stays", () => {
  const reasons = [
    "step 1: Cu12 is 1.2 half-ranges outside",
    "step 4: Cu12 is 3 half-ranges outside",
    "pre-training: bulk, strained by -1.5 %",
    "pre-training: bulk, strained by 3 %",
    "comparison: to 0.01 eV/Å",
  ];
  assert.deepEqual(
    callKinds(callsFor(reasons)).map((c) => [c.reason, c.requested, c.seconds]),
    [
      ["Cu12 is … half-ranges outside", 2, 1],
      ["pre-training: bulk, strained by … %", 2, 1],
      ["comparison: to 0.01 eV/Å", 1, 0.5],
    ],
  );
});

test("the amplitudes and places of a set are all told", () => {
  const reasons = [
    "round atom 40, by 0.05 Å",
    "QM cluster, by 0.1 Å",
    "round atom 5, by 0.02 Å",
    "round atom 11, by 0.05 Å",
    "cell, by -3 %",
    "cell, by 1.5 %",
  ];
  assert.deepEqual(callsInFull(callsFor(reasons)), [
    { images: 3, words: "round atom 5, 11 or 40, by 0.02 or 0.05 Å" },
    { images: 1, words: "QM cluster, by 0.1 Å" },
    { images: 2, words: "cell, by -3 or 1.5 %" },
  ]);
});

test("what a store of other studies gave is told with what it had taken", () => {
  const study = fixture({ members: 2 });
  const first = ofKind(study.events, "qm-finished").find((e) => e.payload.reused);
  assert.ok(first);
  const events = study.events.map((e) =>
    e === first ? { ...first, payload: { ...first.payload, seconds: 7200, from: "store" as const } } : e,
  );
  const h = history({ ...study, events });
  assert.match(unfolded(explanation(h)), /1 answer came from the store that studies share: calculating them had taken 2 h/);
  const architecture = { descriptors: defaultDescriptors(study.structure.numbers, 3.25), hidden: [10, 10] };
  assert.match(methodsOf(h, architecture).paragraph, /and 1 taken from a store of earlier studies, where they had needed 2 h/);
  assert.doesNotMatch(explanation(history(study)), /that studies share/);
});

test("ONIOM is cited for links at a fixed ratio", () => {
  const study = fixture({ acid: true, engine: "gfn2-xtb" });
  const architecture = { descriptors: defaultDescriptors(study.structure.numbers, 3.25), hidden: [10, 10] };
  const ratio = methodsOf(history({ ...study, file: { ...study.file, links: "ratio" } }), architecture);
  assert.match(ratio.paragraph, /fixed ratio of the bond's length from the atom inside \[@dapprich1999\]/);
  assert.match(ratio.bibtex, /dapprich1999/);
});

test("a molecule's paragraph names engine, options, links, buffer, models, tolerances, seed, images and the committee", () => {
  const { paragraph } = methods({ acid: true, engine: "gfn2-xtb", members: 4 });
  for (const words of [
    "C12H24O2, 38 atoms, not periodic, charge 0 e, multiplicity 1",
    "QM cluster of 16 atoms and 1 link hydrogen: 13 core, 3 buffer within 1 bond of the core",
    "Each cut bond carried a link hydrogen",
    "GFN2-xTB by tblite through ASE",
    "accuracy 1, electronic_temperature 300 K, max_iterations 250",
    "4 ML potentials",
    "hidden layers of 12 and 7 nodes",
    "cosine cutoff at 3.25 Å",
    "from seed ",
    "eV/atom and ",
    "In the committee scheme",
    "a piece of S round the atom in question",
  ])
    assert.ok(paragraph.includes(words), `${words}: ${paragraph}`);
  assert.doesNotMatch(paragraph, /NaN|undefined|null|not finished/);
});

test("a slab's says that EMT is no QM, and an unfinished study's that it is not the last word", () => {
  const slab = methods({});
  assert.match(slab.paragraph, /EMT, in the place of a QM method/);
  assert.match(slab.paragraph, /periodic along a, b/);
  assert.doesNotMatch(slab.paragraph, /link hydrogen|charge|multiplicity/);
  for (const until of ["empty", "middle", "failed"] as const) {
    const { paragraph } = methods({ until });
    assert.match(paragraph, /The study is not finished \((empty|running|failed)\): these numbers are not its last\.$/);
    assert.doesNotMatch(paragraph, /NaN|undefined|null/);
  }
});

test("a pre-training set that was chosen is told of, a listed one is not", () => {
  const study = fixture({});
  const h = history(study);
  const architecture = { descriptors: defaultDescriptors(study.structure.numbers, 3.25), hidden: [10, 10] };
  const told = (selection: string | undefined): string[] => {
    const file = JSON.parse(h.about.settings);
    const about = { ...h.about, settings: JSON.stringify({ ...file, pretraining: { ...file.pretraining, selection } }) };
    const { paragraph } = methodsOf({ ...h, about }, architecture);
    return [paragraph, unfolded(explanation({ ...h, about }))];
  };
  for (const words of told("farthest")) assert.match(words, /longer list/);
  assert.match(told("farthest")[0], /chosen before \[@gonzalez1985\]\./);
  for (const words of told("random")) assert.match(words, /drawn by chance from a longer list/);
  // Journals of earlier versions do not say.
  for (const words of [...told("listed"), ...told(undefined)]) assert.doesNotMatch(words, /longer list/);
});

test("the bibliography has what is cited, each once, and nothing else", () => {
  for (const [options, keys] of [
    [{ acid: true, engine: "gfn2-xtb" }, ["zhang2018", "bannwarth2019", "larsen2017", "behler2007"]],
    [{ acid: true, engine: "gfn1-xtb" }, ["zhang2018", "grimme2017", "larsen2017", "behler2007"]],
    [{ engine: "emt" }, ["zhang2018", "jacobsen1996", "larsen2017", "behler2007", "birch1947"]],
  ] as const) {
    const { paragraph, bibtex } = methods(options);
    assert.deepEqual(
      Array.from(bibtex.matchAll(/^@article\{(\w+),$/gm), (m) => m[1]),
      keys,
    );
    assert.deepEqual(new Set(Array.from(paragraph.matchAll(/@(\w+)/g), (m) => m[1])), new Set(keys));
    // Braces that do not close would swallow the entries after them.
    let depth = 0;
    for (const c of bibtex) depth += c === "{" ? 1 : c === "}" ? -1 : 0;
    assert.equal(depth, 0);
  }
});
