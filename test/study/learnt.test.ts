/** What a study's models are and have learnt, read back: they give the energies that the journal says. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { calculator } from "../../src/calculators/registry.ts";
import { modelCalculator } from "../../src/ensemble/calculator.ts";
import { qmService, settingsOf } from "../../src/qm/image.ts";
import { readJournal } from "../../src/study/journal.ts";
import { imagesOf, modelsOf } from "../../src/study/learnt.ts";
import { plan } from "../../src/study/plan.ts";
import { goOn } from "./inProcess.ts";
import { emptyFolder } from "./process.ts";
import { tinyStudy } from "./tinyStudy.ts";

const study = tinyStudy({ tolerance: { energy: 0.005, force: 0.05 }, verify: false });
const folder = emptyFolder();
await goOn(folder, study, (image) => qmService(calculator(study.file.qm), settingsOf(study.file.qm, "0"), image));
const journal = readJournal(folder);
after(journal.close);
const { architecture } = plan(study);
const held = { events: journal.events(), array: journal.array, image: journal.image };

test("the models have the errors that their last training ended with, on the images that they have learnt", async () => {
  for (const scheme of ["frozen", "retrained", "committee"] as const) {
    const models = modelsOf(held, architecture, scheme, 2);
    for (const [member, model] of models.entries()) {
      const images = imagesOf(held, scheme, member);
      const surface = modelCalculator(architecture, model);
      let squares = 0;
      for (const { structure, energy } of images) {
        const result = await surface.calculate(structure, ["energy"]);
        squares += ((result.energy - energy) / structure.numbers.length) ** 2;
      }
      const last = held.events.findLast(
        (e) => e.kind === "training" && e.member === member && (e.scheme === null || (scheme !== "frozen" && e.scheme === scheme)),
      );
      assert.ok(last?.kind === "training");
      // The same function on the same numbers, summed in another order.
      const rmse = Math.sqrt(squares / images.length);
      assert.ok(Math.abs(rmse - last.payload.energyRmse) < 1e-9, `${scheme} ${member}: ${rmse}, not ${last.payload.energyRmse}`);
    }
  }
});

test("images come in the order in which they were learnt, the pre-training set first", () => {
  const set = held.events.filter((e) => e.kind === "pretraining").length;
  assert.equal(imagesOf(held, "frozen", 0).length, set);
  const own = imagesOf(held, "retrained", 1);
  assert.ok(own.slice(0, set).every((i) => i.image === null));
  const asked = own.slice(set).map((i) => i.image);
  assert.ok(asked.length > 0);
  assert.deepEqual(asked, Array.from(asked.keys()));
  assert.deepEqual(imagesOf(held, "committee", 0), imagesOf(held, "committee", 1));
});

test("a study that has not begun has no models and has learnt nothing", () => {
  const before = { events: [], array: journal.array };
  assert.throws(() => modelsOf(before, architecture, "frozen", 2), { name: "RangeError", message: /^model 0 is not trained yet/ });
  assert.deepEqual(imagesOf({ events: [], image: journal.image }, "retrained", 0), []);
});
