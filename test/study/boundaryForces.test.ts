/** Studies that do not learn the forces on atoms whose surroundings are cut. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { emtCalculator } from "../../src/calculators/emt.ts";
import { explanation } from "../../src/display/explain.ts";
import { methodsOf } from "../../src/display/methods.ts";
import { fingerprints } from "../../src/engine/wasm/fingerprints.ts";
import { lossFunction } from "../../src/ensemble/loss.ts";
import { unpackModel } from "../../src/ensemble/model.ts";
import { history } from "../../src/history/history.ts";
import { cut } from "../../src/hybrid/carve.ts";
import { boundaryAtoms } from "../../src/hybrid/surroundings.ts";
import { qmService } from "../../src/qm/image.ts";
import { type Structure, size, withPositions } from "../../src/structure/structure.ts";
import { makeFolder, pathsOf, studyIn, withStudy } from "../../src/study/folder.ts";
import { readJournal } from "../../src/study/journal.ts";
import { plan } from "../../src/study/plan.ts";
import type { Study } from "../../src/study/studyFile.ts";
import { goOn, type Options } from "./inProcess.ts";
import { emptyFolder, eventsOf, outcome, studyFolder } from "./process.ts";
import { tinyMolecule } from "./tinyMolecule.ts";
import { tinyStudy } from "./tinyStudy.ts";

const masked = tinyStudy({ boundaryForces: false, schemes: ["retrained", "committee"] });
const open = tinyStudy({ schemes: ["retrained", "committee"] });

/** Runs a study in a folder, or goes on with it. */
function calculate(folder: string, study: Study, options?: Options): Promise<void> {
  return goOn(folder, study, (image) => qmService(emtCalculator(), "emt", image), options);
}

const folder = await studyFolder(masked);
await calculate(folder, masked);
const { cluster, architecture, set } = plan(masked);
const { cutoff } = architecture.descriptors;
const all = { energy: 1, force: 1 };

describe("boundaryForces false", () => {
  it("masks in the pre-training set what `boundaryAtoms` says of Q before it is rattled, links too, nothing in crystals, and changes nothing else", () => {
    for (const study of [masked, tinyMolecule({ boundaryForces: false })]) {
      const [own, usual] = [plan(study), plan({ ...study, file: { ...study.file, boundaryForces: true } })];
      const s = study.structure;
      const expected = boundaryAtoms(s, own.cluster.atoms, cut(s, own.cluster), own.architecture.descriptors.cutoff);
      assert.ok(expected.length > 0);
      own.set.forEach(({ recipe, structure, masked: without }, k) => {
        assert.deepEqual([recipe, structure], [usual.set[k].recipe, usual.set[k].structure]);
        assert.equal(usual.set[k].masked, undefined);
        if (recipe.startsWith("QM cluster")) assert.deepEqual(without, expected);
        else if (recipe.startsWith("bulk")) assert.equal(without, undefined);
        else assert.ok(without && without.length < size(structure), recipe);
      });
    }
  });

  it("counts in each training what is left, of pre-training as of images on the way", () => {
    const journal = readJournal(folder);
    const events = journal.events();
    const learnt = (hash: string, without?: Uint32Array) => {
      const image = journal.image(hash);
      assert.ok(image);
      const { structure: s, energy, forces } = image;
      return { fingerprints: fingerprints(s, architecture.descriptors), energy, forces, masked: without };
    };
    const hashes = events.flatMap((e) => (e.kind === "pretraining" ? [e.payload.hash] : []));
    const pretrained = hashes.map((hash, k) => learnt(hash, set[k].masked));
    const trained = events.filter((e) => e.kind === "training" && e.scheme === null);
    assert.equal(trained.length, 2);
    for (const e of trained) {
      const model = unpackModel(architecture, journal.array(e.sequence, "model") as Float64Array);
      const { energyRmse, forceRmse } = lossFunction(architecture, pretrained, all).evaluate(model);
      const { payload } = e as Extract<typeof e, { kind: "training" }>;
      // Sums in another order.
      assert.ok(Math.abs(payload.forceRmse - forceRmse) < 1e-12 && Math.abs(payload.energyRmse - energyRmse) < 1e-12);
    }
    const step = events.find((e) => e.kind === "step" && e.step === 1 && e.scheme === "retrained" && e.member === 0);
    const first = events.find((e) => e.kind === "qm-finished" && e.step === 1 && e.scheme === "retrained" && e.member === 0);
    const training = events.find((e) => e.kind === "training" && e.step === 1 && e.scheme === "retrained" && e.member === 0);
    assert.ok(step?.kind === "step" && first?.kind === "qm-finished" && training?.kind === "training");
    const here: Structure = withPositions(masked.structure, journal.array(step.sequence, "positions") as Float64Array);
    const newest = learnt(first.payload.hash, boundaryAtoms(here, cluster.atoms, cut(here, cluster), cutoff));
    const packed = journal.array(training.sequence, "model");
    if (packed) {
      const { images } = lossFunction(architecture, [newest], all).evaluate(unpackModel(architecture, packed));
      assert.ok(Math.abs(images[0].force - (training.payload.after?.force ?? 0)) < 1e-12); // sums in another order
    }
    journal.close();
  });

  it("gives other models than learning all forces does, and the same bits when it goes on after an interruption", async () => {
    const usual = emptyFolder();
    await calculate(usual, open);
    const models = (path: string): string[] =>
      Object.entries(outcome(path)).flatMap(([key, value]) => (/^training {2}\d/.test(key) ? value : []));
    assert.notDeepEqual(models(usual), models(folder));
    const total = eventsOf(folder).length;
    for (const part of [0.2, 0.6, 0.9]) {
      const broken = emptyFolder();
      await calculate(broken, masked, { enough: (e) => e.sequence === Math.floor(part * total) });
      await calculate(broken, masked);
      assert.deepEqual(outcome(broken), outcome(folder));
    }
  });

  it("is said by the study's explanation and in the paragraph on its methods, where it is so", async () => {
    const usual = await studyFolder(open);
    const words = (path: string): Promise<string[]> =>
      withStudy(path, (study) => [explanation(history(study)), methodsOf(history(study), architecture).paragraph]);
    const [own, other] = [await words(folder), await words(usual)];
    assert.match(own[0].replace(/\s+/g, " "), /The models do not learn the forces on atoms whose surroundings are cut/);
    assert.match(
      own[1],
      /Forces on atoms whose surroundings within the cutoff were cut in a QM image, and on link hydrogens, were not learnt\./,
    );
    assert.doesNotMatch(other.join(), /not learnt|do not learn/);
  });

  it("makes another study: a folder of one is not gone on with as the other, and one from before the key is one that learns all", async () => {
    const path = emptyFolder();
    await makeFolder(path, masked);
    assert.equal((await studyIn(path)).file.boundaryForces, false);
    await assert.rejects(
      makeFolder(path, open),
      /holds a study with other inputs \(boundaryForces: false, not true\); give another folder/,
    );
    const old = emptyFolder();
    await makeFolder(old, open);
    const { boundaryForces: _, ...before } = JSON.parse(readFileSync(pathsOf(old).file, "utf8"));
    writeFileSync(pathsOf(old).file, JSON.stringify(before));
    await makeFolder(old, open);
    await assert.rejects(makeFolder(old, masked), /boundaryForces: true, not false/);
  });
});
