import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStudy } from "../../src/study/studyFile.ts";

const LEAST = { structure: "start.xyz", core: { within: 2.6, of: "N" }, qm: { engine: "emt" } };

const REACH = 'a positive number of Å, e.g. 5.2, or {"bonds": 1}';

describe("parseStudy", () => {
  it("completes the least study file, and leaves a complete one as it is", () => {
    const file = parseStudy(LEAST);
    assert.deepEqual({ ...file, ...LEAST }, file);
    assert.equal(file.members, 10);
    assert.deepEqual(file.schemes, ["full-qm", "frozen", "retrained"]);
    assert.deepEqual(parseStudy(JSON.parse(JSON.stringify(file))), file);
    const some = parseStudy({ ...LEAST, tolerance: { force: 0.1 }, optimizer: { fmax: 0.2 }, qm: { engine: "emt", asap_cutoff: true } });
    assert.deepEqual(some.tolerance, { ...file.tolerance, force: 0.1 });
    assert.deepEqual(some.optimizer, { ...file.optimizer, fmax: 0.2 });
    assert.equal(some.qm.asap_cutoff, true);
  });

  it("names the engine and the method that train, the same on every machine unless TensorFlow is asked for", () => {
    const chosen = (more: object): unknown[] => {
      const { engine, model } = parseStudy({ ...LEAST, ...more });
      return [engine, model.training];
    };
    assert.deepEqual(chosen({}), ["wasm", "bfgs"]);
    assert.deepEqual(chosen({ engine: "tensorflow" }), ["tensorflow", "bfgs"]);
    assert.deepEqual(chosen({ engine: "auto" }), ["wasm", "bfgs"]);
    assert.deepEqual(chosen({ engine: "auto", model: { hidden: [200, 200], training: "kalman" } }), ["wasm", "kalman"]);
    const both = { ...LEAST, engine: "tensorflow", model: { training: "kalman" } };
    assert.throws(
      () => parseStudy(both),
      /^RangeError: TensorFlow trains by bfgs, not by kalman; leave the method out or take the engine wasm$/,
    );
  });

  // What is wrong; the whole sentence.
  const bad: readonly (readonly [unknown, string])[] = [
    [null, 'holds null; give {"structure": …, "core": …, "qm": …}'],
    [[LEAST], 'holds [{"structure":"start.xyz","core":{"within":2.6,"of":"N"},...; give {"structure": …, "core": …, "qm": …}'],
    [{ ...LEAST, structure: undefined }, 'has no structure; give the path of an extended XYZ file, e.g. "start.xyz"'],
    [{ ...LEAST, structure: "" }, '\'s structure is ""; give the path of an extended XYZ file, e.g. "start.xyz"'],
    [
      { ...LEAST, core: undefined },
      'has no core; give {"within": 2.6, "of": "N"}, {"bonds": 4, "of": "O"}, {"atoms": [0, 4]}, {"element": "N"} or {"layer": 1}',
    ],
    [{ ...LEAST, core: { within: -1, of: "N" } }, "'s core.within is -1; give a positive number of Å"],
    [{ ...LEAST, core: { atoms: [] } }, "'s core.atoms is []; give at least one atom"],
    [
      { ...LEAST, core: { atoms: [0], of: "N" } },
      '\'s core is {"atoms":[0],"of":"N"}; give {"within": 2.6, "of": "N"}, {"bonds": 4, "of": "O"}, {"atoms": [0, 4]}, {"element": "N"} or {"layer": 1}',
    ],
    [
      { ...LEAST, core: { within: 2.6, off: "N" } },
      '\'s core is {"within":2.6,"off":"N"}; give {"within": 2.6, "of": "N"}, {"bonds": 4, "of": "O"}, {"atoms": [0, 4]}, {"element": "N"} or {"layer": 1}',
    ],
    [{ ...LEAST, qm: "emt" }, '\'s qm is "emt"; give {"engine": "emt"}'],
    [{ ...LEAST, qm: {} }, 'has no qm.engine; give an engine, e.g. "emt"'],
    [{ ...LEAST, buffer: 0 }, `'s buffer is 0; give ${REACH}`],
    [{ ...LEAST, buffer: "5" }, `'s buffer is "5"; give ${REACH}`],
    [{ ...LEAST, buffer: { bond: 1 } }, `'s buffer is {"bond":1}; give ${REACH}`],
    [{ ...LEAST, links: "fixed" }, '\'s links is "fixed"; give "ratio" or "length"'],
    [{ ...LEAST, buffer: 1 / 0 }, `'s buffer is null; give ${REACH}`],
    [{ ...LEAST, wholeMolecules: 1 }, "'s wholeMolecules is 1; give true or false"],
    [{ ...LEAST, schemes: [] }, '\'s schemes is []; give one or more of full-qm, frozen, retrained, committee, e.g. ["retrained"]'],
    [
      { ...LEAST, schemes: "frozen" },
      '\'s schemes is "frozen"; give one or more of full-qm, frozen, retrained, committee, e.g. ["retrained"]',
    ],
    [
      { ...LEAST, schemes: ["full"] },
      '\'s schemes.0 is "full"; give one or more of full-qm, frozen, retrained, committee, e.g. ["retrained"]',
    ],
    [{ ...LEAST, schemes: ["frozen", "frozen"] }, '\'s schemes is ["frozen","frozen"]; give each scheme once'],
    [{ ...LEAST, members: 0 }, "'s members is 0; give a whole number from 1 to 100"],
    [{ ...LEAST, members: 2.5 }, "'s members is 2.5; give a whole number from 1 to 100"],
    [{ ...LEAST, members: 101 }, "'s members is 101; give a whole number from 1 to 100"],
    [{ ...LEAST, seed: -1 }, "'s seed is -1; give a whole number of 0 or more"],
    [{ ...LEAST, seed: 2 ** 60 }, "'s seed is 1152921504606847000; give a whole number of 0 or more"],
    [{ ...LEAST, tolerance: 0.01 }, "'s tolerance is 0.01; give a block in braces"],
    [{ ...LEAST, tolerance: { energy: -0.001 } }, "'s tolerance.energy is -0.001; give a positive number of eV/atom"],
    [{ ...LEAST, optimizer: { name: "fire" } }, '\'s optimizer.name is "fire"; give "bfgs"'],
    [{ ...LEAST, optimizer: { maxSteps: 0 } }, "'s optimizer.maxSteps is 0; give a whole number of 1 or more"],
    [{ ...LEAST, model: { hidden: [] } }, "'s model.hidden is []; give at least one hidden layer, e.g. [10, 10]"],
    [{ ...LEAST, model: { hidden: [5, 0] } }, "'s model.hidden.1 is 0; give a whole number of 1 or more"],
    [{ ...LEAST, model: { training: "adam" } }, '\'s model.training is "adam"; give one of bfgs, kalman, levenberg-marquardt'],
    [{ ...LEAST, pretraining: { images: 0 } }, "'s pretraining.images is 0; give a whole number of 1 or more"],
    [{ ...LEAST, pretraining: { images: "all" } }, '\'s pretraining.images is "all"; give a whole number of 1 or more, or "auto"'],
    [{ ...LEAST, pretraining: { without: "N" } }, '\'s pretraining.without is "N"; give a list of elements, e.g. ["N"]'],
    [{ ...LEAST, pretraining: { without: ["n"] } }, '\'s pretraining.without.0 is "n"; give an element as in the periodic table, e.g. "N"'],
    [{ ...LEAST, core: { element: "X" } }, '\'s core.element is "X"; give an element as in the periodic table, e.g. "N"'],
    [{ ...LEAST, memebers: 3 }, "'s memebers is unknown; did you mean members?"],
    [{ ...LEAST, model: { cutof: 4 } }, "'s model.cutof is unknown; did you mean cutoff?"],
    [{ ...LEAST, optimizer: { trust: 1 } }, "'s optimizer.trust is unknown; known are name, fmax, maxSteps"],
  ];
  for (const [content, sentence] of bad) {
    it(`says: the study file${sentence.startsWith("'") ? "" : " "}${sentence}`, () => {
      assert.throws(() => parseStudy(content), {
        name: "RangeError",
        message: `the study file${sentence.startsWith("'") ? "" : " "}${sentence}`,
      });
    });
  }
});
